"""Reactions: what an emoji is, and how a visitor gives one to a message or takes it back."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from functools import partial

import regex

from webapp.chat.models import EMOJI, Message, Reaction, ReactionCount, Room
from webapp.live.database import insert
from webapp.live.writing import Writer

KINDS = 20
"""Different emoji at one message, at most."""

_EMOJI = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}\p{Regional_Indicator}|\u20e3"
)
# One half of a flag is one character to readers, and no emoji.
_ONE = regex.compile(r"(?!\p{Regional_Indicator}$)\X")
_PLAIN = regex.compile(r"(?!\p{Emoji_Presentation})\p{Extended_Pictographic}")
_AS_EMOJI = "\ufe0f"


def emoji_of(text: str) -> str | None:
    """Return the emoji that `text` is, in one form of those that look the same; None: it is none, or more than one."""
    text = unicodedata.normalize("NFC", text.strip())
    if len(text) >= EMOJI or not _ONE.fullmatch(text) or not _EMOJI.search(text):
        return None
    return text + _AS_EMOJI if _PLAIN.fullmatch(text) else text


def counts_of(message: Message) -> Mapping[str, int]:
    """Return how many visitors reacted to a message, by emoji."""
    pairs = (pair.rpartition(":") for pair in message.reactions.split(" ") if pair)
    return {emoji: int(number) for emoji, _, number in pairs}


async def own_reactions(message: Message, visitor: str) -> Collection[str]:
    """Return the emoji by which a visitor reacted to a message, given the visitor's key in the room."""
    found = await Reaction.filter(message_id=message.id, visitor=visitor).values_list("emoji", flat=True)
    return frozenset(map(str, found))


async def react(writer: Writer, room: Room, message: Message, visitor: str, emoji: str) -> bool:
    """Give a visitor's reaction to a message, or take it back if it was given before.

    Returns:
        Whether that was done. It is not if the message has KINDS other emoji.

    Raises:
        Exception: The database failed.
    """
    done: bool = await writer.run(partial(_react, message.id, visitor, emoji), [room.group])
    return done


async def _react(message_id: int, visitor: str, emoji: str) -> bool:
    if await Reaction.filter(message_id=message_id, visitor=visitor, emoji=emoji).delete():
        return True
    others = await ReactionCount.filter(message_id=message_id).exclude(emoji=emoji).count()
    if others >= KINDS:
        return False
    await insert([Reaction(message_id=message_id, visitor=visitor, emoji=emoji)], ignore_conflicts=True)
    return True
