"""Words with numbers have the right form in each language."""

from __future__ import annotations

import pytest

from webapp.chat.contexts import MessageRefusal, RefusedMessage
from webapp.live.contexts import Presence, Problem
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates

TEMPLATES_IN = Templates([TEMPLATES], Assets([STATIC]), languages=["en", "lt", "ar"])


def flooding(language: str, seconds: int) -> str:
    """What a page is told that has to wait, without the element."""
    html = TEMPLATES_IN.in_language(language).render("live/_problem.html", Problem("flooding", seconds))
    return html.partition(">")[2].partition("<")[0]


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        (
            "en",
            {
                0: "0 seconds",
                1: "1 second",
                2: "2 seconds",
                11: "11 seconds",
                21: "21 seconds",
                100: "100 seconds",
                101: "101 seconds",
            },
        ),
        (
            "lt",
            {
                0: "po 0 sekundžių",
                1: "po 1 sekundės",
                2: "po 2 sekundžių",
                3: "po 3 sekundžių",
                10: "po 10 sekundžių",
                11: "po 11 sekundžių",
                21: "po 21 sekundės",
                22: "po 22 sekundžių",
                100: "po 100 sekundžių",
                101: "po 101 sekundės",
                111: "po 111 sekundžių",
            },
        ),
        (
            "ar",
            {
                0: "مرة أخرى الآن",
                1: "بعد ثانية واحدة",
                2: "بعد ثانيتين",
                3: "بعد 3 ثوانٍ",
                10: "بعد 10 ثوانٍ",
                11: "بعد 11 ثانية",
                21: "بعد 21 ثانية",
                100: "بعد 100 ثانية",
                102: "بعد 102 ثانية",
                103: "بعد 103 ثوانٍ",
            },
        ),
    ],
)
def test_seconds_have_their_form(language: str, forms: dict[int, str]) -> None:
    for seconds, words in forms.items():
        assert flooding(language, seconds).endswith(f"{words}."), seconds


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (0, "0 حرف"),
        (1, "حرف واحد"),
        (2, "حرفان"),
        (3, "3 أحرف"),
        (11, "11 حرفًا"),
        (21, "21 حرفًا"),
        (100, "100 حرف"),
        (2000, "2,000 حرف"),
    ],
)
def test_the_six_forms_of_arabic_differ(limit: int, words: str) -> None:
    refused = RefusedMessage(MessageRefusal("handle_too_long", limit=limit), "", "n")
    assert f"{words}." in TEMPLATES_IN.in_language("ar").render("chat/_refused.html", refused)


@pytest.mark.parametrize(
    ("limit", "words"), [(1, "1 simbolis"), (2, "2 simboliai"), (10, "10 simbolių"), (2001, "2\xa0001 simbolis")]
)
def test_the_three_forms_of_lithuanian_differ(limit: int, words: str) -> None:
    refused = RefusedMessage(MessageRefusal("handle_too_long", limit=limit), "", "n")
    assert f"{words}." in TEMPLATES_IN.in_language("lt").render("chat/_refused.html", refused)


@pytest.mark.parametrize(
    ("language", "typing"),
    [
        ("en", ["Ann is typing…", "Ann and Ben are typing…", "Ann, Ben and Cleo are typing…"]),
        ("lt", ["Ann rašo…", "Ann ir Ben rašo…", "Ann, Ben ir Cleo rašo…"]),
        ("ar", ["Ann يكتب…", "Ann وBen يكتبان…", "Ann وBen وCleo يكتبون…"]),
    ],
)
def test_names_are_listed_as_the_language_lists_them(language: str, typing: list[str]) -> None:
    for count, words in enumerate(typing, 1):
        context = Presence(3, [], 0, ["Ann", "Ben", "Cleo"][:count])
        html = TEMPLATES_IN.in_language(language).render("live/_typing.html", context)
        for element in ("bdi", "span"):
            html = html.replace(f"<{element}>", "").replace(f"</{element}>", "")
        assert f">{words}<" in html
