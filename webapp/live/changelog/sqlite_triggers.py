"""The change log on SQLite: one writer at a time, so a row's trigger may count by itself."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.changelog.watch import Reference, Watch, literal, quoted

TABLES = (
    "CREATE TABLE IF NOT EXISTS live_schema (fingerprint TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_group (name TEXT NOT NULL PRIMARY KEY, head BIGINT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS live_change (group_name TEXT NOT NULL, seq BIGINT NOT NULL, stream TEXT NOT NULL,"
    " pk TEXT NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, fields TEXT,"
    " PRIMARY KEY (group_name, seq)) WITHOUT ROWID",
    # What an insert under way may be about to replace; empty but for the inserts that were ignored last.
    "CREATE TABLE IF NOT EXISTS live_replaced (stream TEXT NOT NULL, place INTEGER NOT NULL, pk TEXT NOT NULL,"
    " group_name TEXT, PRIMARY KEY (stream, place)) WITHOUT ROWID",
    # The table of each stream, and its rows that pages were shown without because they could not be read.
    "CREATE TABLE IF NOT EXISTS live_source (stream TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS live_unreadable (stream TEXT NOT NULL, pk TEXT NOT NULL,"
    " PRIMARY KEY (stream, pk)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS live_probe (id INTEGER NOT NULL PRIMARY KEY, at TEXT NOT NULL)",
    "DELETE FROM live_source",
)

PROBE = (
    "INSERT INTO live_probe (id, at) VALUES (1, CURRENT_TIMESTAMP)"
    " ON CONFLICT (id) DO UPDATE SET at = CURRENT_TIMESTAMP"
)

# data_version moves when another connection commits, total_changes() when this one writes.
CHANGE_TOKEN = "SELECT data_version, total_changes() AS own FROM pragma_data_version()"  # noqa: S105 - no secret

# Changes after a place in each of several groups, given as a JSON array of [group, seq], and how many of each at most.
AFTER = (
    "WITH asked (place, name, seq) AS (SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]')"
    " FROM json_each(?1))"
    " SELECT place, c.seq, c.stream, c.pk, c.action, c.fields FROM asked CROSS JOIN live_change AS c"
    " WHERE c.group_name = asked.name AND c.seq IN (SELECT seq FROM live_change AS later"
    " WHERE later.group_name = asked.name AND later.seq > asked.seq ORDER BY seq LIMIT ?2)"
    " ORDER BY place, c.seq"
)

_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


def marks(sql: str) -> str:
    """`sql` with this database's parameter marks."""
    return sql.replace("$", "?")


def script(statements: Sequence[str]) -> str:
    """`statements` as one script that happens as a whole."""
    return ";\n".join(["BEGIN IMMEDIATE", *statements, "COMMIT"])


async def removal(connection: BaseDBAsyncClient) -> list[str]:
    """The statements that drop every trigger of ours that is installed now."""
    rows = await connection.execute_query_dict(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'live\\_%' ESCAPE '\\'"
    )
    return [f"DROP TRIGGER {quoted(row['name'])}" for row in rows]


async def upgrade(connection: BaseDBAsyncClient) -> list[str]:
    """The statements that give the tables of a former version what they lack."""
    rows = await connection.execute_query_dict("SELECT name FROM pragma_table_info('live_change')")
    found = {row["name"] for row in rows}
    return ["ALTER TABLE live_change ADD COLUMN fields TEXT"] if found and "fields" not in found else []


def triggers(watch: Watch) -> list[str]:
    """The statements that create the triggers of `watch`."""
    old, new = watch.group_sql("OLD"), watch.group_sql("NEW")
    pk = quoted(watch.pk)
    moved = f"({old}) IS NOT ({new}) OR OLD.{pk} IS NOT NEW.{pk}"
    changed = " OR ".join(f"OLD.{quoted(column)} IS NOT NEW.{quoted(column)}" for column in watch.columns)
    note = f"FROM live_unreadable WHERE stream = {literal(watch.stream)} AND pk = CAST(OLD.{pk} AS TEXT)"
    is_noted, forget = f"EXISTS (SELECT 1 {note})", f" DELETE {note};"
    created = _record(watch, new, f"NEW.{pk}", "'create'")
    # Pages do not show a row that is noted: whatever is changed of it, they need all of it.
    action = f"CASE WHEN {is_noted} THEN 'create' ELSE 'update' END"
    fields = f"CASE WHEN NOT {is_noted} THEN {_changed_columns(watch)} END"
    updated = _record(watch, new, f"NEW.{pk}", action, fields) + forget
    deleted = _record(watch, old, f"OLD.{pk}", "'delete'") + forget
    return [
        f"INSERT INTO live_source (stream, name) VALUES ({literal(watch.stream)}, {literal(watch.table)})",
        *_replacements(watch),
        _trigger(watch, "insert", "AFTER INSERT", "1", created),
        _trigger(watch, "delete", "AFTER DELETE", "1", deleted),
        _trigger(watch, "update", "AFTER UPDATE", f"NOT ({moved}) AND ({changed} OR {is_noted})", updated),
        _trigger(watch, "move", "AFTER UPDATE", moved, deleted + created),
        *(statement for reference in watch.references for statement in _cascade(watch, reference)),
    ]


def orphans(watch: Watch) -> list[str]:
    """The statements that delete the rows whose parent was deleted before there were triggers for that."""
    return [
        f"{_without_parent(watch, reference)} WHERE {quoted(reference.column)} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {quoted(reference.table)} AS parent"
        f" WHERE parent.{quoted(reference.key)} = {quoted(watch.table)}.{quoted(reference.column)})"
        for reference in watch.references
    ]


def _cascade(watch: Watch, reference: Reference) -> list[str]:
    """The triggers that do what the foreign key says, for programs that have foreign keys off, as `sqlite3` has.

    Otherwise the rows of a parent that is gone would show in a new one that gets its key.
    """
    name = f"{watch.stream}_{reference.column}"
    key, parent = quoted(reference.key), quoted(reference.table)
    end = f"{_without_parent(watch, reference)} WHERE {quoted(reference.column)}"
    # As for _replacements: INSERT OR REPLACE tells no trigger of what it deletes.
    notes = f"FROM live_replaced WHERE stream = {literal(name)}"
    sets = [(reference.key,), *reference.unique]
    in_the_way = [
        f"SELECT {literal(name)}, {number}, gone.{key} FROM {parent} AS gone"
        f" WHERE {' AND '.join(f'gone.{quoted(column)} = NEW.{quoted(column)}' for column in columns)}"
        for number, columns in enumerate(sets)
    ]
    before = f"DELETE {notes}; INSERT INTO live_replaced (stream, place, pk) {' UNION ALL '.join(in_the_way)};"
    stays = f"SELECT 1 FROM {parent} AS kept WHERE kept.{key} = live_replaced.pk AND kept.{key} IS NOT NEW.{key}"
    after = f"{end} IN (SELECT pk {notes} AND NOT EXISTS ({stays})); DELETE {notes};"
    events = [
        ("gone", "AFTER DELETE", f"{end} = OLD.{key};", ""),
        ("replacing", "BEFORE INSERT", before, ""),
        ("replaced", "AFTER INSERT", after, f" WHEN EXISTS (SELECT 1 {notes})"),
    ]
    return [
        f"CREATE TRIGGER {quoted(f'live_{name}_{what}')} {event} ON {parent}{condition} BEGIN {body} END"
        for what, event, body, condition in events
    ]


def _without_parent(watch: Watch, reference: Reference) -> str:
    """What happens to a row that loses its parent, without the condition."""
    if reference.is_kept:
        return f"UPDATE {quoted(watch.table)} SET {quoted(reference.column)} = NULL"
    return f"DELETE FROM {quoted(watch.table)}"


def _replacements(watch: Watch) -> list[str]:
    """The triggers for what INSERT OR REPLACE deletes, which SQLite tells no trigger for deletes.

    What is in the way before is noted, and what has gone by then is logged after; an insert that is ignored instead
    leaves a note, which the next one forgets.
    """
    statements = []
    for number, columns in enumerate([(watch.pk,), *watch.unique]):
        # NULLs are equal here for a set of several, since an index may be about the rows that have one.
        equal = "IS" if len(columns) > 1 else "="
        same = " AND ".join(f"gone.{quoted(column)} {equal} NEW.{quoted(column)}" for column in columns)
        in_the_way = f"FROM {quoted(watch.table)} AS gone WHERE {same}"
        note = f"FROM live_replaced AS note WHERE stream = {literal(watch.stream)} AND place = {number}"
        values = f"{literal(watch.stream)}, {number}, gone.{quoted(watch.pk)}, {watch.group_sql('gone')}"
        forget = f"DELETE {note.replace(' AS note', '')};"
        stays = (
            f"EXISTS (SELECT 1 FROM {quoted(watch.table)} AS gone WHERE gone.{quoted(watch.pk)} = note.pk"
            f" AND ({watch.group_sql('gone')}) IS note.group_name)"
        )
        gone = f"(SELECT note.group_name {note} AND NOT {stays})"
        log = _record(watch, gone, f"(SELECT note.pk {note})", "'delete'") + forget
        before = f"{forget} INSERT INTO live_replaced (stream, place, pk, group_name) SELECT {values} {in_the_way};"
        matters = f"EXISTS (SELECT 1 {in_the_way}) OR EXISTS (SELECT 1 {note})"
        statements += [
            _trigger(watch, f"replacing_{number}", "BEFORE INSERT", matters, before),
            _trigger(watch, f"replaced_{number}", "AFTER INSERT", f"EXISTS (SELECT 1 {note})", log),
        ]
    return statements


def _trigger(watch: Watch, name: str, event: str, condition: str, body: str) -> str:
    return (
        f"CREATE TRIGGER {quoted(f'live_{watch.stream}_{name}')} {event} ON {quoted(watch.table)}"
        f" WHEN {condition} BEGIN {body} END"
    )


def _changed_columns(watch: Watch) -> str:
    marks = (
        f"CASE WHEN OLD.{quoted(column)} IS NOT NEW.{quoted(column)} THEN {literal(',' + column)} ELSE '' END"
        for column in watch.columns
    )
    return f"substr({' || '.join(marks)}, 2)"


def _record(watch: Watch, group: str, pk: str, action: str, fields: str = "NULL") -> str:
    # No ON CONFLICT here: the outer statement's conflict clause (INSERT OR IGNORE) would override a trigger's own.
    # A row that belongs to no group has NULL for its name.
    return (
        f"INSERT INTO live_group (name, head) SELECT {group}, {_NOW} WHERE {group} IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM live_group WHERE name = {group});"
        f" UPDATE live_group SET head = head + 1 WHERE name = {group};"
        f" INSERT INTO live_change (group_name, seq, stream, pk, action, fields)"
        f" SELECT name, head, '{watch.stream}', {pk}, {action}, {fields}"
        f" FROM live_group WHERE name = {group};"
    )
