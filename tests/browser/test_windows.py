"""A page that complains must fail its test, so the windows have to hear it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from tests.support.window import Window

ADDRESS = "http://rooms.test/"
POLICY = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
COMPLAINTS = {
    "inline style": ("<p style='color: red'>x</p>", "Content Security Policy"),
    "inline script": ("<script>1</script>", "Content Security Policy"),
    "foreign image": ("<img src='http://elsewhere.test/x.png' alt=''>", "Content Security Policy"),
    "broken script": ("<script src='throws'></script>", "exception: "),
    "missing file": ("<link rel=stylesheet href='missing'>", "404"),
    "warning": ("<script src='warns'></script>", "warning: careful"),
}


def serve(route: Route, body: str) -> None:
    path = route.request.url.removeprefix(ADDRESS)
    scripts = {"throws": "undefined.x", "warns": "console.warn('careful')"}
    if path in scripts:
        route.fulfill(body=scripts[path], content_type="text/javascript")
    elif path in ("", "favicon.ico"):
        route.fulfill(body=f"<!doctype html><title>x</title>{body}", headers=POLICY)
    else:
        route.fulfill(status=404)


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_complaint_is_heard_unless_it_is_allowed(name: str, window: Callable[..., Window]) -> None:
    body, words = COMPLAINTS[name]
    opened = window()
    opened.page.route(f"{ADDRESS}**", lambda route: serve(route, body))
    opened.page.goto(ADDRESS)
    (complaint,) = opened.complaints()
    assert words in complaint
    opened.allow(words)
    assert opened.complaints() == []


def test_a_quiet_page_has_no_complaints(window: Callable[..., Window]) -> None:
    opened = window()
    opened.page.route(f"{ADDRESS}**", lambda route: serve(route, "<p>x</p>"))
    opened.page.goto(ADDRESS)
    assert opened.complaints() == []
