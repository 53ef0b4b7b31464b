"""A theme: a folder whose files replace the built-in ones."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "theme.toml"
"""The file in a theme's folder that says its name and the version that it was made from."""

PARTS = ("templates", "static")
"""The folders of a theme. It needs one of them."""


class ThemeError(Exception):
    """A theme cannot be used. The text says in one line why, and what to do."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme.

    Attributes:
        name: What it is called.
        folder: Where its files are.
        description: What it looks like, in one sentence; may be empty.
        made_from: The version of the app whose files it was made from; empty if it does not say.
    """

    name: str
    folder: Path
    description: str = ""
    made_from: str = ""

    @property
    def templates(self) -> Sequence[Path]:
        """The folders whose templates replace the built-in ones."""
        return [self.folder / "templates"]

    @property
    def static(self) -> Sequence[Path]:
        """The folders whose static files replace the built-in ones."""
        return [self.folder / "static"]

    @classmethod
    def read(cls, folder: Path) -> Theme:
        """Return the theme in `folder`. Without a theme.toml it is called like its folder.

        Raises:
            ThemeError: Its theme.toml cannot be read.
        """
        told = _manifest(folder / MANIFEST)
        return cls(
            str(told.get("name") or folder.name),
            folder,
            str(told.get("description", "")),
            str(told.get("made_from", "")),
        )


def _manifest(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ThemeError(f"{MANIFEST} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        # TOML's own errors, and bytes that are not UTF-8.
        raise ThemeError(f"{MANIFEST} is no TOML file: {' '.join(str(error).split())}.") from error
