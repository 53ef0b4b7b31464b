"""Messages that are not said, but done: a slash and a word, and maybe more after it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping

import regex

from webapp.live.binding import Inbound
from webapp.live.validation import cleaned

Command = Callable[[Inbound, str], Awaitable[None]]
"""Does what the rest of the message says, in the room's group. Raises ActionRefused."""

Commands = Mapping[str, Command]
"""By the word that follows the slash, in small letters."""

# A path, a fraction or a comment is no command: "/usr/bin", "/5", "// later".
_COMMAND = regex.compile(r"/(?P<word>\p{L}[\p{L}\p{M}\p{N}_-]{0,39})(?:\s+(?P<rest>.*))?", regex.DOTALL)
_ESCAPED = re.compile(r"/{2,}")


def asked(text: str) -> tuple[str, str] | None:
    """The word of the command that a message has the form of, and what follows it.

    None for a message that is to be said.
    """
    if "/" not in text:
        return None
    match = _COMMAND.fullmatch(cleaned(text))
    return (match["word"], match["rest"] or "") if match else None


def unescaped(text: str) -> str:
    """What a message says that is no command: of `//shrug` that is `/shrug`, and of most texts all of it."""
    if "/" not in text:
        return text
    text = cleaned(text)
    slashes = _ESCAPED.match(text)
    is_escaped = slashes and _COMMAND.fullmatch(text, slashes.end() - 1)
    return text[1:] if is_escaped else text


def nearest(word: str, commands: Iterable[str]) -> str | None:
    """The command that `word` may be a misspelling of."""
    found = difflib.get_close_matches(word.casefold(), commands, n=1)
    return found[0] if found else None
