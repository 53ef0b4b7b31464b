"""The tokens are in one file and explained there, and a theme that sets them alone changes every screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.support.app_server import ROOT, AppServer
from tests.support.window import Window
from tests.themes.made import theme
from webapp.chat.own_style import SHEET as OWN_SHEET
from webapp.themes.tokens import read_tokens, table

SHEETS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static" / "css").rglob("*.css")}
GUIDE = ROOT / "docs" / "themes.md"

WITHOUT_MEANING = re.compile(r"--\w")


def test_every_token_is_explained_and_in_a_group() -> None:
    tokens = read_tokens()
    assert len({token.name for token in tokens}) == len(tokens) > 20
    assert [token.name for token in tokens if not (token.meaning and token.group)] == []
    declared = re.findall(r"^ +(--[\w-]+):", SHEETS["tokens.css"].partition("@media")[0], re.MULTILINE)
    assert [token.name for token in tokens] == declared, "the file has a token that the reader of it does not see"


def test_a_token_that_is_a_colour_has_a_value_for_light_and_for_dark() -> None:
    colours = [token for token in read_tokens() if re.search(r"#[0-9a-f]{3,8}\b|\brgb\(", token.value)]
    assert len(colours) > 10
    assert [token.name for token in colours if "light-dark(" not in token.value] == []


def test_every_token_is_used() -> None:
    used = {name for text in (*SHEETS.values(), OWN_SHEET) for name in re.findall(r"var\((--[\w-]+)", text)}
    assert [token.name for token in read_tokens() if token.name not in used] == []


def test_the_document_has_the_table_of_the_tokens() -> None:
    written = GUIDE.read_text(encoding="utf-8")
    _, begin, rest = written.partition("<!-- tokens: written by bin/docs -->\n")
    inside, end, _ = rest.partition("<!-- end of tokens -->")
    assert begin
    assert end
    assert inside.strip() == table(read_tokens()).strip(), "run bin/docs"


COLOURS = {"--paper": "#fdf1f1", "--ink": "#101080", "--accent": "#7a0050", "--sheet": "#fffbe8", "--radius": "13px"}

SCREENS = {
    "the first page": "",
    "a room": "tokens/",
    "its history": "tokens/messages",
    "the board": "values/",
    "an error": "no/such/page",
}

SEEN = """() => {
    const of = (selector, name) => {
        const element = document.querySelector(selector);
        return element && getComputedStyle(element)[name];
    };
    return {
        ground: of("html", "backgroundColor"), ink: of("html", "color"),
        button: of(".button:not(.button--quiet)", "backgroundColor"), corner: of(".button", "borderRadius"),
    };
}"""


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server with a theme that has nothing but a sheet of tokens."""
    folder = tmp_path_factory.mktemp("tokens")
    values = "".join(f"    {name}: {value};\n" for name, value in COLOURS.items())
    theme(folder / "ours", {"static/css/theme/tokens.css": f"@layer tokens {{\n  :root {{\n{values}  }}\n}}\n"})
    with AppServer(folder, {"THEME": str(folder / "ours")}) as running:
        yield running
    running.check()


def seen(page: Page, url: str) -> dict[str, str | None]:
    page.goto(url)
    found: dict[str, str | None] = page.evaluate(SEEN)
    return found


@pytest.mark.parametrize("screen", SCREENS)
def test_tokens_alone_change_every_screen(coloured: AppServer, window: Callable[..., Window], screen: str) -> None:
    visitor = window(color_scheme="dark", reduced_motion="reduce")
    visitor.allow("404")
    found = seen(visitor.page, f"{coloured.url}/{SCREENS[screen]}")
    assert (found["ground"], found["ink"]) == ("rgb(253, 241, 241)", "rgb(16, 16, 128)")
    assert found["button"] in (None, "rgb(122, 0, 80)")
    assert found["corner"] in (None, "13px")
    assert found["button"] or screen == "its history"


def test_paper_stays_white_on_paper(coloured: AppServer, window: Callable[..., Window]) -> None:
    """A theme's tokens stand in the layer of the tokens, and what is printed is in a later one."""
    visitor = window()
    visitor.page.goto(f"{coloured.url}/tokens/")
    visitor.page.emulate_media(media="print")
    assert visitor.page.evaluate(SEEN)["ground"] == "rgb(255, 255, 255)"
