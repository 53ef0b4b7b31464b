"""The rows that decide who may see a room, and who may do what in it."""

from __future__ import annotations

from tortoise import fields
from tortoise.fields import Now
from tortoise.models import Model

TOPIC_LIMIT = 200
"""Characters in a topic, at most."""

WELCOME_LIMIT = 1000
"""Characters in a welcome text, at most."""

NOTE_LIMIT = 300
"""Characters in the note of a report, at most."""

KEEPS = ("always", "week", "day", "left")
"""How long a room's messages are kept; `left` means until nobody is in the room."""


class RoomPolicy(Model):
    """The rules of a room. A room without such a row is open to everybody.

    Attributes:
        room_id: The room.
        passphrase: The argon2 hash of the passphrase that lets visitors in; empty: it has none.
        is_private: The owner and the moderators admit visitors one by one.
        is_locked: Only the owner and the moderators may say anything.
        slow_seconds: Seconds that a visitor has to wait between two messages; 0: no wait.
        forbids_links: Messages of visitors cannot have links.
        asks_work: A visitor's browser has to do a small computation before the visitor can say anything.
        topic: What the room is about.
        welcome: What a visitor reads before anything was said.
        keeps: How long messages are kept: one of KEEPS.
        is_listed: The page of public rooms shows the room, as long as everybody may see it.
        epoch: Grows with each new passphrase, so whoever knew an earlier one is out.
        seen_at: When a visitor was last in the room; noted only where `keeps` is `left`.
        label: The room's label, where it was loaded.
        owner_token: The SHA-256 hash of the secret in the owner link that is valid; empty: there is none.
    """

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField(unique=True)
    passphrase = fields.CharField(max_length=200, default="", db_default="")
    is_private = fields.BooleanField(default=False, db_default=False)
    is_locked = fields.BooleanField(default=False, db_default=False)
    slow_seconds = fields.IntField(default=0, db_default=0)
    forbids_links = fields.BooleanField(default=False, db_default=False)
    asks_work = fields.BooleanField(default=False, db_default=False)
    topic = fields.CharField(max_length=TOPIC_LIMIT, default="", db_default="")
    welcome = fields.CharField(max_length=WELCOME_LIMIT, default="", db_default="")
    keeps = fields.CharField(max_length=8, default="always", db_default="always")
    is_listed = fields.BooleanField(default=False, db_default=False)
    epoch = fields.IntField(default=0, db_default=0)
    owner_token = fields.CharField(max_length=64, default="", db_default="")
    seen_at = fields.DatetimeField(null=True)

    label: str = ""

    class Meta:
        table = "room_policy"
        table_description = "the rules of rooms"


class RoomMember(Model):
    """What a visitor is in a room.

    Attributes:
        room_id: The room.
        visitor: The visitor's key in this room, from `visitor_key`.
        role: `owner`, `moderator`, `guest` (let in by name), `knows` (knew the passphrase), `waiting` or `turned_away`.
        name: The name that the visitor had.
        mark: The mark that the visitor had.
        epoch: For `knows`: the epoch of the passphrase.
        at: When the row was made.
    """

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField()
    visitor = fields.CharField(max_length=32)
    role = fields.CharField(max_length=12)
    name = fields.CharField(max_length=40, default="", db_default="")
    mark = fields.CharField(max_length=32, default="", db_default="")
    epoch = fields.IntField(default=0, db_default=0)
    at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "room_member"
        table_description = "owners, moderators and guests of rooms"
        unique_together = (("room_id", "visitor"),)


class RoomBan(Model):
    """A visitor who may not see a room, or a network from which nobody may.

    Attributes:
        room_id: The room.
        visitor: The visitor's key in this room; empty: the ban is about the network alone.
        network: The key of the visitor's network in this room, never the address; empty: the ban is about the visitor.
        name: The name that the visitor had.
        mark: The mark that the visitor had.
        until: When the ban ends; None: never.
        at: When it began.
    """

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField(db_index=True)
    visitor = fields.CharField(max_length=32, default="", db_default="")
    network = fields.CharField(max_length=32, default="", db_default="")
    name = fields.CharField(max_length=40, default="", db_default="")
    mark = fields.CharField(max_length=32, default="", db_default="")
    until = fields.DatetimeField(null=True)
    at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "room_ban"
        table_description = "who may not see a room"


class MessageReport(Model):
    """A message that a visitor has reported to the operator.

    Attributes:
        room_id: The room.
        message_id: The message, which may be gone by now.
        label: The label of the room.
        handle: The name under which the message was said.
        text: What the message said then.
        note: What is wrong with it, in the reporter's words; maybe empty.
        reporter: The reporter's key in the room.
        at: When it was reported.
    """

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField(db_index=True)
    message_id = fields.BigIntField()
    label = fields.CharField(max_length=50)
    handle = fields.CharField(max_length=40)
    text = fields.TextField()
    note = fields.CharField(max_length=NOTE_LIMIT, default="", db_default="")
    reporter = fields.CharField(max_length=32)
    at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "message_report"
        table_description = "messages that visitors have reported"
        unique_together = (("message_id", "reporter"),)
