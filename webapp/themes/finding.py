"""Which theme a text names: one that is shipped, one that a package brings, or a folder."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
from collections.abc import Sequence
from pathlib import Path

from webapp.live.templating import ROOT
from webapp.themes.theme import MANIFEST, PARTS, Theme, ThemeError

GROUP = "haiku_rooms.themes"
"""The entry points by which an installed package brings themes: a name, and a package whose folder is the theme."""

DEFAULT = "default"
"""The name of the built-in design."""

_IN_WHEEL = Path(__file__).resolve().parent / "shipped"

SHIPPED = _IN_WHEEL if _IN_WHEEL.is_dir() else ROOT / "themes"
"""The folder of the shipped themes: inside the package in a wheel, at the top in a checkout."""

_PLAIN = re.compile(r"[^./\\~][^/\\]*")


def find_theme(text: str) -> Theme | None:
    """Return the theme that `text` names; None: the built-in design.

    Args:
        text: The name of a shipped theme, the name by which an installed package brings one, or the path of a folder.
            A text with a slash in it is always a path.

    Raises:
        ThemeError: There is no such theme, or it cannot be used.
    """
    if text in ("", DEFAULT):
        return None
    try:
        folder = (_named(text) if _PLAIN.fullmatch(text) else None) or Path(text).expanduser().resolve()
        _require_usable(folder)
    except (OSError, RuntimeError, ValueError) as error:
        reason = " ".join(ascii(str(error))[1:-1].split())[:200]
        raise ThemeError(f"that is no path that can be read ({reason}). {_choices()}") from error
    return Theme.read(folder)


def shipped_themes() -> Sequence[Theme]:
    """Return the themes that come with the app."""
    return [Theme.read(folder) for folder in sorted(file.parent for file in SHIPPED.glob(f"*/{MANIFEST}"))]


def installed_names() -> Sequence[str]:
    """Return the names by which installed packages bring themes."""
    return sorted({point.name for point in importlib.metadata.entry_points(group=GROUP)})


def _named(name: str) -> Path | None:
    """Return the folder of a theme that is shipped or installed; None: there is none of that name."""
    if (SHIPPED / name / MANIFEST).is_file():
        return SHIPPED / name
    points = list(importlib.metadata.entry_points(group=GROUP, name=name))
    if len({point.value for point in points}) > 1:
        packages = ", ".join(sorted({point.value for point in points}))
        raise ThemeError(f"several installed packages bring a theme of that name: {packages}. Write its folder.")
    return _folder_of(points[0].module) if points else None


def _folder_of(package: str) -> Path:
    """Return the folder of a package, without running its code."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec else []
    if len(places) != 1 or not Path(places[0]).is_dir():
        raise ThemeError(f"the package {package}, which should bring it, is no folder that can be found.")
    return Path(places[0])


def _require_usable(folder: Path) -> None:
    if not folder.exists():
        raise ThemeError(f"there is no such theme and no such folder. {_choices()}")
    if not folder.is_dir():
        raise ThemeError(f"{folder} is a file. Write the folder that holds templates/ or static/.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise ThemeError(f"the folder {folder} cannot be read.")
    if not any((folder / part).is_dir() for part in PARTS):
        raise ThemeError(f"{folder} has neither templates/ nor static/. A theme is a folder that has one or both.")
    if folder == ROOT:
        raise ThemeError("that is the folder of the built-in design. A theme has a folder of its own.")


def _choices() -> str:
    names = [theme.folder.name for theme in shipped_themes()] + list(installed_names())
    return f"Write a folder that has templates/ or static/, or one of: {', '.join([DEFAULT, *names])}."
