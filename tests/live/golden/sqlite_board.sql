INSERT INTO live_source (stream, name) VALUES ('intval', 'integervalue');

CREATE TRIGGER "live_intval_replacing_0"
BEFORE INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM "integervalue" AS gone
    WHERE gone."id" = NEW."id"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'intval' AND place = 0
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'intval' AND place = 0;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'intval', 0, gone."id", CASE
        WHEN gone."room_id" IS NULL
        THEN 'intval-updates'
    END
    FROM "integervalue" AS gone
    WHERE gone."id" = NEW."id";
END;

CREATE TRIGGER "live_intval_replaced_0"
AFTER INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'intval' AND place = 0
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'intval' AND place = 0
                AND NOT EXISTS (
                    SELECT 1
                    FROM "integervalue" AS gone
                    WHERE gone."id" = note.pk
                        AND (CASE
                            WHEN gone."room_id" IS NULL
                            THEN 'intval-updates'
                        END) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'intval' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."room_id" IS NULL
                        THEN 'intval-updates'
                    END) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'intval' AND place = 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "integervalue" AS gone
                        WHERE gone."id" = note.pk
                            AND (CASE
                                WHEN gone."room_id" IS NULL
                                THEN 'intval-updates'
                            END) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'intval' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."room_id" IS NULL
                        THEN 'intval-updates'
                    END) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'intval' AND place = 0
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'intval' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."room_id" IS NULL
                        THEN 'intval-updates'
                    END) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'intval' AND place = 0;
END;

CREATE TRIGGER "live_intval_replacing_1"
BEFORE INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM "integervalue" AS gone
    WHERE gone."room_id" IS NEW."room_id" AND gone."name" IS NEW."name"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'intval' AND place = 1
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'intval' AND place = 1;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'intval', 1, gone."id", CASE
        WHEN gone."room_id" IS NULL
        THEN 'intval-updates'
    END
    FROM "integervalue" AS gone
    WHERE gone."room_id" IS NEW."room_id" AND gone."name" IS NEW."name";
END;

CREATE TRIGGER "live_intval_replaced_1"
AFTER INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'intval' AND place = 1
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'intval' AND place = 1
                AND NOT EXISTS (
                    SELECT 1
                    FROM "integervalue" AS gone
                    WHERE gone."id" = note.pk
                        AND (CASE
                            WHEN gone."room_id" IS NULL
                            THEN 'intval-updates'
                        END) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'intval' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."room_id" IS NULL
                        THEN 'intval-updates'
                    END) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'intval' AND place = 1
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "integervalue" AS gone
                        WHERE gone."id" = note.pk
                            AND (CASE
                                WHEN gone."room_id" IS NULL
                                THEN 'intval-updates'
                            END) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'intval' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."room_id" IS NULL
                        THEN 'intval-updates'
                    END) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'intval' AND place = 1
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'intval' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND (CASE
                        WHEN gone."room_id" IS NULL
                        THEN 'intval-updates'
                    END) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'intval' AND place = 1;
END;

CREATE TRIGGER "live_intval_insert"
AFTER INSERT ON "integervalue"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."room_id" IS NULL
            THEN 'intval-updates'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."room_id" IS NULL
                THEN 'intval-updates'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END;
END;

CREATE TRIGGER "live_intval_delete"
AFTER DELETE ON "integervalue"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN OLD."room_id" IS NULL
            THEN 'intval-updates'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN OLD."room_id" IS NULL
                THEN 'intval-updates'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'intval' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_intval_update"
AFTER UPDATE ON "integervalue"
WHEN NOT (
    (CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END) IS NOT (CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END)
    OR OLD."id" IS NOT NEW."id"
)
AND (
    OLD."name" IS NOT NEW."name"
    OR OLD."value" IS NOT NEW."value"
    OR EXISTS (
        SELECT 1
        FROM live_unreadable
        WHERE stream = 'intval' AND pk = CAST(OLD."id" AS TEXT)
    )
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."room_id" IS NULL
            THEN 'intval-updates'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."room_id" IS NULL
                THEN 'intval-updates'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        NEW."id",
        CASE
            WHEN EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'intval' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN 'create'
            ELSE 'update'
        END,
        CASE
            WHEN NOT EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'intval' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN substr(
                CASE WHEN OLD."name" IS NOT NEW."name" THEN ',name' ELSE '' END
                || CASE WHEN OLD."value" IS NOT NEW."value" THEN ',value' ELSE '' END,
                2
            )
        END
    FROM live_group
    WHERE name = CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'intval' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_intval_move"
AFTER UPDATE ON "integervalue"
WHEN (CASE
    WHEN OLD."room_id" IS NULL
    THEN 'intval-updates'
END) IS NOT (CASE
    WHEN NEW."room_id" IS NULL
    THEN 'intval-updates'
END)
OR OLD."id" IS NOT NEW."id"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN OLD."room_id" IS NULL
            THEN 'intval-updates'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN OLD."room_id" IS NULL
                THEN 'intval-updates'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN OLD."room_id" IS NULL
        THEN 'intval-updates'
    END;
    DELETE FROM live_unreadable
    WHERE stream = 'intval' AND pk = CAST(OLD."id" AS TEXT);
    INSERT INTO live_group (name, head)
    SELECT
        CASE
            WHEN NEW."room_id" IS NULL
            THEN 'intval-updates'
        END,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = CASE
                WHEN NEW."room_id" IS NULL
                THEN 'intval-updates'
            END
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END;
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'intval',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = CASE
        WHEN NEW."room_id" IS NULL
        THEN 'intval-updates'
    END;
END;
