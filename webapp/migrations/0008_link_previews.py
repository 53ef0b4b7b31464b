from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

from webapp.live.database import DialectSQL

# The row of the background task that gives a message its preview comes into the database with the message, whichever
# program writes it. So no message is forgotten when a process dies. A message without a link makes no row.
NEW_ON_SQLITE = """
CREATE TRIGGER message_link_insert
AFTER INSERT ON message
WHEN NEW.message LIKE '%http%://%'
    -- INSERT OR REPLACE runs no trigger for the message that it replaces.
    OR EXISTS (SELECT 1 FROM link_preview WHERE message_id = NEW.id)
BEGIN
    INSERT INTO background_task (name, key, due_at)
    VALUES ('preview-link', CAST(NEW.id AS TEXT), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
    ON CONFLICT (name, key) DO UPDATE
    SET asked = background_task.asked + 1, attempts = 0, due_at = excluded.due_at;
END
"""
CHANGED_ON_SQLITE = """
CREATE TRIGGER message_link_update
AFTER UPDATE OF message, room_id ON message
WHEN (OLD.message IS NOT NEW.message OR OLD.room_id IS NOT NEW.room_id)
    AND (OLD.message LIKE '%http%://%' OR NEW.message LIKE '%http%://%')
BEGIN
    INSERT INTO background_task (name, key, due_at)
    VALUES ('preview-link', CAST(NEW.id AS TEXT), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
    ON CONFLICT (name, key) DO UPDATE
    SET asked = background_task.asked + 1, attempts = 0, due_at = excluded.due_at;
END
"""
GONE_ON_SQLITE = """
CREATE TRIGGER message_link_delete
AFTER DELETE ON message
BEGIN
    DELETE FROM link_preview WHERE message_id = OLD.id;
END
"""
FUNCTION = """
CREATE FUNCTION message_link() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO background_task (name, key, due_at)
    VALUES ('preview-link', NEW.id::text, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint))
    ON CONFLICT (name, key) DO UPDATE
    SET asked = background_task.asked + 1, attempts = 0, due_at = excluded.due_at;
    RETURN NULL;
END
$$
"""
NEW_ON_POSTGRES = """
CREATE TRIGGER message_link_insert
AFTER INSERT ON message
FOR EACH ROW
WHEN (NEW.message ILIKE '%http%://%')
EXECUTE FUNCTION message_link()
"""
CHANGED_ON_POSTGRES = """
CREATE TRIGGER message_link_update
AFTER UPDATE OF message, room_id ON message
FOR EACH ROW
WHEN (
    (OLD.message, OLD.room_id) IS DISTINCT FROM (NEW.message, NEW.room_id)
    AND (OLD.message ILIKE '%http%://%' OR NEW.message ILIKE '%http%://%')
)
EXECUTE FUNCTION message_link()
"""
GONE = """
CREATE FUNCTION message_link_gone() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM link_preview;
    ELSE
        DELETE FROM link_preview WHERE message_id IN (SELECT id FROM gone);
    END IF;
    RETURN NULL;
END
$$
"""
GONE_ON_POSTGRES = """
CREATE TRIGGER message_link_delete
AFTER DELETE ON message
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT
EXECUTE FUNCTION message_link_gone()
"""
ALL_GONE_ON_POSTGRES = """
CREATE TRIGGER message_link_truncate
AFTER TRUNCATE ON message
FOR EACH STATEMENT
EXECUTE FUNCTION message_link_gone()
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0007_background_task_total")]

    initial = False

    operations = [
        ops.CreateModel(
            name="LinkImage",
            fields=[
                ("hash", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("data", fields.BinaryField()),
                ("made_at", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "link_image",
                "app": "models",
                "pk_attr": "hash",
                "table_description": "images of previews",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkPage",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("key", fields.CharField(unique=True, max_length=64)),
                ("state", fields.CharField(max_length=16)),
                ("claim", fields.CharField(max_length=32)),
                ("attempts", fields.IntField(db_default=0)),
                ("title", fields.CharField(db_default="", max_length=200)),
                ("description", fields.CharField(db_default="", max_length=300)),
                ("image", fields.CharField(null=True, db_index=True, max_length=64)),
                ("width", fields.IntField(null=True)),
                ("height", fields.IntField(null=True)),
                ("fetched_at", fields.BigIntField(db_index=True)),
                ("expires_at", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "link_page",
                "app": "models",
                "pk_attr": "id",
                "table_description": "pages that were fetched for previews",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkPreview",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("message_id", fields.BigIntField(unique=True)),
                ("room_id", fields.BigIntField(db_index=True)),
                ("url", fields.TextField(unique=False)),
                ("host", fields.CharField(max_length=255)),
                ("title", fields.CharField(max_length=200)),
                ("description", fields.CharField(db_default="", max_length=300)),
                ("image", fields.CharField(null=True, db_index=True, max_length=64)),
                ("width", fields.IntField(null=True)),
                ("height", fields.IntField(null=True)),
            ],
            options={
                "table": "link_preview",
                "app": "models",
                "pk_attr": "id",
                "table_description": "what messages show of the pages that they link to",
            },
            bases=["Model"],
        ),
        DialectSQL(
            sqlite=[NEW_ON_SQLITE, CHANGED_ON_SQLITE, GONE_ON_SQLITE],
            postgres=[FUNCTION, NEW_ON_POSTGRES, CHANGED_ON_POSTGRES, GONE, GONE_ON_POSTGRES, ALL_GONE_ON_POSTGRES],
        ),
    ]
