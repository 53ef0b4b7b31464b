"""The change log on PostgreSQL: statement-level triggers, whose groups are locked in one fixed order."""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.watch import Watch, quoted

TABLES = (
    "CREATE TABLE IF NOT EXISTS live_group (name TEXT NOT NULL PRIMARY KEY, head BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_change (group_name TEXT NOT NULL, seq BIGINT NOT NULL, stream TEXT NOT NULL,"
    " pk TEXT NOT NULL, action TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now(),"
    " PRIMARY KEY (group_name, seq))",
)

PULSE = ""

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def marks(sql: str) -> str:
    """`sql` with this database's parameter marks."""
    return sql


async def removal(connection: BaseDBAsyncClient) -> list[str]:
    """The statements that drop every trigger of ours that is installed now."""
    rows = await connection.execute_query_dict(
        "SELECT tgname, tgrelid::regclass::text AS relation FROM pg_trigger WHERE tgname LIKE 'live\\_%'"
    )
    return [f"DROP TRIGGER {quoted(row['tgname'])} ON {row['relation']}" for row in rows]


def triggers(watch: Watch) -> list[str]:
    """The statements that create the trigger functions and triggers of `watch`."""
    pk = quoted(watch.pk)
    old, new = watch.group_sql("o"), watch.group_sql("n")
    columns = [quoted(column) for column in watch.columns]
    changed = f"({', '.join(f'o.{c}' for c in columns)}) IS DISTINCT FROM ({', '.join(f'n.{c}' for c in columns)})"
    gone = f"SELECT {old} AS name, o.{pk}::text AS pk, 'delete' AS action, 0 AS turn, o.{pk} AS place FROM old_rows o"
    come = f"SELECT {new} AS name, n.{pk}::text AS pk, 'create' AS action, 1 AS turn, n.{pk} AS place FROM new_rows n"
    stays = f"o.{pk} = n.{pk} AND ({old}) IS NOT DISTINCT FROM ({new})"
    kept = (
        f"SELECT {new} AS name, n.{pk}::text AS pk, 'update' AS action, 1 AS turn, n.{pk} AS place"
        f" FROM old_rows o JOIN new_rows n ON {stays} WHERE {changed}"
    )
    left = f"{gone} WHERE NOT EXISTS (SELECT 1 FROM new_rows n WHERE {stays})"
    entered = f"{come} WHERE NOT EXISTS (SELECT 1 FROM old_rows o WHERE {stays})"
    return [
        *_trigger(watch, "insert", "INSERT", "NEW TABLE AS new_rows", come),
        *_trigger(watch, "delete", "DELETE", "OLD TABLE AS old_rows", gone),
        *_trigger(
            watch,
            "update",
            "UPDATE",
            "OLD TABLE AS old_rows NEW TABLE AS new_rows",
            f"{left} UNION ALL {entered} UNION ALL {kept}",
        ),
    ]


def _trigger(watch: Watch, name: str, event: str, tables: str, moves: str) -> list[str]:
    function = quoted(f"live_{watch.stream}_{name}")
    # The counts are added in the order of the groups' names, so that two statements never wait for each other crosswise.
    body = (
        f"WITH moves AS ({moves}), counts AS (SELECT name, count(*) AS count FROM moves WHERE name IS NOT NULL"
        " GROUP BY name ORDER BY name), heads AS (INSERT INTO live_group AS g (name, head)"
        f" SELECT name, {_NOW} + count FROM counts ORDER BY name"
        " ON CONFLICT (name) DO UPDATE SET head = g.head + (SELECT count FROM counts WHERE counts.name = g.name)"
        " RETURNING name, head)"
        " INSERT INTO live_change (group_name, seq, stream, pk, action)"
        " SELECT m.name, h.head - c.count + row_number() OVER (PARTITION BY m.name ORDER BY m.turn, m.place),"
        f" '{watch.stream}', m.pk, m.action FROM moves m JOIN counts c USING (name) JOIN heads h USING (name);"
    )
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $live$ BEGIN {body} RETURN NULL; END $live$",
        f"CREATE TRIGGER {function} AFTER {event} ON {quoted(watch.table)} REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
    ]
