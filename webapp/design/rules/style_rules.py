"""Rules about style sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from webapp.design.rules.colors import SCHEMES, Tokens, token_of, tokens_in
from webapp.design.rules.finding import Level
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.sheet import Declaration, Sheet
from webapp.design.rules.site import Site
from webapp.design.rules.words import did_you_mean

GROUP = "Style sheets"

TEXT = 4.5
"""The least contrast of text."""

BORDER = 3.0
"""The least contrast of the border of a box to write in."""

_ON_PAGES = re.compile(r"--(?:ink|faint|accent|alarm|person-\w+)")
_GROUNDS = ("--paper", "--sheet")


@rule(
    "style-error",
    Level.WARNING,
    GROUP,
    "style",
    noticed="The browser leaves out what it cannot read, and often what follows it too.",
    mend="Look at this line and the one above it: a bracket, a semicolon or a colon is missing or is there twice.",
    bad=".message { color red; }",
    good=".message { color: red; }",
)
def style_error(sheet: Sheet, site: Site) -> Iterator[Hit]:
    """Find what a browser cannot read."""
    yield from (Hit(sheet.start_of(each.line), "A browser cannot read this.") for each in sheet.troubles)


@rule(
    "unknown-token",
    Level.WARNING,
    GROUP,
    "style",
    noticed="The colour, the size or the space is as if the line were not there.",
    mend="Spell the name as in static/css/tokens.css, or define it there.",
    bad="color: var(--acent);",
    good="color: var(--accent);",
)
def unknown_token(sheet: Sheet, site: Site) -> Iterator[Hit]:
    """Find names of tokens that there are not."""
    for declaration in sheet.declarations:
        for name, line, has_other in tokens_in(declaration.value):
            if name not in site.properties and not has_other:
                near = did_you_mean(name, site.properties)
                yield Hit(sheet.start_of(line), f"No style sheet defines {name}.{near}")


@rule(
    "contrast",
    Level.WARNING,
    GROUP,
    "all",
    noticed="People with weak eyes, and everybody in bright light, cannot read the text or find the box.",
    mend="Make the two colours differ more in lightness. Text needs 4.5 : 1, the border of a box 3 : 1.",
    bad="--paper: light-dark(#f6f4ef, #15181d); --faint: light-dark(#b0b0b0, #a0a6ae);",
    good="--paper: light-dark(#f6f4ef, #15181d); --faint: light-dark(#5d636b, #a0a6ae);",
)
def contrast(site: Site) -> Iterator[Hit]:
    """Find pairs of tokens that are too much alike."""
    tokens = Tokens(site.sheets.values())
    for front, ground, least in sorted(_pairs(tokens.names, site)):
        for scheme in SCHEMES:
            token = tokens.get(front, scheme)
            one, other = tokens.color(front, scheme), tokens.color(ground, scheme)
            if token and one and other and (ratio := one.contrast(other)) < least:
                at = token.sheet.start_of(token.declaration.line)
                sentence = (
                    f"{front} on {ground} has a contrast of {ratio:.1f} : 1 in {scheme}, and needs {least:g} : 1."
                )
                yield Hit(at, sentence, token.sheet.name)


def _pairs(names: Iterable[str], site: Site) -> set[tuple[str, str, float]]:
    there = set(names)
    pairs = {(f"--on-{each[2:]}", each, TEXT) for each in there}
    pairs |= {(each, ground, TEXT) for each in there if _ON_PAGES.fullmatch(each) for ground in _GROUNDS}
    pairs |= {("--edge", ground, BORDER) for ground in _GROUNDS} | {("--ink", "--notice", TEXT)}
    return pairs | {pair for sheet in site.sheets.values() for pair in _together(sheet)}


def _together(sheet: Sheet) -> Iterator[tuple[str, str, float]]:
    """Return the tokens that one rule uses as the colour of a text and as its ground."""
    colors: dict[int, str] = {}
    grounds: dict[int, str] = {}
    for each in sheet.declarations:
        name = _only_token(each)
        if name and each.name == "color":
            colors[each.block] = name
        elif name and each.name in ("background", "background-color"):
            grounds[each.block] = name
    yield from ((colors[block], grounds[block], TEXT) for block in colors.keys() & grounds.keys())


def _only_token(declaration: Declaration) -> str:
    parts = [each for each in declaration.value if each.type not in ("whitespace", "comment")]
    return token_of(parts[0]) if len(parts) == 1 else ""
