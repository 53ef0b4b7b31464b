from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0005_room_visited_at")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Message",
            name="mark",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
    ]
