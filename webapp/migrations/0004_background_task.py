from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0003_value_without_relation")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BackgroundTask",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=64)),
                ("key", fields.CharField(db_default="", max_length=200)),
                ("due_at", fields.BigIntField(null=True)),
                ("asked", fields.BigIntField(db_default=1)),
                ("lease", fields.CharField(null=True, max_length=32)),
                ("lease_until", fields.BigIntField(null=True)),
                ("attempts", fields.IntField(db_default=0)),
                ("started_at", fields.BigIntField(null=True)),
                ("took", fields.BigIntField(null=True)),
                ("error", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "background_task",
                "app": "models",
                "unique_together": (("name", "key"),),
                "indexes": [Index(fields=["due_at"])],
                "pk_attr": "id",
                "table_description": "background work that is to be done",
            },
            bases=["Model"],
        ),
    ]
