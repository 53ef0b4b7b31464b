from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

from webapp.live.database import DialectSQL

# A reply has the first words of the other message in columns of its own, so that a message shows without a second
# query. Whichever program changes the other message, they follow, and all pages get the reply as a changed row.
INDEX = "CREATE INDEX message_replies ON message (reply_to) WHERE reply_to IS NOT NULL"
NEW_ON_SQLITE = """
CREATE TRIGGER message_reply_insert
AFTER INSERT ON message
WHEN NEW.reply_to IS NOT NULL
BEGIN
    UPDATE message
    SET (reply_to, quoted_handle, quoted_text) = (
        SELECT max(id), coalesce(max(handle), ''), coalesce(max(substr(message, 1, 200)), '')
        FROM message AS origin
        WHERE origin.id = NEW.reply_to AND origin.room_id = NEW.room_id AND origin.id <> NEW.id
    )
    WHERE id = NEW.id;
END
"""
REPLACED_ON_SQLITE = """
CREATE TRIGGER message_reply_replace
AFTER INSERT ON message
-- INSERT OR REPLACE runs no trigger for the message that it replaces.
WHEN EXISTS (SELECT 1 FROM message WHERE reply_to = NEW.id)
BEGIN
    UPDATE message
    SET quoted_handle = NEW.handle, quoted_text = substr(NEW.message, 1, 200)
    WHERE reply_to = NEW.id AND room_id = NEW.room_id;
END
"""
CHANGED_ON_SQLITE = """
CREATE TRIGGER message_reply_update
AFTER UPDATE OF message, handle ON message
WHEN OLD.message IS NOT NEW.message OR OLD.handle IS NOT NEW.handle
BEGIN
    UPDATE message
    SET quoted_handle = NEW.handle, quoted_text = substr(NEW.message, 1, 200)
    WHERE reply_to = NEW.id AND room_id = NEW.room_id;
END
"""
GONE_ON_SQLITE = """
CREATE TRIGGER message_reply_delete
AFTER DELETE ON message
BEGIN
    UPDATE message SET quoted_handle = '', quoted_text = '' WHERE reply_to = OLD.id;
END
"""
NEW = """
CREATE FUNCTION message_reply_new() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    origin record;
BEGIN
    -- The lock has a transaction wait that changes the other message meanwhile; or this one waits for it.
    SELECT id, handle, left(message, 200) AS words INTO origin
    FROM message WHERE id = NEW.reply_to AND room_id = NEW.room_id FOR SHARE;
    NEW.reply_to = origin.id;
    NEW.quoted_handle = coalesce(origin.handle, '');
    NEW.quoted_text = coalesce(origin.words, '');
    RETURN NEW;
END
$$
"""
NEW_ON_POSTGRES = """
CREATE TRIGGER message_reply_insert
BEFORE INSERT ON message
FOR EACH ROW
WHEN (NEW.reply_to IS NOT NULL)
EXECUTE FUNCTION message_reply_new()
"""
CHANGED = """
CREATE FUNCTION message_reply_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE message
    SET quoted_handle = NEW.handle, quoted_text = left(NEW.message, 200)
    WHERE reply_to = NEW.id AND room_id = NEW.room_id;
    RETURN NULL;
END
$$
"""
CHANGED_ON_POSTGRES = """
CREATE TRIGGER message_reply_update
AFTER UPDATE OF message, handle ON message
FOR EACH ROW
WHEN ((OLD.message, OLD.handle) IS DISTINCT FROM (NEW.message, NEW.handle))
EXECUTE FUNCTION message_reply_changed()
"""
GONE = """
CREATE FUNCTION message_reply_gone() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE message SET quoted_handle = '', quoted_text = '' FROM gone WHERE message.reply_to = gone.id;
    RETURN NULL;
END
$$
"""
GONE_ON_POSTGRES = """
CREATE TRIGGER message_reply_delete
AFTER DELETE ON message
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT
EXECUTE FUNCTION message_reply_gone()
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0012_names_and_work")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Message", name="kind", field=fields.CharField(default="", db_default="", max_length=8)
        ),
        ops.AddField(model_name="Message", name="reply_to", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Message",
            name="quoted_handle",
            field=fields.CharField(default="", db_default="", max_length=40),
        ),
        ops.AddField(
            model_name="Message",
            name="quoted_text",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        DialectSQL(
            sqlite=[INDEX, NEW_ON_SQLITE, REPLACED_ON_SQLITE, CHANGED_ON_SQLITE, GONE_ON_SQLITE],
            postgres=[INDEX, NEW, NEW_ON_POSTGRES, CHANGED, CHANGED_ON_POSTGRES, GONE, GONE_ON_POSTGRES],
        ),
    ]
