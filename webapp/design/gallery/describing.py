"""The parts of the page of a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tortoise.models import Model

from webapp.design.fixtures import Entry, Variable, in_words
from webapp.design.fixtures.guesses import columns_of
from webapp.design.gallery.contexts import Described, Frame, Link, ShownState
from webapp.design.gallery.frames import SCHEMES, Frames, can_be_seen, hash_of
from webapp.design.template_errors import TemplateProblem

WIDTHS = ("phone", "desktop")

LONGEST_SAMPLE = 160
"""Characters of a sample, at most."""

LONGEST_HTML = 6000
"""Characters of the HTML that the page shows as text, at most."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the page shows entries.

    Attributes:
        width: One of WIDTHS; empty: both.
        scheme: One of SCHEMES; empty: both.
    """

    width: str = ""
    scheme: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Look:
        """Return the look that a URL asks for. What it does not know counts as nothing."""
        width, scheme = query.get("width", ""), query.get("scheme", "")
        return cls(width if width in WIDTHS else "", scheme if scheme in SCHEMES else "")

    def url(self, path: str, **changes: str) -> str:
        """Return the URL of a page with this look, but for some changes."""
        query = {"width": self.width, "scheme": self.scheme, **changes}
        told = urlencode({name: value for name, value in query.items() if value})
        return f"{path}?{told}" if told else path

    def links(self, path: str, name: str, values: Sequence[str]) -> Sequence[Link]:
        """Return links to the same page with another value of `name`; the first one is to all of them."""
        current = getattr(self, name)
        return [
            Link(value or "both", self.url(path, **{name: value}), is_current=value == current)
            for value in ("", *values)
        ]

    def frames(self) -> Iterator[tuple[str, str]]:
        """Yield the width and the scheme of each frame that is wanted."""
        for width in [self.width] if self.width else WIDTHS:
            for scheme in [self.scheme] if self.scheme else SCHEMES:
                yield width, scheme


def template_url(template: str) -> str:
    """Return the URL path of the page of a template."""
    return f"/design/templates/{template}"


def link_to(template: str, current: str = "") -> Link:
    """Return the link to the page of a template."""
    return Link(template, template_url(template), is_current=template == current)


def described(variable: Variable, entries: Sequence[Entry]) -> Described:
    """Return a variable with a sample from the first entry that has anything in it."""
    values = [entry.context[variable.name] for entry in entries if variable.name in entry.context]
    telling = [value for value in values if value or value is False or value == 0]
    sample = sample_of((telling or values)[0]) if values else ""
    return Described(variable.name, in_words(variable.kind), variable.meaning, sample, variable.may_be_missing)


def sample_of(value: Any) -> str:
    """Return a value as a short text that a designer can read."""
    text = _told(value)
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1].rstrip() + "…"


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_told(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple | frozenset):
        shown = [_told(each) for each in list(value)[:3]]
        more = [f"… {len(value):,}"] if len(value) > 3 else []
        return "[" + ", ".join(shown + more) + "]"
    if parts := _parts(value):
        inner = ", ".join(f"{name} = {_told(each)}" for name, each in parts.items() if each not in (None, "", ()))
        return f"{value.__class__.__name__} {{{inner}}}"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value) or '""'


def _parts(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Model):
        return {each.name: getattr(value, each.name) for each in columns_of(type(value))}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return {}


def shown_state(entry: Entry, frames: Frames, look: Look) -> ShownState:
    """Return an entry for the page of its template."""
    try:
        html = frames.html(entry)
        document = frames.around(entry, html)
    except Exception as error:
        return _state(entry, (), "", frames.explained(error, entry))
    shown = [_frame(entry, document, width, scheme) for width, scheme in look.frames()]
    return _state(entry, shown if entry.on or can_be_seen(html) else (), html.strip(), None)


def _state(entry: Entry, frames: Sequence[Frame], html: str, trouble: TemplateProblem | None) -> ShownState:
    shortened = html if len(html) <= LONGEST_HTML else f"{html[:LONGEST_HTML]}…"
    title = "" if entry.is_guess else entry.title
    return ShownState(entry.state, title, entry.line, frames, shortened, entry.on, trouble, entry.scripts)


def _frame(entry: Entry, document: str, width: str, scheme: str) -> Frame:
    query = urlencode({"state": entry.state, "scheme": scheme, "v": hash_of(document)})
    return Frame(f"/design/frame/{entry.template}?{query}", width, scheme)


def relative(file: Path, root: Path) -> str:
    """Return a path as a designer reads it: from the top of the checkout, if the file is in it."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
