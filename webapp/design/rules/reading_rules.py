"""Rules about readers who do not see the page: labels, names and texts in place of pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.selectors import matches
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source

GROUP = "Readers who do not see the page"

_TAG = re.compile(r"<[^>]*>")
_NAMING = ("aria-label", "aria-labelledby", "title")


@rule(
    "missing-alt",
    Level.WARNING,
    GROUP,
    "template",
    noticed="A screen reader says the address of the picture, or nothing.",
    mend='Write alt="…" with what the picture says, or alt="" if it only decorates.',
    bad="<img src=\"{{ static('icon.svg') }}\">",
    good='<img src="{{ static(\'icon.svg\') }}" alt="Haiku Rooms">',
)
def missing_alt(source: Source, site: Site) -> Iterator[Hit]:
    """Find pictures without a text."""
    for tag in source.start_tags:
        is_picture = tag.name in ("img", "area") or (tag.name == "input" and tag.value("type") == "image")
        if is_picture and not tag.has("alt"):
            yield Hit(tag.at, f"This <{tag.name}> has no alt.")


@rule(
    "missing-label",
    Level.WARNING,
    GROUP,
    "template",
    noticed="A screen reader does not say what belongs into the box, and a press on its name does not lead into it.",
    mend='Write <label for="…"> with the id of the box, or aria-label if there is no room for it.',
    bad='<input id="handle" name="handle">',
    good='<label for="handle">Your name</label> <input id="handle" name="handle">',
)
def missing_label(source: Source, site: Site) -> Iterator[Hit]:
    """Find fields without a label."""
    for tag in source.start_tags:
        kind = tag.value("type").lower()
        is_field = tag.name in ("textarea", "select") or (
            tag.name == "input" and kind not in ("hidden", "submit", "button", "reset", "image")
        )
        if is_field and not _is_labelled(tag, source, site):
            yield Hit(tag.at, f"This <{tag.name}> has no label.")


def _is_labelled(tag: Tag, source: Source, site: Site) -> bool:
    if any(tag.has(name) for name in _NAMING):
        return True
    if tag.value("id") and matches(tag.value("id"), site.labelled):
        return True
    before = [each for each in source.tags if each.name == "label" and each.at < tag.at]
    return bool(before) and not before[-1].is_end


@rule(
    "nameless-button",
    Level.WARNING,
    GROUP,
    "template",
    noticed='A screen reader says "button" or "link", and not what it does.',
    mend="Write a text into it. Where only a picture is to be seen, give the picture an alt, or use"
    ' <span class="visually-hidden">.',
    bad='<button class="button"><span class="icon"></span></button>',
    good='<button class="button"><span class="visually-hidden">Send</span></button>',
)
def nameless_button(source: Source, site: Site) -> Iterator[Hit]:
    """Find buttons and links without a name."""
    for tag in source.start_tags:
        is_one = tag.name in ("button", "summary") or (tag.name == "a" and tag.has("href"))
        if is_one and not any(tag.value(name) for name in _NAMING) and not _says_something(source, tag):
            yield Hit(tag.at, f"This <{tag.name}> has no text.")


def _says_something(source: Source, tag: Tag) -> bool:
    end = source.end_of(tag).at
    if _TAG.sub("", source.html[tag.end : end]).strip() or "{%" in source.text[tag.end : end]:
        return True
    inner = (each for each in source.start_tags if tag.end <= each.at < end)
    return any(each.value("alt") or each.value("aria-label") for each in inner)
