"""The change log on PostgreSQL: each statement notes what it did, and the commit counts it.

The groups are locked at the commit only, all at once and in the order of their names. So transactions never wait for
each other crosswise, and one that stays open holds up nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.watch import Watch, quoted

PULSE = ""

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

# Runs once for each statement that was noted; the first run counts them all.
_COUNT = (
    "WITH mine AS (DELETE FROM live_pending WHERE xact = pg_current_xact_id() RETURNING *),"
    " moves AS (SELECT m.place, u.turn, m.stream, u.name, u.pk, u.action FROM mine m,"
    " unnest(m.names, m.pks, m.actions) WITH ORDINALITY AS u (name, pk, action, turn)),"
    " counts AS (SELECT name, count(*) AS count FROM moves GROUP BY name),"
    f" heads AS (INSERT INTO live_group AS g (name, head) SELECT name, {_NOW} + count FROM counts ORDER BY name"
    " ON CONFLICT (name) DO UPDATE SET head = g.head + (SELECT count FROM counts WHERE counts.name = g.name)"
    " RETURNING name, head)"
    " INSERT INTO live_change (group_name, seq, stream, pk, action)"
    " SELECT m.name, h.head - c.count + row_number() OVER (PARTITION BY m.name ORDER BY m.place, m.turn),"
    " m.stream, m.pk, m.action FROM moves m JOIN counts c USING (name) JOIN heads h USING (name);"
)

TABLES = (
    "CREATE TABLE IF NOT EXISTS live_schema (fingerprint TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_group (name TEXT NOT NULL PRIMARY KEY, head BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_change (group_name TEXT NOT NULL, seq BIGINT NOT NULL, stream TEXT NOT NULL,"
    " pk TEXT NOT NULL, action TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now(),"
    " PRIMARY KEY (group_name, seq))",
    # Empty but for what the transactions of this moment did: nothing that a crash could lose.
    "CREATE UNLOGGED TABLE IF NOT EXISTS live_pending (xact XID8 NOT NULL DEFAULT pg_current_xact_id(),"
    " place BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY, stream TEXT NOT NULL, names TEXT[] NOT NULL,"
    " pks TEXT[] NOT NULL, actions TEXT[] NOT NULL)",
    "CREATE OR REPLACE FUNCTION live_commit() RETURNS trigger LANGUAGE plpgsql AS"
    f" $live$ BEGIN {_COUNT} RETURN NULL; END $live$",
    "CREATE CONSTRAINT TRIGGER live_commit AFTER INSERT ON live_pending DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION live_commit()",
)


def marks(sql: str) -> str:
    """`sql` with this database's parameter marks."""
    return sql


def script(statements: Sequence[str]) -> str:
    """`statements` as one script that happens as a whole, as PostgreSQL's scripts do by themselves."""
    return ";\n".join(statements)


async def removal(connection: BaseDBAsyncClient) -> list[str]:
    """The statements that drop every trigger of ours that is installed now."""
    rows = await connection.execute_query_dict(
        "SELECT tgname, tgrelid::regclass::text AS relation FROM pg_trigger WHERE tgname LIKE 'live\\_%'"
        # A writer locks its own table first, so this does as well.
        " ORDER BY tgname = 'live_commit', relation"
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
    lists = ", ".join(f"array_agg({column} ORDER BY turn, place)" for column in ("name", "pk", "action"))
    body = (
        f"INSERT INTO live_pending (stream, names, pks, actions) SELECT '{watch.stream}', {lists}"
        f" FROM ({moves}) moves WHERE name IS NOT NULL HAVING count(*) > 0;"
    )
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $live$ BEGIN {body} RETURN NULL; END $live$",
        f"CREATE TRIGGER {function} AFTER {event} ON {quoted(watch.table)} REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
    ]
