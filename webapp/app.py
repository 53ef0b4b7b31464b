"""The composition root: builds the Starlette app from its settings."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute
from tortoise.exceptions import IntegrityError

from webapp.admin import AdminSession
from webapp.chat import Work
from webapp.db import MODELS, serves_this_release
from webapp.features import FEATURES
from webapp.limiting import rate_limits
from webapp.live.binding import Declaration
from webapp.live.database import LIVE
from webapp.live.http import LanguageChoice, Languages
from webapp.live.live import Live
from webapp.live.observing import NO_OBSERVER
from webapp.live.templating import TEMPLATES, Templates
from webapp.live.writing import BUSY
from webapp.operations import Metrics, Readiness, RequestIds, told_of_stop
from webapp.routes import reserved, routes
from webapp.settings import Settings
from webapp.tasks import Task, TaskRunner, housekeeping
from webapp.web import (
    AllowedHosts,
    ProxyHeaders,
    RequireHttps,
    SameOrigin,
    SecurityHeaders,
    error_page,
    redirect_slashes_by_path,
)

if TYPE_CHECKING:
    from webapp.design.preview import Preview

FRAMES = "/design/frame/"
"""The start of the paths of what pages of this app show in frames, in development only."""

GARBAGE_THRESHOLD = 20_000
"""Threshold of the youngest garbage collector generation, in net allocations."""


def create_app(settings: Settings, tasks: Sequence[Task] = ()) -> Starlette:
    """Return the app for `settings`. Its lifespan opens the database, which has to be migrated.

    Args:
        settings: The settings.
        tasks: Background tasks in place of those that the features declare under the same names.

    Raises:
        WrongDeclaration: A binding cannot be meant as it stands.
        UnusableURL: A URL in the settings cannot be used.
    """
    limits = rate_limits(settings)
    declared = {task.name: task for task in (*declared_tasks(), *tasks)}.values()
    wanted = [task for task in declared if task.wanted(settings.retention)]
    runner = TaskRunner(wanted, settings.retention, asks_others=settings.link_previews)
    metrics = Metrics([task.name for task in wanted]) if settings.metrics_token else None
    preview = _preview() if settings.dev else None
    live = Live(
        bindings(),
        database_url=settings.database_url,
        broadcast_url=settings.broadcast_url,
        templates=settings.templates,
        static=settings.static,
        secret_key=settings.secret_key,
        namespace=LIVE,
        models=MODELS,
        # The command has checked. A worker that is replaced while a later release migrates must still start.
        tables="leave",
        admit=limits.writes.hit,
        database_pool=settings.database_pool,
        tasks=[
            *([runner.work] if settings.tasks == "web" else []),
            *([metrics.work] if metrics else []),
            *([preview.work] if preview else []),
            *limits.tasks,
            *(work for feature in FEATURES for work in feature.work),
        ],
        reload_templates=settings.reload_templates,
        languages=settings.languages,
        observer=metrics or NO_OBSERVER,
        make_templates=preview.make_templates if preview else Templates,
    )
    of_design = [*preview.routes, *_gallery(settings, live)] if preview else []
    urls = [*of_design, *routes(live)]
    of_features = {name: value for feature in FEATURES for name, value in feature.state.items()}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with live.lifespan(app) as state:
            engine = state["live"]
            migrated = partial(serves_this_release, engine.hub.log)
            readiness = Readiness(engine.hub, state["probe"], state["relay"], migrated)
            own = {
                "readiness": readiness,
                "metrics": metrics,
                "metrics_token": settings.metrics_token,
                "limits": settings.limits,
                "work": Work(settings.secret_key),
                "edit_limit": timedelta(minutes=settings.edit_minutes) if settings.edit_minutes else None,
                "lists_rooms": settings.lists_rooms,
                "takes_reports": bool(settings.admin_token),
                "admin": AdminSession(settings.admin_token, settings.secret_key),
                "front_room": settings.front_room,
                "room_limit": limits.rooms,
                "guess_limit": limits.guesses,
                "search_limit": limits.searches,
                "reserved": reserved(urls),
                "stopping": (stopping := asyncio.Event()),
            }
            loop = asyncio.get_running_loop()

            def stop() -> None:
                readiness.stop()
                loop.call_soon_threadsafe(stopping.set)

            with told_of_stop(stop):
                yield {**state, **of_features, **own}

    app = Starlette(
        routes=urls,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestIds),
            Middleware(SecurityHeaders, framed=FRAMES if settings.dev else ""),
            Middleware(ProxyHeaders, trusted=settings.trusted_proxies),
            Middleware(Languages),
            Middleware(AllowedHosts, allowed=settings.allowed_hosts, local=settings.local_hosts_only),
            *([Middleware(RequireHttps)] if settings.force_https else []),
            Middleware(SameOrigin, allowed=settings.allowed_origins),
            Middleware(LanguageChoice),
            Middleware(GZipMiddleware, minimum_size=1000),
            *(preview.middleware if preview else []),
        ],
        exception_handlers=dict.fromkeys((HTTPException, IntegrityError, *BUSY, Exception), error_page),
    )
    redirect_slashes_by_path(app.router)
    return app


def _preview() -> Preview:
    # If this were imported at the top, every process of a deployment would load what only designers need.
    from webapp.design.preview import Preview

    return Preview()


def _gallery(settings: Settings, live: Live) -> Sequence[BaseRoute]:
    # If this were imported at the top, every process of a deployment would load what only designers need.
    from webapp.design.gallery import routes as gallery_routes

    return gallery_routes([*settings.templates, TEMPLATES], live.static)


def app_from_environment() -> Starlette:
    """Return the app for the settings in the environment, as a worker process builds it.

    Raises:
        SettingsError: A setting cannot be used.
    """
    app = create_app(Settings.from_env(os.environ))
    # If the garbage collector searched the app's objects for cycles again and again, messages would wait for it. These
    # objects stay, and a message leaves no cycles.
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    return app


def declared_tasks() -> Sequence[Task]:
    """Return the background tasks of the app itself, then those of the features."""
    return [*housekeeping.TASKS, *(task for feature in FEATURES for task in feature.tasks)]


def bindings() -> Sequence[Declaration[Any]]:
    """Return the bindings and `Rights` of all features."""
    return [binding for feature in FEATURES for binding in feature.bindings]
