"""Writes a theme to start from."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.themes.finding import DEFAULT, installed_names, shipped_themes
from webapp.themes.theme import MANIFEST, ThemeError
from webapp.themes.tokens import Token, read_tokens

_FILES = Path(__file__).parent / "files"

TOKENS = "static/css/theme/tokens.css"
"""The style sheet of a new theme."""

EXAMPLES = ("--accent", "--on-accent", "--radius")
"""The tokens that a new theme sets to values of its own, so that its designer sees at once that it works."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def write_theme(name: str, parent: Path) -> Sequence[Path]:
    """Write the theme `name` into a new folder of `parent`.

    Returns:
        The new files.

    Raises:
        ThemeError: The name cannot be used, or the folder is there already.
    """
    if not _NAME.fullmatch(name) or len(name) > 50:
        raise ThemeError(f"{ascii(name)[:60]} cannot be a theme's name: write small letters, digits, - and _.")
    if name in {DEFAULT, *(theme.folder.name for theme in shipped_themes()), *installed_names()}:
        raise ThemeError(f"there is a theme called {name} already. Take another name.")
    folder = parent / name
    try:
        folder.mkdir()
    except FileExistsError as error:
        raise ThemeError(f"{folder} is there already. Take another name, or remove it first.") from error
    except OSError as error:
        raise ThemeError(f"{folder} cannot be made ({error.strerror}).") from error
    return [_write(folder / path, text) for path, text in _drawn(name).items()]


def version() -> str:
    """Return the version of the app."""
    return importlib.metadata.version("webapp")


def _drawn(name: str) -> Mapping[str, str]:
    values = {"name": name, "version": version(), "groups": _groups(read_tokens()), "examples": EXAMPLES}
    # The files are Markdown, TOML and CSS, and what is filled in comes from this package and the checked name.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(_FILES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    places = {MANIFEST: "theme.toml.jinja", "README.md": "README.md.jinja", TOKENS: "tokens.css.jinja"}
    return {place: environment.get_template(file).render(values) for place, file in places.items()}


def _groups(tokens: Sequence[Token]) -> Mapping[str, Sequence[Token]]:
    return {
        group: [one for one in tokens if one.group == group] for group in dict.fromkeys(one.group for one in tokens)
    }


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
