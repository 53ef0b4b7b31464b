"""The triggers on SQLite for deletes that SQLite reports to no trigger: replaced rows, and rows of deleted parents."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.live.changelog.sqlite_parts import exists, record, trigger
from webapp.live.changelog.watch import Reference, Watch
from webapp.live.database import Namespace, fill, literal, quoted


def replacements(namespace: Namespace, watch: Watch) -> list[str]:
    """Return the triggers for the rows that INSERT OR REPLACE deletes without running a delete trigger.

    The first trigger notes the row in the way before the insert. The second logs its delete after the insert, if the
    row is gone by then. If SQLite ignores the insert, the note stays until the next insert deletes it.
    """
    sets = [(watch.pk,), *watch.unique]
    return [
        statement for number, columns in enumerate(sets) for statement in _replaced(namespace, watch, number, columns)
    ]


def _replaced(namespace: Namespace, watch: Watch, number: int, columns: Sequence[str]) -> list[str]:
    """Return the triggers for a row with the same values in the unique `columns`, which are the set `number`."""
    # A unique index may treat NULLs as equal, as one over coalesce(room_id, 0) does. If NULLs differed here, the delete
    # of such a row would go unlogged.
    equal = "IS" if len(columns) > 1 else "="
    parts = {
        "stream": literal(watch.stream),
        "number": str(number),
        "table": quoted(watch.table),
        "pk": quoted(watch.pk),
        "group": watch.group_sql("gone"),
        "same": " AND ".join(f"gone.{quoted(column)} {equal} NEW.{quoted(column)}" for column in columns),
    }
    parts["note"] = namespace.sql(
        """
        FROM {live_replaced} AS note
        WHERE stream = {stream} AND place = {number}
        """,
        **parts,
    )
    parts["forget"] = namespace.sql(
        """
        DELETE FROM {live_replaced}
        WHERE stream = {stream} AND place = {number};
        """,
        **parts,
    )
    before = namespace.sql(
        """
        {forget}
        INSERT INTO {live_replaced} (stream, place, pk, group_name)
        SELECT {stream}, {number}, gone.{pk}, {group}
        FROM {table} AS gone
        WHERE {same};
        """,
        **parts,
    )
    gone = fill(
        """
        (
            SELECT note.group_name
            {note}
                AND NOT EXISTS (
                    SELECT 1
                    FROM {table} AS gone
                    WHERE gone.{pk} = note.pk
                        AND ({group}) IS note.group_name
                )
        )
        """,
        parts,
    )
    pk = fill(
        """
        (
            SELECT note.pk
            {note}
        )
        """,
        parts,
    )
    after = record(namespace, watch, gone, pk, "'delete'") + f"\n{parts['forget']}"
    in_the_way = fill(
        """
        FROM {table} AS gone
        WHERE {same}
        """,
        parts,
    )
    is_noted = exists(parts["note"])
    matters = f"{exists(in_the_way)}\nOR {is_noted}"
    name, table = f"{watch.stream}_{{}}_{number}", parts["table"]
    return [
        trigger(namespace, name.format("replacing"), f"BEFORE INSERT ON {table}", matters, before),
        trigger(namespace, name.format("replaced"), f"AFTER INSERT ON {table}", is_noted, after),
    ]


def cascade(namespace: Namespace, watch: Watch, reference: Reference) -> list[str]:
    """Return the triggers that apply the foreign key's ON DELETE for programs that have foreign keys off, as `sqlite3`.

    If there were none, the rows of a deleted parent would show in a new parent that gets its key.
    """
    name = f"{watch.stream}_{reference.column}"
    parts = {
        "name": literal(name),
        "key": quoted(reference.key),
        "parent": quoted(reference.table),
        "end": f"{without_parent(watch, reference)}\nWHERE {quoted(reference.column)}",
    }
    # INSERT OR REPLACE runs no delete trigger for the parent either, so the parent in the way is noted as well.
    parts["notes"] = namespace.sql(
        """
        FROM {live_replaced}
        WHERE stream = {name}
        """,
        **parts,
    )
    gone = fill("{end} = OLD.{key};", parts)
    before = namespace.sql(
        """
        DELETE {notes};
        INSERT INTO {live_replaced} (stream, place, pk)
        {in_the_way};
        """,
        in_the_way="\nUNION ALL\n".join(_in_the_way(reference, parts)),
        **parts,
    )
    after = namespace.sql(
        """
        {end} IN (
            SELECT pk
            {notes}
                AND NOT EXISTS (
                    SELECT 1
                    FROM {parent} AS kept
                    WHERE kept.{key} = {live_replaced}.pk AND kept.{key} IS NOT NEW.{key}
                )
        );
        DELETE {notes};
        """,
        **parts,
    )
    parent, is_noted = parts["parent"], exists(parts["notes"])
    return [
        trigger(namespace, f"{name}_gone", f"AFTER DELETE ON {parent}", "", gone),
        trigger(namespace, f"{name}_replacing", f"BEFORE INSERT ON {parent}", "", before),
        trigger(namespace, f"{name}_replaced", f"AFTER INSERT ON {parent}", is_noted, after),
    ]


def _in_the_way(reference: Reference, parts: dict[str, str]) -> list[str]:
    """Return a query for each set of unique columns: the parent with the same values as the new one."""
    return [
        fill(
            """
            SELECT {name}, {number}, gone.{key}
            FROM {parent} AS gone
            WHERE {same}
            """,
            {
                **parts,
                "number": str(number),
                "same": " AND ".join(f"gone.{quoted(column)} = NEW.{quoted(column)}" for column in columns),
            },
        )
        for number, columns in enumerate([(reference.key,), *reference.unique])
    ]


def without_parent(watch: Watch, reference: Reference) -> str:
    """Return the beginning of the statement for rows that lose their parent, without its condition."""
    if reference.is_kept:
        return f"UPDATE {quoted(watch.table)}\nSET {quoted(reference.column)} = NULL"
    return f"DELETE FROM {quoted(watch.table)}"
