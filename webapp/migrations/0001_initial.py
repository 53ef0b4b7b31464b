from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import Now
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Room",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=50)),
                ("label", fields.CharField(unique=True, max_length=50)),
            ],
            options={"table": "room", "app": "models", "pk_attr": "id", "table_description": "chat rooms"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "room",
                    fields.ForeignKeyField(
                        "models.Room",
                        source_field="room_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("handle", fields.CharField(max_length=40)),
                ("message", fields.TextField(unique=False)),
                (
                    "timestamp",
                    fields.DatetimeField(db_index=True, db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("nonce", fields.CharField(null=True, unique=True, max_length=64)),
            ],
            options={
                "table": "message",
                "app": "models",
                "indexes": [Index(fields=["room_id", "id"])],
                "pk_attr": "id",
                "table_description": "what was said in them",
            },
            bases=["Model"],
        ),
    ]
