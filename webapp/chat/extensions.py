"""What other features add to rooms. The chat knows them by this alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.chat.commands import Command
from webapp.live.binding import Binding


@dataclass(frozen=True, slots=True)
class RoomExtension:
    """One thing that every room has besides its messages.

    Attributes:
        binding: Its rows, in the group of the room, `room:{room_id}`.
        commands: What people can write to act on it, by the word after the slash.
        panel: The template that shows it in the room's header, given `rows`.
        reason: The template of why a command was not done, given its `refusal`; None: that of any action.
        usage: The template of how a command is written, given its word as `command`; None: the word alone.
        tip: The template of a hint that an empty room shows, or None.
    """

    binding: Binding[Any]
    commands: Mapping[str, Command]
    panel: str
    tip: str | None = None
    reason: str = "live/_refusal.html"
    usage: str | None = None


def tips_of(extensions: Sequence[RoomExtension]) -> Sequence[str]:
    """The templates of their hints."""
    return [extension.tip for extension in extensions if extension.tip is not None]
