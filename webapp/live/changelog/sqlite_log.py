"""The change log's tables and queries on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.database import Namespace, quoted

# data_version changes when another connection commits, total_changes() when this one writes. If the query had only one
# of them, the poll would miss the other's commits.
CHANGE_TOKEN = "SELECT data_version, total_changes() AS own FROM pragma_data_version()"  # noqa: S105 - no secret
"""The query for a value that changes with every commit."""

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
    # The rows that the insert under way may replace. An insert that SQLite ignores leaves its notes here until the
    # next.
    """
    CREATE TABLE IF NOT EXISTS {live_replaced} (
        stream TEXT NOT NULL,
        place INTEGER NOT NULL,
        pk TEXT NOT NULL,
        group_name TEXT,
        PRIMARY KEY (stream, place)
    ) WITHOUT ROWID
    """,
    # The table of each stream, and the rows of it that pages lack because they could not be read.
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
    """Return the statements that create the log's tables."""
    return [namespace.sql(table) for table in _TABLES]


def after(namespace: Namespace) -> str:
    """Return the query for the changes of several groups, each after a sequence number.

    Its parameters are a JSON array of [group, seq], and the number of changes per group, at most.
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
    """Return the statement that writes one tiny row."""
    return namespace.sql("""
        INSERT INTO {live_probe} (id, at)
        VALUES (1, CURRENT_TIMESTAMP)
        ON CONFLICT (id) DO UPDATE
        SET at = CURRENT_TIMESTAMP
    """)


def marks(sql: str) -> str:
    """Return `sql` with this database's parameter marks."""
    return sql.replace("$", "?")


def script(statements: Sequence[str]) -> str:
    """Return `statements` as one script, which runs in one transaction."""
    return ";\n".join(["BEGIN IMMEDIATE", *statements, "COMMIT"])


async def removal(connection: BaseDBAsyncClient, namespace: Namespace) -> list[str]:
    """Return the statements that drop all triggers of the namespace that are installed now."""
    found = await connection.execute_query_dict("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return [f"DROP TRIGGER {quoted(row['name'])}" for row in found if namespace.owns(row["name"])]


async def upgrade(connection: BaseDBAsyncClient, namespace: Namespace) -> list[str]:
    """Return the statements that add the columns that the tables of an earlier version lack."""
    rows = await connection.execute_query_dict(namespace.sql("SELECT name FROM pragma_table_info('{live_change}')"))
    found = {row["name"] for row in rows}
    if not found or "fields" in found:
        return []
    return [namespace.sql("ALTER TABLE {live_change} ADD COLUMN fields TEXT")]
