"""Parses inbound frames, in both of their forms: a page's and a JSON client's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.live.binding import Refused
from webapp.live.validation import is_storable

FRAME_LIMIT = 16 * 1024
"""Bytes of UTF-8 in one inbound frame, at most."""

ID_LIMIT = 64
"""Characters in a request's id, at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """A frame that has the right form; the server may still refuse what it asks for.

    Attributes:
        action: The action's name, of any type.
        stream: The binding's stream; empty for a frame that concerns the whole socket.
        pk: The row's primary key, as text; None: none was sent.
        data: The fields: a form's texts or, when `strict`, JSON values and nothing but fields.
        version: The version of the row that the form showed, or empty.
        strict: A JSON client sent it.
        id: Comes back with the reply; None: the client sent none.
        cursor: The cursor to resume from, of any type.
        handle: The name of the visitor who is typing, of any type.
        visitor: The signed text that names the visitor of the page, or empty.
    """

    action: object
    stream: str = ""
    pk: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    strict: bool = False
    id: str | int | None = None
    cursor: object = None
    handle: object = None
    visitor: str = ""


def from_form(frame: Mapping[str, Any]) -> Request:
    """Read a page's frame: one flat object, as hx-ws sends it.

    Raises:
        Refused: The frame does not have the right form.
    """
    return Request(
        action=frame.get("action"),
        stream=stream if isinstance(stream := frame.get("stream"), str) else "",
        pk=_key(frame.get("pk")),
        data=frame,
        version=_text(frame, "version"),
        cursor=frame.get("cursor"),
        handle=frame.get("handle"),
        visitor=visitor if isinstance(visitor := frame.get("visitor"), str) else "",
    )


def from_invalid(frame: Mapping[str, Any]) -> Request:
    """Read only the stream and the id of a JSON client's frame of any form, since a refusal names them."""
    stream, number = frame.get("stream"), frame.get("id")
    return Request(None, str(stream) if _is_stream(stream) else "", id=number if _is_id(number) else None)


def from_json(frame: Mapping[str, Any]) -> Request:
    """Read a JSON client's frame: `{"stream", "payload": {"action", "pk", "data", "model"}}`.

    Raises:
        Refused: The frame does not have the right form.
    """
    number = frame.get("id")
    if not _is_id(number):
        raise Refused("bad_field")
    if "stream" not in frame:
        cursor = frame.get("seq", frame.get("cursor"))
        return Request(frame.get("action"), id=number, cursor=str(cursor), handle=frame.get("handle"))
    if not _is_stream(frame["stream"]):
        raise Refused("unknown_stream")
    payload = frame.get("payload")
    if not isinstance(payload, Mapping):
        raise Refused("malformed")
    data = payload.get("data")
    if not isinstance(data, Mapping | None):
        raise Refused("malformed")
    return Request(
        action=payload.get("action"),
        stream=frame["stream"],
        pk=_key(payload.get("pk")),
        data=data or {},
        version=_text(payload, "version"),
        strict=True,
        id=number,
    )


def _is_stream(stream: object) -> bool:
    # If a stream cannot be written as JSON, the reply could not name it, so it counts as unknown.
    return isinstance(stream, str) and bool(stream) and is_storable(stream)


def _is_id(number: object) -> bool:
    if isinstance(number, bool) or not isinstance(number, str | int | None):
        return False
    return len(str(number)) <= ID_LIMIT and is_storable(str(number))


def _key(pk: object) -> str | None:
    if pk is None:
        return None
    if isinstance(pk, bool) or not isinstance(pk, str | int) or not is_storable(str(pk)):
        raise Refused("bad_field")
    return str(pk)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str | None):
        raise Refused("bad_field")
    return value or ""


def parse(text: str | None, limit: int = FRAME_LIMIT) -> dict[str, Any]:
    """Return the JSON object in a frame.

    Args:
        text: The frame; None: a binary one.
        limit: Bytes of UTF-8 that it may have.

    Raises:
        Refused: The frame is `malformed` or `too_large`.
    """
    if text is None:
        raise Refused("malformed")
    if len(text) > limit or len(text.encode("utf-8", "replace")) > limit:
        raise Refused("too_large")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(frame, dict):
        raise Refused("malformed")
    return frame


def seqs_of(cursor: object, count: int) -> Sequence[int | None]:
    """Return the sequence numbers in a cursor.

    Args:
        cursor: The cursor that a client sent, of any type.
        count: The groups on its page.

    Returns:
        The sequence number for each group; None: unknown.
    """
    parts = cursor.split(".") if isinstance(cursor, str) else []
    return [_seq(part) for part in parts] if len(parts) == count else [None] * count


def _seq(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
