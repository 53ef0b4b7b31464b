"""The address of a room for other people: as a link, as a QR code, and as the picture that a link has elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

import segno
from starlette.requests import Request
from starlette.responses import Response

from webapp.chat.models import Message, Room
from webapp.chat.state import ChatState, asked_label
from webapp.web import absolute_url

HEADERS = {"Cache-Control": "private, max-age=86400"}
"""A picture names the host that was asked for. If a shared cache had it, one visitor could give others a wrong one."""

_BORDER = 4
"""Modules of white around a code, at least: so says its standard, ISO/IEC 18004."""

_PIXELS = 12
"""Pixels of one module in the picture. Programs that show a link leave out pictures of less than 200 pixels."""


def link_to(request: Request[ChatState], room: Room, message: Message) -> str:
    """Return the URL that leads to a message in its room, for other people."""
    return f"{absolute_url(request, room.path, f'at={message.id}')}#message-{message.id}"


async def code(request: Request[ChatState]) -> Response:
    """GET /{label}/code.svg: the room's URL as a QR code. To ask for it makes no room."""
    return Response(await _drawn(_svg, request), media_type="image/svg+xml", headers=HEADERS)


async def card(request: Request[ChatState]) -> Response:
    """GET /{label}/card.png: the same code, as a picture that programs show beside the link."""
    return Response(await _drawn(_png, request), media_type="image/png", headers=HEADERS)


async def _drawn(draw: Callable[[str], bytes], request: Request[ChatState]) -> bytes:
    # The code of a long address takes 60 ms, for which nobody else would be answered.
    return await asyncio.to_thread(draw, absolute_url(request, f"/{asked_label(request)}/"))


@lru_cache(256)
def _svg(link: str) -> bytes:
    return _saved(link, kind="svg", xmldecl=False, omitsize=True)


@lru_cache(64)
def _png(link: str) -> bytes:
    return _saved(link, kind="png", scale=_PIXELS)


def _saved(link: str, **options: Any) -> bytes:
    file = BytesIO()
    # A camera reads dark on light, so the code has the same colours in both schemes.
    segno.make(link, error="m", micro=False).save(file, border=_BORDER, dark="#000", light="#fff", **options)
    return file.getvalue()
