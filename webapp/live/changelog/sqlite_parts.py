"""The SQL that all triggers on SQLite share: CREATE TRIGGER, and the statements that log a change."""

from __future__ import annotations

from webapp.live.changelog.watch import Watch
from webapp.live.database import Namespace, fill, literal, quoted


def trigger(namespace: Namespace, name: str, event: str, condition: str, body: str) -> str:
    """Return the statement that creates a trigger.

    Args:
        namespace: The namespace of the trigger.
        name: The trigger's name in the namespace, such as `chat_insert`.
        event: The event, such as `AFTER INSERT ON "message"`.
        condition: An SQL expression that holds for the rows that the trigger is for; empty for all rows.
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
    """Return the statements that log a change.

    They have no ON CONFLICT clause. If they had one, that of the outer statement (INSERT OR IGNORE) would override it.

    Args:
        namespace: The namespace of the log.
        watch: The watch of the changed row.
        group: An SQL expression for the group's name; NULL for a row in no group.
        pk: An SQL expression for the primary key.
        action: An SQL expression for the action.
        fields: An SQL expression for the changed columns, joined with commas.
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
    """Return the condition that there are `rows`, a FROM clause with its WHERE."""
    return fill(
        """
        EXISTS (
            SELECT 1
            {rows}
        )
        """,
        {"rows": rows},
    )
