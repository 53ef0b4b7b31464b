from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="IntegerValue",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=100)),
                ("value", fields.BigIntField(default=0, db_default=0)),
                (
                    "room",
                    fields.ForeignKeyField(
                        "models.Room",
                        source_field="room_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="values",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "integervalue",
                "app": "models",
                "unique_together": (("room", "name"),),
                "pk_attr": "id",
                "table_description": "live values, of the board or of a room",
            },
            bases=["Model"],
        ),
        # Two NULLs are never equal. If there were only the index over (room_id, name), two values without a room could
        # have one name, so these need an index of their own.
        ops.RunSQL(
            'CREATE UNIQUE INDEX "integervalue_board" ON "integervalue" ("name") WHERE "room_id" IS NULL',
            'DROP INDEX "integervalue_board"',
        ),
    ]
