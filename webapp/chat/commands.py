"""Messages that are not said, but done: those that begin with a slash and a word that is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from webapp.live.inbound import Inbound

Command = Callable[[Inbound, str], Awaitable[None]]
"""Does what the rest of the message says, in the room's group. Raises Denied."""

Commands = Mapping[str, Command]
"""By the word that follows the slash."""


def asked(text: str, commands: Commands) -> tuple[Command, str] | None:
    """The command that a message is, and the rest of it; None for one that is to be said."""
    word, _, rest = text.strip().partition(" ")
    command = commands.get(word.removeprefix("/")) if word.startswith("/") else None
    return (command, rest) if command else None
