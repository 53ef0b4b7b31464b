"""What the tests of themes share: folders of themes, and pages that are made with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from webapp.chat import Composer
from webapp.front.contexts import FirstPage
from webapp.front.models import Wave
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates
from webapp.themes.theme import Theme

FIRST_PAGE = FirstPage(
    cursor="0",
    live_path="/new/live",
    visitor="",
    composer=Composer("/new/", "", "Quiet Meadow", ""),
    now=datetime(2026, 5, 14, 18, 30, tzinfo=UTC),
    wave=Wave(id=1, count=0),
)
"""A context of about.html."""


def theme(folder: Path, files: Mapping[str, str]) -> Theme:
    """The theme in `folder`, with `files` by their paths in it."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return Theme.read(folder)


def templates_of(one: Theme) -> Templates:
    """The templates of a server that serves with that theme."""
    return Templates([*one.templates, TEMPLATES], Assets([*one.static, STATIC]))
