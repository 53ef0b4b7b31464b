"""The change log's tables and queries on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.database.namespace import Namespace
from webapp.live.database.sql import quoted

# data_version moves when another connection commits, total_changes() when this one writes.
CHANGE_TOKEN = "SELECT data_version, total_changes() AS own FROM pragma_data_version()"  # noqa: S105 - no secret
"""The query for a value that moves with every commit."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS {live_schema} (fingerprint TEXT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS {live_group} (
        name TEXT NOT NULL PRIMARY KEY,
        head BIGINT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS {live_change} (
        group_name TEXT NOT NULL,
        seq BIGINT NOT NULL,
        stream TEXT NOT NULL,
        pk TEXT NOT NULL,
        action TEXT NOT NULL,
        at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
        fields TEXT,
        PRIMARY KEY (group_name, seq)
    ) WITHOUT ROWID
    """,
    # The rows that an insert under way may be about to replace. Only the last ignored inserts leave any behind.
    """
    CREATE TABLE IF NOT EXISTS {live_replaced} (
        stream TEXT NOT NULL,
        place INTEGER NOT NULL,
        pk TEXT NOT NULL,
        group_name TEXT,
        PRIMARY KEY (stream, place)
    ) WITHOUT ROWID
    """,
    # The table of each stream, and its rows that pages were shown without because they could not be read.
    """
    CREATE TABLE IF NOT EXISTS {live_source} (
        stream TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS {live_unreadable} (
        stream TEXT NOT NULL,
        pk TEXT NOT NULL,
        PRIMARY KEY (stream, pk)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS {live_probe} (
        id INTEGER NOT NULL PRIMARY KEY,
        at TEXT NOT NULL
    )
    """,
    "DELETE FROM {live_source}",
)


def tables(namespace: Namespace) -> list[str]:
    """The statements that create the log's tables."""
    return [namespace.sql(table) for table in _TABLES]


def after(namespace: Namespace) -> str:
    """The query for the changes after a place in each of several groups.

    It is given the places as a JSON array of [group, seq], and the number of changes of each group at most.
    """
    return namespace.sql("""
        WITH asked (place, name, seq) AS (
            SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]')
            FROM json_each(?1)
        )
        SELECT place, c.seq, c.stream, c.pk, c.action, c.fields
        FROM asked
        CROSS JOIN {live_change} AS c
        WHERE c.group_name = asked.name
            AND c.seq IN (
                SELECT seq
                FROM {live_change} AS later
                WHERE later.group_name = asked.name AND later.seq > asked.seq
                ORDER BY seq
                LIMIT ?2
            )
        ORDER BY place, c.seq
    """)


def prunable(namespace: Namespace) -> str:
    """The query for groups with changes that may be forgotten, each with the number of the last of them.

    It is given the name of the group before, how many changes are kept, and for how many days.
    """
    return namespace.sql("""
        SELECT name, last
        FROM (
            SELECT g.name, max(
                g.head - CAST($2 AS INTEGER),
                CASE WHEN (
                    SELECT oldest.at
                    FROM {live_change} AS oldest
                    WHERE oldest.group_name = g.name
                    ORDER BY oldest.seq
                    LIMIT 1
                ) < datetime('now', '-' || $3 || ' days') THEN (
                    SELECT max(old.seq)
                    FROM {live_change} AS old
                    WHERE old.group_name = g.name AND old.at < datetime('now', '-' || $3 || ' days')
                ) ELSE 0 END
            ) AS last
            FROM {live_group} AS g
            WHERE g.name > $1
        ) AS found
        WHERE EXISTS (
            SELECT 1
            FROM {live_change} AS c
            WHERE c.group_name = found.name AND c.seq <= found.last
        )
        ORDER BY name
        LIMIT 200
    """)


def probe(namespace: Namespace) -> str:
    """The statement that writes next to nothing."""
    return namespace.sql("""
        INSERT INTO {live_probe} (id, at)
        VALUES (1, CURRENT_TIMESTAMP)
        ON CONFLICT (id) DO UPDATE
        SET at = CURRENT_TIMESTAMP
    """)


def marks(sql: str) -> str:
    """`sql` with this database's parameter marks."""
    return sql.replace("$", "?")


def script(statements: Sequence[str]) -> str:
    """`statements` as one script that happens as a whole."""
    return ";\n".join(["BEGIN IMMEDIATE", *statements, "COMMIT"])


async def removal(connection: BaseDBAsyncClient, namespace: Namespace) -> list[str]:
    """The statements that drop every trigger of the namespace that is installed now."""
    found = await connection.execute_query_dict("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return [f"DROP TRIGGER {quoted(row['name'])}" for row in found if namespace.owns(row["name"])]


async def upgrade(connection: BaseDBAsyncClient, namespace: Namespace) -> list[str]:
    """The statements that give the tables of a former version what they lack."""
    rows = await connection.execute_query_dict(namespace.sql("SELECT name FROM pragma_table_info('{live_change}')"))
    found = {row["name"] for row in rows}
    if not found or "fields" in found:
        return []
    return [namespace.sql("ALTER TABLE {live_change} ADD COLUMN fields TEXT")]
