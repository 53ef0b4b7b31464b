"""The change log on SQLite: one writer at a time, so a row's trigger may count by itself."""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.watch import Watch, quoted

TABLES = (
    "CREATE TABLE IF NOT EXISTS live_group (name TEXT NOT NULL PRIMARY KEY, head BIGINT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS live_change (group_name TEXT NOT NULL, seq BIGINT NOT NULL, stream TEXT NOT NULL,"
    " pk TEXT NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,"
    " PRIMARY KEY (group_name, seq)) WITHOUT ROWID",
)

# data_version moves when another connection commits, total_changes() when this one writes.
PULSE = "SELECT data_version, total_changes() AS own FROM pragma_data_version()"

_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


def marks(sql: str) -> str:
    """`sql` with this database's parameter marks."""
    return sql.replace("$", "?")


async def removal(connection: BaseDBAsyncClient) -> list[str]:
    """The statements that drop every trigger of ours that is installed now."""
    rows = await connection.execute_query_dict(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'live\\_%' ESCAPE '\\'"
    )
    return [f"DROP TRIGGER {quoted(row['name'])}" for row in rows]


def triggers(watch: Watch) -> list[str]:
    """The statements that create the triggers of `watch`."""
    old, new = watch.group_sql("OLD"), watch.group_sql("NEW")
    moved = f"({old}) IS NOT ({new}) OR OLD.{quoted(watch.pk)} IS NOT NEW.{quoted(watch.pk)}"
    changed = " OR ".join(f"OLD.{quoted(column)} IS NOT NEW.{quoted(column)}" for column in watch.columns)
    return [
        _trigger(watch, "insert", "INSERT", "1", _record(watch, "NEW", "create")),
        _trigger(watch, "delete", "DELETE", "1", _record(watch, "OLD", "delete")),
        _trigger(watch, "update", "UPDATE", f"NOT ({moved}) AND ({changed})", _record(watch, "NEW", "update")),
        _trigger(watch, "move", "UPDATE", moved, _record(watch, "OLD", "delete") + _record(watch, "NEW", "create")),
    ]


def _trigger(watch: Watch, name: str, event: str, condition: str, body: str) -> str:
    return (
        f"CREATE TRIGGER {quoted(f'live_{watch.stream}_{name}')} AFTER {event} ON {quoted(watch.table)}"
        f" WHEN {condition} BEGIN {body} END"
    )


def _record(watch: Watch, row: str, action: str) -> str:
    # No ON CONFLICT here: the outer statement's conflict clause (INSERT OR IGNORE) would override a trigger's own.
    # A NULL in a group column is a row that belongs to no group.
    group = watch.group_sql(row)
    return (
        f"INSERT INTO live_group (name, head) SELECT {group}, {_NOW} WHERE {group} IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM live_group WHERE name = {group});"
        f" UPDATE live_group SET head = head + 1 WHERE name = {group};"
        f" INSERT INTO live_change (group_name, seq, stream, pk, action)"
        f" SELECT name, head, '{watch.stream}', {row}.{quoted(watch.pk)}, '{action}'"
        f" FROM live_group WHERE name = {group};"
    )
