INSERT INTO live_source (stream, name) VALUES ('picked', 'item');

CREATE TRIGGER "live_picked_replacing_0"
BEFORE INSERT ON "item"
WHEN EXISTS (
    SELECT 1
    FROM "item" AS gone
    WHERE gone."id" = NEW."id"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'picked' AND place = 0
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'picked' AND place = 0;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'picked', 0, gone."id", CASE
        WHEN gone."shown" = TRUE
            AND gone."value" = -7
            AND gone."sort" = 'it''s $live$ \'' -- 👋'
            AND gone."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END
    FROM "item" AS gone
    WHERE gone."id" = NEW."id";
END;

CREATE TRIGGER "live_picked_replaced_0"
AFTER INSERT ON "item"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'picked' AND place = 0
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'picked' AND place = 0
                AND NOT EXISTS (
                    SELECT 1
                    FROM "item" AS gone
                    WHERE gone."id" = note.pk
                        AND (CASE
                            WHEN gone."shown" = TRUE
                                AND gone."value" = -7
                                AND gone."sort" = 'it''s $live$ \'' -- 👋'
                                AND gone."note" IS NULL
                            THEN 'it''s $live$ \'' -- 👋'
                        END) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'picked' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "item" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."shown" = TRUE
                            AND gone."value" = -7
                            AND gone."sort" = 'it''s $live$ \'' -- 👋'
                            AND gone."note" IS NULL
                        THEN 'it''s $live$ \'' -- 👋'
                    END) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'picked' AND place = 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "item" AS gone
                        WHERE gone."id" = note.pk
                            AND (CASE
                                WHEN gone."shown" = TRUE
                                    AND gone."value" = -7
                                    AND gone."sort" = 'it''s $live$ \'' -- 👋'
                                    AND gone."note" IS NULL
                                THEN 'it''s $live$ \'' -- 👋'
                            END) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'picked' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "item" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."shown" = TRUE
                            AND gone."value" = -7
                            AND gone."sort" = 'it''s $live$ \'' -- 👋'
                            AND gone."note" IS NULL
                        THEN 'it''s $live$ \'' -- 👋'
                    END) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'picked',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'picked' AND place = 0
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'picked' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "item" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."shown" = TRUE
                            AND gone."value" = -7
                            AND gone."sort" = 'it''s $live$ \'' -- 👋'
                            AND gone."note" IS NULL
                        THEN 'it''s $live$ \'' -- 👋'
                    END) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'picked' AND place = 0;
END;

CREATE TRIGGER "live_picked_insert"
AFTER INSERT ON "item"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."shown" = TRUE
                AND NEW."value" = -7
                AND NEW."sort" = 'it''s $live$ \'' -- 👋'
                AND NEW."note" IS NULL
            THEN 'it''s $live$ \'' -- 👋'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."shown" = TRUE
                    AND NEW."value" = -7
                    AND NEW."sort" = 'it''s $live$ \'' -- 👋'
                    AND NEW."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'picked',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
END;

CREATE TRIGGER "live_picked_delete"
AFTER DELETE ON "item"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN OLD."shown" = TRUE
                AND OLD."value" = -7
                AND OLD."sort" = 'it''s $live$ \'' -- 👋'
                AND OLD."note" IS NULL
            THEN 'it''s $live$ \'' -- 👋'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN OLD."shown" = TRUE
                    AND OLD."value" = -7
                    AND OLD."sort" = 'it''s $live$ \'' -- 👋'
                    AND OLD."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'picked',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'picked' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_picked_update"
AFTER UPDATE ON "item"
WHEN NOT (
    (CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END) IS NOT (CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END)
    OR OLD."id" IS NOT NEW."id"
)
AND (
    OLD."sort" IS NOT NEW."sort"
    OR OLD."name" IS NOT NEW."name"
    OR EXISTS (
        SELECT 1
        FROM live_unreadable
        WHERE stream = 'picked' AND pk = CAST(OLD."id" AS TEXT)
    )
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."shown" = TRUE
                AND NEW."value" = -7
                AND NEW."sort" = 'it''s $live$ \'' -- 👋'
                AND NEW."note" IS NULL
            THEN 'it''s $live$ \'' -- 👋'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."shown" = TRUE
                    AND NEW."value" = -7
                    AND NEW."sort" = 'it''s $live$ \'' -- 👋'
                    AND NEW."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'picked',
        NEW."id",
        CASE
            WHEN EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'picked' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN 'create'
            ELSE 'update'
        END,
        CASE
            WHEN NOT EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'picked' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN substr(
                CASE WHEN OLD."sort" IS NOT NEW."sort" THEN ',sort' ELSE '' END
                || CASE WHEN OLD."name" IS NOT NEW."name" THEN ',name' ELSE '' END,
                2
            )
        END
    FROM live_group
    WHERE name = CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'picked' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_picked_move"
AFTER UPDATE ON "item"
WHEN (CASE
    WHEN OLD."shown" = TRUE
        AND OLD."value" = -7
        AND OLD."sort" = 'it''s $live$ \'' -- 👋'
        AND OLD."note" IS NULL
    THEN 'it''s $live$ \'' -- 👋'
END) IS NOT (CASE
    WHEN NEW."shown" = TRUE
        AND NEW."value" = -7
        AND NEW."sort" = 'it''s $live$ \'' -- 👋'
        AND NEW."note" IS NULL
    THEN 'it''s $live$ \'' -- 👋'
END)
OR OLD."id" IS NOT NEW."id"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN OLD."shown" = TRUE
                AND OLD."value" = -7
                AND OLD."sort" = 'it''s $live$ \'' -- 👋'
                AND OLD."note" IS NULL
            THEN 'it''s $live$ \'' -- 👋'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN OLD."shown" = TRUE
                    AND OLD."value" = -7
                    AND OLD."sort" = 'it''s $live$ \'' -- 👋'
                    AND OLD."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'picked',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN OLD."shown" = TRUE
            AND OLD."value" = -7
            AND OLD."sort" = 'it''s $live$ \'' -- 👋'
            AND OLD."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'picked' AND pk = CAST(OLD."id" AS TEXT);
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."shown" = TRUE
                AND NEW."value" = -7
                AND NEW."sort" = 'it''s $live$ \'' -- 👋'
                AND NEW."note" IS NULL
            THEN 'it''s $live$ \'' -- 👋'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."shown" = TRUE
                    AND NEW."value" = -7
                    AND NEW."sort" = 'it''s $live$ \'' -- 👋'
                    AND NEW."note" IS NULL
                THEN 'it''s $live$ \'' -- 👋'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'picked',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN NEW."shown" = TRUE
            AND NEW."value" = -7
            AND NEW."sort" = 'it''s $live$ \'' -- 👋'
            AND NEW."note" IS NULL
        THEN 'it''s $live$ \'' -- 👋'
    END;
END;

CREATE TRIGGER "live_picked_room_id_gone"
AFTER DELETE ON "room"
BEGIN
    DELETE FROM "item"
    WHERE "room_id" = OLD."id";
END;

CREATE TRIGGER "live_picked_room_id_replacing"
BEFORE INSERT ON "room"
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'picked_room_id';
    INSERT INTO live_replaced (stream, place, pk)
    SELECT 'picked_room_id', 0, gone."id"
    FROM "room" AS gone
    WHERE gone."id" = NEW."id"
    UNION ALL
    SELECT 'picked_room_id', 1, gone."id"
    FROM "room" AS gone
    WHERE gone."label" = NEW."label";
END;

CREATE TRIGGER "live_picked_room_id_replaced"
AFTER INSERT ON "room"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced
    WHERE stream = 'picked_room_id'
)
BEGIN
    DELETE FROM "item"
    WHERE "room_id" IN (
        SELECT pk
        FROM live_replaced
        WHERE stream = 'picked_room_id'
            AND NOT EXISTS (
                SELECT 1
                FROM "room" AS kept
                WHERE kept."id" = live_replaced.pk AND kept."id" IS NOT NEW."id"
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'picked_room_id';
END;

DELETE FROM "item"
WHERE "room_id" IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM "room" AS parent
        WHERE parent."id" = "item"."room_id"
    );
