"""The change log on PostgreSQL: each statement notes what it did, and the commit counts it.

The groups are locked at the commit only, all at once and in the order of their names. So transactions never wait for
each other crosswise, and one that stays open holds up nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.changelog.watch import Watch, literal, quoted

CHANGE_TOKEN = ""

# Changes after a place in each of several groups, given as a JSON array of [group, seq], and how many of each at most.
AFTER = (
    "SELECT asked.place - 1 AS place, c.* FROM json_array_elements($1::json) WITH ORDINALITY AS asked (value, place)"
    " CROSS JOIN LATERAL (SELECT seq, stream, pk, action, fields FROM live_change"
    " WHERE group_name = asked.value ->> 0 AND seq > (asked.value ->> 1)::bigint ORDER BY seq LIMIT $2) AS c"
    " ORDER BY place, c.seq"
)

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

# The deferred trigger runs once for each statement that was noted. The first run counts them all, and the others see by
# a setting, which ends with the transaction and follows its savepoints, that nothing was noted since: each look into
# live_pending would read all that is left there of earlier transactions, until it is vacuumed.
_NOTED = "PERFORM set_config('live.noted', 'yes', true);"
_IF_NOTED = "IF current_setting('live.noted', true) = 'yes' THEN PERFORM set_config('live.noted', '', true);"

_COUNT = (
    # First, so that the statement that follows sees every note of a process that held this lock: see live_note.
    "LOCK TABLE live_group IN ROW EXCLUSIVE MODE;"
    " WITH mine AS (DELETE FROM live_pending WHERE xact = pg_current_xact_id() RETURNING *),"
    " moves AS (SELECT m.place, u.turn, m.stream, u.name, u.pk, u.action, u.fields FROM mine m,"
    " unnest(m.names, m.pks, m.actions, m.fields) WITH ORDINALITY AS u (name, pk, action, fields, turn)),"
    # Pages do not show a row that is noted: whatever is changed of it, they need all of it.
    " noted AS (DELETE FROM live_unreadable n USING moves m WHERE n.stream = m.stream AND n.pk = m.pk"
    " RETURNING n.stream, n.pk),"
    " counts AS (SELECT name, count(*) AS count FROM moves GROUP BY name),"
    f" heads AS (INSERT INTO live_group AS g (name, head) SELECT name, {_NOW} + count FROM counts ORDER BY name"
    " ON CONFLICT (name) DO UPDATE SET head = g.head + (SELECT count FROM counts WHERE counts.name = g.name)"
    " RETURNING name, head)"
    " INSERT INTO live_change (group_name, seq, stream, pk, action, fields)"
    " SELECT m.name, h.head - c.count + row_number() OVER (PARTITION BY m.name ORDER BY m.place, m.turn),"
    " m.stream, m.pk, CASE WHEN n.pk IS NOT NULL AND m.action = 'update' THEN 'create' ELSE m.action END,"
    " CASE WHEN n.pk IS NULL THEN m.fields END FROM moves m JOIN counts c USING (name) JOIN heads h USING (name)"
    " LEFT JOIN (SELECT DISTINCT stream, pk FROM noted) n ON n.stream = m.stream AND n.pk = m.pk;"
)

# A commit that counts its changes waits for this lock, or this for it: so it sees the note, or whoever reads the row
# after the note sees what it committed. Nobody waits for a transaction that is merely open.
_NOTE = (
    "CREATE OR REPLACE FUNCTION live_note(source text, pks json) RETURNS void LANGUAGE plpgsql AS"
    " $live$ BEGIN LOCK TABLE live_group IN SHARE MODE;"
    " INSERT INTO live_unreadable (stream, pk) SELECT s.stream, keys.pk"
    " FROM live_source s, json_array_elements_text(pks) AS keys (pk) WHERE s.name = source ORDER BY 1, 2"
    " ON CONFLICT DO NOTHING; END $live$"
)

PROBE = "INSERT INTO live_probe (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at"

TABLES = (
    "CREATE TABLE IF NOT EXISTS live_schema (fingerprint TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_group (name TEXT NOT NULL PRIMARY KEY, head BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_change (group_name TEXT NOT NULL, seq BIGINT NOT NULL, stream TEXT NOT NULL,"
    " pk TEXT NOT NULL, action TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now(), fields TEXT,"
    " PRIMARY KEY (group_name, seq))",
    # Empty but for what the transactions of this moment did: nothing that a crash could lose.
    "CREATE UNLOGGED TABLE IF NOT EXISTS live_pending (xact XID8 NOT NULL DEFAULT pg_current_xact_id(),"
    " place BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY, stream TEXT NOT NULL, names TEXT[] NOT NULL,"
    " pks TEXT[] NOT NULL, actions TEXT[] NOT NULL, fields TEXT[])",
    # The table of each stream, and its rows that pages were shown without because they could not be read.
    "CREATE TABLE IF NOT EXISTS live_source (stream TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS live_unreadable (stream TEXT NOT NULL, pk TEXT NOT NULL, PRIMARY KEY (stream, pk))",
    "CREATE TABLE IF NOT EXISTS live_probe (id INTEGER NOT NULL PRIMARY KEY, at TIMESTAMPTZ NOT NULL)",
    "DELETE FROM live_source",
    _NOTE,
    # For the tables of a former version. That one's triggers, installed again, leave it NULL.
    "ALTER TABLE live_change ADD COLUMN IF NOT EXISTS fields TEXT",
    "ALTER TABLE live_pending ADD COLUMN IF NOT EXISTS fields TEXT[]",
    "CREATE OR REPLACE FUNCTION live_commit() RETURNS trigger LANGUAGE plpgsql AS"
    f" $live$ BEGIN {_IF_NOTED} {_COUNT} END IF; RETURN NULL; END $live$",
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


async def upgrade(connection: BaseDBAsyncClient) -> list[str]:
    """Nothing: what TABLES says brings the tables of a former version up to date as well."""
    return []


def triggers(watch: Watch) -> list[str]:
    """The statements that create the trigger functions and triggers of `watch`."""
    columns = [quoted(column) for column in watch.columns]
    changed = f"({', '.join(f'o.{c}' for c in columns)}) IS DISTINCT FROM ({', '.join(f'n.{c}' for c in columns)})"
    stays = f"o.{quoted(watch.pk)} = n.{quoted(watch.pk)}"
    stays += f" AND ({watch.group_sql('o')}) IS NOT DISTINCT FROM ({watch.group_sql('n')})"
    gone = _moves(watch, "o", "delete", "old_rows o")
    come = _moves(watch, "n", "create", "new_rows n")
    left = f"{gone} WHERE NOT EXISTS (SELECT 1 FROM new_rows n WHERE {stays})"
    entered = f"{come} WHERE NOT EXISTS (SELECT 1 FROM old_rows o WHERE {stays})"
    kept = _moves(watch, "n", "update", f"old_rows o JOIN new_rows n ON {stays}", _changed_columns(watch))
    is_noted = (
        f"EXISTS (SELECT 1 FROM live_unreadable u WHERE u.stream = {literal(watch.stream)}"
        f" AND u.pk = n.{quoted(watch.pk)}::text)"
    )
    updated = f"{left} UNION ALL {entered} UNION ALL {kept} WHERE {changed} OR {is_noted}"
    # A truncated table has no transition table; its trigger sees all that is about to go, whoever's cascade it is.
    emptied = _moves(watch, "o", "delete", f"{quoted(watch.table)} o")
    return [
        f"INSERT INTO live_source (stream, name) VALUES ({literal(watch.stream)}, {literal(watch.table)})",
        *_trigger(watch, "insert", "AFTER INSERT", "REFERENCING NEW TABLE AS new_rows", come),
        *_trigger(watch, "delete", "AFTER DELETE", "REFERENCING OLD TABLE AS old_rows", gone),
        *_trigger(watch, "update", "AFTER UPDATE", "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows", updated),
        *_trigger(watch, "truncate", "BEFORE TRUNCATE", "", emptied),
    ]


def orphans(watch: Watch) -> list[str]:
    """Nothing: PostgreSQL lets nobody delete a parent and keep its rows."""
    return []


def _moves(watch: Watch, row: str, action: str, source: str, fields: str = "NULL") -> str:
    pk = f"{row}.{quoted(watch.pk)}"
    turn = 0 if action == "delete" else 1
    return (
        f"SELECT {watch.group_sql(row)} AS name, {pk}::text AS pk, '{action}' AS action, {fields} AS fields,"
        f" {turn} AS turn, {pk} AS place FROM {source}"
    )


def _changed_columns(watch: Watch) -> str:
    names = (
        f"CASE WHEN o.{quoted(column)} IS DISTINCT FROM n.{quoted(column)} THEN {literal(column)} END"
        for column in watch.columns
    )
    return f"concat_ws(',', {', '.join(names)})"


def _trigger(watch: Watch, name: str, event: str, referencing: str, moves: str) -> list[str]:
    function = quoted(f"live_{watch.stream}_{name}")
    lists = ", ".join(f"array_agg({column} ORDER BY turn, place)" for column in ("name", "pk", "action", "fields"))
    body = (
        f"INSERT INTO live_pending (stream, names, pks, actions, fields) SELECT '{watch.stream}', {lists}"
        f" FROM ({moves}) moves WHERE name IS NOT NULL HAVING count(*) > 0;"
    )
    # Not between dollar signs: a value of `only` may hold any text, and so the sign that ends it.
    body = literal(f"BEGIN {_NOTED} {body} RETURN NULL; END")
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {body}",
        f"CREATE TRIGGER {function} {event} ON {quoted(watch.table)} {referencing}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
    ]
