"""A chat room on Django Channels 4: each message is saved, rendered, and sent to the group."""
# Django and Channels are in the benchmark's own environment only, and carry no types.
# mypy: disable-error-code="import-not-found, import-untyped, misc, untyped-decorator"

import json
import os
from typing import Any

import django
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

# channels_redis waits 5 s for a message, which is also how long redis-py 8 waits for an answer unless told otherwise;
# and redis-py 8 refuses a hundred-and-first connection, which sockets that come at once would need.
_HOSTS = [{"address": os.environ["BENCH_REDIS"], "socket_timeout": 60, "max_connections": 5000}]

# Above its capacity the layer drops messages in silence; a benchmark that counts must not.
_LAYERS: dict[str, dict[str, Any]] = {
    "core": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": _HOSTS, "capacity": 100_000},
    },
    "pubsub": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": _HOSTS},
    },
}

_ROW = (
    '<li id="message-{{ message.pk }}" data-key="{{ message.pk }}"><b>{{ message.handle }}</b> '
    '<time datetime="{{ message.timestamp|date:"c" }}">{{ message.timestamp|date:"H:i" }}</time>'
    "<p>{{ message.message|urlize }}</p></li>"
)

settings.configure(
    SECRET_KEY="only for the benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    CHANNEL_LAYERS={"default": _LAYERS[os.environ["BENCH_LAYER"]]},
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                "transaction_mode": "IMMEDIATE",
            },
        }
    },
)
django.setup()

# Models and URLs can be named only after the setup.
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402


class Message(models.Model):
    """What somebody said."""

    handle = models.CharField(max_length=40)
    message = models.TextField()
    timestamp = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """There is no Django app to take the label from."""

        app_label = "bench"


if Message._meta.db_table not in connection.introspection.table_names():
    with connection.schema_editor() as schema:
        schema.create_model(Message)

row = engines["django"].from_string(_ROW)


class Chat(AsyncWebsocketConsumer):
    """One socket in the one room."""

    async def connect(self) -> None:
        """Join the room, then accept."""
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the room."""
        await self.channel_layer.group_discard("room", self.channel_name)

    async def receive(self, text_data: str = "{}", **_: object) -> None:
        """Save a message and send it to the room."""
        html = await self.say(json.loads(text_data))
        await self.channel_layer.group_send("room", {"type": "chat.message", "html": html})

    @database_sync_to_async
    def say(self, said: dict[str, str]) -> str:
        """Save a message; return it rendered."""
        message = Message.objects.create(handle=said["handle"], message=said["message"])
        return str(row.render({"message": message}))

    async def chat_message(self, event: dict[str, str]) -> None:
        """Pass on what the group was sent."""
        await self.send(text_data=event["html"])


application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("chat/", Chat.as_asgi())])}
)
