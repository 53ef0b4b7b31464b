"""Names that look like the name of somebody else in the room. A message under such a name says so."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import OrderedDict
from functools import lru_cache, partial

from webapp.chat.access import visitor_key
from webapp.chat.models import Message, RoomName
from webapp.live.binding import Inbound
from webapp.live.database import insert
from webapp.live.visitor import Visitor

TABLE = Message._meta.db_table
"""The table of messages, for those who count them."""

_KEPT = 4096

_ALIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o", "m": "rn"})
"""Small letters and signs of ASCII that look alike. A capital I looks like a small l, and names count in any case."""


class Names:
    """Knows whose a name in a room is: that of the first visitor who said something under it, or under one like it.

    The holder of a name never changes, so what is known stays true. A process keeps it for the last names that it has
    seen, so only the first message of a visitor under a name costs a query.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, str, str, str], bool] = OrderedDict()

    async def say(self, message: Message, visitor: Visitor, inbound: Inbound) -> None:
        """Commit a message, and note on it whether its name looks like that of another visitor."""
        key = (message.room_id, visitor.id, visitor.identity, message.handle)
        known = self._known.get(key)
        if known is None:
            # If this asked before the message came to the writer, the visitor's next one could overtake it.
            await inbound.writer.run(partial(_say, message, visitor), [inbound.group], inserts=TABLE)
            self._known[key] = message.is_lookalike
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
            message.is_lookalike = known
            # If the nonce exists already, this message was committed before. Without `ignore_conflicts`, the repeat
            # would be refused.
            await inbound.writer.create(message, inbound.group, ignore_conflicts=True)


async def mark_lookalike(message: Message, visitor: Visitor) -> None:
    """Note on a message whether its name looks like that of another visitor. Runs inside a transaction."""
    skeleton = skeleton_of(message.handle)
    holder = visitor_key(message.room_id, visitor.identity)
    await insert([RoomName(room_id=message.room_id, skeleton=skeleton, holder=holder)], ignore_conflicts=True)
    found = await RoomName.get(room_id=message.room_id, skeleton=skeleton)
    # A visitor who adds a secret to a name stays its holder on the same device.
    message.is_lookalike = found.holder not in (holder, visitor_key(message.room_id, visitor.id))


async def _say(message: Message, visitor: Visitor) -> None:
    await mark_lookalike(message, visitor)
    await insert([message], ignore_conflicts=True)


def skeleton_of(name: str) -> str:
    """Return a text that is the same for names that look alike, and for an ASCII name in any case: 128 bits, in hex.

    Which characters look alike is what Unicode's Technical Standard 39 says.
    """
    text = "".join(name.split())
    if not text.isascii():
        # A capital may look like a letter whose small form looks like yet another one.
        text = _looks(_looks(text).casefold())
    return hashlib.sha256(text.casefold().translate(_ALIKE).encode()).hexdigest()[:32]


def _looks(text: str) -> str:
    return "".join(map(_look, unicodedata.normalize("NFKD", text)))


@lru_cache(_KEPT)
def _look(character: str) -> str:
    # If this were imported at the top, each process would hold a megabyte that most rooms never need.
    from confusable_homoglyphs.confusables import confusables_data

    def only(of: str) -> str:
        alike = confusables_data.get(of, [])
        return str(alike[0]["c"]) if len(alike) == 1 else ""

    other = only(character)
    # The data leads from a character to the one that stands for all that look like it. Two that only look like each
    # other lead to each other.
    return character if not other or (only(other) == character and character < other) else other
