"""Finds the changes of the built-in files since a theme copied them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from webapp.themes.builtin import builtin_file
from webapp.themes.copies import copied, original
from webapp.themes.soundness import files_of
from webapp.themes.theme import Theme


class Difference(NamedTuple):
    """A built-in file that is no longer what the theme copied.

    Attributes:
        path: The file's path in the theme.
        lines: A unified diff, from what was copied to what is built in now.
    """

    path: str
    lines: Sequence[str]


def differences(theme: Theme) -> Sequence[Difference]:
    """Return what has changed in the files that `theme` copied, as unified diffs."""
    found = (Difference(path, _diff(theme, path)) for path in copied(theme))
    return [each for each in found if each.lines]


def without_original(theme: Theme) -> Iterator[str]:
    """Return the files that replace a built-in one, and of which nothing is known to compare with.

    A template that extends or includes the one that it replaces follows it by itself.
    """
    known = set(copied(theme))
    for file in files_of(theme):
        path = file.relative_to(theme.folder).as_posix()
        if path not in known and builtin_file(path) and not _follows(theme, path):
            yield path


def _follows(theme: Theme, path: str) -> bool:
    name = path.partition("/")[2]
    return f"base:{name}" in (theme.folder / path).read_text(encoding="utf-8", errors="replace")


def _diff(theme: Theme, path: str) -> Sequence[str]:
    file = builtin_file(path)
    before = original(theme, path).read_bytes()
    after = file.read_bytes() if file else b""
    now = f"{path} as it is now" if file else "/dev/null"
    return list(difflib.unified_diff(_lines(before), _lines(after), f"{path} as copied", now, lineterm=""))


def _lines(content: bytes) -> Sequence[str]:
    return content.decode("utf-8", "replace").splitlines()
