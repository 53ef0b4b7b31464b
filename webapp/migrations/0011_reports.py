from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.db_defaults import Now
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0010_rights")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MessageReport",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("room_id", fields.BigIntField(db_index=True)),
                ("message_id", fields.BigIntField()),
                ("label", fields.CharField(max_length=50)),
                ("handle", fields.CharField(max_length=40)),
                ("text", fields.TextField(unique=False)),
                ("note", fields.CharField(default="", db_default="", max_length=300)),
                ("reporter", fields.CharField(max_length=32)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "message_report",
                "app": "models",
                "unique_together": (("message_id", "reporter"),),
                "pk_attr": "id",
                "table_description": "messages that visitors have reported",
            },
            bases=["Model"],
        ),
    ]
