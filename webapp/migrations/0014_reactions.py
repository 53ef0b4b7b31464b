from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

from webapp.live.database import DialectSQL

# A message has the numbers of its reactions in a column of its own, so that it shows without a second query, and a
# reaction reaches open pages as a changed message. The counts are kept, so that the thousandth reaction costs no more
# than the first.
GIVEN_ON_SQLITE = """
CREATE TRIGGER reaction_insert
AFTER INSERT ON reaction
BEGIN
    INSERT INTO reaction_count (message_id, emoji, number) VALUES (NEW.message_id, NEW.emoji, 1)
    ON CONFLICT (message_id, emoji) DO UPDATE SET number = number + 1;
    UPDATE message
    SET reactions = (
        SELECT coalesce(group_concat(emoji || ':' || number, ' '), '')
        FROM (SELECT emoji, number FROM reaction_count WHERE message_id = NEW.message_id ORDER BY id)
    )
    WHERE id = NEW.message_id;
END
"""
TAKEN_ON_SQLITE = """
CREATE TRIGGER reaction_delete
AFTER DELETE ON reaction
BEGIN
    UPDATE reaction_count SET number = number - 1 WHERE message_id = OLD.message_id AND emoji = OLD.emoji;
    DELETE FROM reaction_count WHERE message_id = OLD.message_id AND emoji = OLD.emoji AND number < 1;
    UPDATE message
    SET reactions = (
        SELECT coalesce(group_concat(emoji || ':' || number, ' '), '')
        FROM (SELECT emoji, number FROM reaction_count WHERE message_id = OLD.message_id ORDER BY id)
    )
    WHERE id = OLD.message_id;
END
"""
GONE_ON_SQLITE = """
CREATE TRIGGER message_reaction_delete
AFTER DELETE ON message
BEGIN
    DELETE FROM reaction WHERE message_id = OLD.id;
END
"""
CHANGED = """
CREATE FUNCTION reaction_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    target bigint = CASE TG_OP WHEN 'DELETE' THEN OLD.message_id ELSE NEW.message_id END;
BEGIN
    -- Two reactions at once take turns, so that the second one sees what the first one has counted.
    PERFORM 1 FROM message WHERE id = target FOR UPDATE;
    IF TG_OP = 'DELETE' THEN
        UPDATE reaction_count SET number = number - 1 WHERE message_id = target AND emoji = OLD.emoji;
        DELETE FROM reaction_count WHERE message_id = target AND emoji = OLD.emoji AND number < 1;
    ELSE
        INSERT INTO reaction_count (message_id, emoji, number) VALUES (target, NEW.emoji, 1)
        ON CONFLICT (message_id, emoji) DO UPDATE SET number = reaction_count.number + 1;
    END IF;
    UPDATE message
    SET reactions = (
        SELECT coalesce(string_agg(emoji || ':' || number, ' ' ORDER BY id), '')
        FROM reaction_count WHERE message_id = target
    )
    WHERE id = target;
    RETURN NULL;
END
$$
"""
CHANGED_ON_POSTGRES = """
CREATE TRIGGER reaction_change
AFTER INSERT OR DELETE ON reaction
FOR EACH ROW
EXECUTE FUNCTION reaction_changed()
"""
GONE = """
CREATE FUNCTION message_reaction_gone() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM reaction;
    ELSE
        DELETE FROM reaction WHERE message_id IN (SELECT id FROM gone);
    END IF;
    RETURN NULL;
END
$$
"""
GONE_ON_POSTGRES = """
CREATE TRIGGER message_reaction_delete
AFTER DELETE ON message
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT
EXECUTE FUNCTION message_reaction_gone()
"""
ALL_GONE_ON_POSTGRES = """
CREATE TRIGGER message_reaction_truncate
AFTER TRUNCATE ON message
FOR EACH STATEMENT
EXECUTE FUNCTION message_reaction_gone()
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0013_replies")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Reaction",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("message_id", fields.BigIntField()),
                ("visitor", fields.CharField(max_length=32)),
                ("emoji", fields.CharField(max_length=32)),
            ],
            options={
                "table": "reaction",
                "app": "models",
                "unique_together": (("message_id", "visitor", "emoji"),),
                "pk_attr": "id",
                "table_description": "emoji by which visitors reacted to messages",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReactionCount",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("message_id", fields.BigIntField()),
                ("emoji", fields.CharField(max_length=32)),
                ("number", fields.IntField()),
            ],
            options={
                "table": "reaction_count",
                "app": "models",
                "unique_together": (("message_id", "emoji"),),
                "pk_attr": "id",
                "table_description": "how many visitors reacted by which emoji",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Message", name="reactions", field=fields.TextField(default="", db_default="", unique=False)
        ),
        DialectSQL(
            sqlite=[GIVEN_ON_SQLITE, TAKEN_ON_SQLITE, GONE_ON_SQLITE],
            postgres=[CHANGED, CHANGED_ON_POSTGRES, GONE, GONE_ON_POSTGRES, ALL_GONE_ON_POSTGRES],
        ),
    ]
