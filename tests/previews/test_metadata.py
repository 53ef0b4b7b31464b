"""What is taken from a page is short plain text, whatever the page is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.patience import within
from webapp.live.validation import is_storable
from webapp.previews.reading import Metadata, metadata_of
from webapp.previews.reading.metadata import DESCRIPTION_LIMIT, TITLE_LIMIT

MARKUP = """<title> </title> <meta property="og:title" name=description content=" content=' " ' > < / = <!-- -->
<script> </script> <style> </head> <body> &lt; &#0; &#xD800; &#x202e; og:image charset=utf-16 charset=zlib a"""
PIECES = st.sampled_from([*MARKUP.split(), " ", "\n", "\0", "\u202e", "\ufeff", "\ud800", "é", "漢", "👋🏽"])
PAGES = st.lists(PIECES, max_size=40).map("".join)


def of(html: str, charset: str | None = "utf-8", *headers: str) -> Metadata | None:
    """What is taken from this page."""
    return metadata_of(html.encode("utf-8", "surrogatepass"), charset, headers)


def words(html: str) -> str:
    """The title that is taken from this page."""
    found = of(html)
    return "" if found is None else found.title


def test_open_graph_comes_before_twitter_and_both_before_the_plain_title() -> None:
    plain = "<title>plain</title><meta name=description content='plain words'>"
    twitter = "<meta name=twitter:title content=twitter><meta name='twitter:image' content=t.png>"
    graph = "<meta property='og:title' content='graph'><meta property=og:description content='graph words'>"
    assert of(plain) == Metadata("plain", "plain words")
    assert of(plain + twitter) == Metadata("twitter", "plain words", "t.png")
    assert of(plain + twitter + graph) == Metadata("graph", "graph words", "t.png")


def test_a_page_without_a_title_has_nothing_to_show() -> None:
    assert of("<meta name=description content='words'>") is None
    assert of("<title> \n </title>") is None
    assert of("") is None


def test_a_title_is_plain_text_in_one_line() -> None:
    assert words("<title> a &lt;script&gt;alert(1)&lt;/script&gt;\n b</title>") == "a <script>alert(1)</script> b"
    assert words("<title>pay\u202epal\u200b \u2066x\u2069 \x07&#x202e;!</title>") == "paypal x !"
    assert (
        words("<meta property=og:title content='\"><img src=x onerror=alert(1)>'>") == '"><img src=x onerror=alert(1)>'
    )


def test_a_long_title_is_cut() -> None:
    found = of(f"<title>{'a' * 1_000_000}</title><meta name=description content='{'b ' * 1900}'>")
    assert found is not None
    assert (len(found.title), found.title[-2:]) == (TITLE_LIMIT, "a…")
    assert len(found.description) <= DESCRIPTION_LIMIT


def test_comments_scripts_and_what_follows_the_head_are_not_read() -> None:
    script = "<script>'<meta property=og:title content=no>'</script>"
    hidden = f"<!-- <title>no</title> -->{script}<style><title>no</title></style>"
    assert words(f"{hidden}<title>yes</title></head><meta property=og:title content=no>") == "yes"


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        ("<meta charset=windows-1251>", None),
        ("<meta http-equiv=content-type content='text/html; charset=windows-1251'>", None),
        ("", "windows-1251"),
        ("<meta charset=utf-8>", "cp1251"),
    ],
)
def test_the_charset_is_that_of_the_response_and_else_of_the_page(head: str, charset: str | None) -> None:
    found = metadata_of(f"{head}<title>Привет</title>".encode("windows-1251"), charset)
    assert found == Metadata("Привет")


def test_a_mark_at_the_beginning_decides_on_the_charset() -> None:
    assert metadata_of("\ufeff<title>漢字</title>".encode("utf-16-le"), "latin-1") == Metadata("漢字")
    assert metadata_of("\ufeff<title>漢字</title>".encode(), "latin-1") == Metadata("漢字")


@pytest.mark.parametrize(
    "charset", [None, "", "nonsense", "zlib", "rot13", "punycode", "idna", "unicode_escape", "\0", "x" * 10_000]
)
def test_a_charset_that_is_none_of_the_web_does_no_harm(charset: str | None) -> None:
    assert metadata_of("<title>Grüße</title>".encode(), charset) == Metadata("Grüße")
    assert metadata_of("<title>Grüße</title>".encode("latin-1"), charset) == Metadata("Grüße")


ASKS = ["nosnippet", "NoSnippet, noindex", "max-snippet:0", "x, max-snippet: 0", "haikurooms-linkpreview: nosnippet"]
LEAVES = [
    "noindex",
    "none",
    "noarchive, nofollow",
    "max-snippet:50",
    "googlebot: nosnippet",
    "unavailable_after: 1 Jun",
]


@pytest.mark.parametrize("directive", ASKS)
def test_a_page_that_does_not_want_to_be_quoted_has_no_preview(directive: str) -> None:
    assert of("<title>a</title>", "utf-8", directive) is None
    assert of("<title>a</title>", "utf-8", "noindex", directive) is None


@pytest.mark.parametrize("directive", LEAVES)
def test_other_directives_leave_the_preview(directive: str) -> None:
    assert of("<title>a</title><meta property=og:image content=i>", "utf-8", directive) == Metadata("a", "", "i")


def test_a_page_says_the_same_in_meta_elements() -> None:
    assert of("<title>a</title><meta name=robots content=index><meta name=ROBOTS content=nosnippet>") is None
    assert of("<title>a</title><meta name=haikurooms-linkpreview content=nosnippet>") is None
    assert of("<title>a</title><meta name=googlebot content=nosnippet>") == Metadata("a")


@pytest.mark.parametrize("directive", ["noimageindex", "max-image-preview:none"])
def test_a_page_may_keep_its_image_to_itself(directive: str) -> None:
    page = "<title>a</title><meta property=og:image content=i>"
    assert of(page, "utf-8", directive) == Metadata("a")
    assert of(f"{page}<meta name=robots content='{directive}'>") == Metadata("a")


HOSTILE = {
    "open elements": b"<div>" * 100_000,
    "open tables": b"<table><tr><td>" * 33_000,
    "attributes": b"<meta " + b"".join(b"a%d=1 " % number for number in range(60_000)) + b">",
    "many attributes many times": (b"<meta " + b"".join(b"a%d " % number for number in range(700)) + b">") * 100,
    "meta elements": b"<meta name=a content=b>" * 20_000,
    "open quotes": b'<meta "' * 70_000,
    "both quotes": b"<meta a='" + b"'\"'" * 160_000,
    "comments": b"<!--" * 120_000,
    "scripts": b"<script>" * 60_000,
    "titles": b"<title>a</title>" * 30_000,
    "references": b"<title>" + b"&lt;" * 120_000,
    "charsets": b"<meta charset=" * 35_000,
    "brackets": b"<" * 500_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_page_takes_long(body: bytes) -> None:
    # A parser of whole pages takes half a minute for the first of these.
    began = time.monotonic()
    metadata_of(body, None)
    assert time.monotonic() - began < within(2)


@settings(max_examples=300)
@given(PAGES, st.sampled_from([None, "utf-8", "utf-16", "latin-1", "zlib"]), st.text(max_size=20))
def test_any_page_gives_short_storable_lines_or_nothing(page: str, charset: str | None, header: str) -> None:
    found = metadata_of(page.encode("utf-8", "surrogatepass"), charset, [header])
    if found is not None:
        for text, limit in ((found.title, TITLE_LIMIT), (found.description, DESCRIPTION_LIMIT)):
            assert len(text) <= limit
            assert is_storable(text)
            assert text == " ".join(text.split())
            assert not set(text) & set("\0\u202e\u2066\ufeff")
        assert found.title


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_do_no_harm(body: bytes, charset: str) -> None:
    metadata_of(body, charset)
