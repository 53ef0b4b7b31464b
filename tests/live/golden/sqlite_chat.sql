INSERT INTO live_source (stream, name) VALUES ('chat', 'message');

CREATE TRIGGER "live_chat_replacing_0"
BEFORE INSERT ON "message"
WHEN EXISTS (
    SELECT 1
    FROM "message" AS gone
    WHERE gone."id" = NEW."id"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'chat' AND place = 0
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'chat' AND place = 0;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'chat', 0, gone."id", 'room:' || CAST(gone."room_id" AS TEXT)
    FROM "message" AS gone
    WHERE gone."id" = NEW."id";
END;

CREATE TRIGGER "live_chat_replaced_0"
AFTER INSERT ON "message"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'chat' AND place = 0
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'chat' AND place = 0
                AND NOT EXISTS (
                    SELECT 1
                    FROM "message" AS gone
                    WHERE gone."id" = note.pk
                        AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'chat' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "message" AS gone
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
                WHERE stream = 'chat' AND place = 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "message" AS gone
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
        WHERE stream = 'chat' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "message" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'chat',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'chat' AND place = 0
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'chat' AND place = 0
            AND NOT EXISTS (
                SELECT 1
                FROM "message" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'chat' AND place = 0;
END;

CREATE TRIGGER "live_chat_replacing_1"
BEFORE INSERT ON "message"
WHEN EXISTS (
    SELECT 1
    FROM "message" AS gone
    WHERE gone."nonce" = NEW."nonce"
)
OR EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'chat' AND place = 1
)
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'chat' AND place = 1;
    INSERT INTO live_replaced (stream, place, pk, group_name)
    SELECT 'chat', 1, gone."id", 'room:' || CAST(gone."room_id" AS TEXT)
    FROM "message" AS gone
    WHERE gone."nonce" = NEW."nonce";
END;

CREATE TRIGGER "live_chat_replaced_1"
AFTER INSERT ON "message"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced AS note
    WHERE stream = 'chat' AND place = 1
)
BEGIN
    INSERT INTO live_group (name, head)
    SELECT
        (
            SELECT note.group_name
            FROM live_replaced AS note
            WHERE stream = 'chat' AND place = 1
                AND NOT EXISTS (
                    SELECT 1
                    FROM "message" AS gone
                    WHERE gone."id" = note.pk
                        AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
                )
        ),
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    WHERE (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'chat' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "message" AS gone
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
                WHERE stream = 'chat' AND place = 1
                    AND NOT EXISTS (
                        SELECT 1
                        FROM "message" AS gone
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
        WHERE stream = 'chat' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "message" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    INSERT INTO live_change (group_name, seq, stream, pk, action, fields)
    SELECT
        name,
        head,
        'chat',
        (
            SELECT note.pk
            FROM live_replaced AS note
            WHERE stream = 'chat' AND place = 1
        ),
        'delete',
        NULL
    FROM live_group
    WHERE name = (
        SELECT note.group_name
        FROM live_replaced AS note
        WHERE stream = 'chat' AND place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM "message" AS gone
                WHERE gone."id" = note.pk
                    AND ('room:' || CAST(gone."room_id" AS TEXT)) IS note.group_name
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'chat' AND place = 1;
END;

CREATE TRIGGER "live_chat_insert"
AFTER INSERT ON "message"
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
        'chat',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
END;

CREATE TRIGGER "live_chat_delete"
AFTER DELETE ON "message"
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
        'chat',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT);
    DELETE FROM live_unreadable
    WHERE stream = 'chat' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_chat_update"
AFTER UPDATE ON "message"
WHEN NOT (
    ('room:' || CAST(OLD."room_id" AS TEXT)) IS NOT ('room:' || CAST(NEW."room_id" AS TEXT))
    OR OLD."id" IS NOT NEW."id"
)
AND (
    OLD."handle" IS NOT NEW."handle"
    OR OLD."message" IS NOT NEW."message"
    OR OLD."timestamp" IS NOT NEW."timestamp"
    OR OLD."mark" IS NOT NEW."mark"
    OR OLD."edited_at" IS NOT NEW."edited_at"
    OR OLD."is_lookalike" IS NOT NEW."is_lookalike"
    OR OLD."kind" IS NOT NEW."kind"
    OR OLD."reply_to" IS NOT NEW."reply_to"
    OR OLD."quoted_handle" IS NOT NEW."quoted_handle"
    OR OLD."quoted_text" IS NOT NEW."quoted_text"
    OR OLD."reactions" IS NOT NEW."reactions"
    OR EXISTS (
        SELECT 1
        FROM live_unreadable
        WHERE stream = 'chat' AND pk = CAST(OLD."id" AS TEXT)
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
        'chat',
        NEW."id",
        CASE
            WHEN EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'chat' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN 'create'
            ELSE 'update'
        END,
        CASE
            WHEN NOT EXISTS (
                SELECT 1
                FROM live_unreadable
                WHERE stream = 'chat' AND pk = CAST(OLD."id" AS TEXT)
            )
            THEN substr(
                CASE WHEN OLD."handle" IS NOT NEW."handle" THEN ',handle' ELSE '' END
                || CASE WHEN OLD."message" IS NOT NEW."message" THEN ',message' ELSE '' END
                || CASE WHEN OLD."timestamp" IS NOT NEW."timestamp" THEN ',timestamp' ELSE '' END
                || CASE WHEN OLD."mark" IS NOT NEW."mark" THEN ',mark' ELSE '' END
                || CASE WHEN OLD."edited_at" IS NOT NEW."edited_at" THEN ',edited_at' ELSE '' END
                || CASE WHEN OLD."is_lookalike" IS NOT NEW."is_lookalike" THEN ',is_lookalike' ELSE '' END
                || CASE WHEN OLD."kind" IS NOT NEW."kind" THEN ',kind' ELSE '' END
                || CASE WHEN OLD."reply_to" IS NOT NEW."reply_to" THEN ',reply_to' ELSE '' END
                || CASE WHEN OLD."quoted_handle" IS NOT NEW."quoted_handle" THEN ',quoted_handle' ELSE '' END
                || CASE WHEN OLD."quoted_text" IS NOT NEW."quoted_text" THEN ',quoted_text' ELSE '' END
                || CASE WHEN OLD."reactions" IS NOT NEW."reactions" THEN ',reactions' ELSE '' END,
                2
            )
        END
    FROM live_group
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
    DELETE FROM live_unreadable
    WHERE stream = 'chat' AND pk = CAST(OLD."id" AS TEXT);
END;

CREATE TRIGGER "live_chat_move"
AFTER UPDATE ON "message"
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
        'chat',
        OLD."id",
        'delete',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(OLD."room_id" AS TEXT);
    DELETE FROM live_unreadable
    WHERE stream = 'chat' AND pk = CAST(OLD."id" AS TEXT);
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
        'chat',
        NEW."id",
        'create',
        NULL
    FROM live_group
    WHERE name = 'room:' || CAST(NEW."room_id" AS TEXT);
END;

CREATE TRIGGER "live_chat_room_id_gone"
AFTER DELETE ON "room"
BEGIN
    DELETE FROM "message"
    WHERE "room_id" = OLD."id";
END;

CREATE TRIGGER "live_chat_room_id_replacing"
BEFORE INSERT ON "room"
BEGIN
    DELETE FROM live_replaced
    WHERE stream = 'chat_room_id';
    INSERT INTO live_replaced (stream, place, pk)
    SELECT 'chat_room_id', 0, gone."id"
    FROM "room" AS gone
    WHERE gone."id" = NEW."id"
    UNION ALL
    SELECT 'chat_room_id', 1, gone."id"
    FROM "room" AS gone
    WHERE gone."label" = NEW."label";
END;

CREATE TRIGGER "live_chat_room_id_replaced"
AFTER INSERT ON "room"
WHEN EXISTS (
    SELECT 1
    FROM live_replaced
    WHERE stream = 'chat_room_id'
)
BEGIN
    DELETE FROM "message"
    WHERE "room_id" IN (
        SELECT pk
        FROM live_replaced
        WHERE stream = 'chat_room_id'
            AND NOT EXISTS (
                SELECT 1
                FROM "room" AS kept
                WHERE kept."id" = live_replaced.pk AND kept."id" IS NOT NEW."id"
            )
    );
    DELETE FROM live_replaced
    WHERE stream = 'chat_room_id';
END;

DELETE FROM "message"
WHERE "room_id" IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM "room" AS parent
        WHERE parent."id" = "message"."room_id"
    );
