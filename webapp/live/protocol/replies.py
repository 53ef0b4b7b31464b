"""Replies as the JSON texts of the subprotocol `binding.json`."""

from __future__ import annotations

from typing import Any

from webapp.live.binding import Reply
from webapp.live.contexts import Problem
from webapp.live.fanout import encoded
from webapp.live.protocol.requests import Request


def as_json(reply: Reply, request: Request) -> str:
    """Return the text of `reply` to `request`; empty for a success of a request without an id."""
    known: dict[str, Any] = {"stream": request.stream} if request.stream else {}
    if request.id is not None:
        known["id"] = request.id
    if reply.error is not None:
        return encoded({**known, "error": reply.error})
    return encoded({**known, "accepted": reply.data}) if request.id is not None else ""


def flooding(seconds: int) -> Reply:
    """Return the reply to a client that has to wait before it asks again."""
    return Reply("live/_problem.html", Problem("flooding", seconds), error={"reason": "flooding", "seconds": seconds})
