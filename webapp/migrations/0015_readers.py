from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0014_reactions")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RoomReader",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "room",
                    fields.ForeignKeyField(
                        "models.Room",
                        source_field="room_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="readers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("visitor", fields.CharField(max_length=32)),
                ("read_to", fields.BigIntField()),
                ("left_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "room_reader",
                "app": "models",
                "unique_together": (("visitor", "room_id"),),
                "pk_attr": "id",
                "table_description": "how far visitors have read in rooms",
            },
            bases=["Model"],
        ),
    ]
