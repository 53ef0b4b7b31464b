"""What axe finds wrong with a page for people who use a keyboard, a screen reader or strong contrast."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page


def violations(page: Page) -> list[str]:
    """A line for each rule that the page breaks, with the first elements that do; empty when all is well."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [f"{each['id']}: {each['help']} {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]
