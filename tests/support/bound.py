"""Bindings in this process, on either database: a hub, a writer, and pages of one group or of several."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from markupsafe import escape

from tests.support.databases import Database, Databases, opened
from tests.support.dom import Document
from tests.support.patience import PATIENCE
from tests.support.reader import TextReader
from webapp.live.binding.binding import Binding
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.reply import Reply
from webapp.live.contexts import Row, RowUpdate
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.wording import Wording
from webapp.live.presence.presence import Presence
from webapp.live.protocol.connection import Connection
from webapp.live.protocol.engine import Engine, Stream
from webapp.live.protocol.requests import Request
from webapp.live.templating.assets import Assets
from webapp.live.templating.folders import STATIC, TEMPLATES
from webapp.live.templating.templates import Templates
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer

ANN = Visitor("ann-id", "Calm Sea")

TEMPLATE, UPDATE = "tests/row", "tests/update"
"""Templates of the tests' own, which show `shown_of` a row: so these tests do not depend on the app's looks."""

Shown = dict[str, dict[int, dict[str, str]]]
"""Stream → primary key → field → what stands there."""


class Bound:
    """A database with the rooms 1 to 3, and everything that pages of `bindings` need.

    one: a program that knows nothing of the app.
    """

    def __init__(self, database: Database, bindings: Sequence[Binding[Any]], server_log: Path | None = None) -> None:
        self.kind = database.kind
        self.log = database.log
        self.one = database.one
        self.bindings = {binding.stream: binding for binding in bindings}
        self._templates = Templates([TEMPLATES], Assets([STATIC]))
        self.hub = Hub(self.log, FrameRenderer(self.bindings, Wording.of_one(self.render)))
        self.rung: list[set[str]] = []
        self._server_log = server_log
        self.writer = Writer(self._ring)
        self.live = self.with_writer(self.writer)

    def with_writer(self, writer: Writer) -> Engine:
        """The engine's parts with another writer, as another process has one."""
        presence = Presence(self.hub, Wording.of_one(self.render), lambda note: None)
        declared = list(self.bindings.values())
        return Engine(
            hub=self.hub, writer=writer, presence=presence, wording=Wording.of_one(self.render), declarations=declared
        )

    def inbound(self, stream: str, group: str, pk: object = None, live: Engine | None = None, **data: Any) -> Inbound:
        """What ann asks for; `version` and `strict` are taken out of `data`."""
        version, strict = data.pop("version", ""), data.pop("strict", False)
        asked = Request(None, stream, None if pk is None else str(pk), data, version, strict)
        return (live or self.live).inbound(ANN, group, asked)

    async def do(self, stream: str, group: str, action: str, pk: object = None, **data: Any) -> Reply:
        """Have it done. Raises Refused."""
        return await self.bindings[stream].perform(action, self.inbound(stream, group, pk, **data))

    def page(self, *places: tuple[str, str], as_json: bool = False) -> Page:
        """A page, not yet loaded, of these streams, each with its group."""
        return Page(self, {stream: Stream(self.bindings[stream], group) for stream, group in places}, as_json)

    def deadlocks(self) -> int:
        """How often PostgreSQL has ended one so far, which it takes a second to do."""
        return self._server_log.read_text().count("deadlock detected") if self._server_log else 0

    def render(self, name: str, context: Any) -> str:
        """Render a template of the app's, or of the tests'."""
        if isinstance(context, Row) and name.startswith(TEMPLATE):
            return _row(name.removeprefix(f"{TEMPLATE}/"), context.row)
        if isinstance(context, RowUpdate) and name.startswith(UPDATE):
            element = f"{name.removeprefix(f'{UPDATE}/')}-{context.row.id}"
            values = {field: getattr(context.row, field) for field in context.changed}
            return "".join(
                f'<hx-partial hx-target="#{element}-{field}">{escape(value)}</hx-partial>'
                for field, value in values.items()
            )
        return self._templates.render(name, context)

    def _ring(self, groups: Iterable[str]) -> None:
        self.rung.append(set(groups))
        self.hub.ring(groups)


def _row(element: str, row: Any) -> str:
    fields = "".join(
        f'<b id="{element}-{row.id}-{field}">{escape(getattr(row, field))}</b>' for field in ("name", "value")
    )
    return f'<li id="{element}-{row.id}" data-key="{row.id}">{fields}</li>'


class Page(TextReader):
    """A page of several streams, or a bot that follows them, and its socket."""

    def __init__(self, bound: Bound, streams: Mapping[str, Stream], as_json: bool) -> None:
        super().__init__()
        self.bound = bound
        self.streams = streams
        self.as_json = as_json
        self.groups = list(dict.fromkeys(stream.group for stream in streams.values()))
        self.connection: Connection | None = None
        self._document: Document
        self._data: dict[str, dict[int, dict[str, Any]]] = {}
        self._seq = "0"
        self._task: asyncio.Task[None] | None = None

    @property
    def cursor(self) -> str:
        """What it resumes from."""
        if self.as_json:
            return self._seq
        found = self._document.by_id("cursor")
        assert found is not None
        return str(found.get("value"))

    async def load(self) -> Page:
        """Get it anew, as the app's pages do it: the cursor first. Data begins with nothing."""
        if self.as_json:
            self._data, self._seq = {stream: {} for stream in self.streams}, "0"
            return self
        cursor = ".".join([str(await self.bound.log.head(group)) for group in self.groups])
        lists = []
        for binding, group, _ in self.streams.values():
            rows = [binding.fragments.element(row, self.bound.render) for row in await binding.rows.shown(group)]
            lists.append(f'<ol id="{binding.target[1:]}">{"".join(rows)}</ol>')
        self._document = Document(
            f'<body>{"".join(lists)}<p id="banner"></p><input id="cursor" value="{cursor}"></body>'
        )
        return self

    async def open(self, resumes: bool = True) -> Page:
        """Open the socket, if it is not open, and ask for what was missed."""
        if self._task is None:
            socket = self.connect()
            connection = Connection(
                self.bound.live,
                self.streams,
                ANN,
                socket.send,
                as_json=self.as_json,
                is_present=False,
            )
            self.connection = connection
            self._task = asyncio.create_task(connection.run(socket.receive))
            if resumes:
                self.send({"action": "resume", "seq" if self.as_json else "cursor": self.cursor})
        return self

    async def drop(self) -> None:
        """Lose the socket: what is on its way never arrives."""
        task, self._task = self._task, None
        self.close(1006)
        self.connect()
        if task is not None:
            await asyncio.wait_for(task, PATIENCE)

    def shown(self) -> Shown:
        """What a reader sees, or what a program knows."""
        if self.as_json:
            return {
                stream: {pk: {name: str(value) for name, value in row.items()} for pk, row in rows.items()}
                for stream, rows in self._data.items()
                if stream in self.streams
            }
        return {stream: self._list(binding) for stream, (binding, *_) in self.streams.items()}

    async def until_shows(self, expected: Shown) -> None:
        """Wait until it shows just this."""
        await self.until(lambda page: page.shown() == expected)

    def _list(self, binding: Binding[Any]) -> dict[int, dict[str, str]]:
        found = self._document.by_id(binding.target[1:])
        assert found is not None
        rows: dict[int, dict[str, str]] = {}
        for item in found:
            pk = int(item.get("data-key", ""))
            assert item.get("id") == f"{binding.element}-{pk}"
            rows[pk] = {each.get("id", "").split("-")[-1]: each.text_content() for each in item}
        assert list(rows) == sorted(rows), "out of order"
        return rows

    def _check(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()

    def _state(self) -> object:
        return self.groups, self.shown(), self.cursor, self.frames[-2:]

    def _read(self, text: str) -> str:
        if self.as_json:
            self._apply(text)
        else:
            self._document.apply(text)
        return text

    def _apply(self, text: str) -> None:
        frame = json.loads(text)
        if "payload" in frame:
            self._move(frame["stream"], frame["payload"])
        if "seq" in frame:
            self._seq = str(frame["seq"])

    def _move(self, stream: str, payload: dict[str, Any]) -> None:
        # A group's frames carry all of its streams, those too that this page does not show.
        rows = self._data.setdefault(stream, {})
        match payload["action"]:
            case "reset":
                rows.clear()
            case "create":
                rows[payload["pk"]] = payload["data"]
            case "update" if payload["pk"] in rows:
                rows[payload["pk"]] |= payload["data"]
            case "delete":
                rows.pop(payload["pk"], None)


@asynccontextmanager
async def bound_to(databases: Databases, bindings: Sequence[Binding[Any]]) -> AsyncIterator[Bound]:
    """The engine on an emptied database of that kind, with just these bindings."""
    async with opened(databases.shared()) as database:
        await database.log.install(bindings)
        bound = Bound(database, bindings, databases.server_log)
        async with bound.writer.working():
            yield bound
        await bound.hub.close()
