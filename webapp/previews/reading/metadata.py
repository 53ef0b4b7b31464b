"""Reads the description that a page gives of itself: Open Graph, Twitter cards, and its plain title and description."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from webapp.live.validation import cleaned, is_storable, without_unseen
from webapp.previews.reading import robots
from webapp.previews.reading.charset import text_of
from webapp.previews.reading.head import head_of

TITLE_LIMIT = 140
DESCRIPTION_LIMIT = 240
"""Characters that are shown, at most."""

_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")

# Characters that turn the text around them. What a page says of itself must not turn what stands beside it.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The part of a page that a preview shows.

    Attributes:
        title: One line, never empty.
        description: One line, maybe empty.
        image: The URL of its image as the page writes it, maybe a relative one; None: it has none, or does not want it
            shown.
    """

    title: str
    description: str = ""
    image: str | None = None


def has_head(body: bytearray) -> bool:
    """Return whether the bytes of a page hold all that `metadata_of` looks at."""
    return b"</head" in body or b"</HEAD" in body


def metadata_of(body: bytes, charset: str | None, headers: Sequence[str] = ()) -> Metadata | None:
    """Return what a page says of itself.

    Args:
        body: The bytes of the page, or their beginning.
        charset: The charset that the response named, or None.
        headers: The values of X-Robots-Tag.

    Returns:
        The metadata; None: the page has no title, or does not want to be quoted.
    """
    tree = LexborHTMLParser(head_of(text_of(body, charset)))
    named = _named(tree)
    asked = robots.of_header(headers)
    asked.update(*(robots.of_content(named.get(name, "")) for name in ("robots", robots.ROBOT)))
    title = _shown(_first(named, _TITLES) or _title(tree), TITLE_LIMIT)
    if not title or not robots.may_quote(asked):
        return None
    image = _first(named, _IMAGES).strip() if robots.may_show_image(asked) else ""
    return Metadata(title, _shown(_first(named, _DESCRIPTIONS), DESCRIPTION_LIMIT), image or None)


def _named(tree: LexborHTMLParser) -> Mapping[str, str]:
    """Return the contents of the meta elements by name, of each name the first that is not empty."""
    found: dict[str, str] = {}
    for meta in tree.css("meta[content]"):
        attributes = meta.attributes
        name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
        content = attributes.get("content") or ""
        if not name or not content.strip():
            continue
        if name in ("robots", robots.ROBOT):
            # Directives of several elements add up.
            content = f"{found[name]},{content}" if name in found else content
            found[name] = content
        found.setdefault(name, content)
    return found


def _title(tree: LexborHTMLParser) -> str:
    title = tree.css_first("title")
    return "" if title is None else (title.text() or "")


def _first(named: Mapping[str, str], names: Sequence[str]) -> str:
    return next((named[name] for name in names if name in named), "")


def _shown(text: str, limit: int) -> str:
    """Return `text` as one line that a reader sees, `limit` characters at most."""
    if not is_storable(text):
        text = "".join(character for character in text if is_storable(character))
    text = " ".join(cleaned(_TURNS.sub("", without_unseen(text)), one_line=True).split())
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
