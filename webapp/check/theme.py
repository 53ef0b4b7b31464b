"""The check of the theme."""

from __future__ import annotations

from webapp.check.finding import Finding
from webapp.environment import shown
from webapp.settings import Settings
from webapp.themes.soundness import problems


def check_theme(settings: Settings) -> list[Finding]:
    """Find out whether the app can serve with the theme: its files, its templates, its style sheets."""
    if settings.theme is None:
        return []
    return [Finding(f"THEME={shown(settings.theme.name)}: {problem}") for problem in problems(settings.theme)]
