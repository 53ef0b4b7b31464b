INSERT INTO live_source (stream, name) VALUES ('picked', 'item');

CREATE OR REPLACE FUNCTION "live_picked_insert"() RETURNS trigger LANGUAGE plpgsql AS $live1$
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
        'picked',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN n."shown" = TRUE
                    AND n."value" = -7
                    AND n."sort" = 'it''s $live$ \'' -- 👋'
                    AND n."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END AS name,
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
$live1$;

CREATE TRIGGER "live_picked_insert"
AFTER INSERT ON "item"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_picked_insert"();

CREATE OR REPLACE FUNCTION "live_picked_delete"() RETURNS trigger LANGUAGE plpgsql AS $live1$
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
        'picked',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN o."shown" = TRUE
                    AND o."value" = -7
                    AND o."sort" = 'it''s $live$ \'' -- 👋'
                    AND o."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END AS name,
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
$live1$;

CREATE TRIGGER "live_picked_delete"
AFTER DELETE ON "item"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_picked_delete"();

CREATE OR REPLACE FUNCTION "live_picked_update"() RETURNS trigger LANGUAGE plpgsql AS $live1$
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
        'picked',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN o."shown" = TRUE
                    AND o."value" = -7
                    AND o."sort" = 'it''s $live$ \'' -- 👋'
                    AND o."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END AS name,
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
                AND (CASE
                    WHEN o."shown" = TRUE
                        AND o."value" = -7
                        AND o."sort" = 'it''s $live$ \'' -- 👋'
                        AND o."note" IS NULL
                    THEN 'it''s $live$ \'' -- 👋'
                END) IS NOT DISTINCT FROM (CASE
                    WHEN n."shown" = TRUE
                        AND n."value" = -7
                        AND n."sort" = 'it''s $live$ \'' -- 👋'
                        AND n."note" IS NULL
                    THEN 'it''s $live$ \'' -- 👋'
                END)
        )
        UNION ALL
        SELECT
            CASE
                WHEN n."shown" = TRUE
                    AND n."value" = -7
                    AND n."sort" = 'it''s $live$ \'' -- 👋'
                    AND n."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END AS name,
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
                AND (CASE
                    WHEN o."shown" = TRUE
                        AND o."value" = -7
                        AND o."sort" = 'it''s $live$ \'' -- 👋'
                        AND o."note" IS NULL
                    THEN 'it''s $live$ \'' -- 👋'
                END) IS NOT DISTINCT FROM (CASE
                    WHEN n."shown" = TRUE
                        AND n."value" = -7
                        AND n."sort" = 'it''s $live$ \'' -- 👋'
                        AND n."note" IS NULL
                    THEN 'it''s $live$ \'' -- 👋'
                END)
        )
        UNION ALL
        SELECT
            CASE
                WHEN n."shown" = TRUE
                    AND n."value" = -7
                    AND n."sort" = 'it''s $live$ \'' -- 👋'
                    AND n."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END AS name,
            n."id"::text AS pk,
            'update' AS action,
            concat_ws(
                ',',
                CASE WHEN o."sort" IS DISTINCT FROM n."sort" THEN 'sort' END,
                CASE WHEN o."name" IS DISTINCT FROM n."name" THEN 'name' END
            ) AS fields,
            1 AS turn,
            n."id" AS place
        FROM old_rows AS o
        JOIN new_rows AS n ON o."id" = n."id"
            AND (CASE
                WHEN o."shown" = TRUE
                    AND o."value" = -7
                    AND o."sort" = 'it''s $live$ \'' -- 👋'
                    AND o."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END) IS NOT DISTINCT FROM (CASE
                WHEN n."shown" = TRUE
                    AND n."value" = -7
                    AND n."sort" = 'it''s $live$ \'' -- 👋'
                    AND n."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END)
        WHERE (o."sort", o."name") IS DISTINCT FROM (n."sort", n."name")
            OR EXISTS (
                SELECT 1
                FROM live_unreadable AS u
                WHERE u.stream = 'picked' AND u.pk = n."id"::text
            )
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live1$;

CREATE TRIGGER "live_picked_update"
AFTER UPDATE ON "item"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_picked_update"();

CREATE OR REPLACE FUNCTION "live_picked_truncate"() RETURNS trigger LANGUAGE plpgsql AS $live1$
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
        'picked',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN o."shown" = TRUE
                    AND o."value" = -7
                    AND o."sort" = 'it''s $live$ \'' -- 👋'
                    AND o."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END AS name,
            o."id"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."id" AS place
        FROM "item" AS o
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live1$;

CREATE TRIGGER "live_picked_truncate"
BEFORE TRUNCATE ON "item"
FOR EACH STATEMENT EXECUTE FUNCTION "live_picked_truncate"();
