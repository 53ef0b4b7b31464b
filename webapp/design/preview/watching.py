"""Tells which templates and static files have changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

STEP = 20
"""Milliseconds without a further change after which a burst of saves counts as one."""

LONGEST = 200
"""Milliseconds after which a burst is told of, even if it has not ended."""


async def changes(folders: Sequence[Path]) -> AsyncIterator[set[Path]]:
    """Yield the files that changed, came or went below `folders`, together for each burst.

    Args:
        folders: The folders. Of one that does not exist yet, its parent is watched, in which it may come.
    """
    # A deployment has no watchfiles, and its check of templates reads the contexts of this package.
    from watchfiles import DefaultFilter, awatch

    # An editor's backups do not count. The folders that watchfiles leaves out by default may hold a theme: an installed
    # one lies in `.venv`.
    saved = DefaultFilter(ignore_dirs=())
    watched = {folder if folder.is_dir() else folder.parent for folder in folders}
    there = [folder for folder in watched if folder.is_dir()]
    async for burst in awatch(*there, watch_filter=saved, step=STEP, debounce=LONGEST):
        if paths := {path for _, name in burst if any((path := Path(name)).is_relative_to(each) for each in folders)}:
            yield paths
