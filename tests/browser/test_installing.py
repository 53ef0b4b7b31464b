"""A browser may install the app: it finds no fault with its manifest."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.app_server import AppServer
from tests.support.window import Window


def test_a_browser_offers_to_install_the_first_page(server: AppServer, window: Callable[..., Window]) -> None:
    page = window().page
    page.goto(server.url)
    browser = page.context.new_cdp_session(page)
    manifest = browser.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].startswith(f"{server.url}/static/manifest.webmanifest")
    # A window of a test keeps nothing, like a private one, in which browsers install nothing.
    errors = {each["errorId"] for each in browser.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert errors <= {"in-incognito"}
    expect(page.locator("h1")).to_be_visible()
