"""What axe finds wrong with a page for people who use a keyboard, a screen reader or strong contrast."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

# Of what is right only the names of the rules: describing every element that is as it should be takes most of the time.
RUN = """but => axe.run({
    resultTypes: ['violations'], rules: Object.fromEntries(but.map(each => [each, {enabled: false}]))
})
.then(found => found.violations)"""


def violations(page: Page, but: Collection[str] = ()) -> list[str]:
    """A line for each rule that the page breaks, with the first elements that do; empty when all is well.

    but: rules that do not count.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found = page.evaluate(RUN, list(but))
    return [f"{each['id']}: {each['help']} {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]


@cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
