"""Readers of different languages are in one room, and each reads the app's words in their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.support.app_server import AppServer
from tests.support.window import Window

WORDS = {
    "en": {"here": "2 here", "typing": "is typing…", "blank": "Write something first.", "edit": "Edit"},
    "lt": {"here": "čia 2", "typing": "rašo…", "blank": "Pirma ką nors parašykite.", "edit": "Taisyti"},
    "ar": {"here": "شخصان هنا", "typing": "يكتب…", "blank": "اكتب شيئًا أولًا.", "edit": "تعديل"},
}


def joined(page: Page) -> None:
    """Wait until the page's socket is open and has caught up."""
    expect(page.locator("#joined > i")).to_be_attached()


def opened(window: Callable[..., Window], language: str, url: str, **options: object) -> Window:
    """A window of a browser that asks for a language."""
    visitor = window(locale=language, **options)
    visitor.page.goto(url)
    return visitor


def refused(page: Page) -> None:
    """Send nothing but a space."""
    page.locator("#message").fill(" ")
    page.locator("#message").press("Enter")


@pytest.mark.parametrize(("one", "other"), [("lt", "ar"), ("en", "lt")])
def test_two_readers_see_their_own_words_live(
    server: AppServer, room: str, window: Callable[..., Window], one: str, other: str
) -> None:
    readers = {code: opened(window, code, f"{server.url}/{room}/") for code in (one, other)}
    for code, each in readers.items():
        joined(each.page)
        expect(each.page.locator("#people-count")).to_have_text(WORDS[code]["here"])
        expect(each.page.locator("html")).to_have_attribute("dir", "rtl" if code == "ar" else "ltr")
    readers[one].page.locator("#message").press_sequentially("lab")
    expect(readers[other].page.locator("#typing")).to_contain_text(WORDS[other]["typing"])
    readers[one].page.locator("#message").fill("labas")
    readers[one].page.locator("#message").press("Enter")
    for each in readers.values():
        expect(each.page.locator("#chat p")).to_have_text(["labas"])
    for code, each in readers.items():
        refused(each.page)
        expect(each.page.locator("#composer-error")).to_have_text(WORDS[code]["blank"])


def test_the_words_are_the_same_after_a_lost_connection(
    serve: Callable[..., AppServer], room: str, window: Callable[..., Window]
) -> None:
    server = serve()
    visitor = opened(window, "ar", f"{server.url}/{room}/")
    joined(visitor.page)
    visitor.allow("WebSocket connection", "ERR_CONNECTION_REFUSED", "htmx:ws:error")
    server.stop()
    expect(visitor.page.locator("#banner")).to_contain_text("جارٍ إعادة الاتصال…")
    server.start()
    expect(visitor.page.locator("#banner")).to_be_empty()
    opened(window, "lt", f"{server.url}/{room}/")
    expect(visitor.page.locator("#people-count")).to_have_text(WORDS["ar"]["here"])
    refused(visitor.page)
    expect(visitor.page.locator("#composer-error")).to_have_text(WORDS["ar"]["blank"])


def test_two_readers_of_the_board_see_their_own_words_live(server: AppServer, window: Callable[..., Window]) -> None:
    ona, omar = (opened(window, code, f"{server.url}/values/").page for code in ("lt", "ar"))
    joined(ona)
    joined(omar)
    ona.locator("#value-new-name").fill("obuoliai ir تفاح")
    ona.locator("#value-new-value").fill("-3")
    ona.locator("#value-new-value").press("Enter")
    for page, code in ((ona, "lt"), (omar, "ar")):
        row = page.locator("#values > li.value", has_text="obuoliai ir تفاح")
        expect(row.locator("a")).to_have_text(WORDS[code]["edit"])
        # A minus stands before its number, in every language.
        assert row.locator("output").evaluate("element => getComputedStyle(element).direction") == "ltr"
    ona.locator("#value-new-name").fill("obuoliai ir تفاح")
    ona.locator("#value-new-name").press("Enter")
    expect(ona.locator("#value-new-problem")).to_have_text(
        "Laukas „pavadinimas“: tai jau užimta. Pasirinkite ką nors kita."
    )
    expect(omar.locator("#value-new-problem")).to_be_empty()


@pytest.mark.parametrize("path", ["/", "/{room}/", "/values/", "/{room}/messages"])
def test_a_language_is_chosen_without_scripts(
    server: AppServer, room: str, window: Callable[..., Window], path: str
) -> None:
    visitor = window(locale="en", java_script_enabled=False)
    visitor.page.goto(f"{server.url}/{room}/")
    visitor.page.goto(server.url + path.format(room=room))
    if path != "/":
        visitor.page.locator(".languages__button").click()
    visitor.page.locator(".languages").get_by_text("العربية").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "ar")
    assert visitor.page.url == server.url + path.format(room=room)
    visitor.page.goto(f"{server.url}/{room}/")
    expect(visitor.page.locator("html")).to_have_attribute("dir", "rtl")
    visitor.allow("422")
    visitor.page.locator("#message").fill(" ")
    visitor.page.get_by_role("button", name="إرسال").click()
    expect(visitor.page.locator("#composer-error")).to_have_text(WORDS["ar"]["blank"])


def test_a_chosen_language_shows_at_once_and_live(server: AppServer, room: str, window: Callable[..., Window]) -> None:
    page = opened(window, "en", f"{server.url}/{room}/").page
    joined(page)
    page.locator(".languages__button").click()
    page.locator(".languages").get_by_text("Lietuvių").click()
    expect(page.locator("html")).to_have_attribute("lang", "lt")
    assert page.url == f"{server.url}/{room}/"
    joined(page)
    expect(page.locator("#people-count")).to_have_text("čia 1")


@pytest.mark.parametrize("language", list(WORDS))
def test_times_follow_the_language(server: AppServer, room: str, window: Callable[..., Window], language: str) -> None:
    page = opened(window, language, f"{server.url}/{room}/").page
    joined(page)
    page.locator("#message").fill("hello")
    page.locator("#message").press("Enter")
    time = page.locator("#chat relative-time")
    expect(time).to_have_count(1)
    shown = time.evaluate("element => element.shadowRoot.textContent")
    expected = page.evaluate(
        """([language, at]) => new Intl.DateTimeFormat(language, {hour: "numeric", minute: "2-digit"})
            .format(new Date(at))""",
        [language, time.get_attribute("datetime")],
    )
    assert expected in shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["lt", "ar"])
def test_axe_finds_nothing(
    server: AppServer, room: str, window: Callable[..., Window], language: str, scheme: str
) -> None:
    visitor = window(locale=language, color_scheme=scheme)
    visitor.allow("404")
    for path in ("/", f"/{room}/", "/values/", "/no/such/page"):
        visitor.page.goto(server.url + path)
        if path in (f"/{room}/", "/values/"):
            joined(visitor.page)
            visitor.page.locator(".languages__button").click()
        assert violations(visitor.page) == [], path


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["lt", "ar"])
def test_nothing_stands_out_of_the_page(
    server: AppServer, room: str, window: Callable[..., Window], language: str, width: int
) -> None:
    visitor = window(locale=language, viewport={"width": width, "height": 740})
    for path in ("/", f"/{room}/", "/values/"):
        visitor.page.goto(server.url + path)
        wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, path
