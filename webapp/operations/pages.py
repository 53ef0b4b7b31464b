"""The pages /livez, /readyz and /metrics, for programs that watch the app."""

from __future__ import annotations

import hmac
from typing import TypedDict

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from webapp.live.protocol import Engine
from webapp.operations.metrics import Metrics
from webapp.operations.readiness import Readiness

NO_STORE = {"Cache-Control": "no-store"}
"""If a cache answered, a probe would see the past."""


class OperationsState(TypedDict):
    """The part of the lifespan's state that these pages use."""

    live: Engine
    metrics: Metrics | None
    metrics_token: str
    readiness: Readiness


async def alive(request: Request[OperationsState]) -> Response:
    """GET /livez: answers 200 as long as this process answers at all.

    If it asked the database, a platform that restarts what does not answer well would end every process, and all
    sockets, because of a database that is away; and a restart would mend nothing.
    """
    return PlainTextResponse("alive\n", headers=NO_STORE)


async def ready(request: Request[OperationsState]) -> Response:
    """GET /readyz: answers 200 if visitors should be sent to this process, else 503 and the parts that fail."""
    parts = await request.state["readiness"].parts()
    is_ready = not any(part.fails for part in parts)
    lines = ["ready" if is_ready else "not ready", *(f"{part.name}: {part.told}" for part in parts)]
    return PlainTextResponse("\n".join([*lines, ""]), 200 if is_ready else 503, NO_STORE)


async def metrics(request: Request[OperationsState]) -> Response:
    """GET /metrics: the numbers of this machine's processes and of all tasks, if the request carries METRICS_TOKEN.

    If the deployment sets no METRICS_TOKEN, there is no such page: 404.
    """
    found, token = request.state["metrics"], request.state["metrics_token"]
    if found is None:
        raise HTTPException(404)
    expected = f"Bearer {token}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode("utf-8", "replace"), expected):
        return PlainTextResponse("METRICS_TOKEN is wanted\n", 401, {**NO_STORE, "WWW-Authenticate": "Bearer"})
    found.flush(request.state["live"])
    # The text comes from a file of each process and kind of metric. If the event loop read them, every socket would
    # wait, so a thread does.
    text = await run_in_threadpool(found.text)
    return Response(text + await found.tasks.text(), headers={**NO_STORE, "Content-Type": CONTENT_TYPE_LATEST})
