"""`python -m webapp theme`: makes a theme, copies files into it, and says what has changed and what is wrong."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from webapp.themes.copies import copied, copy_into, remember
from webapp.themes.differences import differences, without_original
from webapp.themes.finding import find_theme, installed_names, shipped_themes
from webapp.themes.new import version, write_theme
from webapp.themes.soundness import problems
from webapp.themes.theme import MANIFEST, Theme, ThemeError


def add_theme_parser(commands: Any) -> None:
    """Add `theme` to the subparsers `commands` of a command line."""
    themes = commands.add_parser("theme", help="make a theme, and keep it up to date").add_subparsers(
        dest="action", required=True
    )
    new = themes.add_parser("new", help="write a theme to start from into a folder of its own")
    new.add_argument("name", help="small letters, digits, - and _; the folder is called like that")
    copy = themes.add_parser("copy", help="copy built-in templates or static files into the theme, to edit them there")
    copy.add_argument("files", nargs="+", metavar="FILE", help="such as chat/room.html or css/message.css")
    diff = themes.add_parser("diff", help="show what has changed in the built-in files since the theme copied them")
    diff.add_argument("--accept", action="store_true", help="the theme has these changes now: compare with them later")
    check = themes.add_parser("check", help="say what does not work in the theme")
    for parser in (copy, diff, check):
        parser.add_argument("--theme", default="", help="a folder or a name; without it THEME, or the current folder")
    themes.add_parser("list", help="list the themes that THEME can name")


def run_theme_command(options: argparse.Namespace) -> int:
    """Run `theme` with the options of its parser.

    Returns:
        The exit status. 1: `diff` has found changes, or `check` has found something wrong.

    Raises:
        ThemeError: It cannot be done. The text says why in one line.
    """
    return _ACTIONS[options.action](options)


def _new(options: argparse.Namespace) -> int:
    for file in write_theme(options.name, Path.cwd()):
        print(file.relative_to(Path.cwd()))
    print(f"See it with THEME=./{options.name}; {options.name}/README.md says how to go on.")
    return 0


def _copy(options: argparse.Namespace) -> int:
    theme = _chosen(options.theme)
    for path in copy_into(theme, options.files):
        print(_shown(theme.folder / path))
    return 0


def _diff(options: argparse.Namespace) -> int:
    theme = _chosen(options.theme)
    found = differences(theme)
    for difference in found:
        print("\n".join(difference.lines))
        if options.accept:
            remember(theme, difference.path)
    for path in without_original(theme):
        print(f"{path}: nothing is known of what it was made from. `theme copy` keeps that.")
    if not found:
        print(f"The built-in files are as they were when {theme.name} copied {len(copied(theme))} of them.")
    return 1 if found and not options.accept else 0


def _check(options: argparse.Namespace) -> int:
    theme = _chosen(options.theme)
    found = list(problems(theme))
    print("\n".join(found) or f"{theme.name} is in order.")
    return 1 if found else 0


def _list(options: argparse.Namespace) -> int:
    print(f"default     the built-in design, version {version()}")
    for theme in shipped_themes():
        print(f"{theme.folder.name:<11} {theme.description}")
    for name in installed_names():
        print(f"{name:<11} from an installed package")
    return 0


def _chosen(text: str) -> Theme:
    named = text or os.environ.get("THEME", "").strip()
    if not named and Path(MANIFEST).is_file():
        named = "./"
    if not named:
        raise ThemeError(f"name the theme with --theme, or run this in its folder, which has a {MANIFEST}.")
    try:
        theme = find_theme(named)
    except ThemeError as error:
        raise ThemeError(f"{ascii(named)[1:-1][:200]}: {error}") from error
    if theme is None:
        raise ThemeError("the built-in design is no theme of its own. Make one with `theme new`.")
    return theme


def _shown(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


_ACTIONS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "new": _new,
    "copy": _copy,
    "diff": _diff,
    "check": _check,
    "list": _list,
}
