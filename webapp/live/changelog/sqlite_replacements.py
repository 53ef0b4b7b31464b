"""The triggers on SQLite for what no trigger is told of: rows that are replaced, and parents that are gone."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.live.changelog.sqlite_parts import exists, record, trigger
from webapp.live.changelog.watch import Reference, Watch
from webapp.live.database import Namespace, fill, literal, quoted


def replacements(namespace: Namespace, watch: Watch) -> list[str]:
    """The triggers for what INSERT OR REPLACE deletes, which SQLite tells no trigger for deletes.

    The row in the way is noted before the insert, and its delete is logged after it, if it has gone by then. An insert
    that is ignored instead leaves a note, which the next one forgets.
    """
    sets = [(watch.pk,), *watch.unique]
    return [
        statement for number, columns in enumerate(sets) for statement in _replaced(namespace, watch, number, columns)
    ]


def _replaced(namespace: Namespace, watch: Watch, number: int, columns: Sequence[str]) -> list[str]:
    """The triggers for the row that has the same values in the unique `columns`, which are the set of that number."""
    # NULLs are equal here for a set of several, since an index may be about the rows that have one.
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
    """The triggers that do what the foreign key says, for programs that have foreign keys off, as `sqlite3` has.

    Without them the rows of a parent that is gone would show in a new one that gets its key.
    """
    name = f"{watch.stream}_{reference.column}"
    parts = {
        "name": literal(name),
        "key": quoted(reference.key),
        "parent": quoted(reference.table),
        "end": f"{without_parent(watch, reference)}\nWHERE {quoted(reference.column)}",
    }
    # As for replacements: INSERT OR REPLACE tells no trigger of what it deletes.
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
    """A query for the parent that has the same value as the new one, for each set of unique columns."""
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
    """What happens to a row that loses its parent, without the condition."""
    if reference.is_kept:
        return f"UPDATE {quoted(watch.table)}\nSET {quoted(reference.column)} = NULL"
    return f"DELETE FROM {quoted(watch.table)}"
