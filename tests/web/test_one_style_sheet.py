"""All pages share one style sheet, made of the many that designers write."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from jinja2 import TemplateRuntimeError
from starlette.applications import Starlette
from starlette.routing import Mount

from webapp.live.templating.assets import Assets
from webapp.live.templating.css_part import CssPart, StyleSheetError

LIST = ("tokens", "button", "theme/*")
BUILT_IN = {
    "css/tokens.css": "@layer tokens, base;\n@layer tokens {\n  :root {\n    --ink: #000; /* text */\n  }\n}\n",
    "css/button.css": "/* Buttons. */\n@layer base {\n  .button {\n    color: var(--ink);\n  }\n}\n",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "static", BUILT_IN)


def bundle(*folders: Path) -> str:
    sheets = Assets(folders).style_sheets
    sheets.urls(LIST)
    return sheets.bundle()[0].decode()


async def answer(assets: Assets, path: str, **headers: str) -> httpx.Response:
    app = Starlette(routes=[Mount("/static", assets)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        return await http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_it_has_all_sheets_in_their_order_without_comments_and_indents(folder: Path) -> None:
    told = bundle(folder)
    assert told.startswith("@layer tokens, base;\n@layer tokens {\n:root {\n--ink: #000;\n}\n}\n@layer base {")
    assert "/*" not in told


async def test_browsers_keep_it_for_ever_under_a_url_that_changes_with_any_sheet(folder: Path) -> None:
    assets = Assets([folder])
    (url,) = assets.style_sheets.urls(LIST)
    found = await answer(assets, url)
    assert (found.status_code, found.text) == (200, bundle(folder))
    assert "immutable" in found.headers["cache-control"]
    assert found.headers["content-type"].startswith("text/css")
    written(folder, {"css/button.css": "@layer base { .button { color: red; } }"})
    assert Assets([folder]).style_sheets.urls(LIST) != [url]


async def test_a_plain_or_an_outdated_address_has_the_present_sheet_and_asks_at_each_use(folder: Path) -> None:
    assets = Assets([folder])
    assets.style_sheets.urls(LIST)
    outdated = await answer(assets, "/static/styles.css?v=000000000000")
    found = await answer(assets, "/static/styles.css")
    for each in (outdated, found):
        assert (each.text, each.headers["cache-control"]) == (bundle(folder), "no-cache")
    again = await answer(assets, "/static/styles.css", If_None_Match=found.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


async def test_before_any_template_has_listed_sheets_there_is_none(folder: Path) -> None:
    assert (await answer(Assets([folder]), "/static/styles.css")).status_code == 404


def test_a_file_of_a_theme_replaces_the_built_in_one_and_its_own_come_last(folder: Path, tmp_path: Path) -> None:
    theme = {
        "css/button.css": "@layer base { .button { color: tan; } }",
        "css/theme/b.css": "@layer base { .b { color: teal; } }",
        "css/theme/a.css": "@layer base { .a { color: navy; } }",
    }
    told = bundle(written(tmp_path / "theme", theme), folder)
    assert "var(--ink)" not in told
    assert [told.index(word) for word in ("--ink", "tan", "navy", "teal")] == sorted(
        told.index(word) for word in ("--ink", "tan", "navy", "teal")
    )


def test_a_designer_gets_each_sheet_by_itself_and_a_changed_one_at_the_next_load(folder: Path, tmp_path: Path) -> None:
    assets = Assets([tmp_path / "theme", folder], reload=True)
    first = assets.style_sheets.urls(LIST)
    assert [url.partition("?")[0] for url in first] == ["/static/css/tokens.css", "/static/css/button.css"]
    written(tmp_path / "theme", {"css/theme/new.css": "@layer base { .new { color: teal; } }"})
    assert len(assets.style_sheets.urls(LIST)) == 3
    assert "teal" in assets.style_sheets.bundle()[0].decode(), "the error page shows it too"


def test_two_lists_are_refused_because_another_process_may_be_asked_for_the_second(folder: Path) -> None:
    sheets = Assets([folder]).style_sheets
    sheets.urls(LIST)
    with pytest.raises(TemplateRuntimeError, match=r"Add the sheet to the list in _styles\.html"):
        sheets.urls(["tokens"])


def test_a_sheet_that_is_listed_and_missing_is_named(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"css/none\.css"):
        Assets([folder]).style_sheets.urls(["none"])


def part(text: str, path: str = "css/theme/mine.css") -> str:
    files = {"fonts/serif.woff2", "css/theme/dots.svg"}

    def url(target: str) -> str:
        if target not in files:
            raise FileNotFoundError(target)
        return f"/static/{target}?v=1"

    return CssPart(path, text, url).render()


def test_addresses_in_a_sheet_go_on_leading_to_their_files() -> None:
    assert part("src: url(../../fonts/serif.woff2)") == 'src: url("/static/fonts/serif.woff2?v=1")'
    assert part("src: url( 'dots.svg?x#two' )") == 'src: url("/static/css/theme/dots.svg?v=1#two")'
    for kept in (
        'url("data:image/svg+xml,<svg>")',
        "url(#clip)",
        "url(/static/icon.svg)",
        'url("https://a.example/b")',
    ):
        assert part(f"x: {kept}") == f"x: {kept}"
    with pytest.raises(StyleSheetError, match=r"css/theme/mine\.css names \.\./none\.png, and there is no file"):
        part("x: url(../none.png)")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (".a /* one */ .b {}", ".a\n.b {}"),
        (".a/* one */.b {}", ".a/**/.b {}"),
        ('content: "/* { */"', 'content: "/* { */"'),
        (r"content: '\'}'", r"content: '\'}'"),
        ("/* it's */ a {}", "a {}"),
    ],
)
def test_a_comment_goes_and_what_looks_like_one_in_a_string_stays(written: str, kept: str) -> None:
    assert part(written) == kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (".a { color: red;", "a { without its }"),
        (".a { } }", "a } without its {"),
        (".a { } /* and so on", "a comment without its */"),
        (".a { } /*/", "a comment without its */"),
        ('@import "other.css";', "@import has no effect"),
    ],
)
def test_a_sheet_that_would_change_those_after_it_is_refused(text: str, told: str) -> None:
    with pytest.raises(StyleSheetError) as refused:
        part(text)
    assert "static/css/theme/mine.css" in str(refused.value)
    assert told in str(refused.value)
