"""Rules about forms: they work without scripts too."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import Tag
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source

GROUP = "Forms"

_REQUESTS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")


def fields_of(source: Source, form: Tag) -> list[Tag]:
    """Return the controls in a form that a reader can use."""
    end = source.end_of(form).at
    return [
        tag
        for tag in source.start_tags
        if form.end <= tag.at < end
        and tag.name in ("input", "textarea", "select", "button")
        and tag.value("type").lower() != "hidden"
    ]


def forms(source: Source) -> Iterator[Tag]:
    """Return the forms of a template."""
    return (tag for tag in source.start_tags if tag.name == "form")


@rule(
    "form-without-method",
    Level.FATAL,
    GROUP,
    "template",
    noticed="Without scripts, or before they have loaded, what a reader wrote goes into the address bar and is lost.",
    mend='Write method="post" and the action to which the form is sent.',
    bad='<form hx-post="/new/"><button>Start a room</button></form>',
    good='<form method="post" action="/new/" hx-post="/new/"><button>Start a room</button></form>',
)
def form_without_method(source: Source, site: Site) -> Iterator[Hit]:
    """Find forms that do not work without scripts."""
    for form in forms(source):
        if not fields_of(source, form):
            continue
        if form.value("method").lower() not in ("post", "get", "dialog"):
            yield Hit(form.at, 'This form has no method="post".')
        elif any(form.has(name) for name in _REQUESTS) and not form.has("action"):
            yield Hit(form.at, "This form has no action.")


@rule(
    "button-without-type",
    Level.WARNING,
    GROUP,
    "template",
    noticed="The button sends the form in which it stands, beside what it is meant to do.",
    mend='Write type="button".',
    bad='<form method="post"><button popovertarget="help">Help</button></form>',
    good='<form method="post"><button type="button" popovertarget="help">Help</button></form>',
)
def button_without_type(source: Source, site: Site) -> Iterator[Hit]:
    """Find buttons that send a form by mistake."""
    for form in forms(source):
        for tag in fields_of(source, form):
            does_more = any(tag.has(name) for name in ("popovertarget", "commandfor", *_REQUESTS))
            if tag.name == "button" and does_more and not tag.has("type"):
                yield Hit(tag.at, 'This button stands in a form and has no type="button".')


@rule(
    "field-without-name",
    Level.WARNING,
    GROUP,
    "template",
    noticed="What a reader writes there is not sent.",
    mend="Give the field the name under which the server expects it.",
    bad='<input id="handle">',
    good='<input id="handle" name="handle">',
)
def field_without_name(source: Source, site: Site) -> Iterator[Hit]:
    """Find fields that are never sent."""
    for tag in source.start_tags:
        is_button = tag.value("type").lower() in ("submit", "button", "reset", "image")
        if tag.name in ("input", "textarea", "select") and not is_button and not tag.value("name"):
            yield Hit(tag.at, f"This <{tag.name}> has no name.")
