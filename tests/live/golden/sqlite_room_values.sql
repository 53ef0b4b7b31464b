INSERT INTO live_source (stream, name) VALUES ('roomval', 'integervalue');

CREATE TRIGGER "live_roomval_replacing_0"
BEFORE INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM "integervalue" AS gone
    WHERE gone."id" = NEW."id"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'roomval' AND place = 0
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'roomval' AND place = 0;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'roomval', 0, gone."id", 'room:' || CAST(gone."room_id" AS TEXT)
    FROM "integervalue" AS gone
    WHERE gone."id" = NEW."id";
END;

CREATE TRIGGER "live_roomval_replaced_0"
AFTER INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'roomval' AND place = 0
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'roomval' AND place = 0
                AND NOT EXISTS (
                    SELECT 1
                    FROM "integervalue" AS gone
                    WHERE gone."id" = note.pk
                        AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'roomval' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'roomval' AND place = 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "integervalue" AS gone
                        WHERE gone."id" = note.pk
                            AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'roomval' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'roomval' AND place = 0
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'roomval' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'roomval' AND place = 0;
END;

CREATE TRIGGER "live_roomval_replacing_1"
BEFORE INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM "integervalue" AS gone
    WHERE gone."room_id" IS NEW."room_id" AND gone."name" IS NEW."name"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'roomval' AND place = 1
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'roomval' AND place = 1;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'roomval', 1, gone."id", 'room:' || CAST(gone."room_id" AS TEXT)
    FROM "integervalue" AS gone
    WHERE gone."room_id" IS NEW."room_id" AND gone."name" IS NEW."name";
END;

CREATE TRIGGER "live_roomval_replaced_1"
AFTER INSERT ON "integervalue"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'roomval' AND place = 1
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'roomval' AND place = 1
                AND NOT EXISTS (
                    SELECT 1
                    FROM "integervalue" AS gone
                    WHERE gone."id" = note.pk
                        AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'roomval' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    ) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = (
                SELECT note.group_name
                FROM live_replaced AS note
                WHERE stream = 'roomval' AND place = 1
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "integervalue" AS gone
                        WHERE gone."id" = note.pk
                            AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
                    )
            )
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'roomval' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'roomval' AND place = 1
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'roomval' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "integervalue" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'roomval' AND place = 1;
END;

CREATE TRIGGER "live_roomval_insert"
AFTER INSERT ON "integervalue"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        'room:' || CAST(NEW."room_id" AS TEXT),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE 'room:' || CAST(NEW."room_id" AS TEXT) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT)
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
END;

CREATE TRIGGER "live_roomval_delete"
AFTER DELETE ON "integervalue"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        'room:' || CAST(OLD."room_id" AS TEXT),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE 'room:' || CAST(OLD."room_id" AS TEXT) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT)
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT);
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT);
    DELETE FROM live_unreadable
    WHERE stream = 'roomval' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_roomval_update"
AFTER UPDATE ON "integervalue"
WHEN NOT (
    ('room:' || CAST(OLD."room_id" AS TEXT)) IS NOT ('room:' || CAST(NEW."room_id" AS TEXT))
    OR OLD."id" IS NOT NEW."id"
)
AND (
    OLD."name" IS NOT NEW."name"
    OR OLD."value" IS NOT NEW."value"
    OR EXISTS (
        SELECT 1
        FROM live_unreadable
        WHERE stream = 'roomval' AND pk = CAST(OLD."id" AS TEXT)
    )
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        'room:' || CAST(NEW."room_id" AS TEXT),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE 'room:' || CAST(NEW."room_id" AS TEXT) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT)
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        NEW."id",
        CASE
            WHEN EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'roomval' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN 'create'
            ELSE 'update'
        END,
        CASE
            WHEN NOT EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'roomval' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN substr(
                CASE WHEN OLD."name" IS NOT NEW."name" THEN ',name' ELSE '' END
                || CASE WHEN OLD."value" IS NOT NEW."value" THEN ',value' ELSE '' END,
                2
            )
        END
    FROM live_group
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
    DELETE FROM live_unreadable
    WHERE stream = 'roomval' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_roomval_move"
AFTER UPDATE ON "integervalue"
WHEN ('room:' || CAST(OLD."room_id" AS TEXT)) IS NOT ('room:' || CAST(NEW."room_id" AS TEXT))
OR OLD."id" IS NOT NEW."id"
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        'room:' || CAST(OLD."room_id" AS TEXT),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE 'room:' || CAST(OLD."room_id" AS TEXT) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT)
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT);
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT);
    DELETE FROM live_unreadable
    WHERE stream = 'roomval' AND pk = CAST(OLD."id" AS TEXT);
    INSERT INTO live_group (name, head)
    SELECT
        'room:' || CAST(NEW."room_id" AS TEXT),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE 'room:' || CAST(NEW."room_id" AS TEXT) IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM live_group
            WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT)
        );
    UPDATE live_group
    SET head = head + 1
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'roomval',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
END;

CREATE TRIGGER "live_roomval_room_id_gone"
AFTER DELETE ON "room"
BEGIN
    DELETE FROM "integervalue"
    WHERE "room_id" = OLD."id";
END;

CREATE TRIGGER "live_roomval_room_id_replacing"
BEFORE INSERT ON "room"
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'roomval_room_id';
    INSERT INTO live_replaced (stream, place, pk)
    SELECT 'roomval_room_id', 0, gone."id"
    FROM "room" AS gone
    WHERE gone."id" = NEW."id"
    UNION ALL
    SELECT 'roomval_room_id', 1, gone."id"
    FROM "room" AS gone
    WHERE gone."label" = NEW."label";
END;

CREATE TRIGGER "live_roomval_room_id_replaced"
AFTER INSERT ON "room"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced
    WHERE stream = 'roomval_room_id'
)
BEGIN
    DELETE FROM "integervalue"
    WHERE "room_id" IN (
        SELECT pk
        FROM live_replaced
        WHERE stream = 'roomval_room_id'
            AND NOT EXISTS (
                SELECT 1
                FROM "room" AS kept
                WHERE kept."id" = live_replaced.pk AND kept."id" IS NOT NEW."id"
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'roomval_room_id';
END;

DELETE FROM "integervalue"
WHERE "room_id" IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM "room" AS parent
        WHERE parent."id" = "integervalue"."room_id"
    );
