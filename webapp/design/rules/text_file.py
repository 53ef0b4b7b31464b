"""A file that a designer writes, with its lines and its comments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from webapp.design.rules.markup import line_of, line_starts, unix_lines


class Comment(NamedTuple):
    """A comment: its text, and the indexes of its begin and of its end."""

    text: str
    at: int
    end: int


class TextFile:
    """A file.

    Args:
        name: What templates call it, such as `chat/_message.html` or `css/tokens.css`.
        path: The file.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.text = unix_lines(path.read_text(encoding="utf-8", errors="replace"))
        self._starts = line_starts(self.text)

    def line(self, at: int) -> int:
        """Return the line of an index."""
        return line_of(self._starts, at)

    def start_of(self, line: int) -> int:
        """Return the index at which a line starts; of a line that there is not, that of the nearest."""
        return self._starts[max(0, min(line, len(self._starts)) - 1)]

    @property
    def comments(self) -> Sequence[Comment]:
        """The comments in their order."""
        return ()
