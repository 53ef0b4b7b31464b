INSERT INTO live_source (stream, name) VALUES ('book', 'book');

CREATE TRIGGER "live_book_replacing_0"
BEFORE INSERT ON "book"
WHEN EXISTS (
    SELECT 1
    FROM "book" AS gone
    WHERE gone."isbn" = NEW."isbn"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'book' AND place = 0
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'book' AND place = 0;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'book', 0, gone."isbn", CASE
        WHEN gone."house" = 7
            AND gone."is_lent" = FALSE
        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
    END
    FROM "book" AS gone
    WHERE gone."isbn" = NEW."isbn";
END;

CREATE TRIGGER "live_book_replaced_0"
AFTER INSERT ON "book"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'book' AND place = 0
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'book' AND place = 0
                AND NOT EXISTS (
                    SELECT 1
                    FROM "book" AS gone
                    WHERE gone."isbn" = note.pk
                        AND (CASE
                            WHEN gone."house" = 7
                                AND gone."is_lent" = FALSE
                            THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                        END) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'book' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "book" AS gone
                WHERE gone."isbn" = note.pk
                    AND (CASE
                        WHEN gone."house" = 7
                            AND gone."is_lent" = FALSE
                        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                    END) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'book' AND place = 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "book" AS gone
                        WHERE gone."isbn" = note.pk
                            AND (CASE
                                WHEN gone."house" = 7
                                    AND gone."is_lent" = FALSE
                                THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                            END) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'book' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "book" AS gone
                WHERE gone."isbn" = note.pk
                    AND (CASE
                        WHEN gone."house" = 7
                            AND gone."is_lent" = FALSE
                        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                    END) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'book' AND place = 0
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'book' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "book" AS gone
                WHERE gone."isbn" = note.pk
                    AND (CASE
                        WHEN gone."house" = 7
                            AND gone."is_lent" = FALSE
                        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                    END) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'book' AND place = 0;
END;

CREATE TRIGGER "live_book_replacing_1"
BEFORE INSERT ON "book"
WHEN EXISTS (
    SELECT 1
    FROM "book" AS gone
    WHERE gone."title" IS NEW."title" AND gone."shelf" IS NEW."shelf"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'book' AND place = 1
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'book' AND place = 1;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'book', 1, gone."isbn", CASE
        WHEN gone."house" = 7
            AND gone."is_lent" = FALSE
        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
    END
    FROM "book" AS gone
    WHERE gone."title" IS NEW."title" AND gone."shelf" IS NEW."shelf";
END;

CREATE TRIGGER "live_book_replaced_1"
AFTER INSERT ON "book"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'book' AND place = 1
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'book' AND place = 1
                AND NOT EXISTS (
                    SELECT 1
                    FROM "book" AS gone
                    WHERE gone."isbn" = note.pk
                        AND (CASE
                            WHEN gone."house" = 7
                                AND gone."is_lent" = FALSE
                            THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                        END) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'book' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "book" AS gone
                WHERE gone."isbn" = note.pk
                    AND (CASE
                        WHEN gone."house" = 7
                            AND gone."is_lent" = FALSE
                        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                    END) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'book' AND place = 1
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "book" AS gone
                        WHERE gone."isbn" = note.pk
                            AND (CASE
                                WHEN gone."house" = 7
                                    AND gone."is_lent" = FALSE
                                THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                            END) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'book' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "book" AS gone
                WHERE gone."isbn" = note.pk
                    AND (CASE
                        WHEN gone."house" = 7
                            AND gone."is_lent" = FALSE
                        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                    END) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'book' AND place = 1
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'book' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "book" AS gone
                WHERE gone."isbn" = note.pk
                    AND (CASE
                        WHEN gone."house" = 7
                            AND gone."is_lent" = FALSE
                        THEN 'house:' || CAST(gone."house" AS TEXT) || '/shelf:' || CAST(gone."shelf" AS TEXT)
                    END) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'book' AND place = 1;
END;

CREATE TRIGGER "live_book_insert"
AFTER INSERT ON "book"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."house" = 7
                AND NEW."is_lent" = FALSE
            THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."house" = 7
                    AND NEW."is_lent" = FALSE
                THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        NEW."isbn",
        'create',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END;
END;

CREATE TRIGGER "live_book_delete"
AFTER DELETE ON "book"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN OLD."house" = 7
                AND OLD."is_lent" = FALSE
            THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN OLD."house" = 7
                    AND OLD."is_lent" = FALSE
                THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        OLD."isbn",
        'delete',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'book' AND pk = CAST(OLD."isbn" AS TEXT);
END;

CREATE TRIGGER "live_book_update"
AFTER UPDATE ON "book"
WHEN NOT (
    (CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END) IS NOT (CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END)
    OR OLD."isbn" IS NOT NEW."isbn"
)
AND (
    OLD."title" IS NOT NEW."title"
    OR OLD."shelf" IS NOT NEW."shelf"
    OR OLD."owner_id" IS NOT NEW."owner_id"
    OR EXISTS (
        SELECT 1
        FROM live_unreadable
        WHERE stream = 'book' AND pk = CAST(OLD."isbn" AS TEXT)
    )
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."house" = 7
                AND NEW."is_lent" = FALSE
            THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."house" = 7
                    AND NEW."is_lent" = FALSE
                THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        NEW."isbn",
        CASE
            WHEN EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'book' AND pk = CAST(OLD."isbn" AS TEXT)
            )
            THEN 'create'
            ELSE 'update'
        END,
        CASE
            WHEN NOT EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'book' AND pk = CAST(OLD."isbn" AS TEXT)
            )
            THEN substr(
                CASE WHEN OLD."title" IS NOT NEW."title" THEN ',title' ELSE '' END
                || CASE WHEN OLD."shelf" IS NOT NEW."shelf" THEN ',shelf' ELSE '' END
                || CASE WHEN OLD."owner_id" IS NOT NEW."owner_id" THEN ',owner_id' ELSE '' END,
                2
            )
        END
    FROM live_group
    WHERE name = CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'book' AND pk = CAST(OLD."isbn" AS TEXT);
END;

CREATE TRIGGER "live_book_move"
AFTER UPDATE ON "book"
WHEN (CASE
    WHEN OLD."house" = 7
        AND OLD."is_lent" = FALSE
    THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
END) IS NOT (CASE
    WHEN NEW."house" = 7
        AND NEW."is_lent" = FALSE
    THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
END)
OR OLD."isbn" IS NOT NEW."isbn"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN OLD."house" = 7
                AND OLD."is_lent" = FALSE
            THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN OLD."house" = 7
                    AND OLD."is_lent" = FALSE
                THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        OLD."isbn",
        'delete',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN OLD."house" = 7
            AND OLD."is_lent" = FALSE
        THEN 'house:' || CAST(OLD."house" AS TEXT) || '/shelf:' || CAST(OLD."shelf" AS TEXT)
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'book' AND pk = CAST(OLD."isbn" AS TEXT);
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."house" = 7
                AND NEW."is_lent" = FALSE
            THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."house" = 7
                    AND NEW."is_lent" = FALSE
                THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'book',
        NEW."isbn",
        'create',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN NEW."house" = 7
            AND NEW."is_lent" = FALSE
        THEN 'house:' || CAST(NEW."house" AS TEXT) || '/shelf:' || CAST(NEW."shelf" AS TEXT)
    END;
END;

CREATE TRIGGER "live_book_owner_id_gone"
AFTER DELETE ON "person"
BEGIN
    UPDATE "book"
    SET "owner_id" = NULL
    WHERE "owner_id" = OLD."id";
END;

CREATE TRIGGER "live_book_owner_id_replacing"
BEFORE INSERT ON "person"
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'book_owner_id';
    INSERT INTO live_replaced (stream, place, pk)
    SELECT 'book_owner_id', 0, gone."id"
    FROM "person" AS gone
    WHERE gone."id" = NEW."id"
    UNION ALL
    SELECT 'book_owner_id', 1, gone."id"
    FROM "person" AS gone
    WHERE gone."name" = NEW."name" AND gone."born" = NEW."born"
    UNION ALL
    SELECT 'book_owner_id', 2, gone."id"
    FROM "person" AS gone
    WHERE gone."mail" = NEW."mail";
END;

CREATE TRIGGER "live_book_owner_id_replaced"
AFTER INSERT ON "person"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced
    WHERE stream = 'book_owner_id'
)
BEGIN
    UPDATE "book"
    SET "owner_id" = NULL
    WHERE "owner_id" IN (
        SELECT pk
        FROM live_replaced
        WHERE stream = 'book_owner_id'
            AND NOT EXISTS (
                SELECT 1
                FROM "person" AS kept
                WHERE kept."id" = live_replaced.pk AND kept."id" IS NOT NEW."id"
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'book_owner_id';
END;

CREATE TRIGGER "live_book_shelf_gone"
AFTER DELETE ON "shelf"
BEGIN
    DELETE FROM "book"
    WHERE "shelf" = OLD."number";
END;

CREATE TRIGGER "live_book_shelf_replacing"
BEFORE INSERT ON "shelf"
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'book_shelf';
    INSERT INTO live_replaced (stream, place, pk)
    SELECT 'book_shelf', 0, gone."number"
    FROM "shelf" AS gone
    WHERE gone."number" = NEW."number";
END;

CREATE TRIGGER "live_book_shelf_replaced"
AFTER INSERT ON "shelf"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced
    WHERE stream = 'book_shelf'
)
BEGIN
    DELETE FROM "book"
    WHERE "shelf" IN (
        SELECT pk
        FROM live_replaced
        WHERE stream = 'book_shelf'
            AND NOT EXISTS (
                SELECT 1
                FROM "shelf" AS kept
                WHERE kept."number" = live_replaced.pk AND kept."number" IS NOT NEW."number"
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'book_shelf';
END;

UPDATE "book"
SET "owner_id" = NULL
WHERE "owner_id" IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM "person" AS parent
        WHERE parent."id" = "book"."owner_id"
    );

DELETE FROM "book"
WHERE "shelf" IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM "shelf" AS parent
        WHERE parent."number" = "book"."shelf"
    );
