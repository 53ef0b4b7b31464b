from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from webapp.live.database import StateOnly


class Migration(migrations.Migration):
    dependencies = [("models", "0002_integervalue")]

    initial = False

    operations = [
        # The board does not import the model of rooms any more, so the column is a plain number for Tortoise. Only the
        # database keeps the foreign key.
        StateOnly(
            [
                ops.RemoveField(model_name="IntegerValue", name="room"),
                ops.AddField(model_name="IntegerValue", name="room_id", field=fields.BigIntField(null=True)),
                ops.AlterModelOptions(
                    name="IntegerValue",
                    options={
                        "table": "integervalue",
                        "app": "models",
                        "unique_together": (("room_id", "name"),),
                        "pk_attr": "id",
                        "table_description": "live values, of the board or of a room",
                    },
                ),
            ]
        ),
    ]
