"""A folder of templates that a test writes, in front of the app's own."""

from __future__ import annotations

from pathlib import Path

from webapp.design.fixtures import FILE, Fixtures, load
from webapp.live.templating import TEMPLATES


def write(folder: Path, fixtures: str = "", **templates: str) -> Path:
    """Write a folder of templates: `message="…"` becomes the partial `own/_message.html`."""
    (folder / "own").mkdir(parents=True, exist_ok=True)
    for name, text in templates.items():
        (folder / "own" / f"_{name}.html").write_text(text, encoding="utf-8")
    if fixtures:
        (folder / FILE).write_text(fixtures, encoding="utf-8")
    return folder


def read(folder: Path, fixtures: str = "", **templates: str) -> Fixtures:
    """Write a folder, and read it in front of the app's own."""
    return load([write(folder, fixtures, **templates), TEMPLATES])
