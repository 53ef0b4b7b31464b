"""Builds the engine for an app, and runs it as long as the app serves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from webapp.live.binding import Binding, Declaration, Rights, distinct, require_templates
from webapp.live.changelog import ChangeLog
from webapp.live.database import connect, is_postgres
from webapp.live.database.namespace import LIMIT
from webapp.live.fanout import FrameRenderer, Hub, Wording, poll
from webapp.live.http import LivePages, Visitors, kept_secret, keys_of, require_page_paths
from webapp.live.marks import Marks
from webapp.live.observing import NO_OBSERVER, Observer
from webapp.live.presence import Presence
from webapp.live.protocol import Engine
from webapp.live.relay import Relay
from webapp.live.tables import prepare
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates
from webapp.live.visitor import Visitor
from webapp.live.writing import WriteProbe, Writer

Task = Callable[[Engine], Coroutine[Any, Any, None]]
"""Background work. Each process starts it with the engine, and cancels it when the process stops."""

CANCEL_AGAIN = 5.0
"""Seconds after which a task that has not ended is cancelled once more."""

Tables = Literal["make", "check", "leave"]
"""What the start of a process does about tables and triggers."""


def _unlimited(visitor: Visitor, low_cost: bool) -> int:
    return 0


class Live:
    """Live values for a Starlette app: rows of its database, bound to fragments of its pages.

    Args:
        bindings: The app's declarations: bindings, and `Rights`.
        database_url: `sqlite://` and the path of a file, or `postgres://…`.
        broadcast_url: The URL of the relay: `redis://…`, `rediss://…`, `postgres://…` or `memory://`. The default is
            the PostgreSQL of `database_url`, or memory for SQLite. With memory, several processes on one SQLite file
            find each other's writes by the poll, twice a second, and each knows only its own visitors.
        templates: The folders of the app's templates. A template replaces the engine's template of the same name.
        static: The folders of the app's static files. The engine's own, such as htmx, are served beside them.
        secret_key: Signs the visitors' cookies, so all processes need the same key. By default the first start makes a
            key and keeps it beside the SQLite file; with PostgreSQL the app must give one.
        namespace: The beginning of the names of the change log's tables and triggers, `[a-z][a-z0-9_]*`, at most 13
            characters. Apps with different namespaces may share a database. The default is the name of the package
            that declares the first binding.
        models: The modules that hold the app's models. The default is the modules of the bindings' models.
        tables: What the start does about tables and triggers: `make` makes what is missing, `check` raises NotMigrated,
            and `leave` is for an app that brings them up to date itself. The default is `make` for SQLite. For
            PostgreSQL it is `check`: run `python -m webapp.live migrate MODULE:NAME` before the first process starts.
        admit: Counts one more action of a visitor against the rate limit, and returns the seconds that the visitor has
            to wait first, or 0. Its arguments are the visitor and whether the action is a low-cost one. By
            default there is no limit.
        database_pool: Connections to PostgreSQL that each process may open, at most.
        tasks: Background work that each process runs.
        reload_templates: Whether the engine reads a template again when its file has changed.
        languages: The tags of the languages that pages may be in, such as `en`, `lt` and `ar`. Their words are in
            `locale/<language>/LC_MESSAGES/messages.po` in the folders of templates. The first one is for readers who
            ask for none of them. An app of several adds the middleware `Languages`, and `LanguageChoice`.
        observer: The engine tells it of commits, frames, sockets and refusals.
        make_templates: Makes the templates of the folders, with the static files, `reload_templates` and `languages`.

    Raises:
        WrongDeclaration: A declaration is wrong. The text says what to write instead.
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
        tables: Tables | None = None,
        admit: Callable[[Visitor, bool], int] = _unlimited,
        database_pool: int = connect.POOL,
        tasks: Sequence[Task] = (),
        reload_templates: bool = False,
        languages: Sequence[str] = ("en",),
        observer: Observer = NO_OBSERVER,
        make_templates: Callable[[Sequence[Path], Assets, bool, Sequence[str]], Templates] = Templates,
    ) -> None:
        self.declarations = distinct(bindings)
        self.database_url = database_url
        self.namespace = namespace or _namespace_of(self.declarations)
        self.static = Assets([*_folders(static), STATIC], reload_templates)
        self.templates = make_templates([*_folders(templates), TEMPLATES], self.static, reload_templates, languages)
        self.models = models or _modules(self.declarations)
        self._broadcast_url = broadcast_url or (database_url if is_postgres(database_url) else "memory://")
        self._secret_key = secret_key
        self._tables: Tables = tables or ("check" if is_postgres(database_url) else "make")
        self._admit = admit
        self._config = connect.tortoise_config(database_url, self.models, database_pool, namespace=self.namespace)
        self._tasks = tasks
        self._observer = observer
        require_templates(self.declarations, self.templates.has)
        self.templates.list_style_sheets()

    @property
    def bindings(self) -> Mapping[str, Binding[Any]]:
        """The bindings by stream."""
        return {one.stream: one for one in self.declarations if isinstance(one, Binding)}

    def pages(
        self, path: str, binding: type[Binding[Any]] | str, template: str, edit: str | None = None
    ) -> list[BaseRoute]:
        """Return the routes of a binding's page, its forms and its socket.

        Args:
            path: A URL path that ends with a slash and names the group columns, as `/lists/{list_id}/` does for the
                group `list:{list_id}`.
            binding: The binding's class, or its stream.
            template: The template of the page. Its context is a `LivePage`.
            edit: The template of the edit form. Its context is an `EditForm`. None: rows have no edit form.

        Raises:
            WrongDeclaration: The page can never be shown: `bindings` does not have the stream, or the path lacks a
                group column.
        """
        pages = LivePages(path, binding if isinstance(binding, str) else binding.stream, template, edit)
        pages.check(self.bindings)
        return pages.routes

    def assets(self) -> list[BaseRoute]:
        """Return the routes of static files and of the fragments that are the same for all visitors."""
        return [Mount("/static", self.static), Route("/fragments/{fragment:path}", self.templates.fragments.get)]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        """Open the database and run the engine while the app serves.

        Yields:
            The state that pages find in `request.state`, with `live`, `probe`, `templates`, `visitors` and `bindings`.

        Raises:
            NotMigrated: The tables or triggers are not up to date, and `tables` is `check`.
            WrongDeclaration: A page of `app` can never be shown.
        """
        require_page_paths(app.routes, self.bindings)
        # A missing key raises here. If this came later, the start would have changed the database by then.
        secret_key = self._secret_key or kept_secret(self.database_url)
        if self._tables != "leave":
            await prepare(self, make=self._tables == "make")
        async with connect.connected(self._config) as connection:
            log = ChangeLog(connection, self.namespace)
            async with self._running(log, Marks(keys_of(secret_key)[0])) as (engine, relay):
                yield {
                    "live": engine,
                    "relay": relay,
                    "observer": self._observer,
                    "probe": WriteProbe(engine.writer, log.probe),
                    "templates": self.templates,
                    "visitors": Visitors(secret_key),
                    "bindings": self.bindings,
                }

    @asynccontextmanager
    async def _running(self, log: ChangeLog, marks: Marks) -> AsyncIterator[tuple[Engine, Relay]]:
        engine, relay, work = self._built(log, marks)
        tasks = [asyncio.create_task(each) for each in work]
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.hub.close)
            stack.push_async_callback(_cancel, tasks)
            await stack.enter_async_context(engine.writer.working())
            # The app's own work ends first: what it still has to write, the writer must still take.
            stack.push_async_callback(_cancel, [asyncio.create_task(task(engine)) for task in self._tasks])
            yield engine, relay

    def _built(self, log: ChangeLog, marks: Marks) -> tuple[Engine, Relay, Sequence[Coroutine[Any, Any, None]]]:
        templates = self.templates
        wording = Wording(templates.render, templates.pushed_in, templates.has_words)
        hub = Hub(
            log,
            FrameRenderer(self.bindings, wording),
            [one for one in self.declarations if isinstance(one, Rights)],
            on_caught_up=lambda group: presence.show_again(group),
            observer=self._observer,
        )
        relay = Relay(self._broadcast_url, hub.ring, lambda note: presence.hear(note), namespace=self.namespace)
        presence = Presence(hub, wording, relay.note)
        writer = Writer(relay.ring, self._observer)
        engine = Engine(
            hub=hub,
            writer=writer,
            presence=presence,
            wording=wording,
            declarations=self.declarations,
            admit=self._admit,
            observer=self._observer,
            marks=marks,
        )
        return engine, relay, (relay.work(), presence.work(), poll(hub))


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        # A library may lose a cancellation that comes while its connection fails. If this asked once, the process
        # would never stop.
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)


def _folders(given: Path | Sequence[Path]) -> Sequence[Path]:
    return [given] if isinstance(given, Path) else given


def _namespace_of(declarations: Sequence[Declaration[Any]]) -> str:
    top = type(declarations[0]).__module__.split(".")[0] if declarations else ""
    name = re.sub(r"[^a-z0-9]+", "_", top.lower()).strip("_")[:LIMIT].rstrip("_")
    return name if re.match(r"[a-z]", name) else "app"


def _modules(declarations: Sequence[Declaration[Any]]) -> Sequence[str]:
    return list(dict.fromkeys(one.model.__module__ for one in declarations))
