"""The ids that attributes name, and those that elements have. `value-{{ row.id }}` may be the id of any value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from webapp.design.rules.markup import Attribute, Tag
from webapp.design.rules.source import SOMETHING

SELECTORS = frozenset(
    ("hx-target", "hx-select", "hx-select-oob", "hx-include", "hx-indicator", "hx-sync", "hx-trigger", "hx-disable")
)
"""Attributes that hold selectors."""

IDS = frozenset(
    (
        "for", "form", "list", "popovertarget", "commandfor", "headers", "aria-labelledby", "aria-describedby",
        "aria-controls", "aria-owns", "aria-details", "aria-errormessage", "aria-flowto", "aria-activedescendant",
    )
)  # fmt: skip
"""Attributes that hold one id, or several with spaces between them."""

_IN_SELECTOR = re.compile(rf"#([A-Za-z_{SOMETHING}](?:[\w{SOMETHING}-])*)")
_WORD = re.compile(r"\S+")
_ANY = re.compile(rf"{SOMETHING}+")


def bare(name: str) -> str:
    """Return an attribute's name without what htmx adds to it, such as `:inherited`."""
    return name.partition(":")[0]


def named_ids(tag: Tag) -> Iterator[tuple[str, int, Attribute]]:
    """Return the ids that a tag's attributes name, each with its index and its attribute."""
    for each in tag.attributes:
        value = each.value or ""
        if bare(each.name) in SELECTORS:
            found: Iterator[tuple[str, int]] = ((m[1], m.start()) for m in _IN_SELECTOR.finditer(value))
        elif each.name in IDS:
            found = ((m[0], m.start()) for m in _WORD.finditer(value))
        elif each.name == "href" and value.startswith("#") and len(value) > 1:
            found = iter([(value[1:], 0)])
        else:
            continue
        yield from ((name, each.value_at + at, each) for name, at in found)


def ids_in(selector: str) -> list[str]:
    """Return the ids in a selector."""
    return _IN_SELECTOR.findall(selector)


def pattern_of(value: str) -> str:
    """Return an id with one SOMETHING for each expression in it."""
    return _ANY.sub(SOMETHING, value)


def is_any(pattern: str) -> bool:
    """Return whether the id is nothing but an expression."""
    return not pattern.strip(SOMETHING)


def matches(name: str, ids: Collection[str]) -> bool:
    """Return whether one of the ids may be the one that is named."""
    named = pattern_of(name)
    if named in ids or is_any(named):
        return True
    return any(_fits(named, each) or _fits(each, named) for each in ids if not is_any(each))


def _fits(pattern: str, name: str) -> bool:
    if SOMETHING not in pattern:
        return pattern == name
    # After a hyphen, an id has the number of a row. An id may begin with any name.
    written = re.escape(pattern).replace(rf"\-{SOMETHING}", "-[^-]+").replace(SOMETHING, ".+")
    return re.fullmatch(written, name) is not None


def spelled(pattern: str) -> str:
    """Return an id as a person may read it, with three dots for an expression."""
    return _ANY.sub("…", pattern)
