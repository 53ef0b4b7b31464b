"""Chat rooms: a feature. The first visit to a label makes its room, and every visitor with the address is in it.

In: messages and drafts, by the room's socket (bindings.py) or by a plain form (pages.py); both go through saying.py.
Out: pages of a room and its history, and the frames of the stream `chat`.

    feature.py     the chat as a feature: its models, bindings and routes
    models.py      Room and Message
    rooms.py       finds a room, or makes it
    labels.py      the part of a URL that names a room
    pages.py       the pages and plain forms of a room
    door.py        the page of a visitor who may not see the room, and the ways in
    messages.py    the page of one message, to change it
    access/        who may see a room, and who may do what in it
    plain/         the room for browsers without scripts, live
    permission.py  whether a visitor may say something now
    keeping.py     deletes messages where the owner says how long they are kept
    slow_mode.py   commits a message in a room where visitors wait between two
    socket.py      the streams of a room's socket
    state.py       the lifespan's state, as pages and socket use it
    bindings.py    the stream `chat`: messages, commands and drafts of a room
    saying.py      commits a message
    sayings.py     the commands that say something: /me and /roll
    commands.py    recognises commands, such as /set
    reading.py     how far visitors have read
    own_rooms.py   the rooms that a browser was in
    reactions.py   what an emoji is, and how a visitor reacts by one
    draft.py       the content of a composer, and its idempotency key
    drafts.py      drafts that a process keeps for pages that load again
    composer.py    the form that a visitor writes in
    atom.py        the newest messages as a feed
    own_style.py   the sheet by which a visitor's own messages look different
    refusal.py     why a message is refused, with its text
    extensions.py  the additions of other features to rooms
    contexts.py    contexts of the templates in templates/chat/
"""

from webapp.chat.commands import Command
from webapp.chat.composer import draft_of
from webapp.chat.contexts import Composer, MessageRefusal, OwnRoom, Panel
from webapp.chat.door import door_page
from webapp.chat.draft import Draft
from webapp.chat.extensions import RoomExtension
from webapp.chat.feature import feature
from webapp.chat.labels import label_of
from webapp.chat.models import Message, Room
from webapp.chat.navigation import is_navigation
from webapp.chat.own_rooms import forget_cookie, forget_rooms, rooms_of
from webapp.chat.pages import FORM_LIMIT
from webapp.chat.refusal import MessageRefused
from webapp.chat.rooms import enter, find, start
from webapp.chat.saying import made_for
from webapp.chat.state import ChatState, asked_id, asked_label
from webapp.chat.work import Work

__all__ = [
    "FORM_LIMIT",
    "ChatState",
    "Command",
    "Composer",
    "Draft",
    "Message",
    "MessageRefusal",
    "MessageRefused",
    "OwnRoom",
    "Panel",
    "Room",
    "RoomExtension",
    "Work",
    "asked_id",
    "asked_label",
    "door_page",
    "draft_of",
    "enter",
    "feature",
    "find",
    "forget_cookie",
    "forget_rooms",
    "is_navigation",
    "label_of",
    "made_for",
    "rooms_of",
    "start",
]
