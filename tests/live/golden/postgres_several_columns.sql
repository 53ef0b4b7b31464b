INSERT INTO live_source (stream, name) VALUES ('book', 'book');

CREATE OR REPLACE FUNCTION "live_book_insert"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'book',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN n."house" = 7
                    AND n."is_lent" = FALSE
                THEN 'house:' || CAST(n."house" AS TEXT) || '/shelf:' || CAST(n."shelf" AS TEXT)
            END AS name,
            n."isbn"::text AS pk,
            'create' AS action,
            NULL AS fields,
            1 AS turn,
            n."isbn" AS place
        FROM new_rows AS n
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_book_insert"
AFTER INSERT ON "book"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_book_insert"();

CREATE OR REPLACE FUNCTION "live_book_delete"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'book',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN o."house" = 7
                    AND o."is_lent" = FALSE
                THEN 'house:' || CAST(o."house" AS TEXT) || '/shelf:' || CAST(o."shelf" AS TEXT)
            END AS name,
            o."isbn"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."isbn" AS place
        FROM old_rows AS o
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_book_delete"
AFTER DELETE ON "book"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_book_delete"();

CREATE OR REPLACE FUNCTION "live_book_update"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'book',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN o."house" = 7
                    AND o."is_lent" = FALSE
                THEN 'house:' || CAST(o."house" AS TEXT) || '/shelf:' || CAST(o."shelf" AS TEXT)
            END AS name,
            o."isbn"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."isbn" AS place
        FROM old_rows AS o
        WHERE NOT EXISTS (
            SELECT 1
            FROM new_rows AS n
            WHERE o."isbn" = n."isbn"
                AND (CASE
                    WHEN o."house" = 7
                        AND o."is_lent" = FALSE
                    THEN 'house:' || CAST(o."house" AS TEXT) || '/shelf:' || CAST(o."shelf" AS TEXT)
                END) IS NOT DISTINCT FROM (CASE
                    WHEN n."house" = 7
                        AND n."is_lent" = FALSE
                    THEN 'house:' || CAST(n."house" AS TEXT) || '/shelf:' || CAST(n."shelf" AS TEXT)
                END)
        )
        UNION ALL
        SELECT
            CASE
                WHEN n."house" = 7
                    AND n."is_lent" = FALSE
                THEN 'house:' || CAST(n."house" AS TEXT) || '/shelf:' || CAST(n."shelf" AS TEXT)
            END AS name,
            n."isbn"::text AS pk,
            'create' AS action,
            NULL AS fields,
            1 AS turn,
            n."isbn" AS place
        FROM new_rows AS n
        WHERE NOT EXISTS (
            SELECT 1
            FROM old_rows AS o
            WHERE o."isbn" = n."isbn"
                AND (CASE
                    WHEN o."house" = 7
                        AND o."is_lent" = FALSE
                    THEN 'house:' || CAST(o."house" AS TEXT) || '/shelf:' || CAST(o."shelf" AS TEXT)
                END) IS NOT DISTINCT FROM (CASE
                    WHEN n."house" = 7
                        AND n."is_lent" = FALSE
                    THEN 'house:' || CAST(n."house" AS TEXT) || '/shelf:' || CAST(n."shelf" AS TEXT)
                END)
        )
        UNION ALL
        SELECT
            CASE
                WHEN n."house" = 7
                    AND n."is_lent" = FALSE
                THEN 'house:' || CAST(n."house" AS TEXT) || '/shelf:' || CAST(n."shelf" AS TEXT)
            END AS name,
            n."isbn"::text AS pk,
            'update' AS action,
            concat_ws(
                ',',
                CASE WHEN o."title" IS DISTINCT FROM n."title" THEN 'title' END,
                CASE WHEN o."shelf" IS DISTINCT FROM n."shelf" THEN 'shelf' END,
                CASE WHEN o."owner_id" IS DISTINCT FROM n."owner_id" THEN 'owner_id' END
            ) AS fields,
            1 AS turn,
            n."isbn" AS place
        FROM old_rows AS o
        JOIN new_rows AS n ON o."isbn" = n."isbn"
            AND (CASE
                WHEN o."house" = 7
                    AND o."is_lent" = FALSE
                THEN 'house:' || CAST(o."house" AS TEXT) || '/shelf:' || CAST(o."shelf" AS TEXT)
            END) IS NOT DISTINCT FROM (CASE
                WHEN n."house" = 7
                    AND n."is_lent" = FALSE
                THEN 'house:' || CAST(n."house" AS TEXT) || '/shelf:' || CAST(n."shelf" AS TEXT)
            END)
        WHERE (o."title", o."shelf", o."owner_id") IS DISTINCT FROM (n."title", n."shelf", n."owner_id")
            OR EXISTS (
                SELECT 1
                FROM live_unreadable AS u
                WHERE u.stream = 'book' AND u.pk = n."isbn"::text
            )
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_book_update"
AFTER UPDATE ON "book"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "live_book_update"();

CREATE OR REPLACE FUNCTION "live_book_truncate"() RETURNS trigger LANGUAGE plpgsql AS $live$
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
        'book',
        array_agg(name ORDER BY turn, place),
        array_agg(pk ORDER BY turn, place),
        array_agg(action ORDER BY turn, place),
        array_agg(fields ORDER BY turn, place)
    FROM (
        SELECT
            CASE
                WHEN o."house" = 7
                    AND o."is_lent" = FALSE
                THEN 'house:' || CAST(o."house" AS TEXT) || '/shelf:' || CAST(o."shelf" AS TEXT)
            END AS name,
            o."isbn"::text AS pk,
            'delete' AS action,
            NULL AS fields,
            0 AS turn,
            o."isbn" AS place
        FROM "book" AS o
    ) AS moves
    WHERE name IS NOT NULL
    HAVING count(*) > 0;
    RETURN NULL;
END
$live$;

CREATE TRIGGER "live_book_truncate"
BEFORE TRUNCATE ON "book"
FOR EACH STATEMENT EXECUTE FUNCTION "live_book_truncate"();
