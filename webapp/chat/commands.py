"""Recognises commands: messages that begin with a slash and a word, and that the server carries out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping

import regex

from webapp.live.binding import Inbound
from webapp.live.validation import cleaned

Command = Callable[[Inbound, str], Awaitable[None]]
"""Carries out a command in the group of the request, given the text after the word. Raises ActionRefused."""

Commands = Mapping[str, Command]
"""The word after the slash, in lower case → its command."""

# A path, a fraction or a comment is no command: "/usr/bin", "/5", "// later".
_COMMAND = regex.compile(r"/(?P<word>\p{L}[\p{L}\p{M}\p{N}_-]{0,39})(?:\s+(?P<rest>.*))?", regex.DOTALL)
_ESCAPED = re.compile(r"/{2,}")


def asked(text: str) -> tuple[str, str] | None:
    """Return the word of the command in a message, and the text after it; None: the message is no command."""
    if "/" not in text:
        return None
    match = _COMMAND.fullmatch(cleaned(text))
    return (match["word"], match["rest"] or "") if match else None


def unescaped(text: str) -> str:
    """Return the text of a message that is no command. An escaped command, such as `//shrug`, loses one slash."""
    if "/" not in text:
        return text
    text = cleaned(text)
    slashes = _ESCAPED.match(text)
    is_escaped = slashes and _COMMAND.fullmatch(text, slashes.end() - 1)
    return text[1:] if is_escaped else text


def nearest(word: str, commands: Iterable[str]) -> str | None:
    """Return the command that `word` may be a misspelling of, or None."""
    found = difflib.get_close_matches(word.casefold(), commands, n=1)
    return found[0] if found else None
