from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0008_link_previews")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Wave",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("count", fields.BigIntField(default=0, db_default=0)),
            ],
            options={
                "table": "wave",
                "app": "models",
                "pk_attr": "id",
                "table_description": "waves on the first page",
            },
            bases=["Model"],
        ),
    ]
