"""Rules about what the browser refuses: code and styles in the page, and files from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tinycss2

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.selectors import bare
from webapp.design.rules.sheet import Sheet
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source

GROUP = "What the browser refuses"

_ELSEWHERE = re.compile(r"\s*(?:https?:|ws?s:|ftp:)?//", re.IGNORECASE)
_CODE = re.compile(r"\s*(?:js|javascript):", re.IGNORECASE)
_FILTERED = re.compile(r"(?:^|,)\s*[^\s,'\"\[\]()]+\[")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\([^()]*\)")


@rule(
    "inline-style",
    Level.FATAL,
    GROUP,
    "template",
    noticed="The style has no effect: the page's security policy makes the browser ignore it.",
    mend="Give the element a class, and write the rule into a file in static/css/.",
    bad='<p style="color: red">',
    good='<p class="form-error">',
)
def inline_style(source: Source, site: Site) -> Iterator[Hit]:
    """Find styles in the page."""
    for tag in source.start_tags:
        if tag.name == "style":
            yield Hit(tag.at, "A <style> element has no effect here.")
        for each in tag.attributes:
            if each.name == "style":
                yield Hit(each.at, "A style attribute has no effect here.")


@rule(
    "inline-script",
    Level.FATAL,
    GROUP,
    "template",
    noticed="The script does not run: the page's security policy makes the browser refuse it.",
    mend="Leave it out. What a page does by itself is said with hx- attributes; chat/_wiring.html has many examples.",
    bad="<script>scrollTo(0, 0)</script>",
    good="<script src=\"{{ static('vendor/htmx.org/htmx.min.js') }}\"></script>",
)
def inline_script(source: Source, site: Site) -> Iterator[Hit]:
    """Find scripts with code in them."""
    for tag in source.start_tags:
        if tag.name == "script" and (not tag.has("src") or source.inside(tag).strip()):
            yield Hit(tag.at, "A script with code in it does not run here.")


@rule(
    "handler-attribute",
    Level.FATAL,
    GROUP,
    "template",
    noticed="Nothing happens: the page's security policy makes the browser refuse the code.",
    mend="Say it with hx-get or hx-post, hx-trigger and hx-target, or with a popover.",
    bad='<button type="button" onclick="show()">Names</button>',
    good='<button type="button" popovertarget="people">Names</button>',
)
def handler_attribute(source: Source, site: Site) -> Iterator[Hit]:
    """Find attributes that hold code of the browser's."""
    yield from (
        Hit(each.at, f"The code in {each.name} does not run here.")
        for tag in source.start_tags
        for each in tag.attributes
        if re.fullmatch(r"on[a-z]+", each.name)
    )


@rule(
    "hx-on",
    Level.FATAL,
    GROUP,
    "template",
    noticed="Nothing happens: the page's security policy makes the browser refuse the code.",
    mend="Say it with hx-trigger and a fragment that the page fetches, as chat/_wiring.html does.",
    bad='<form hx-on:submit="this.reset()">',
    good='<i hidden hx-get="{{ fragment(\'chat/_empty_input.html\') }}" hx-trigger="submit from:#composer"></i>',
)
def hx_on(source: Source, site: Site) -> Iterator[Hit]:
    """Find hx-on."""
    yield from _attributes(source, r"(data-)?hx-on([:-].*)?", "The code in {} does not run here.")


@rule(
    "hx-live",
    Level.FATAL,
    GROUP,
    "template",
    noticed="Nothing happens: the page's security policy makes the browser refuse the code.",
    mend="Let the server say what changes: an <hx-partial> in the answer.",
    bad='<output hx-live="q.value.length">',
    good='<output id="length">',
)
def hx_live(source: Source, site: Site) -> Iterator[Hit]:
    """Find hx-live."""
    yield from _attributes(source, r"(data-)?hx-live([:-].*)?", "The code in {} does not run here.")


@rule(
    "js-value",
    Level.FATAL,
    GROUP,
    "template",
    noticed="The request is not sent, or the link does nothing: the browser refuses the code.",
    mend="Write the value itself, or put it into a hidden field and name that in hx-include.",
    bad='<i hx-post="/me/" hx-vals="js:{zone: \'UTC\'}"></i>',
    good='<i hx-post="/me/" hx-vals=\'{"zone": "UTC"}\'></i>',
)
def js_value(source: Source, site: Site) -> Iterator[Hit]:
    """Find values that are code."""
    for tag in source.start_tags:
        for each in tag.attributes:
            is_link = each.name in ("href", "src", "action", "formaction")
            if (is_link or each.name.startswith(("hx-", "data-hx-"))) and _CODE.match(each.value or ""):
                yield Hit(each.at, f"The value of {each.name} is code, which does not run here.")


@rule(
    "trigger-filter",
    Level.FATAL,
    GROUP,
    "template",
    noticed="The event does nothing: the filter in [ ] is code, and the browser refuses it.",
    mend="Say which element the event has to come from, with from: or target: and a selector.",
    bad='<i hx-trigger="keyup[ctrlKey] from:body"></i>',
    good="<i hx-trigger=\"submit from:body target:'#composer'\"></i>",
)
def trigger_filter(source: Source, site: Site) -> Iterator[Hit]:
    """Find filters in hx-trigger."""
    for tag in source.start_tags:
        for each in tag.attributes:
            if bare(each.name) == "hx-trigger" and _FILTERED.search(_QUOTED.sub(_hidden, each.value or "")):
                yield Hit(each.at, "The filter in [ ] is code, which does not run here.")


def _hidden(found: re.Match[str]) -> str:
    return "x" * len(found[0])


@rule(
    "from-elsewhere",
    Level.FATAL,
    GROUP,
    "template",
    noticed="The picture, font, style or script is missing: the browser loads nothing from another site, and no other"
    " site learns who reads here.",
    mend="Put the file into static/ and write static('…').",
    bad='<img src="https://example.com/logo.png" alt="">',
    good='<img src="{{ static(\'logo.png\') }}" alt="">',
)
def from_elsewhere(source: Source, site: Site) -> Iterator[Hit]:
    """Find files of other sites."""
    for tag in source.start_tags:
        for name in _loads(tag):
            each = tag.get(name)
            if each and _ELSEWHERE.match(each.value or ""):
                yield Hit(each.at, f"The browser does not load this {name} from another site.")


def _loads(tag: Tag) -> tuple[str, ...]:
    if tag.name in ("a", "area"):
        return ("ping",)
    names = ("src", "srcset", "poster", "data", "action", "formaction", "hx-get", "hx-post", "hx-ws:connect")
    return (*names, "href") if tag.name in ("link", "image", "use", "base") else names


@rule(
    "style-from-elsewhere",
    Level.FATAL,
    GROUP,
    "style",
    noticed="The font or the picture is missing: the browser loads nothing from another site.",
    mend="Put the file into static/ and name it by its path from the style sheet.",
    bad='@import "https://fonts.example.com/serif.css";',
    good='--font: "Noto Serif", serif;',
)
def style_from_elsewhere(sheet: Sheet, site: Site) -> Iterator[Hit]:
    """Find files of other sites in style sheets."""
    for node in tinycss2.parse_component_value_list(sheet.text):
        yield from _urls(sheet, node)


def _urls(sheet: Sheet, node: Any) -> Iterator[Hit]:
    if node.type in ("url", "string") and _ELSEWHERE.match(str(node.value)):
        yield Hit(sheet.start_of(node.source_line), "The browser does not load this from another site.")
    for inner in getattr(node, "content", None) or getattr(node, "arguments", None) or []:
        yield from _urls(sheet, inner)


def _attributes(source: Source, pattern: str, sentence: str) -> Iterator[Hit]:
    for tag in source.start_tags:
        for each in tag.attributes:
            if re.fullmatch(pattern, each.name):
                yield Hit(each.at, sentence.format(each.name))
