"""Reading a form that anybody may have filled in, with anything."""

from __future__ import annotations

import logging
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

logger = logging.getLogger(__name__)


async def texts(request: Request[Any], *names: str, limit: int) -> list[str]:
    """The fields `names`, empty where there is none, of a form whose fields have `limit` bytes at most.

    Raises HTTPException 400 for what is no form, and for text that cannot be stored.
    """
    found = await fields(request, limit)
    return [value if isinstance(value := found.get(name, ""), str) else value[-1] for name in names]


async def fields(request: Request[Any], limit: int) -> dict[str, str | list[str]]:
    """All fields of such a form; one that is given several times is a list. Raises HTTPException as `texts` does."""
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
        # Nobody reads the answer. Left alone, it ends in the log as a fault of the app, with a traceback.
        logger.info("a form for %s was not sent whole", request.url.path)
        raise HTTPException(400) from gone


def _in_utf8(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers of a form that names no charset of its own.

    If it may name one, a client has a field decoded by the slowest codec of Python: punycode and idna take time that
    grows with the square of the length. Browsers send the charset of the page, which is UTF-8.
    """
    kind, options = parse_options_header(headers.get("Content-Type"))
    if kind != b"multipart/form-data":
        return headers.raw
    boundary = options.get(b"boundary", b"")
    # RFC 2046 allows 70 characters, none of which has to be quoted within quotes.
    if not 0 < len(boundary) <= 70 or b'"' in boundary or b"\\" in boundary:
        raise HTTPException(400)
    others = [(name, value) for name, value in headers.raw if name != b"content-type"]
    return [*others, (b"content-type", b'multipart/form-data; boundary="%s"' % boundary)]
