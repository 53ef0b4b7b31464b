"""The triggers on PostgreSQL: each statement notes its changes, and `postgres_log` numbers them at the commit."""

from __future__ import annotations

from webapp.live.changelog.watch import Watch
from webapp.live.database import Namespace, dollar_quoted, fill, literal, quoted


def triggers(namespace: Namespace, watch: Watch) -> list[str]:
    """Return the statements that create the trigger functions and triggers of `watch`."""
    old, new = "REFERENCING OLD TABLE AS old_rows", "REFERENCING NEW TABLE AS new_rows"
    gone, come = _moves(watch, "o", "delete", "old_rows AS o"), _moves(watch, "n", "create", "new_rows AS n")
    # TRUNCATE has no transition table. So its trigger runs before it, and reads all rows of the table, also when the
    # TRUNCATE of another table cascades to this one.
    emptied = _moves(watch, "o", "delete", f"{quoted(watch.table)} AS o")
    return [
        source(namespace, watch),
        *_trigger(namespace, watch, "insert", "AFTER INSERT", new, come),
        *_trigger(namespace, watch, "delete", "AFTER DELETE", old, gone),
        *_trigger(
            namespace, watch, "update", "AFTER UPDATE", f"{old} NEW TABLE AS new_rows", _updated(namespace, watch)
        ),
        *_trigger(namespace, watch, "truncate", "BEFORE TRUNCATE", "", emptied),
    ]


def source(namespace: Namespace, watch: Watch) -> str:
    """Return the statement that stores which table the stream watches."""
    return namespace.sql(
        "INSERT INTO {live_source} (stream, name) VALUES ({stream}, {table})",
        stream=literal(watch.stream),
        table=literal(watch.table),
    )


def orphans(watch: Watch) -> list[str]:
    """Return no statements: PostgreSQL never lets a program delete a parent and keep its rows."""
    return []


def _updated(namespace: Namespace, watch: Watch) -> str:
    """Return the query for the rows that left a group, those that entered one, and those that changed in theirs."""
    columns = [quoted(column) for column in watch.columns]
    stays = fill(
        """
        o.{pk} = n.{pk}
            AND ({old_group}) IS NOT DISTINCT FROM ({new_group})
        """,
        {"pk": quoted(watch.pk), "old_group": watch.group_sql("o"), "new_group": watch.group_sql("n")},
    )
    return namespace.sql(
        """
        {gone}
        WHERE NOT EXISTS (
            SELECT 1
            FROM new_rows AS n
            WHERE {stays}
        )
        UNION ALL
        {come}
        WHERE NOT EXISTS (
            SELECT 1
            FROM old_rows AS o
            WHERE {stays}
        )
        UNION ALL
        {kept}
        WHERE ({old_columns}) IS DISTINCT FROM ({new_columns})
            OR EXISTS (
                SELECT 1
                FROM {live_unreadable} AS u
                WHERE u.stream = {stream} AND u.pk = n.{pk}::text
            )
        """,
        gone=_moves(watch, "o", "delete", "old_rows AS o"),
        come=_moves(watch, "n", "create", "new_rows AS n"),
        kept=_moves(watch, "n", "update", f"old_rows AS o\nJOIN new_rows AS n ON {stays}", _changed_columns(watch)),
        stays=stays,
        old_columns=", ".join(f"o.{column}" for column in columns),
        new_columns=", ".join(f"n.{column}" for column in columns),
        stream=literal(watch.stream),
        pk=quoted(watch.pk),
    )


def _moves(watch: Watch, row: str, action: str, rows: str, fields: str = "NULL") -> str:
    return fill(
        """
        SELECT
            {group} AS name,
            {pk}::text AS pk,
            {action} AS action,
            {fields} AS fields,
            {turn} AS turn,
            {pk} AS place
        FROM {rows}
        """,
        {
            "group": watch.group_sql(row),
            "pk": f"{row}.{quoted(watch.pk)}",
            "action": literal(action),
            "fields": fields,
            # If creates came first, an update that shifts primary keys would log the delete of a key after its create,
            # and pages would lose the row.
            "turn": "0" if action == "delete" else "1",
            "rows": rows,
        },
    )


def _changed_columns(watch: Watch) -> str:
    names = (
        f"CASE WHEN o.{quoted(column)} IS DISTINCT FROM n.{quoted(column)} THEN {literal(column)} END"
        for column in watch.columns
    )
    return fill(
        """
        concat_ws(
            ',',
            {names}
        )
        """,
        {"names": ",\n".join(names)},
    )


def _trigger(namespace: Namespace, watch: Watch, name: str, event: str, referencing: str, moves: str) -> list[str]:
    function = quoted(namespace.own(f"{watch.stream}_{name}"))
    body = """
        BEGIN
            PERFORM
                set_config({noted}, 'yes', true),
                -- All namespaces share this setting: the one that has changes in this transaction, or * for several.
                set_config(
                    'live.noting',
                    CASE
                        WHEN coalesce(current_setting('live.noting', true), '') IN ('', {namespace})
                        THEN {namespace}
                        ELSE '*'
                    END,
                    true
                );
            INSERT INTO {live_pending} (stream, names, pks, actions, fields)
            SELECT
                {stream},
                array_agg(name ORDER BY turn, place),
                array_agg(pk ORDER BY turn, place),
                array_agg(action ORDER BY turn, place),
                array_agg(fields ORDER BY turn, place)
            FROM (
                {moves}
            ) AS moves
            WHERE name IS NOT NULL
            HAVING count(*) > 0;
            RETURN NULL;
        END
    """
    filled = namespace.sql(body, namespace=literal(namespace.name), stream=literal(watch.stream), moves=moves)
    return [
        fill(
            "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {body}",
            {
                "function": function,
                "body": dollar_quoted(filled),
            },
        ),
        fill(
            """
            CREATE TRIGGER {function}
            {event}
            FOR EACH STATEMENT EXECUTE FUNCTION {function}()
            """,
            {
                "function": function,
                "event": f"{event} ON {quoted(watch.table)}" + (f"\n{referencing}" if referencing else ""),
            },
        ),
    ]
