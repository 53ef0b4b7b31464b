"""What axe finds wrong with a page for people who use a keyboard, a screen reader or strong contrast."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# Of what is right only the names of the rules: describing every element that is as it should be takes most of the time.
RUN = """options => axe.run({resultTypes: ['violations'], ...options}).then(found => found.violations)"""


def violations(page: Page, but: Collection[str] = (), only: Collection[str] = ()) -> list[str]:
    """A line for each rule that the page breaks, with the first elements that do; empty when all is well.

    but: rules that do not count. only: the only rules that do.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    options: dict[str, Any] = {"rules": {each: {"enabled": False} for each in but}}
    if only:
        options["runOnly"] = list(only)
    found = page.evaluate(RUN, options)
    return [f"{each['id']}: {each['help']} {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]


@cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
