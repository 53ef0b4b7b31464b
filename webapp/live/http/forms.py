"""Reads a form, which a client may have filled with anything."""

from __future__ import annotations

import logging
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

logger = logging.getLogger(__name__)


async def texts(request: Request[Any], *names: str, limit: int) -> list[str]:
    """Return the texts of some fields of a form; the last one, if a field is given several times.

    Args:
        request: The request with the form.
        names: The names of the fields. A field that is missing is empty.
        limit: Bytes that a field may have.

    Raises:
        HTTPException: 400: the body is no form, or has a text that cannot be stored.
    """
    found = await fields(request, limit)
    return [value if isinstance(value := found.get(name, ""), str) else value[-1] for name in names]


async def fields(request: Request[Any], limit: int) -> dict[str, str | list[str]]:
    """Return all fields of a form; one that is given several times is a list.

    Args:
        request: The request with the form.
        limit: Bytes that a field may have.

    Raises:
        HTTPException: 400: the body is no form, or has a text that cannot be stored.
    """
    found: dict[str, str | list[str]] = {}
    form = await _form(request, limit)
    for name in form:
        several = [value for value in form.getlist(name) if isinstance(value, str)]
        if any("\0" in text for text in (name, *several)):
            raise HTTPException(400)
        found[name] = several[0] if len(several) == 1 else several
    return found


async def _form(request: Request[Any], limit: int) -> FormData:
    in_utf8: Request[Any] = Request({**request.scope, "headers": _in_utf8(request.headers)}, request.receive)
    try:
        return await in_utf8.form(max_files=0, max_fields=50, max_part_size=limit)
    except ClientDisconnect as gone:
        # If this error were passed on, the log would show a fault of the app with a traceback.
        logger.info("a form for %s was not sent whole", request.url.path)
        raise HTTPException(400) from gone


def _in_utf8(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers without the charset that a form names.

    If a client could name one, it could have fields decoded by Python's slowest codecs: punycode and idna take time
    that grows with the square of the length. Browsers use the charset of the page, which is UTF-8.
    """
    kind, options = parse_options_header(headers.get("Content-Type"))
    if kind != b"multipart/form-data":
        return headers.raw
    boundary = options.get(b"boundary", b"")
    # RFC 2046 allows 70 characters, none of which needs an escape in a quoted text.
    if not 0 < len(boundary) <= 70 or b'"' in boundary or b"\\" in boundary:
        raise HTTPException(400)
    others = [(name, value) for name, value in headers.raw if name != b"content-type"]
    return [*others, (b"content-type", b'multipart/form-data; boundary="%s"' % boundary)]
