"""Themes: folders whose templates and static files replace the built-in ones, and the command that makes them.

In: the setting THEME, or the words after `python -m webapp theme`.
Out: a `Theme`, whose folders lie over the built-in ones; and the files of a new theme.

    theme.py        a theme: its folder and what its theme.toml says
    finding.py      which theme THEME names: a shipped one, an installed one, or a folder
    soundness.py    whether the app can serve with it
    builtin.py      the built-in files, by the names that a theme replaces them by
    tokens.py       the tokens of the design, read from their style sheet
    new.py          writes a theme to start from; files/ has what it writes
    copies.py       built-in files that a theme has copied, with what they were then
    differences.py  what has changed in them since
    command.py      python -m webapp theme new | copy | diff | check | list
"""

from webapp.themes.finding import find_theme
from webapp.themes.theme import Theme, ThemeError

__all__ = ["Theme", "ThemeError", "find_theme"]
