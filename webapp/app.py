"""The composition root: the only place that builds things."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from tortoise.exceptions import IntegrityError

from webapp.board.bindings import IntegerValueBinding, RoomValueBinding
from webapp.board.commands import commands
from webapp.chat.bindings import MessageBinding
from webapp.chat.state import ChatState
from webapp.db import connected
from webapp.live.away import DATABASE_AWAY
from webapp.live.binding import Binding, Rights, distinct
from webapp.live.changes import ChangeLog
from webapp.live.declaration import Declaration
from webapp.live.engine import Live
from webapp.live.hub import Hub
from webapp.live.poll import poll
from webapp.live.presence import Presence
from webapp.live.probe import WriteProbe
from webapp.live.relay import Relay
from webapp.live.rendering import FrameRenderer
from webapp.live.writer import Writer
from webapp.routes import reserved, routes
from webapp.settings import ROOT, Settings
from webapp.web.assets import Assets
from webapp.web.flood import Flood
from webapp.web.live_pages import LiveState
from webapp.web.pages import PageState, error_page
from webapp.web.proxies import ProxyHeaders
from webapp.web.security import AllowedHosts, SameOrigin, SecurityHeaders
from webapp.web.slashes import redirect_slashes_by_path
from webapp.web.templates import Templates
from webapp.web.visitors import Visitors

GARBAGE = 20_000
"""Objects that come to be, more than go, before Python looks for cycles among them."""


class State(ChatState, LiveState, PageState):
    """What every request finds in its state."""


def create_app(settings: Settings) -> Starlette:
    """The app for `settings`; its lifespan opens the database, which has to be migrated."""
    assets = Assets(ROOT / "static", reload=settings.reload_templates)
    templates = Templates(ROOT / "templates", assets, reload=settings.reload_templates)
    urls = routes(assets, templates.fragments)
    flood = Flood(settings.rate_limit)
    declared = bindings(flood)
    for one in declared:
        if isinstance(one, Binding):
            one.require_templates(templates.has)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[State]:
        async with (
            connected(settings.database_url, settings.database_pool) as log,
            _live(settings, log, declared, flood, templates) as live,
        ):
            bindings = {one.stream: one for one in declared if isinstance(one, Binding)}
            yield State(
                live=live,
                probe=WriteProbe(live.writer, log.probe),
                templates=templates,
                visitors=Visitors(settings.secret_key),
                bindings=bindings,
                chat=cast(MessageBinding, bindings["chat"]),
                values=bindings["roomval"],
                slots=("board/_room_values.html",),
                reserved=reserved(urls),
            )

    app = Starlette(
        routes=urls,
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(ProxyHeaders, trusted=settings.trusted_proxies),
            Middleware(AllowedHosts, allowed=settings.allowed_hosts, local=settings.local_hosts_only),
            Middleware(SameOrigin, allowed=settings.allowed_origins),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers=dict.fromkeys((HTTPException, IntegrityError, *DATABASE_AWAY, Exception), error_page),
    )
    redirect_slashes_by_path(app.router)
    return app


@asynccontextmanager
async def _live(
    settings: Settings, log: ChangeLog, declared: Sequence[Declaration[Any]], flood: Flood, templates: Templates
) -> AsyncIterator[Live]:
    bindings = {one.stream: one for one in declared if isinstance(one, Binding)}
    rights = [one.stream for one in declared if isinstance(one, Rights)]
    hub = Hub(log, FrameRenderer(bindings, templates.render), rights)
    relay = Relay(settings.broadcast_url, hub.ring, lambda note: presence.hear(note))
    presence = Presence(hub, templates.render, relay.note)
    writer = Writer(relay.ring)
    tasks = [asyncio.create_task(work) for work in (relay.work(), presence.work(), poll(hub))]
    try:
        async with writer.working():
            yield Live(hub, writer, presence, templates.render, declarations=declared, admit=flood.hit)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await hub.close()


def app_from_environment() -> Starlette:
    """The app for the settings in the environment, as a worker process builds it."""
    app = create_app(Settings.from_env(os.environ))
    # What is there now stays, and what a message leaves behind goes without a search for cycles.
    gc.freeze()
    gc.set_threshold(GARBAGE)
    return app


def bindings(flood: Flood | None = None) -> Sequence[Declaration[Any]]:
    """Everything that is watched: add yours here, and its models to `webapp.db.MODELS`."""
    values = RoomValueBinding()
    return distinct(
        [
            MessageBinding(flood or Flood(None), commands(values)),
            values,
            IntegerValueBinding(),
        ]
    )
