"""The change log: every change of a watched row, in commit order per group, written by database triggers.

`live_group(name, head)` holds each group's newest sequence number, and `live_change` one row per change. In a namespace
other than `live` the tables are `<namespace>_group` and so on. The group's row stays locked until the commit, so the
sequence numbers have no gaps, and their order is the order of the commits. A group's numbers start at the millisecond
of its first change. So after a loss or a restore of the database, the engine sees that an old cursor is of another log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError

from webapp.live.changelog import postgres_log, postgres_triggers, sqlite_log, sqlite_triggers
from webapp.live.changelog.watch import Declared, Watch
from webapp.live.database import LIVE, BatchLoader, Namespace, literal, namespace_of, report

KEPT = 1000
"""Changes that the log keeps per group, at least, for KEPT_DAYS. A client that is further behind gets a reset."""

KEPT_DAYS = 7
"""Days for which the log keeps a change, at least, while its group has no more than KEPT newer ones."""

PRUNED = 1000
"""Changes that one statement prunes, at most: a longer one would hold up the writes behind it."""

BATCH = 500
"""Changes that one frame covers, at most. A client that missed more gets a reset."""

ACTIONS = ("create", "update", "delete")

_NAMES_PER_QUERY = 500


class Change(NamedTuple):
    """One committed change of one row, as its group saw it.

    Attributes:
        seq: The sequence number.
        stream: The stream of the row's declaration.
        pk: The row's primary key, as text.
        action: create, update or delete.
        fields: The watched columns that an update changed, at least one. None for a create or a delete, and for an
            update that an earlier version of this app logged; such an update may have changed any column.
    """

    seq: int
    stream: str
    pk: str
    action: str
    fields: frozenset[str] | None = None


class ChangeLog:
    """Installs the log in a database, and reads it. Its methods raise Tortoise's exceptions if the database is away.

    Args:
        connection: The connection to the database. If a client of `webapp.live.database` made it, its credentials must
            name the same namespace.
        namespace: The namespace of the log's tables, triggers and functions. Apps with different namespaces may share a
            database, and even watch the same tables. Then each app has the changes in its own log.

    Raises:
        ValueError: The namespace is not `[a-z][a-z0-9_]*` of at most 13 characters, or it is not the connection's.
    """

    def __init__(self, connection: BaseDBAsyncClient, namespace: str = LIVE) -> None:
        self._connection = connection
        self._namespace = Namespace(namespace)
        if namespace_of(connection) not in (None, self._namespace):
            # If the namespaces differed, the connection would note unreadable rows where this log's triggers do not
            # look, so pages would not show a row after its repair.
            raise ValueError(
                f'namespace = "{namespace}": the connection "{connection.connection_name}" has another one;'
                f' write "namespace": "{namespace}" in its credentials too'
            )
        dialect = connection.capabilities.dialect
        self._sql = {"sqlite": sqlite_log, "postgres": postgres_log}[dialect]
        self._triggers = {"sqlite": sqlite_triggers, "postgres": postgres_triggers}[dialect]
        self._after_sql = self._sql.after(self._namespace)
        self._table = self._namespace.sql("{live_change}")
        self._probe_sql = self._sql.probe(self._namespace)
        self._after_loader = BatchLoader(self._after)

    async def install(self, bindings: Sequence[Declared]) -> None:
        """Create the log's tables, and replace the namespace's triggers with those that `bindings` declare."""
        watches = [Watch.of(binding) for binding in bindings]
        declared = self._declared(watches)
        removal = await self._sql.removal(self._connection, self._namespace)
        upgrade = await self._sql.upgrade(self._connection, self._namespace)
        mark = [
            self._namespace.sql("DELETE FROM {live_schema}"),
            self._namespace.sql(
                "INSERT INTO {live_schema} (fingerprint) VALUES ({fingerprint})",
                fingerprint=literal(_fingerprint(declared)),
            ),
        ]
        if not await self._has(declared):
            declared = [*declared, *(statement for watch in watches for statement in self._triggers.orphans(watch))]
        # If these were several transactions, a write between two of them would find no trigger, and go unlogged.
        await self._connection.execute_script(self._sql.script([*removal, *upgrade, *declared, *mark]))

    async def is_installed(self, bindings: Sequence[Declared]) -> bool:
        """Return whether the last `install` ran the same SQL as `install` would run for these `bindings` now."""
        return await self._has(self._declared([Watch.of(binding) for binding in bindings]))

    async def is_there(self) -> bool:
        """Return whether the database has a log, for any bindings.

        Raises:
            Exception: The error of the database.
        """
        return bool(await self._query(self._namespace.sql("SELECT fingerprint FROM {live_schema}"), []))

    async def after(self, group: str, seq: int, limit: int) -> list[Change]:
        """Return the changes of `group` after the sequence number `seq`, oldest first and `limit` at most."""
        return await self._after_loader.load((group, seq, limit))

    async def heads(self, groups: Collection[str]) -> dict[str, int]:
        """Return the newest sequence number of each of `groups`; 0 for a group without any change."""
        heads = dict.fromkeys(groups, 0)
        names = list(heads)
        for start in range(0, len(names), _NAMES_PER_QUERY):
            some = names[start : start + _NAMES_PER_QUERY]
            marks = ", ".join(f"${number}" for number in range(1, len(some) + 1))
            sql = self._namespace.sql("SELECT name, head FROM {live_group} WHERE name IN ({marks})", marks=marks)
            for row in await self._query(sql, some):
                # If another program wrote something else here, such as a text, it counts as 0. Every page then gets a
                # reset.
                heads[row["name"]] = row["head"] if isinstance(row["head"], int) else 0
        return heads

    async def head(self, group: str) -> int:
        """Return the newest sequence number of `group`; 0 for a group without any change."""
        return (await self.heads([group]))[group]

    async def change_token(self) -> object:
        """Return a value that differs from the last one if anything may have been committed since.

        Returns:
            The token; None if the database has no such value.
        """
        if not self._sql.CHANGE_TOKEN:
            return None
        rows = await self._query(self._sql.CHANGE_TOKEN, [])
        return tuple(rows[0].values())

    async def probe(self) -> None:
        """Write one tiny row, to see whether the database takes writes; inside the transaction under way, if any."""
        await get_connection(self._connection.connection_name).execute_query(self._probe_sql)

    async def prune(self, group: str, head: int) -> None:
        """Delete the changes of `group` that are more than KEPT sequence numbers behind `head`."""
        sql = self._namespace.sql("DELETE FROM {live_change} WHERE group_name = $1 AND seq <= $2")
        await self._query(sql, [group, head - KEPT])

    async def prunable(self, after: str) -> list[tuple[str, int]]:
        """Groups with changes that no page needs any more: at most 200, in the order of their names.

        Args:
            after: The last group of the answer before; empty at first.

        Returns:
            Each with the last sequence number that may be forgotten; empty when there are no more.
        """
        rows = await self._query(self._sql.prunable(self._namespace), [after, KEPT, KEPT_DAYS])
        return [(row["name"], row["last"]) for row in rows]

    async def prune_to(self, group: str, last: int) -> int:
        """Forget the oldest changes of `group` up to the number `last`, in a transaction, if one is under way.

        Returns:
            How many were forgotten: PRUNED at most, and 0 when none is left.
        """
        sql = self._namespace.sql("""
            DELETE FROM {live_change}
            WHERE group_name = $1 AND seq IN (
                SELECT seq
                FROM {live_change}
                WHERE group_name = $1 AND seq <= $2
                ORDER BY seq
                LIMIT $3
            )
        """)
        connection = get_connection(self._connection.connection_name)
        return (await connection.execute_query(self._sql.marks(sql), [group, last, PRUNED]))[0]

    async def _after(self, asked: Sequence[tuple[str, int, int]]) -> list[list[Change]]:
        cursors = json.dumps([(group, seq) for group, seq, _ in asked])
        most = max(limit for _, _, limit in asked)
        found: list[list[Change]] = [[] for _ in asked]
        for row in await self._connection.execute_query_dict(self._after_sql, [cursors, most]):
            change = _change(row, self._table)
            if change is not None:
                found[row["place"]].append(change)
        return [changes[:limit] for changes, (_, _, limit) in zip(found, asked, strict=True)]

    def _declared(self, watches: Sequence[Watch]) -> list[str]:
        triggers = [statement for watch in watches for statement in self._triggers.triggers(self._namespace, watch)]
        return [*self._sql.tables(self._namespace), *triggers]

    async def _has(self, declared: Sequence[str]) -> bool:
        try:
            rows = await self._query(self._namespace.sql("SELECT fingerprint FROM {live_schema}"), [])
        except OperationalError:
            return False
        return [row["fingerprint"] for row in rows] == [_fingerprint(declared)]

    async def _query(self, sql: str, values: list[Any]) -> list[dict[str, Any]]:
        return await self._connection.execute_query_dict(self._sql.marks(sql), values)


def _change(row: Mapping[str, Any], table: str) -> Change | None:
    """Return the change that a row of the log holds; None when the row has no sequence number.

    Any program may write the log. If a row with nonsense were dropped, its sequence number would be missing, and the
    feed would wait for it. So such a row becomes an update that changes nothing, or one that may have changed anything.
    """
    seq, stream, pk, action, fields = row["seq"], row["stream"], row["pk"], row["action"], row["fields"]
    if not isinstance(seq, int):
        report(table, seq, "seq", "not a number")
        return None
    if not isinstance(stream, str) or not isinstance(pk, str):
        report(table, seq, "pk" if isinstance(stream, str) else "stream", "not a text")
        return Change(seq, "", "", "update", frozenset())
    if action not in ACTIONS or not isinstance(fields, str | None):
        # The feed loads the present row for an update, so pages are right whatever the change was.
        report(table, seq, "fields" if action in ACTIONS else "action", "unknown")
        return Change(seq, stream, pk, "update")
    return Change(seq, stream, pk, action, _columns(fields))


def _columns(fields: str | None) -> frozenset[str] | None:
    return None if fields is None else frozenset(fields.split(","))


def _fingerprint(statements: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def unbroken(changes: Sequence[Change], after: int) -> Sequence[Change]:
    """Return the first of `changes`, up to the first gap in their sequence numbers.

    Args:
        changes: Changes of one group, oldest first.
        after: The sequence number before the first of them; 0: the first one may have any number.
    """
    start = after + 1 if after or not changes else changes[0].seq
    return [change for number, change in enumerate(changes, start) if change.seq == number]
