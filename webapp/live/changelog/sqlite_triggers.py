"""The triggers on SQLite. The database has one writer at a time, so each row's trigger can number its change."""

from __future__ import annotations

from webapp.live.changelog.sqlite_parts import exists, record, trigger
from webapp.live.changelog.sqlite_replacements import cascade, replacements, without_parent
from webapp.live.changelog.watch import Watch
from webapp.live.database import Namespace, fill, literal, quoted


def triggers(namespace: Namespace, watch: Watch) -> list[str]:
    """Return the statements that create the triggers of `watch`."""
    return [
        source(namespace, watch),
        *replacements(namespace, watch),
        *_events(namespace, watch),
        *(statement for reference in watch.references for statement in cascade(namespace, watch, reference)),
    ]


def source(namespace: Namespace, watch: Watch) -> str:
    """Return the statement that stores which table the stream watches."""
    return namespace.sql(
        "INSERT INTO {live_source} (stream, name) VALUES ({stream}, {table})",
        stream=literal(watch.stream),
        table=literal(watch.table),
    )


def orphans(watch: Watch) -> list[str]:
    """Return the statements that delete rows whose parent was deleted before the triggers existed."""
    return [
        fill(
            """
            {end}
            WHERE {column} IS NOT NULL
                AND NOT EXISTS (
                    SELECT 1
                    FROM {parent} AS parent
                    WHERE parent.{key} = {table}.{column}
                )
            """,
            {
                "end": without_parent(watch, reference),
                "column": quoted(reference.column),
                "parent": quoted(reference.table),
                "key": quoted(reference.key),
                "table": quoted(watch.table),
            },
        )
        for reference in watch.references
    ]


def _events(namespace: Namespace, watch: Watch) -> list[str]:
    old, new = watch.group_sql("OLD"), watch.group_sql("NEW")
    pk = quoted(watch.pk)
    moved = f"({old}) IS NOT ({new})\nOR OLD.{pk} IS NOT NEW.{pk}"
    note = namespace.sql(
        """
        FROM {live_unreadable}
        WHERE stream = {stream} AND pk = CAST(OLD.{pk} AS TEXT)
        """,
        stream=literal(watch.stream),
        pk=pk,
    )
    is_noted, forget = exists(note), f"DELETE {note};"
    parts = {"moved": moved, "is_noted": is_noted, "columns": _changed_columns(watch)}
    parts["changed"] = "\nOR ".join(f"OLD.{quoted(column)} IS NOT NEW.{quoted(column)}" for column in watch.columns)
    stayed = fill(
        """
        NOT (
            {moved}
        )
        AND (
            {changed}
            OR {is_noted}
        )
        """,
        parts,
    )
    # Pages lack a row that is noted as unreadable. If its repair were logged as an update, they would ignore it.
    action = fill(
        """
        CASE
            WHEN {is_noted}
            THEN 'create'
            ELSE 'update'
        END
        """,
        parts,
    )
    fields = fill(
        """
        CASE
            WHEN NOT {is_noted}
            THEN {columns}
        END
        """,
        parts,
    )
    created = record(namespace, watch, new, f"NEW.{pk}", "'create'")
    updated = f"{record(namespace, watch, new, f'NEW.{pk}', action, fields)}\n{forget}"
    deleted = record(namespace, watch, old, f"OLD.{pk}", "'delete'") + f"\n{forget}"
    events = [
        ("insert", "AFTER INSERT", "", created),
        ("delete", "AFTER DELETE", "", deleted),
        ("update", "AFTER UPDATE", stayed, updated),
        ("move", "AFTER UPDATE", moved, f"{deleted}\n{created}"),
    ]
    return [
        trigger(namespace, f"{watch.stream}_{name}", f"{event} ON {quoted(watch.table)}", condition, body)
        for name, event, condition, body in events
    ]


def _changed_columns(watch: Watch) -> str:
    marks = (
        f"CASE WHEN OLD.{quoted(column)} IS NOT NEW.{quoted(column)} THEN {literal(',' + column)} ELSE '' END"
        for column in watch.columns
    )
    return fill(
        """
        substr(
            {marks},
            2
        )
        """,
        {"marks": "\n|| ".join(marks)},
    )
