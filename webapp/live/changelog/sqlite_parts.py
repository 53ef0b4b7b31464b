"""The parts that every trigger on SQLite is made of: its frame, and the statements that log a change."""

from __future__ import annotations

from webapp.live.changelog.watch import Watch
from webapp.live.database import Namespace, fill, literal, quoted


def trigger(namespace: Namespace, name: str, event: str, condition: str, body: str) -> str:
    """The statement that creates a trigger.

    Args:
        namespace: Whose trigger it is.
        name: Of the trigger in the namespace, such as `chat_insert`.
        event: Such as `AFTER INSERT ON "message"`.
        condition: The rows that it is about, as an SQL expression; empty for all.
        body: Statements, each with its semicolon.
    """
    return fill(
        """
        CREATE TRIGGER {name}
        {event}
        BEGIN
            {body}
        END
        """,
        {
            "name": quoted(namespace.own(name)),
            "event": f"{event}\nWHEN {condition}" if condition else event,
            "body": body,
        },
    )


def record(namespace: Namespace, watch: Watch, group: str, pk: str, action: str, fields: str = "NULL") -> str:
    """The statements that log a change; each argument is an SQL expression. A row in no group has NULL for its name.

    There is no ON CONFLICT: the outer statement's conflict clause (INSERT OR IGNORE) would override a trigger's own.
    """
    return namespace.sql(
        """
        INSERT INTO {live_group} (name, head)
        SELECT
            {group},
            CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
        WHERE {group} IS NOT NULL
            AND NOT EXISTS (
                SELECT 1
                FROM {live_group}
                WHERE name = {group}
            );
        UPDATE {live_group}
        SET head = head + 1
        WHERE name = {group};
        INSERT INTO {live_change} (group_name, seq, stream, pk, action, fields)
        SELECT
            name,
            head,
            {stream},
            {pk},
            {action},
            {fields}
        FROM {live_group}
        WHERE name = {group};
        """,
        group=group,
        stream=literal(watch.stream),
        pk=pk,
        action=action,
        fields=fields,
    )


def exists(rows: str) -> str:
    """The condition that there are `rows`, which is a FROM with its WHERE."""
    return fill(
        """
        EXISTS (
            SELECT 1
            {rows}
        )
        """,
        {"rows": rows},
    )
