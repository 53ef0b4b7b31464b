"""Rules about what has to stay: templates/contract.toml has the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from webapp.design.contract import Kept
from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.selectors import pattern_of
from webapp.design.rules.site import Site
from webapp.design.rules.source import SOMETHING, Source
from webapp.design.rules.words import nearest
from webapp.live.templating.overlay import BASE

GROUP = "What has to stay"

_EXPRESSION = re.compile(r"<\w+>")


@rule(
    "lost-id",
    Level.FATAL,
    GROUP,
    "template",
    noticed="A part of the page no longer changes by itself: the server looks for the id and finds nothing.",
    mend='Give the element its id back. templates/README.md, "What has to stay", says what each is for.',
    bad='<p class="typing"></p>',
    good='<p id="typing" class="typing"></p>',
)
def lost_id(source: Source, site: Site) -> Iterator[Hit]:
    """Find ids that the server looks for and that a template has no longer."""
    for kept in _kept(source, site, "id"):
        if _pattern(kept) not in _ids(source, site) and not _has_moved(kept, site):
            near = _misspelt(kept, source, site)
            more = f" It says {near} now." if near else ""
            yield Hit(
                _place(kept, source, site),
                f"The id {kept.name} is missing here: {kept.what}.{more}",
                about=_pattern(kept),
            )


@rule(
    "lost-key",
    Level.FATAL,
    GROUP,
    "template",
    noticed="A new row stands in the wrong place, or twice.",
    mend='Give the row its data-key back, such as data-key="{{ message.id }}".',
    bad='<li id="message-{{ message.id }}">',
    good='<li id="message-{{ message.id }}" data-key="{{ message.id }}">',
)
def lost_key(source: Source, site: Site) -> Iterator[Hit]:
    """Find rows that have lost their data-key."""
    for kept in _kept(source, site, "key"):
        for tag in source.start_tags:
            if tag.name == kept.element and tag.value("id") and not tag.has("data-key"):
                yield Hit(tag.at, f"This row has no data-key: {kept.what}.")


@rule(
    "lost-part",
    Level.FATAL,
    GROUP,
    "template",
    noticed="The page does not connect, or a form is not taken, or older messages cannot be had.",
    mend='Put it back. templates/README.md, "What has to stay", says what each is for.',
    bad='<main class="room__talk">{% include "chat/_log.html" %}</main>',
    good='<main class="room__talk">{% include "live/_connection.html" %}{% include "chat/_log.html" %}</main>',
)
def lost_part(source: Source, site: Site) -> Iterator[Hit]:
    """Find classes, fields and includes that a template has lost."""
    both = _with_built_in(source, site)
    tags = [tag for each in both for tag in each.start_tags]
    classes = {name for tag in tags for name in tag.value("class").split()}
    fields = {tag.value("name") for tag in tags}
    texts = {text.value for each in both for text in each.texts}
    first = next((tag.at for tag in source.start_tags), 0)
    for kind, has in (("class", classes), ("field", fields), ("include", texts)):
        for kept in _kept(source, site, kind):
            if kept.name not in has:
                yield Hit(first, f"The {kind} {kept.name} is missing in this file: {kept.what}.")


def _kept(source: Source, site: Site, kind: str) -> Sequence[Kept]:
    # The rule jinja-error alone tells of a template that Jinja cannot read.
    return [] if source.error else [each for each in site.contract.of(source.name) if each.kind == kind]


def _with_built_in(source: Source, site: Site) -> Sequence[Source]:
    """Return a template, and the built-in ones of the same names that it extends or includes."""
    named = (site.sources.get(str(each.value)) for each in source.texts if str(each.value).startswith(BASE))
    return [source, *(each for each in named if each)]


def _ids(source: Source, site: Site) -> set[str]:
    return {pattern_of(tag.value("id")) for each in _with_built_in(source, site) for tag in each.start_tags}


def _has_moved(kept: Kept, site: Site) -> bool:
    """Whether another template has the id, which had it not before: elements may be moved."""
    others = (each for name, each in site.sources.items() if name.removeprefix(BASE) not in kept.templates)
    return any(pattern_of(tag.value("id")) == _pattern(kept) for each in others for tag in each.start_tags)


def _pattern(kept: Kept) -> str:
    return _EXPRESSION.sub(SOMETHING, kept.name)


def _misspelt(kept: Kept, source: Source, site: Site) -> str:
    known = {_pattern(each) for each in _kept(source, site, "id")}
    others = [pattern_of(tag.value("id")) for tag in source.start_tags if tag.value("id")]
    near = nearest(_pattern(kept), [each for each in others if each not in known])
    return near.replace(SOMETHING, "…")


def _place(kept: Kept, source: Source, site: Site) -> int:
    """Return where the element is that has lost its id: the most alike between the ids before and after it."""
    known = {_pattern(each) for each in _kept(source, site, "id")}
    tags = list(source.start_tags)
    free = [tag for tag in tags if pattern_of(tag.value("id")) not in known]
    order = [_pattern(each) for each in _kept(source, site, "id")]
    position = order.index(_pattern(kept))
    before = _ends(tags, order[:position], default=-1, last=True)
    after = _ends(tags, order[position + 1 :], default=len(source.text), last=False)
    between = [tag for tag in free if before < tag.at < after] or free or tags
    return max(between, key=lambda tag: _likeness(tag, kept)).at if between else 0


def _ends(tags: Sequence[Tag], names: Sequence[str], default: int, last: bool) -> int:
    found = [tag.at for tag in tags if pattern_of(tag.value("id")) in names]
    return (max(found) if last else min(found)) if found else default


def _likeness(tag: Tag, kept: Kept) -> tuple[bool, int]:
    name, _, rest = kept.element.partition("[")
    wanted = set(re.findall(r"[\w:-]+", rest))
    has = {each.name for each in tag.attributes} - {"id"}
    return tag.name == name, len(wanted & has) if wanted else -len(has)
