"""Puts the files of a new feature into a checkout: all of them, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LIST = "webapp/features.py"


@contextmanager
def staged(root: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """A folder beside the checkout's own, on the same disk, that holds `files` until the context ends."""
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        write(folder, files)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` below `folder`."""
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def publish(stage: Path, root: Path, folders: Sequence[str], migration: str) -> None:
    """Move what is in `stage` into the checkout `root`, the list of features last. Undoes itself when it fails.

    Args:
        stage: Where the files are.
        root: The checkout.
        folders: The new folders, by their paths.
        migration: The new migration's path.

    Raises:
        OSError: It could not be done, and nothing was changed.
    """
    done: list[Path] = []
    try:
        for place in (*folders, migration):
            if (root / place).exists():
                raise FileExistsError(f"{place} is there already")
            (stage / place).rename(root / place)
            done.append(root / place)
        # Until here nothing names the new folders. This one step makes them a feature.
        shutil.copymode(root / LIST, stage / LIST)
        os.replace(stage / LIST, root / LIST)  # noqa: PTH105 - what is said to be atomic
    except OSError:
        for path in done:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
