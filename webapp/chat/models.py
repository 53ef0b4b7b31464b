"""Rooms, and the messages in them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields import Now
from tortoise.models import Model

from webapp.live.database import left_out

PAGE = 50
"""Messages that a page, or one page of the history, shows."""

FIELDS: tuple[str, ...] = (
    *("handle", "message", "timestamp", "mark", "edited_at", "is_lookalike"),
    *("kind", "reply_to", "quoted_handle", "quoted_text", "reactions"),
)
"""The columns of a message that pages show."""

SHOWN = ("id", "room_id", *FIELDS)
"""The same, and what places it."""

EMOJI = 32
"""Characters of an emoji, at most: a flag or a family has several."""

QUOTE = 200
"""Characters that a reply has of the message that it replies to; the triggers of the migration have the number, too."""


class Stretch(NamedTuple):
    """Messages of a room that stand one after the other.

    Attributes:
        messages: The messages, oldest first.
        before: The id of the first of them, with which to ask for older ones; None: there are none.
        after: The id of the last of them, with which to ask for newer ones; None: there are none.
    """

    messages: list[Message]
    before: int | None
    after: int | None = None


class Room(Model):
    """A chat room. The first visit to its label makes it.

    Attributes:
        visited_at: When a visitor last came, give or take a day; None: no visit was noted yet.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=50)
    label = fields.CharField(max_length=50, unique=True)
    visited_at = fields.DatetimeField(null=True)

    class Meta:
        table = "room"
        table_description = "chat rooms"

    @property
    def group(self) -> str:
        """The group of all visitors in this room."""
        return f"room:{self.id}"

    @property
    def path(self) -> str:
        """The URL path of its page."""
        return f"/{self.label}/"

    @property
    def live_path(self) -> str:
        """The URL path of its socket."""
        return f"/{self.label}/live"

    @property
    def history_path(self) -> str:
        """The URL path of its older messages."""
        return f"/{self.label}/messages"

    async def page(self, before: int | None = None) -> Stretch:
        """Return messages of the room.

        Args:
            before: The id below which they are; None: the newest ones.

        Returns:
            At most PAGE messages; `after` is not looked for.
        """
        return await self.around(None if before is None else before - 1, PAGE, 0)

    async def message(self, pk: int | None) -> Message | None:
        """Return the message with this id; None: the room has no such message."""
        return None if pk is None else await Message.filter(room_id=self.id, id=pk).only(*SHOWN).first()

    async def around(self, pk: int | None, above: int, below: int) -> Stretch:
        """Return messages of the room around a place in it.

        Args:
            pk: The id of a message, which need not be there; None: the newest one.
            above: Messages up to that one, itself included, at most.
            below: Messages after it, at most. With 0, `after` is not looked for.
        """
        # If this read more columns than frames show, a broken value in a hidden column would hide the message.
        messages = Message.filter(room_id=self.id).only(*SHOWN)
        until = messages if pk is None else messages.filter(id__lte=pk)
        earlier = await until.order_by("-id").limit(above + 1)
        later = await messages.filter(id__gt=pk).order_by("id").limit(below + 1) if below else []
        # Unreadable messages are left out. If they did not count, a page with one would end before older messages.
        up = sorted([message.id for message in earlier] + list(left_out(earlier)), reverse=True)
        down = sorted([message.id for message in later] + list(left_out(later)))
        shown = {*up[:above], *down[:below]}
        return Stretch(
            [message for message in (*reversed(earlier), *later) if message.id in shown],
            min(shown) if shown and len(up) > above else None,
            max(shown) if shown and len(down) > below else None,
        )


class Message(Model):
    """A message that a visitor sent. The id is its position in the room: every page sorts by it.

    Attributes:
        mark: The mark of the visitor and the name in this room; empty: no visitor sent it, but another program.
        author: The visitor's key in this room, which no page shows; empty: no visitor sent it.
        network: The key of the visitor's network in this room, which no page shows; empty: it is not known.
        edited_at: When the text was last changed; None: never.
        is_lookalike: The name looks like one that another visitor had in the room before.
        kind: Empty: a message as most are; "me": it tells what its sender does; "roll": the server threw dice.
        reply_to: The id of the message of this room that it replies to; None: it is no reply.
        quoted_handle: The name of that message, which triggers keep as it is there; empty: that message is gone.
        quoted_text: The first QUOTE characters of its text, in the same way.
        reactions: How many visitors reacted by each emoji, as in "👍:3 ❤️:1", which triggers keep.
        additions: The rows of other features that the message shows, by the names of their streams, as far as they were
            loaded.
    """

    id = fields.BigIntField(primary_key=True)
    room: fields.ForeignKeyRelation[Room] = fields.ForeignKeyField("models.Room", related_name="messages")
    handle = fields.CharField(max_length=40)
    message = fields.TextField()
    timestamp = fields.DatetimeField(db_index=True, db_default=Now())
    nonce = fields.CharField(max_length=64, unique=True, null=True)
    mark = fields.CharField(max_length=32, default="", db_default="")
    author = fields.CharField(max_length=32, default="", db_default="")
    network = fields.CharField(max_length=32, default="", db_default="")
    edited_at = fields.DatetimeField(null=True)
    is_lookalike = fields.BooleanField(default=False, db_default=False)
    kind = fields.CharField(max_length=8, default="", db_default="")
    # No foreign key: a reply stays when the other message goes. The migration makes an index of replies alone.
    reply_to = fields.BigIntField(null=True)
    quoted_handle = fields.CharField(max_length=40, default="", db_default="")
    quoted_text = fields.CharField(max_length=QUOTE, default="", db_default="")
    reactions = fields.TextField(default="", db_default="")

    room_id: int
    additions: Mapping[str, Any] = MappingProxyType({})

    class Meta:
        table = "message"
        table_description = "what was said in them"
        indexes = (("room_id", "id"),)


class RoomName(Model):
    """A name in a room, and whose it is: that of the first visitor who said something under a name that looks so.

    Attributes:
        skeleton: What all names that look alike have in common, from `skeleton_of`.
        holder: The visitor's key in the room.
    """

    id = fields.BigIntField(primary_key=True)
    room: fields.ForeignKeyRelation[Room] = fields.ForeignKeyField("models.Room", related_name="names")
    skeleton = fields.CharField(max_length=32)
    holder = fields.CharField(max_length=32)

    room_id: int

    class Meta:
        table = "room_name"
        table_description = "whose the names in rooms are"
        unique_together = (("room_id", "skeleton"),)


class Reaction(Model):
    """An emoji by which a visitor reacted to a message. It goes with the message.

    Attributes:
        visitor: The visitor's key in the room.
    """

    id = fields.BigIntField(primary_key=True)
    # No foreign key: with one, PostgreSQL would refuse TRUNCATE message. The triggers of the migration do its work.
    message_id = fields.BigIntField()
    visitor = fields.CharField(max_length=32)
    emoji = fields.CharField(max_length=EMOJI)

    class Meta:
        table = "reaction"
        table_description = "emoji by which visitors reacted to messages"
        unique_together = (("message_id", "visitor", "emoji"),)


class ReactionCount(Model):
    """How many visitors reacted to a message by an emoji. Triggers keep it; `id` is the order of the first ones."""

    id = fields.BigIntField(primary_key=True)
    message_id = fields.BigIntField()
    emoji = fields.CharField(max_length=EMOJI)
    number = fields.IntField()

    class Meta:
        table = "reaction_count"
        table_description = "how many visitors reacted by which emoji"
        unique_together = (("message_id", "emoji"),)


class RoomReader(Model):
    """How far a visitor has read in a room, as of the visitor's last leave.

    Attributes:
        visitor: The visitor's key in the room.
        read_to: The id of the newest message then; 0: there was none.
        left_at: When the visitor left.
    """

    id = fields.BigIntField(primary_key=True)
    room: fields.ForeignKeyRelation[Room] = fields.ForeignKeyField("models.Room", related_name="readers")
    visitor = fields.CharField(max_length=32)
    read_to = fields.BigIntField()
    left_at = fields.DatetimeField(db_index=True)

    room_id: int

    class Meta:
        table = "room_reader"
        table_description = "how far visitors have read in rooms"
        unique_together = (("visitor", "room_id"),)
