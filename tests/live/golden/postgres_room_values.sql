INSERT INTO live_source (stream, name) VALUES ('roomval', 'integervalue');

CREATE OR REPLACE FUNCTION "live_roomval_insert"() RETURNS trigger LANGUAGE plpgsql AS $live$
BEGIN
    PERFORM
        set_config('live.noted', 'yes', true),
        -- All namespaces share this setting: the one that has changes in this transaction, or * for several.
        set_config(
            'live.noting',
            CASE
                WHEN coalesce(current_setting('live.noting', true), '') IN ('', 'live')
                THEN 'live'
                ELSE '*'
            END,
            true
        );
    INSERT INTO live_pending (stream, names, pks, actions, fields)
    SELECT
        'roomval',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            'room:' || CAST(n."room_id" AS TEXT) AS name,
            n."id"::text AS pk,
            'create' AS action,
            NULL AS fields,
            1 AS turn,
            n."id" AS place
        FROM new_rows AS n
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_roomval_insert"
AFTER INSERT ON "integervalue"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_roomval_insert"();

CREATE OR REPLACE FUNCTION "live_roomval_delete"() RETURNS trigger LANGUAGE plpgsql AS $live$
BEGIN
    PERFORM
        set_config('live.noted', 'yes', true),
        -- All namespaces share this setting: the one that has changes in this transaction, or * for several.
        set_config(
            'live.noting',
            CASE
                WHEN coalesce(current_setting('live.noting', true), '') IN ('', 'live')
                THEN 'live'
                ELSE '*'
            END,
            true
        );
    INSERT INTO live_pending (stream, names, pks, actions, fields)
    SELECT
        'roomval',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            'room:' || CAST(o."room_id" AS TEXT) AS name,
            o."id"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."id" AS place
        FROM old_rows AS o
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_roomval_delete"
AFTER DELETE ON "integervalue"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_roomval_delete"();

CREATE OR REPLACE FUNCTION "live_roomval_update"() RETURNS trigger LANGUAGE plpgsql AS $live$
BEGIN
    PERFORM
        set_config('live.noted', 'yes', true),
        -- All namespaces share this setting: the one that has changes in this transaction, or * for several.
        set_config(
            'live.noting',
            CASE
                WHEN coalesce(current_setting('live.noting', true), '') IN ('', 'live')
                THEN 'live'
                ELSE '*'
            END,
            true
        );
    INSERT INTO live_pending (stream, names, pks, actions, fields)
    SELECT
        'roomval',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            'room:' || CAST(o."room_id" AS TEXT) AS name,
            o."id"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."id" AS place
        FROM old_rows AS o
        WHERE NOT EXISTS (
            SELECT 1
            FROM new_rows AS n
            WHERE o."id" = n."id"
                AND ('room:' || CAST(o."room_id" AS TEXT)) IS NOT DISTINCT FROM ('room:' || CAST(n."room_id" AS TEXT))
        )
        UNION ALL
        SELECT
            'room:' || CAST(n."room_id" AS TEXT) AS name,
            n."id"::text AS pk,
            'create' AS action,
            NULL AS fields,
            1 AS turn,
            n."id" AS place
        FROM new_rows AS n
        WHERE NOT EXISTS (
            SELECT 1
            FROM old_rows AS o
            WHERE o."id" = n."id"
                AND ('room:' || CAST(o."room_id" AS TEXT)) IS NOT DISTINCT FROM ('room:' || CAST(n."room_id" AS TEXT))
        )
        UNION ALL
        SELECT
            'room:' || CAST(n."room_id" AS TEXT) AS name,
            n."id"::text AS pk,
            'update' AS action,
            concat_ws(
                ',',
                CASE WHEN o."name" IS DISTINCT FROM n."name" THEN 'name' END,
                CASE WHEN o."value" IS DISTINCT FROM n."value" THEN 'value' END
            ) AS fields,
            1 AS turn,
            n."id" AS place
        FROM old_rows AS o
        JOIN new_rows AS n ON o."id" = n."id"
            AND ('room:' || CAST(o."room_id" AS TEXT)) IS NOT DISTINCT FROM ('room:' || CAST(n."room_id" AS TEXT))
        WHERE (o."name", o."value") IS DISTINCT FROM (n."name", n."value")
            OR EXISTS (
                SELECT 1
                FROM live_unreadable AS u
                WHERE u.stream = 'roomval' AND u.pk = n."id"::text
            )
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_roomval_update"
AFTER UPDATE ON "integervalue"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_roomval_update"();

CREATE OR REPLACE FUNCTION "live_roomval_truncate"() RETURNS trigger LANGUAGE plpgsql AS $live$
BEGIN
    PERFORM
        set_config('live.noted', 'yes', true),
        -- All namespaces share this setting: the one that has changes in this transaction, or * for several.
        set_config(
            'live.noting',
            CASE
                WHEN coalesce(current_setting('live.noting', true), '') IN ('', 'live')
                THEN 'live'
                ELSE '*'
            END,
            true
        );
    INSERT INTO live_pending (stream, names, pks, actions, fields)
    SELECT
        'roomval',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            'room:' || CAST(o."room_id" AS TEXT) AS name,
            o."id"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."id" AS place
        FROM "integervalue" AS o
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_roomval_truncate"
BEFORE TRUNCATE ON "integervalue"
FOR EACH STATEMENT EXECUTE FUNCTION "live_roomval_truncate"();
