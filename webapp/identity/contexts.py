"""Contexts of the templates in templates/identity/."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class YouPage:
    """For identity/page.html.

    Attributes:
        name: The name that the visitor goes by.
        has_secret: The visitor has given its name with a secret.
        back: The URL path of the room that the visitor came from; empty: no room.
        link: The link that takes the visitor to another device; empty: it did not ask for one.
        code: The link as a QR code, an SVG element; empty: there is no link.
        minutes: Minutes that the link works.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    name: str
    has_secret: bool
    back: str
    link: str
    code: Markup
    minutes: int
    visitor: str


@dataclass(frozen=True, slots=True)
class HerePage:
    """For identity/here.html: the question of a link from another device.

    Attributes:
        name: The name of the visitor that this browser may become.
        key: The secret of the link.
        back: The URL path of the room to go on in; empty: no room.
    """

    name: str
    key: str
    back: str
