"""The tokens: each is explained, and what is read on them can be read, by day and by night."""

from __future__ import annotations

import re

import pytest

from tests.support.app_server import ROOT
from webapp.live.marks import HUES

SOURCE = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
DECLARED = re.findall(r"^ +(--[\w-]+): (.*?);(.*)$", SOURCE, re.MULTILINE)
PAIRS = {name: re.findall(r"#[0-9a-f]{6}", value) for name, value, _ in DECLARED if value.startswith("light-dark(#")}
"""The two values of each colour, of the last rule that sets it: the one for more contrast, if there is one."""
USUAL = {
    name: re.findall(r"#[0-9a-f]{6}", value)
    for name, value, _ in reversed(DECLARED)
    if value.startswith("light-dark(#")
}
ON = {"--on-accent": ["--accent"], "--on-alarm": ["--alarm"], "--ink": ["--paper", "--sheet", "--notice"]}
TEXT = {
    **{name: ["--paper", "--sheet"] for name in ("--faint", "--accent", "--alarm")},
    **{f"--person-{hue}": ["--paper", "--sheet"] for hue in HUES},
    **ON,
}


def luminance(colour: tuple[float, ...]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def parsed(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_token_says_what_it_is_for() -> None:
    assert len(DECLARED) > 50
    assert [name for name, _, rest in DECLARED if not re.match(r" /\* \S.* \*/$", rest)] == []


@pytest.mark.parametrize("colours", [USUAL, PAIRS], ids=["usual", "more contrast"])
@pytest.mark.parametrize("name", TEXT)
def test_text_can_be_read_on_its_grounds(name: str, colours: dict[str, list[str]]) -> None:
    for ground in TEXT[name]:
        for one, other in zip(colours[name], colours[ground], strict=True):
            assert contrast(parsed(one), parsed(other)) >= 4.5, (name, one, ground, other)


@pytest.mark.parametrize("hue", HUES)
def test_the_letter_in_a_disc_can_be_read(hue: str) -> None:
    for person, sheet in zip(USUAL[f"--person-{hue}"], USUAL["--sheet"], strict=True):
        disc = tuple(0.16 * a + 0.84 * b for a, b in zip(parsed(person), parsed(sheet), strict=True))
        assert contrast(parsed(person), disc) >= 4.5


def test_each_hue_of_a_mark_has_its_colour() -> None:
    rules = (ROOT / "static" / "css" / "people-colours.css").read_text(encoding="utf-8")
    for hue in HUES:
        assert re.search(rf'\[data-by\^="{hue}"\] {{\s+--person: var\(--person-{hue}\);', rules)


def test_the_browsers_own_bar_has_the_colour_of_the_paper() -> None:
    base = (ROOT / "templates" / "base.html").read_text(encoding="utf-8")
    assert re.findall(r'content="(#\w+)"', base) == USUAL["--paper"]
