"""The additions of other features to rooms. The chat does not import those features."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.chat.commands import Command
from webapp.live.binding import Binding


@dataclass(frozen=True, slots=True)
class RoomExtension:
    """An addition to every room.

    Attributes:
        binding: Its rows, in the group of the room, `room:{room_id}`.
        commands: Its commands, by the word after the slash.
        panel: The template that shows its rows in the room's header, given `rows`; None: it shows none there.
        additions: Returns the rows that messages show, given the ids of messages: a row by the id of its message.
            `chat/_message.html` finds them in `message.additions`, by the binding's stream.
        tip: The template of a hint in an empty room, or None.
        reason: The template that explains why a command was not done, given its `refusal`.
        usage: The template that shows how to write a command, given its word as `command`; None: the word alone.
    """

    binding: Binding[Any]
    commands: Mapping[str, Command] = field(default_factory=dict)
    panel: str | None = None
    additions: Callable[[Collection[int]], Awaitable[Mapping[int, Any]]] | None = None
    tip: str | None = None
    reason: str = "live/_refusal.html"
    usage: str | None = None


def tips_of(extensions: Sequence[RoomExtension]) -> Sequence[str]:
    """Return the templates of the extensions' hints for an empty room."""
    return [extension.tip for extension in extensions if extension.tip is not None]
