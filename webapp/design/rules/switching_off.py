"""Comments that switch a rule off, with a reason."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import RULES, Hit, rule
from webapp.design.rules.sheet import Sheet
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source
from webapp.design.rules.text_file import TextFile
from webapp.design.rules.words import did_you_mean

_COMMENT = re.compile(r"check:\s*(?P<file>file\s+)?off\b\s*(?P<rule>[\w-]*)\s*(?::\s*(?P<reason>.*))?", re.DOTALL)
_MEANT = re.compile(r"\s*check\s*:")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)

ALWAYS_ON = frozenset(("jinja-error", "switched-off"))
"""Rules that no comment switches off."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A comment that switches a rule off.

    Attributes:
        rule: The rule's name.
        lines: The lines for which it is off.
        at: The index of the comment.
        wrong: Why the comment has no effect, or an empty text.
    """

    rule: str
    lines: Container[int]
    at: int
    wrong: str = ""


def switches_of(text: TextFile) -> list[Switch]:
    """Return the comments of a file that switch a rule off, those that have no effect too."""
    return [_switch(text, *each) for each in text.comments if _MEANT.match(each[0])]


def _switch(text: TextFile, comment: str, at: int, end: int) -> Switch:
    found = _COMMENT.fullmatch(comment)
    if found is None:
        return Switch("", (), at, "This comment is not written as it has to be: check: off rule-name: reason.")
    name = found["rule"]
    if name not in RULES:
        return Switch(name, (), at, f"There is no rule {name or 'without a name'}.{did_you_mean(name, RULES)}")
    if name in ALWAYS_ON:
        return Switch(name, (), at, f"The rule {name} cannot be switched off.")
    if not (found["reason"] or "").strip():
        return Switch(name, (), at, f"The rule {name} is switched off without a reason.")
    everywhere = range(1, text.text.count("\n") + 2)
    return Switch(name, everywhere if found["file"] else _next(text, end), at)


def _next(text: TextFile, end: int) -> range:
    """Return the lines of the next element with all that is in it, or the next line that is not empty."""
    rest = text.text[end:]
    at = end + len(rest) - len(rest.lstrip())
    last = text.line(at)
    if isinstance(text, Source):
        tag = next((each for each in text.start_tags if each.at >= at), None)
        if tag is not None and text.line(tag.at) == last:
            last = text.line(_end(text, tag))
    return range(text.line(end), last + 1)


def _end(source: Source, tag: Tag) -> int:
    if tag.name in _VOID:
        return tag.end - 1
    closing = source.end_of(tag)
    return tag.end - 1 if closing.at == closing.end else closing.at


_WORDS = {
    "noticed": "Nothing; but the rule still holds, and the next person does not know why it should not.",
    "mend": "Write the rule's name, a colon and the reason.",
}


@rule(
    "switched-off",
    Level.WARNING,
    "Switching a rule off",
    "template",
    bad="{# check: off missing-alt #}",
    good="{# check: off missing-alt: the picture's text stands right beside it #}",
    **_WORDS,
)
def switched_off(source: TextFile, site: Site) -> Iterator[Hit]:
    """Find comments that switch nothing off."""
    yield from (Hit(each.at, each.wrong) for each in switches_of(source) if each.wrong)


@rule(
    "style-switched-off",
    Level.WARNING,
    "Switching a rule off",
    "style",
    bad="/* check: off unknown-token */",
    good="/* check: off unknown-token: the theme of a customer defines it */",
    **_WORDS,
)
def style_switched_off(sheet: Sheet, site: Site) -> Iterator[Hit]:
    """Find comments in style sheets that switch nothing off."""
    yield from switched_off(sheet, site)
