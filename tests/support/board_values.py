"""The board and a room's header as their readers see them, without a browser."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

BOARD = "values"
"""The board's path, in the place of a room's label."""


def at_home(server: AppServer) -> LiveClient:
    """Somebody who has the board open."""
    return LiveClient(server.url, BOARD)


def board_values(page: PageModel) -> dict[str, int]:
    """The values on the board, in the order of the page."""
    return {
        _text(page, f"{item.get('id')}-name"): int(_text(page, f"{item.get('id')}-value"))
        for item in _items(page, "values")
    }


def room_values(page: PageModel) -> dict[str, int]:
    """The values in a room's header, in the order of the page."""
    found = {}
    for item in _items(page, "room-values"):
        (value,) = item.iter("output")
        name = item.text_content().strip().removesuffix(value.text_content()).strip()
        found[name] = int(value.text_content())
    return found


def _items(page: PageModel, name: str) -> list[HtmlElement]:
    found = page.document.by_id(name)
    assert found is not None
    return [item for item in found if re.fullmatch(r"(room-)?value-\d+", item.get("id", ""))]


def _text(page: PageModel, name: str) -> str:
    found = page.document.by_id(name)
    assert found is not None
    return found.text_content().strip()
