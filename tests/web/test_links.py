"""Which parts of a text are links: in every script, beside anything, and never to another place than shown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.live.templating.links import parts_of

A = "https://example.com/a"
# Each with what is a link in it.
WEB = {
    **{
        f"{A}{end}": [A]
        for end in (
            *"，。、！？：；」』）】》〉·…—؟،؛।॥።",
            "，這是",
            "。後",
            "؟ نعم",
            "!",
            "?!",
            "...",
            "’",
            "”",
            "»",
            "`",
            "'",
        )
    },
    **{
        f"{left}{A}{right}": [A]
        for left, right in ("（）", "「」", "“”", "‘’", "«»", "„“", "‹›", "()", "[]", "{}", "<>", '""', "''", "``")
    },
    **{f"{mark}{A}{mark}": [A] for mark in ("*", "**", "_", "~~", "||")},
    "https://example.com/!": ["https://example.com/"],
    "https://example.com?": ["https://example.com"],
    "[docs](https://example.com)": ["https://example.com"],
    "[a](https://a.com/x),(https://b.com/y)": ["https://a.com/x", "https://b.com/y"],
    "https://a.com/x,https://b.com/y": ["https://a.com/x", "https://b.com/y"],
    "https://en.wikipedia.org/wiki/Foo_(bar)": ["https://en.wikipedia.org/wiki/Foo_(bar)"],
    "(https://en.wikipedia.org/wiki/Foo_(bar))": ["https://en.wikipedia.org/wiki/Foo_(bar)"],
    "https://a.com/it’s": ["https://a.com/it’s"],
    "https://a.com/a[1]{2}?q='x'#f!g": ["https://a.com/a[1]{2}?q='x'#f!g"],
    "看https://example.com看": ["https://example.com"],
    "https://example.com을": ["https://example.com"],
    "Тут:https://example.com/а": ["https://example.com/а"],
    "https://гном.срб/": ["https://гном.срб/"],
    "https://日本語.jp/パス?あ=い": ["https://日本語.jp/パス?あ=い"],
    "https://xn--mnchen-3ya.de/": ["https://xn--mnchen-3ya.de/"],
    "HTTPS://EXAMPLE.COM/": ["HTTPS://EXAMPLE.COM/"],
    "http://localhost:8000/": ["http://localhost:8000/"],
    "http://127.0.0.1:8000/x": ["http://127.0.0.1:8000/x"],
    "http://[::1]:8000/": ["http://[::1]:8000/"],
    "https://example.com:443/@ann?x=@#@": ["https://example.com:443/@ann?x=@#@"],
    "https://fa.wikipedia.org/wiki/می\u200cخواهم": ["https://fa.wikipedia.org/wiki/می\u200cخواهم"],
    "\u2068https://a.com/\u2069": ["https://a.com/"],
    "https://a.com/a\u200bb": ["https://a.com/a"],
    "https://a.com/\u202egpj.exe": ["https://a.com/"],
    "https://a.com/\U000e0041\U000e0042": ["https://a.com/"],
    f"https://a.com/{'x' * 1900}": [f"https://a.com/{'x' * 1900}"],
}
BARE = {
    "www.example.de/x?": ["www.example.de/x"],
    "see example.com.": ["example.com"],
    "example.org/x (bbc.co.uk)": ["example.org/x", "bbc.co.uk"],
    "请看www.example.com吧": ["www.example.com"],
    "请看example.com吧": ["example.com"],
    "пример.com": ["пример.com"],
    "münchen.info": ["münchen.info"],
    "日本語.com:8080/": ["日本語.com:8080/"],
}
MAIL = {
    "write to ann@example.de.": ["ann@example.de"],
    "(first.last+tag@example.co.uk)": ["first.last+tag@example.co.uk"],
    "发邮件到ann@example.com吧": ["ann@example.com"],
    "jürgen@bücher.example": ["jürgen@bücher.example"],
}
NONE = [
    *("javascript:alert(1)", "JavaScript://example.com/%0aalert(1)", "data:text/html,x", "vbscript:x.com", "file:///etc/x"),
    *("//example.com/x", "ftp://example.com/x", "foo+https://a.com/", "xhttps://a.com", "http\u017f://a.com"),
    *("http://user:pass@host.com/", "https://google.com@evil.com/", "https://google.com:80@evil.com", "https://@a.com"),
    *("https://exam\u200bple.com/", "pay\u200bpal.com", "pay\u202epal.com", "https://\u202ea.com"),
    *("end.So it", "notes.md", "main.py", "1.2.3", "e.g.this", "...", "a@b", "@ann", "ann@x.com@y.com"),
    *("example.common",),
    *("https://", "https://a", "https://.com", "https://1.2.3.4.5/", "https://a.com:65536/", "http://[::zz]/", "www.x"),
]  # fmt: skip
PIECES = [
    *("http://", "https://a.com/", "www.", "a.", "a@", "xn--a.", "1.", "а1.", "看.", "看", "(", ")"),
    *("[", "'", "’", ",", "!"),
    *("mailto:", "a@a.", "://", "//", "-", "_", "%", ".com", "a.com ", "\u0301", "\u200b", "ی\u200c", "@", ":"),
    *("[:", "…"),
]  # fmt: skip


def links(text: str) -> list[str]:
    return [part.text for part in parts_of(text) if part.href is not None]


@pytest.mark.parametrize(("text", "found"), WEB.items())
def test_an_address_leads_where_it_says(text: str, found: list[str]) -> None:
    for around in ("{}", "see {} there", "{}\n"):
        parts = parts_of(around.format(text))
        assert [(part.text, part.href) for part in parts if part.href is not None] == [(each, each) for each in found]


@pytest.mark.parametrize(("text", "found"), BARE.items())
def test_an_address_without_a_scheme_is_meant_as_https(text: str, found: list[str]) -> None:
    assert [(part.text, part.href) for part in parts_of(text) if part.href] == [
        (each, f"https://{each}") for each in found
    ]


@pytest.mark.parametrize(("text", "found"), MAIL.items())
def test_a_mail_address_is_a_link(text: str, found: list[str]) -> None:
    assert [(part.text, part.href) for part in parts_of(text) if part.href] == [
        (each, f"mailto:{each}") for each in found
    ]


def test_a_percent_sign_in_a_mail_address_stays_one() -> None:
    assert [part.href for part in parts_of("mailto:a%20b@x.com")] == ["mailto:a%2520b@x.com"]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_or_a_trap_is_no_link(text: str) -> None:
    assert links(text) == []
    assert links(f"see {text}") == []


@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(deadline=None)
def test_of_any_text_nothing_is_lost_and_no_link_hides_anything(text: str) -> None:
    parts = parts_of(text)
    assert "".join(part.text for part in parts) == text
    for part in parts:
        if part.href is not None:
            assert part.href.replace("%25", "%") in (part.text, f"https://{part.text}", f"mailto:{part.text}")
            assert part.href.casefold().startswith(("https://", "http://", "mailto:"))
            assert not set(part.text) & set('\u200b\u202e\u2066\ufeff\\<>"` \n')


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    def seconds(length: int) -> float:
        text = "www. " + (piece * length)[:length]
        best = float("inf")
        for _ in range(4):
            began = time.thread_time()
            parts_of(text)
            best = min(best, time.thread_time() - began)
        return best

    # Sixteen times the length; a square would be 256 times the time, and what backtracks never ends.
    assert seconds(16_000) < 64 * seconds(1_000)
