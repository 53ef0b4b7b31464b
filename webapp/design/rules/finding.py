"""One thing that a rule found in a designer's file."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Level(StrEnum):
    """How bad a finding is."""

    FATAL = "fatal"
    """A reader would meet an error or a page that does not work; a release stops."""

    WARNING = "warning"
    """Some readers would be held up; `--strict` stops at it."""

    ADVICE = "advice"
    """The page works, and could be better."""


class TemplateFinding(NamedTuple):
    """A finding, in words for the person who writes the file.

    Attributes:
        file: The file.
        line: The line, the first being 1.
        rule: The rule's name.
        level: How bad it is.
        sentence: What is wrong in this line.
        noticed: What a reader of the page would notice.
        mend: How to mend it.
    """

    file: Path
    line: int
    rule: str
    level: Level
    sentence: str
    noticed: str
    mend: str

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}: {self.level} {self.rule}: {self.sentence}"


def shown(path: Path) -> str:
    """Return the path as it is shortest to write: from the current folder, if it is below that."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
