from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0011_reports")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RoomName",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "room",
                    fields.ForeignKeyField(
                        "models.Room",
                        source_field="room_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="names",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("skeleton", fields.CharField(max_length=32)),
                ("holder", fields.CharField(max_length=32)),
            ],
            options={
                "table": "room_name",
                "app": "models",
                "unique_together": (("room_id", "skeleton"),),
                "pk_attr": "id",
                "table_description": "whose the names in rooms are",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Message",
            name="is_lookalike",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="RoomPolicy",
            name="asks_work",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
