"""The change log's tables and queries on PostgreSQL, and the function that counts a transaction's changes.

A transaction locks its groups only at its commit, all at once and in the order of their names. So two transactions
never wait for each other crosswise, and a transaction that stays open blocks no other.
"""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.database import Namespace, dollar_quoted, quoted

CHANGE_TOKEN = ""
"""Empty: PostgreSQL has no value that changes with every commit."""

SEVERAL = 7_018_246_114
"""The advisory lock of commits that count changes of several namespaces. All of them share this number."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS {live_schema} (fingerprint TEXT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS {live_group} (
        name TEXT NOT NULL PRIMARY KEY,
        head BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {live_change} (
        group_name TEXT NOT NULL,
        seq BIGINT NOT NULL,
        stream TEXT NOT NULL,
        pk TEXT NOT NULL,
        action TEXT NOT NULL,
        at TIMESTAMPTZ NOT NULL DEFAULT now(),
        fields TEXT,
        PRIMARY KEY (group_name, seq)
    )
    """,
    # The table holds only the changes of transactions that are under way. A crash undoes those, so it may be unlogged.
    """
    CREATE UNLOGGED TABLE IF NOT EXISTS {live_pending} (
        xact XID8 NOT NULL DEFAULT pg_current_xact_id(),
        place BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
        stream TEXT NOT NULL,
        names TEXT[] NOT NULL,
        pks TEXT[] NOT NULL,
        actions TEXT[] NOT NULL,
        fields TEXT[]
    )
    """,
    # The table of each stream, and the rows of it that pages lack because they could not be read.
    """
    CREATE TABLE IF NOT EXISTS {live_source} (
        stream TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {live_unreadable} (
        stream TEXT NOT NULL,
        pk TEXT NOT NULL,
        PRIMARY KEY (stream, pk)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {live_probe} (
        id INTEGER NOT NULL PRIMARY KEY,
        at TIMESTAMPTZ NOT NULL
    )
    """,
    "DELETE FROM {live_source}",
    # The tables of an earlier version lack these columns. If its triggers are installed again, they leave them NULL.
    "ALTER TABLE {live_change} ADD COLUMN IF NOT EXISTS fields TEXT",
    "ALTER TABLE {live_pending} ADD COLUMN IF NOT EXISTS fields TEXT[]",
)


def tables(namespace: Namespace) -> list[str]:
    """Return the statements that create the log's tables and functions, and the trigger that counts changes."""
    return [
        *(namespace.sql(table) for table in _TABLES),
        _note(namespace),
        _commit(namespace),
        namespace.sql("""
            CREATE CONSTRAINT TRIGGER {live_commit}
            AFTER INSERT ON {live_pending}
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION {live_commit}()
        """),
    ]


def _note(namespace: Namespace) -> str:
    body = """
        BEGIN
            -- A commit that counts its changes waits for this lock, or this for it. So the commit sees the note, or
            -- the reader sees after the note what was committed. Nobody waits for a transaction that is merely open.
            LOCK TABLE {live_group} IN SHARE MODE;
            INSERT INTO {live_unreadable} (stream, pk)
            SELECT s.stream, keys.pk
            FROM {live_source} AS s, json_array_elements_text(pks) AS keys (pk)
            WHERE s.name = source
            ORDER BY 1, 2
            ON CONFLICT DO NOTHING;
        END
    """
    head = "CREATE OR REPLACE FUNCTION {live_note}(source text, pks json) RETURNS void LANGUAGE plpgsql AS {body}"
    return namespace.sql(head, body=dollar_quoted(namespace.sql(body)))


def _commit(namespace: Namespace) -> str:
    body = """
        BEGIN
            -- This runs once for each statement that was noted. The first run counts them all. The others see by the
            -- setting, which ends with the transaction and follows its savepoints, that nothing was noted since: each
            -- look into {live_pending} would read what earlier transactions have left there until it is vacuumed.
            IF current_setting({noted}, true) = 'yes' THEN
                PERFORM set_config({noted}, '', true);
                IF current_setting('live.noting', true) = '*' THEN
                    -- Namespaces count in the order in which the transaction wrote. Without this lock two commits could
                    -- each hold a group of one namespace, and wait for a group of the other.
                    PERFORM pg_advisory_xact_lock({several});
                END IF;
                -- Locked first, so that the next statement sees every note of a process that held this lock.
                LOCK TABLE {live_group} IN ROW EXCLUSIVE MODE;
                {count};
            END IF;
            RETURN NULL;
        END
    """
    head = "CREATE OR REPLACE FUNCTION {live_commit}() RETURNS trigger LANGUAGE plpgsql AS {body}"
    return namespace.sql(head, body=dollar_quoted(namespace.sql(body, count=_count(namespace), several=str(SEVERAL))))


def _count(namespace: Namespace) -> str:
    return namespace.sql("""
        WITH mine AS (
            DELETE FROM {live_pending}
            WHERE xact = pg_current_xact_id()
            RETURNING *
        ),
        moves AS (
            SELECT m.place, u.turn, m.stream, u.name, u.pk, u.action, u.fields
            FROM mine AS m,
                unnest(m.names, m.pks, m.actions, m.fields) WITH ORDINALITY AS u (name, pk, action, fields, turn)
        ),
        noted AS (
            -- Pages do not show a row that is noted: whatever is changed of it, they need all of it.
            DELETE FROM {live_unreadable} AS n
            USING moves AS m
            WHERE n.stream = m.stream AND n.pk = m.pk
            RETURNING n.stream, n.pk
        ),
        counts AS (
            SELECT name, count(*) AS count
            FROM moves
            GROUP BY name
        ),
        heads AS (
            -- In the order of the names, or two commits could each hold a group that the other waits for.
            INSERT INTO {live_group} AS g (name, head)
            SELECT name, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + count
            FROM counts
            ORDER BY name
            ON CONFLICT (name) DO UPDATE
            SET head = g.head + (SELECT count FROM counts WHERE counts.name = g.name)
            RETURNING name, head
        )
        INSERT INTO {live_change} (group_name, seq, stream, pk, action, fields)
        SELECT
            m.name,
            h.head - c.count + row_number() OVER (PARTITION BY m.name ORDER BY m.place, m.turn),
            m.stream,
            m.pk,
            CASE WHEN n.pk IS NOT NULL AND m.action = 'update' THEN 'create' ELSE m.action END,
            CASE WHEN n.pk IS NULL THEN m.fields END
        FROM moves AS m
        JOIN counts AS c USING (name)
        JOIN heads AS h USING (name)
        LEFT JOIN (SELECT DISTINCT stream, pk FROM noted) AS n ON n.stream = m.stream AND n.pk = m.pk
    """)


def after(namespace: Namespace) -> str:
    """Return the query for the changes of several groups, each after a sequence number.

    Its parameters are a JSON array of [group, seq], and the number of changes per group, at most.
    """
    return namespace.sql("""
        SELECT asked.place - 1 AS place, c.*
        FROM json_array_elements($1::json) WITH ORDINALITY AS asked (value, place)
        CROSS JOIN LATERAL (
            SELECT seq, stream, pk, action, fields
            FROM {live_change}
            WHERE group_name = asked.value ->> 0 AND seq > (asked.value ->> 1)::bigint
            ORDER BY seq
            LIMIT $2
        ) AS c
        ORDER BY place, c.seq
    """)


def prunable(namespace: Namespace) -> str:
    """The query for groups with changes that may be forgotten, each with the number of the last of them.

    It is given the name of the group before, how many changes are kept, and for how many days.
    """
    return namespace.sql("""
        SELECT name, last
        FROM (
            SELECT g.name, greatest(
                g.head - CAST($2 AS BIGINT),
                CASE WHEN (
                    SELECT oldest.at
                    FROM {live_change} AS oldest
                    WHERE oldest.group_name = g.name
                    ORDER BY oldest.seq
                    LIMIT 1
                ) < now() - make_interval(days => $3) THEN (
                    SELECT max(old.seq)
                    FROM {live_change} AS old
                    WHERE old.group_name = g.name AND old.at < now() - make_interval(days => $3)
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
        VALUES (1, now())
        ON CONFLICT (id) DO UPDATE
        SET at = excluded.at
    """)


def marks(sql: str) -> str:
    """Return `sql` with this database's parameter marks."""
    return sql


def script(statements: Sequence[str]) -> str:
    """Return `statements` as one script. PostgreSQL runs a script in one transaction."""
    return ";\n".join(statements)


async def removal(connection: BaseDBAsyncClient, namespace: Namespace) -> list[str]:
    """Return the statements that drop all triggers of the namespace that are installed now."""
    found = await connection.execute_query_dict("""
        SELECT tgname AS name, tgrelid::regclass::text AS relation
        FROM pg_trigger
        WHERE NOT tgisinternal
        ORDER BY relation
    """)
    commit = namespace.own("commit")
    rows = [row for row in found if namespace.owns(row["name"])]
    # A write locks its own table before the log's. If this locked the log's table first, each could wait for the other.
    rows.sort(key=lambda row: row["name"] == commit)
    return [f"DROP TRIGGER {quoted(row['name'])} ON {row['relation']}" for row in rows]


async def upgrade(connection: BaseDBAsyncClient, namespace: Namespace) -> list[str]:
    """Return no statements: those of `tables` bring the tables of an earlier version up to date as well."""
    return []
