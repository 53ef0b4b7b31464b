"""The engine in this process: a real database, real templates, and readers whose sockets the test holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.page_model import PageModel
from tests.support.reader import Reader
from webapp.app import bindings
from webapp.chat.bindings import MessageBinding
from webapp.chat.contexts import Composer, RoomPage
from webapp.chat.models import Message, Room
from webapp.db import connected, migrate
from webapp.live.changelog.log import ChangeLog
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.subscriber import Subscriber
from webapp.live.fanout.wording import Wording
from webapp.live.templating.assets import Assets
from webapp.live.templating.folders import STATIC, TEMPLATES
from webapp.live.templating.templates import Templates
from webapp.live.writing.writer import Writer


class Engine:
    """A hub, a writer and one room. rendered: how often each template was."""

    def __init__(self, log: ChangeLog, room: Room) -> None:
        self.log = log
        self.room = room
        self.rendered: Counter[str] = Counter()
        self.faults: list[Exception] = []
        self.chat = MessageBinding()
        self._templates = Templates([TEMPLATES], Assets([STATIC]))
        self.hub = Hub(log, FrameRenderer({"chat": self.chat}, Wording.of_one(self.render)))
        self.writer = Writer(self.hub.ring)

    def render(self, name: str, context: object) -> str:
        """Render a template, or raise the next of `faults`."""
        if self.faults:
            raise self.faults.pop()
        self.rendered[name] += 1
        return self._templates.render(name, context)

    async def say(self, text: str) -> None:
        """Have the writer commit a message."""
        await self.writer.create(Message(room_id=self.room.id, handle="ann", message=text), self.room.group)

    async def page(self) -> PageModel:
        """The room's page as it is served now."""
        cursor = await self.log.head(self.room.group)
        messages, before, _ = await self.room.page()
        composer = Composer(self.room.path, "", "guest", "n")
        context = RoomPage(self.room, messages, before, str(cursor), composer, refresh=None)
        return PageModel(self._templates.render("chat/room.html", context))

    async def reader(self, patience: float = 20) -> RoomReader:
        """Somebody who has the page open, and whose socket is open but has not resumed."""
        reader = RoomReader(await self.page(), patience)
        await self.hub.subscribe(self.room.group, reader.subscriber).opened.wait()
        return reader


class RoomReader(Reader[str]):
    """A page of the engine's room, and its socket."""

    def __init__(self, page: PageModel, patience: float) -> None:
        super().__init__()
        self.page = page
        self.subscriber = Subscriber(key="reader", send=self.connect().send, stall_limit=patience)

    def resume(self, cursor: int | None = None) -> None:
        """Ask for what was missed, as the page does when its socket is open."""
        (feed,) = self.subscriber.feeds
        feed.catch_up(self.subscriber, int(self.page.cursor) if cursor is None else cursor)

    async def until_says(self, *texts: str) -> None:
        """Wait until the page shows just these."""
        await self.until(lambda reader: reader.page.texts() == list(texts))

    def _read(self, text: str) -> str:
        self.page.apply(text)
        return text

    def _state(self) -> str:
        return f"{self.page.texts()[-5:]}, cursor {self.page.cursor}, {self.frames[-2:]}"


@asynccontextmanager
async def running(path: Path, log_of: Callable[[ChangeLog], ChangeLog] = lambda log: log) -> AsyncIterator[Engine]:
    """An engine with a new database in the file `path`."""
    await migrate(f"sqlite://{path}", bindings())
    async with connected(f"sqlite://{path}") as log:
        engine = Engine(log_of(log), await Room.create(name="room", label="room"))
        async with engine.writer.working():
            yield engine
        await engine.hub.close()
