from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0006_message_mark")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BackgroundTaskTotal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=64)),
                ("outcome", fields.CharField(max_length=16)),
                ("runs", fields.BigIntField(db_default=0)),
                ("milliseconds", fields.BigIntField(db_default=0)),
            ],
            options={
                "table": "background_task_total",
                "app": "models",
                "unique_together": (("name", "outcome"),),
                "pk_attr": "id",
                "table_description": "how background work has ended so far",
            },
            bases=["Model"],
        ),
    ]
