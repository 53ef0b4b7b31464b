"""The built-in files, by the paths that they have in a theme."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from webapp.live.templating import STATIC, TEMPLATES
from webapp.themes.theme import ThemeError

FOLDERS = {"templates": TEMPLATES, "static": STATIC}
"""Each part of a theme, and the folder that it lies over."""


def builtin_file(path: str) -> Path | None:
    """Return the built-in file that a theme's file replaces; None: it replaces none.

    Args:
        path: The file's path in the theme, such as `templates/about.html`.
    """
    part, _, rest = path.partition("/")
    file = FOLDERS[part] / rest if part in FOLDERS else None
    return file if file is not None and file.is_file() and _is_replaceable(file) else None


def path_in_theme(name: str) -> str:
    """Return the path in a theme of the built-in file that somebody calls `name`.

    Args:
        name: Such as `chat/room.html`, `css/tokens.css` or `templates/about.html`.

    Raises:
        ThemeError: There is no such file. The text says which one may be meant.
    """
    plain = name.replace("\\", "/").removeprefix("./")
    known = builtin_paths()
    found = [path for path in (plain, f"templates/{plain}", f"static/{plain}") if path in known]
    if found:
        return found[0]
    near = difflib.get_close_matches(plain, [path.partition("/")[2] for path in known], 1)
    meant = f" Do you mean {near[0]}?" if near else " templates/README.md lists those that there are."
    raise ThemeError(f"there is no built-in template or static file {ascii(name)[1:-1][:200]}.{meant}")


def builtin_paths() -> Sequence[str]:
    """Return the paths in a theme of all built-in files that it may replace."""
    return sorted(
        f"{part}/{file.relative_to(folder).as_posix()}"
        for part, folder in FOLDERS.items()
        for file in folder.rglob("*")
        if file.is_file() and _is_replaceable(file)
    )


def _is_replaceable(file: Path) -> bool:
    # Beside the templates lie their guide and, in locale/, translations, which a theme's own are added to.
    return file.suffix == ".html" or (file.is_relative_to(FOLDERS["static"]) and not file.name.startswith("."))
