"""The engine as a whole: built, run, and given to the app that serves it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from webapp.live.binding.binding import Binding, Rights
from webapp.live.binding.declaration import Declaration
from webapp.live.binding.declaration_check import distinct, require_templates
from webapp.live.changelog.log import ChangeLog
from webapp.live.database import connect
from webapp.live.database.namespace import LIMIT
from webapp.live.database.postgres_url import is_postgres
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.poll import poll
from webapp.live.http.pages import LivePages
from webapp.live.http.secret_key import kept_secret
from webapp.live.http.visitors import Visitors
from webapp.live.presence.presence import Presence
from webapp.live.protocol.engine import Engine
from webapp.live.relay.relay import Relay
from webapp.live.tables import prepare
from webapp.live.templating.assets import Assets
from webapp.live.templating.folders import STATIC, TEMPLATES
from webapp.live.templating.templates import Templates
from webapp.live.writing.write_probe import WriteProbe
from webapp.live.writing.writer import Writer

Task = Callable[[Engine], Coroutine[Any, Any, None]]
"""Work beside the requests: each process starts it with the engine, and cancels it when it stops."""


def _unlimited(visitor_id: str, low_cost: bool) -> int:
    return 0


class Live:
    """Live values for a Starlette app: rows of its database, bound to fragments of its pages.

    Args:
        bindings: What is watched: bindings, and `Rights`.
        database_url: `sqlite://` and the path of a file, or `postgres://…`.
        broadcast_url: Where processes ring each other: `redis://…`, `rediss://…`, `postgres://…` or `memory://`. By
            default the PostgreSQL of `database_url`, else memory: then processes on one SQLite file find what others
            wrote by looking twice a second, and each knows of its own visitors alone.
        templates: The folders of the app's templates. One of the same name replaces the engine's.
        static: The folders of the app's static files; the engine's own, such as htmx, are beside them.
        secret_key: Signs who a visitor is; the same in all processes. By default one is made at the first start and
            kept beside an SQLite file; a PostgreSQL needs one.
        namespace: What the names of the change log's tables and triggers begin with, `[a-z][a-z0-9_]*` of at most 13
            characters, so that several apps may share a database. By default that of the module of the first binding.
        models: The modules that hold the app's models, by default those of the bindings' models.
        makes_tables: Whether the start makes what is missing. By default on SQLite alone: elsewhere that is for
            `python -m webapp.live migrate MODULE:NAME`, before the first process starts.
        admit: Counts one more action of a visitor, given its id and whether it is a low-cost one; gives the seconds
            that it has to wait first. By default nothing is limited.
        database_pool: Connections to a PostgreSQL that each process may open.
        tasks: What runs in each process besides.
        reload_templates: Whether a template that has changed is read again.

    Raises:
        WrongDeclaration: A binding cannot be meant as it stands; the text says what to write instead.
        UnusableURL: A URL cannot be used.
    """

    def __init__(
        self,
        bindings: Sequence[Declaration[Any]],
        *,
        database_url: str,
        broadcast_url: str = "",
        templates: Path | Sequence[Path] = (),
        static: Path | Sequence[Path] = (),
        secret_key: str = "",
        namespace: str = "",
        models: Sequence[str] = (),
        makes_tables: bool | None = None,
        admit: Callable[[str, bool], int] = _unlimited,
        database_pool: int = connect.POOL,
        tasks: Sequence[Task] = (),
        reload_templates: bool = False,
    ) -> None:
        self.declarations = distinct(bindings)
        self.database_url = database_url
        self.namespace = namespace or _namespace_of(self.declarations)
        self.static = Assets([*_folders(static), STATIC], reload_templates)
        self.templates = Templates([*_folders(templates), TEMPLATES], self.static, reload_templates)
        self.models = models or _modules(self.declarations)
        self._broadcast_url = broadcast_url or (database_url if is_postgres(database_url) else "memory://")
        self._secret_key = secret_key
        self._makes_tables = not is_postgres(database_url) if makes_tables is None else makes_tables
        self._admit = admit
        self._config = connect.tortoise_config(database_url, self.models, database_pool, namespace=self.namespace)
        self._tasks = tasks
        require_templates(self.declarations, self.templates.has)

    @property
    def bindings(self) -> Mapping[str, Binding[Any]]:
        """The bindings by stream."""
        return {one.stream: one for one in self.declarations if isinstance(one, Binding)}

    def pages(
        self, path: str, binding: type[Binding[Any]] | str, template: str, edit: str | None = None
    ) -> list[BaseRoute]:
        """The routes of a binding's page, its forms and its socket.

        Args:
            path: Ends with a slash, and names the columns that are in the group's name, as `/lists/{list_id}/` does
                for the group `list:{list_id}`.
            binding: Its class, or its stream.
            template: The page's, given a `LivePage`.
            edit: The edit form's, given an `EditForm`; None: rows cannot be edited in a form of their own.
        """
        return LivePages(path, binding if isinstance(binding, str) else binding.stream, template, edit).routes

    def assets(self) -> list[BaseRoute]:
        """The routes of static files and of fragments that are the same for everybody."""
        return [Mount("/static", self.static), Route("/fragments/{fragment:path}", self.templates.fragments.get)]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        """Open the database and run the engine, while the app serves. Yields what pages find in a request's state.

        Raises:
            NotMigrated: The tables or triggers are not up to date, and making them is not this process's.
        """
        # First: a key that is missing must stop the start before anything is opened.
        visitors = Visitors(self._secret_key or kept_secret(self.database_url))
        await prepare(self, make=self._makes_tables)
        async with connect.connected(self._config) as connection:
            log = ChangeLog(connection, self.namespace)
            async with self._running(log) as engine:
                yield {
                    "live": engine,
                    "probe": WriteProbe(engine.writer, log.probe),
                    "templates": self.templates,
                    "visitors": visitors,
                    "bindings": self.bindings,
                }

    @asynccontextmanager
    async def _running(self, log: ChangeLog) -> AsyncIterator[Engine]:
        engine, work = self._built(log)
        tasks = [asyncio.create_task(each) for each in work]
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.hub.close)
            stack.push_async_callback(_cancel, tasks)
            await stack.enter_async_context(engine.writer.working())
            # The app's own work ends first: what it still has to write, the writer must still take.
            stack.push_async_callback(_cancel, [asyncio.create_task(task(engine)) for task in self._tasks])
            yield engine

    def _built(self, log: ChangeLog) -> tuple[Engine, Sequence[Coroutine[Any, Any, None]]]:
        render = self.templates.render
        hub = Hub(
            log,
            FrameRenderer(self.bindings, render),
            [one.stream for one in self.declarations if isinstance(one, Rights)],
            on_caught_up=lambda group: presence.show_again(group),
        )
        relay = Relay(self._broadcast_url, hub.ring, lambda note: presence.hear(note), namespace=self.namespace)
        presence = Presence(hub, render, relay.note)
        writer = Writer(relay.ring)
        engine = Engine(
            hub=hub,
            writer=writer,
            presence=presence,
            render=render,
            declarations=self.declarations,
            admit=self._admit,
        )
        return engine, (relay.work(), presence.work(), poll(hub))


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _folders(given: Path | Sequence[Path]) -> Sequence[Path]:
    return [given] if isinstance(given, Path) else given


def _namespace_of(declarations: Sequence[Declaration[Any]]) -> str:
    top = type(declarations[0]).__module__.split(".")[0] if declarations else ""
    name = re.sub(r"[^a-z0-9]+", "_", top.lower()).strip("_")[:LIMIT].rstrip("_")
    return name if re.match(r"[a-z]", name) else "app"


def _modules(declarations: Sequence[Declaration[Any]]) -> Sequence[str]:
    return list(dict.fromkeys(one.model.__module__ for one in declarations))
