"""Rules about how live updates find their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.rendering import Rendering
from webapp.design.rules.selectors import bare, ids_in, is_any, matches, named_ids, pattern_of, spelled
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source
from webapp.design.rules.words import did_you_mean

GROUP = "Live updates"

_FROM = re.compile(r"\bfrom:\s*(?:'([^']*)'|\"([^\"]*)\"|([^\s,]+))")
_SELECTOR = re.compile(r"#[A-Za-z][\w-]*(?:$|[\s>:.,\[#~+])")
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3,4}){1,2}")


@rule(
    "unknown-target",
    Level.FATAL,
    GROUP,
    "template",
    noticed="Nothing happens where something should: the update, the label or the link finds no element of that name.",
    mend="Spell the id as the element has it, or give the element its id back.",
    bad='<i hx-get="/news/" hx-target="#proplem"></i>',
    good='<i hx-get="/news/" hx-target="#problem"></i>',
)
def unknown_target(source: Source, site: Site) -> Iterator[Hit]:
    """Find ids that are named and that no element has."""
    for tag in source.start_tags:
        for name, at, attribute in named_ids(tag):
            if not matches(name, site.ids):
                sentence = f"{attribute.name} names #{spelled(name)}, and no element has that id.{_near(name, site)}"
                yield Hit(at, sentence, about=pattern_of(name))
    for text in source.texts:
        if _SELECTOR.match(text.value) and not _COLOR.fullmatch(text.value):
            for name in ids_in(text.value):
                if not matches(name, site.ids):
                    sentence = f"#{name} is named, and no element has that id.{_near(name, site)}"
                    yield Hit(source.start_of(text.lineno), sentence, about=name)


def _near(name: str, site: Site) -> str:
    return did_you_mean(spelled(name), [spelled(each) for each in site.ids if not is_any(each)])


@rule(
    "replaced-without-id",
    Level.FATAL,
    GROUP,
    "page",
    noticed="The first update works and every later one is lost: the element that has come no longer has the id.",
    mend="Give what stands in the <hx-partial> the id that its hx-target names.",
    bad='<hx-partial hx-target="#banner" hx-swap="outerHTML"><p class="banner">…</p></hx-partial>',
    good='<hx-partial hx-target="#banner" hx-swap="outerHTML"><p id="banner" class="banner">…</p></hx-partial>',
)
def replaced_without_id(page: Rendering, site: Site) -> Iterator[Hit]:
    """Find elements that are replaced by others without their id."""
    for tag, name in _replacing(page.tags):
        end = page.end_of(tag)
        first = next((each for each in page.start_tags if tag.end <= each.at < end), None)
        if first and first.value("id") != name:
            sentence = f"This takes the place of #{name} and does not have that id."
            yield Hit(first.at, sentence, about=name)


def _replacing(tags: Iterable[Tag]) -> Iterator[tuple[Tag, str]]:
    """Return the partials that replace an element, each with the element's id."""
    for tag in tags:
        if (
            not tag.is_end
            and tag.name == "hx-partial"
            and tag.value("hx-swap").split(" ")[0] in ("outerHTML", "outerMorph")
        ):
            for name in _last_ids(tag.value("hx-target")):
                yield tag, name


def _last_ids(selector: str) -> Iterator[str]:
    """Return the ids of the elements that a selector finds, and not those of what they stand in."""
    inner = re.sub(r":(?:not|has|is|where)\((?:[^()]|\([^()]*\))*\)", "", selector)
    for each in inner.split(","):
        last = re.split(r"[\s>+~]+", each.strip())[-1]
        yield from ids_in(last)


@rule(
    "space-around-replaced",
    Level.WARNING,
    GROUP,
    "template",
    noticed="A bit of empty space is added at each update, and the page slowly grows.",
    mend="Let no space or line break stand between <hx-partial …> and what is in it: write {%- and -%}.",
    bad='<hx-partial hx-target="#nonce" hx-swap="outerHTML">\n{% include "chat/_nonce.html" %}\n</hx-partial>',
    good='<hx-partial hx-target="#nonce" hx-swap="outerHTML">\n{%- include "chat/_nonce.html" -%}\n</hx-partial>',
)
def space_around_replaced(source: Source, site: Site) -> Iterator[Hit]:
    """Find white space around what replaces an element."""
    for tag in source.start_tags:
        if tag.name == "hx-partial" and tag.value("hx-swap").split(" ")[0] == "outerHTML":
            inner = source.text[tag.end : source.end_of(tag).at]
            before = re.match(r"\s*", inner)
            is_open = bool(before and before[0]) and not re.match(r"\s*\{[{%#]-", inner)
            is_open_behind = inner != inner.rstrip() and not re.search(r"-[}%#]\}\s*\Z", inner)
            if inner.strip() and (is_open or is_open_behind):
                yield Hit(tag.at, "White space stands around what replaces an element.")


@rule(
    "sentinel-id",
    Level.FATAL,
    GROUP,
    "template",
    noticed='The next message is put above the line "Older messages", in the middle of the talk.',
    mend="Take the id and the data-key away from the line that fetches older messages.",
    bad='<li id="older" class="messages__older">',
    good='<li class="messages__older">',
)
def sentinel_id(source: Source, site: Site) -> Iterator[Hit]:
    """Find an id on the line that fetches older messages."""
    for tag in source.start_tags:
        if "messages__older" in tag.value("class").split():
            for name in ("id", "data-key"):
                found = tag.get(name)
                if found:
                    yield Hit(found.at, f"The line that fetches older messages has {_article(name)}.")


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


@rule(
    "from-replaced",
    Level.FATAL,
    GROUP,
    "template",
    noticed="It works once. Then the element that was listened to has been replaced, and nothing happens any more.",
    mend="Listen to an element that stays, such as the form around it: from:#composer in place of from:#message.",
    bad='<i hx-get="/typing/" hx-trigger="input from:#message"></i>',
    good='<i hx-get="/typing/" hx-trigger="input from:#composer target:\'#message\'"></i>',
)
def from_replaced(source: Source, site: Site) -> Iterator[Hit]:
    """Find triggers that listen to an element that is replaced."""
    replaced = {
        pattern_of(name) for each in site.sources.values() for tag, name in _replacing(each.tags) if not _morphs(tag)
    }
    for tag in source.start_tags:
        for each in tag.attributes:
            if bare(each.name) == "hx-trigger":
                for found in _FROM.finditer(each.value or ""):
                    for name in _last_ids(found[1] or found[2] or found[3]):
                        if not is_any(name) and matches(name, {one for one in replaced if not is_any(one)}):
                            yield Hit(
                                each.value_at + found.start(), f"#{spelled(name)} is replaced while the page is open."
                            )


def _morphs(tag: Tag) -> bool:
    return "Morph" in tag.value("hx-swap")
