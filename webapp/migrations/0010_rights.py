from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.db_defaults import Now
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0009_wave")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RoomBan",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("room_id", fields.BigIntField(db_index=True)),
                ("visitor", fields.CharField(default="", db_default="", max_length=32)),
                ("network", fields.CharField(default="", db_default="", max_length=32)),
                ("name", fields.CharField(default="", db_default="", max_length=40)),
                ("mark", fields.CharField(default="", db_default="", max_length=32)),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "room_ban",
                "app": "models",
                "pk_attr": "id",
                "table_description": "who may not see a room",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomMember",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("room_id", fields.BigIntField()),
                ("visitor", fields.CharField(max_length=32)),
                ("role", fields.CharField(max_length=12)),
                ("name", fields.CharField(default="", db_default="", max_length=40)),
                ("mark", fields.CharField(default="", db_default="", max_length=32)),
                ("epoch", fields.IntField(default=0, db_default=0)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "room_member",
                "app": "models",
                "unique_together": (("room_id", "visitor"),),
                "pk_attr": "id",
                "table_description": "owners, moderators and guests of rooms",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomPolicy",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("room_id", fields.BigIntField(unique=True)),
                ("passphrase", fields.CharField(default="", db_default="", max_length=200)),
                ("is_private", fields.BooleanField(default=False, db_default=False)),
                ("is_locked", fields.BooleanField(default=False, db_default=False)),
                ("slow_seconds", fields.IntField(default=0, db_default=0)),
                ("forbids_links", fields.BooleanField(default=False, db_default=False)),
                ("topic", fields.CharField(default="", db_default="", max_length=200)),
                ("welcome", fields.CharField(default="", db_default="", max_length=1000)),
                ("keeps", fields.CharField(default="always", db_default="always", max_length=8)),
                ("is_listed", fields.BooleanField(default=False, db_default=False)),
                ("epoch", fields.IntField(default=0, db_default=0)),
                ("owner_token", fields.CharField(default="", db_default="", max_length=64)),
                ("seen_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "room_policy",
                "app": "models",
                "pk_attr": "id",
                "table_description": "the rules of rooms",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Message",
            name="author",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="Message",
            name="edited_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Message",
            name="network",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
    ]
