INSERT INTO live_source (stream, name) VALUES ('chat', 'message');

CREATE OR REPLACE FUNCTION "live_chat_insert"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'chat',
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

CREATE TRIGGER "live_chat_insert"
AFTER INSERT ON "message"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_chat_insert"();

CREATE OR REPLACE FUNCTION "live_chat_delete"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'chat',
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

CREATE TRIGGER "live_chat_delete"
AFTER DELETE ON "message"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_chat_delete"();

CREATE OR REPLACE FUNCTION "live_chat_update"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'chat',
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
                CASE WHEN o."handle" IS DISTINCT FROM n."handle" THEN 'handle' END,
                CASE WHEN o."message" IS DISTINCT FROM n."message" THEN 'message' END,
                CASE WHEN o."timestamp" IS DISTINCT FROM n."timestamp" THEN 'timestamp' END,
                CASE WHEN o."mark" IS DISTINCT FROM n."mark" THEN 'mark' END,
                CASE WHEN o."edited_at" IS DISTINCT FROM n."edited_at" THEN 'edited_at' END,
                CASE WHEN o."is_lookalike" IS DISTINCT FROM n."is_lookalike" THEN 'is_lookalike' END,
                CASE WHEN o."kind" IS DISTINCT FROM n."kind" THEN 'kind' END,
                CASE WHEN o."reply_to" IS DISTINCT FROM n."reply_to" THEN 'reply_to' END,
                CASE WHEN o."quoted_handle" IS DISTINCT FROM n."quoted_handle" THEN 'quoted_handle' END,
                CASE WHEN o."quoted_text" IS DISTINCT FROM n."quoted_text" THEN 'quoted_text' END,
                CASE WHEN o."reactions" IS DISTINCT FROM n."reactions" THEN 'reactions' END
            ) AS fields,
            1 AS turn,
            n."id" AS place
        FROM old_rows AS o
        JOIN new_rows AS n ON o."id" = n."id"
            AND ('room:' || CAST(o."room_id" AS TEXT)) IS NOT DISTINCT FROM ('room:' || CAST(n."room_id" AS TEXT))
        WHERE (o."handle", o."message", o."timestamp", o."mark", o."edited_at", o."is_lookalike", o."kind", o."reply_to", o."quoted_handle", o."quoted_text", o."reactions") IS DISTINCT FROM (n."handle", n."message", n."timestamp", n."mark", n."edited_at", n."is_lookalike", n."kind", n."reply_to", n."quoted_handle", n."quoted_text", n."reactions")
            OR EXISTS (
                SELECT 1
                FROM live_unreadable AS u
                WHERE u.stream = 'chat' AND u.pk = n."id"::text
            )
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_chat_update"
AFTER UPDATE ON "message"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_chat_update"();

CREATE OR REPLACE FUNCTION "live_chat_truncate"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'chat',
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
        FROM "message" AS o
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_chat_truncate"
BEFORE TRUNCATE ON "message"
FOR EACH STATEMENT EXECUTE FUNCTION "live_chat_truncate"();
