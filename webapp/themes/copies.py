"""Built-in files that a theme has copied to change them, each with what it was at that time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from webapp.themes.builtin import FOLDERS, builtin_file, path_in_theme
from webapp.themes.theme import Theme, ThemeError

ORIGINALS = ".originals"
"""The folder in a theme that keeps the copied files as they were. `theme diff` compares with it."""


def copy_into(theme: Theme, names: Sequence[str]) -> Sequence[str]:
    """Copy built-in files into a theme.

    Args:
        theme: The theme.
        names: The files, as `path_in_theme` takes them.

    Returns:
        The paths of the new files in the theme.

    Raises:
        ThemeError: A file does not exist, or the theme has it already. Nothing was copied.
    """
    paths = [path_in_theme(name) for name in names]
    for path in paths:
        if (theme.folder / path).exists():
            raise ThemeError(f"{theme.folder / path} is there already. To begin again, remove it first.")
    for path in paths:
        _write(theme.folder / path, _present(path))
        remember(theme, path)
    return paths


def remember(theme: Theme, path: str) -> None:
    """Keep the built-in file as it is now, as what the theme's own was made from; forget one that has gone."""
    if builtin_file(path):
        _write(original(theme, path), _present(path))
    else:
        original(theme, path).unlink(missing_ok=True)


def original(theme: Theme, path: str) -> Path:
    """Return the file that keeps what `path` was when the theme copied it."""
    return theme.folder / ORIGINALS / path


def copied(theme: Theme) -> Sequence[str]:
    """Return the paths in a theme of the files that it has copied and still has."""
    kept = theme.folder / ORIGINALS
    paths = sorted(file.relative_to(kept).as_posix() for file in kept.rglob("*") if file.is_file())
    return [path for path in paths if (theme.folder / path).is_file()]


def _present(path: str) -> bytes:
    part, _, rest = path.partition("/")
    return (FOLDERS[part] / rest).read_bytes()


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
