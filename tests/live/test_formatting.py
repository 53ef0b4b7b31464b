"""Marks in a text become HTML of a few kinds, and what is no mark stays as it was typed."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.patience import within
from webapp.live.templating.formatting import LONGEST, formatted
from webapp.live.templating.highlighting import LANGUAGES, highlighted
from webapp.live.templating.links import parts_of

TAGS = {
    *("p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "small", "span"),
}
ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "pre": {"dir"},
    "small": {"dir"},
    "ol": {"start"},
    "span": {"class"},
}
FENCE = "```"


class Read(HTMLParser):
    """A browser's view of the HTML: its tags, its links, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(str(html))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        given = dict(attrs)
        assert given.keys() <= ATTRIBUTES.get(tag, set()), given
        if tag == "a":
            assert given["rel"] == "nofollow noopener noreferrer"
            assert "a" not in self.open
            self.links.append(given["href"] or "")
        if tag == "span":
            assert (given["class"] or "").startswith("code__")
            assert self.open[-2:] == ["pre", "code"] or "span" in self.open
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b* c", "<p>a <em>b</em> c</p>"),
        ("**b** and __b__", "<p><strong>b</strong> and <strong>b</strong></p>"),
        ("~~gone~~ `x < *y*`", "<p><s>gone</s> <code>x &lt; *y*</code></p>"),
        ("*two\nlines*", "<p><em>two<br>lines</em></p>"),
        ("*这是*重点**内容**", "<p><em>这是</em>重点<strong>内容</strong></p>"),
        ("> said\nmy answer", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>my answer</p>"),
        ("- a\n- b\nthanks", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>thanks</p>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("```\n<b>\n```", "<pre dir=ltr><code>&lt;b&gt;</code></pre>"),
        ("``` Text\nx = 1", "<pre dir=ltr><code>x = 1</code></pre>"),
        ("```hello there\nyou``` x", "<p><code>hello there you</code> x</p>"),
        ("<b>x</b> &amp; *y*", "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; <em>y</em></p>"),
    ],
)
def test_marks_become_elements(text: str, html: str) -> None:
    assert formatted(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "just words, with a comma",
        "2*3*4 = 24, and a*b, and *",
        "snake_case_name and __",
        r"¯\_(ツ)_/¯",
        ">:( no",
        "+ 1",
        "* * *",
        "- - -",
        "~5 to ~7",
        "# no heading",
        "~~~\nno code",
        "```none-such\nx = 1",
        "| a | b |",
        "    four spaces",
        "https://example.org/a_b_c/*d*",
        "[a]()",
        "[a](javascript:alert(1))",
        "![a](x.png)",
        "",
        "*a" * LONGEST,
    ],
)
def test_what_is_no_mark_stays_as_it_was_typed(text: str) -> None:
    assert formatted(text) == ""


def test_a_link_with_words_of_its_own_says_where_it_leads() -> None:
    read = Read(formatted("[My **bank**](https://evil.example/a?b=1&c=(2)) *x*"))
    assert read.links == ["https://evil.example/a?b=1&c=(2)"]
    assert read.text == "My bank (evil.example) x"


def test_an_address_in_the_words_of_a_link_is_no_link_of_its_own() -> None:
    read = Read(formatted("[see https://a.example *now*](https://b.example/)"))
    assert read.links == ["https://b.example/"]
    assert read.text == "see https://a.example now (b.example)"


@pytest.mark.parametrize(
    "target",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/path",
            "#here",
            "mailto:a@b.org",
        ),
        *("http://user@evil.example", "https:evil.example", "http:\\\\evil.example", "<http://a b>", "ftp://a.org", ""),
        *("http://a.org\nhttp://b.org", "http&colon;//a.org", "http\\://a.org", 'http://a.org "title"'),
    ],
)
def test_no_other_address_becomes_a_link_with_words_of_its_own(target: str) -> None:
    text = f"[words]({target}) *x*"
    read = Read(formatted(text))
    assert "[words](" in read.text
    assert read.links == [part.href for part in parts_of(text) if part.href]


MARKED = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "*",
                "**",
                "_",
                "~~",
                "`",
                "```",
                "\n",
                "\n\n",
                "> ",
                "- ",
                "1. ",
                "[",
                "](",
                ")",
                "  ",
                "\\",
                "<",
                "&",
                '"',
            ]
        ),
        st.sampled_from(["http://a.org/b_c", "javascript:x", "b", "ab 1", "ش", "中", "```py\n", "def f():", "\u202e"]),
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=5),
    ),
    max_size=40,
).map("".join)


@given(MARKED)
def test_whatever_is_written_only_known_elements_come_out_and_no_word_is_lost(text: str) -> None:
    html = formatted(text)
    if not html:
        return
    read = Read(html)
    assert {*read.links} <= {part.href for part in parts_of(text)}
    # A number of a list is drawn by the browser, and the name of a language is for the colours.
    lost = [one for one in text if one.isalpha()]
    shown = [one for one in read.text if one.isalpha()]
    if FENCE not in text and "](" not in text:
        assert shown == lost


@given(MARKED)
def test_a_text_has_the_same_links_with_marks_and_without(text: str) -> None:
    html = formatted(text)
    if html and "`" not in text and "](" not in text:
        assert Read(html).links == [part.href for part in parts_of(text) if part.href is not None]


HOSTILE = [
    "*a ",
    "_a ",
    "**a",
    "`",
    "[",
    "](",
    "[a](http://b.org ",
    "> ",
    "> > ",
    "- ",
    " - ",
    "1. ",
    "~~",
    "*_",
    "*a_b*",
    "a*_",
    "\\*",
    "```\n",
    "[[",
    "*a **b ",
    "\n> - ",
    "http://a.org*",
    "<!--",
    "&#",
]


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_texts_take_no_long_time(part: str) -> None:
    began = time.perf_counter()
    formatted(("*x* " + part * LONGEST)[:LONGEST])
    assert time.perf_counter() - began < within(2)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES)))
def test_hostile_code_takes_no_long_time(language: str) -> None:
    began = time.perf_counter()
    for part in (
        "(",
        "[",
        "{",
        '"',
        "'",
        "<",
        "/*",
        "#",
        "\\",
        "a ",
        "0",
        "$",
        "${",
        "<!",
        "'''",
        "@",
        ":",
        "-",
        "\n ",
        "=",
        "%",
        '"\\',
    ):
        html = highlighted((part * 2000)[:2000], language)
        Read(f"<pre><code>{html}</code></pre>")
    assert time.perf_counter() - began < within(10)


def test_code_has_classes_and_its_own_text() -> None:
    read = formatted("```python\nif x: # <b>\n    return 'y'\n```")
    assert '<span class="code__k">if</span>' in read
    assert Read(read).text == "if x: # <b>\n    return 'y'"
