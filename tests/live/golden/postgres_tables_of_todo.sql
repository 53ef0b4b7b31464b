CREATE TABLE IF NOT EXISTS todo_schema (fingerprint TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS todo_group (
    name TEXT NOT NULL PRIMARY KEY,
    head BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS todo_change (
    group_name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    stream TEXT NOT NULL,
    pk TEXT NOT NULL,
    action TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL DEFAULT now(),
    fields TEXT,
    PRIMARY KEY (group_name, seq)
);

CREATE UNLOGGED TABLE IF NOT EXISTS todo_pending (
    xact XID8 NOT NULL DEFAULT pg_current_xact_id(),
    place BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    stream TEXT NOT NULL,
    names TEXT[] NOT NULL,
    pks TEXT[] NOT NULL,
    actions TEXT[] NOT NULL,
    fields TEXT[]
);

CREATE TABLE IF NOT EXISTS todo_source (
    stream TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS todo_unreadable (
    stream TEXT NOT NULL,
    pk TEXT NOT NULL,
    PRIMARY KEY (stream, pk)
);

CREATE TABLE IF NOT EXISTS todo_probe (
    id INTEGER NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL
);

DELETE FROM todo_source;

ALTER TABLE todo_change ADD COLUMN IF NOT EXISTS fields TEXT;

ALTER TABLE todo_pending ADD COLUMN IF NOT EXISTS fields TEXT[];

CREATE OR REPLACE FUNCTION "todo$note"(source text, pks json) RETURNS void LANGUAGE plpgsql AS $live$
BEGIN
    -- A commit that counts its changes waits for this lock, or this for it. So the commit sees the note, or
    -- the reader sees after the note what was committed. Nobody waits for a transaction that is merely open.
    LOCK TABLE todo_group IN SHARE MODE;
    INSERT INTO todo_unreadable (stream, pk)
    SELECT s.stream, keys.pk
    FROM todo_source AS s, json_array_elements_text(pks) AS keys (pk)
    WHERE s.name = source
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
END
$live$;

CREATE OR REPLACE FUNCTION "todo$commit"() RETURNS trigger LANGUAGE plpgsql AS $live$
BEGIN
    -- This runs once for each statement that was noted. The first run counts them all. The others see by the
    -- setting, which ends with the transaction and follows its savepoints, that nothing was noted since: each
    -- look into todo_pending would read what earlier transactions have left there until it is vacuumed.
    IF current_setting('todo.noted', true) = 'yes' THEN
        PERFORM set_config('todo.noted', '', true);
        IF current_setting('live.noting', true) = '*' THEN
            -- Namespaces count in the order in which the transaction wrote. Without this lock two commits could
            -- each hold a group of one namespace, and wait for a group of the other.
            PERFORM pg_advisory_xact_lock(7018246114);
        END IF;
        -- Locked first, so that the next statement sees every note of a process that held this lock.
        LOCK TABLE todo_group IN ROW EXCLUSIVE MODE;
        WITH mine AS (
            DELETE FROM todo_pending
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
            DELETE FROM todo_unreadable AS n
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
            INSERT INTO todo_group AS g (name, head)
            SELECT name, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + count
            FROM counts
            ORDER BY name
            ON CONFLICT (name) DO UPDATE
            SET head = g.head + (SELECT count FROM counts WHERE counts.name = g.name)
            RETURNING name, head
        )
        INSERT INTO todo_change (group_name, seq, stream, pk, action, fields)
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
        LEFT JOIN (SELECT DISTINCT stream, pk FROM noted) AS n ON n.stream = m.stream AND n.pk = m.pk;
    END IF;
    RETURN NULL;
END
$live$;

CREATE CONSTRAINT TRIGGER "todo$commit"
AFTER INSERT ON todo_pending
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION "todo$commit"();
