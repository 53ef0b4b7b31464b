"""An app of the tests' own, with rights: notes of a club, for its members. The engine runs in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.models import Model

from tests.support.reader import TextReader
from webapp.live.binding.binding import Binding, Rights
from webapp.live.changelog.log import ChangeLog
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.wording import Wording
from webapp.live.presence.presence import Presence
from webapp.live.protocol.connection import Connection
from webapp.live.protocol.engine import Engine, Stream
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer

GROUP = "club:1"


class Club(Model):
    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=50)

    class Meta:
        table = "club"


class Member(Model):
    id = fields.BigIntField(primary_key=True)
    club_id = fields.BigIntField()
    visitor = fields.CharField(max_length=50)

    class Meta:
        table = "member"


class Note(Model):
    id = fields.BigIntField(primary_key=True)
    text = fields.CharField(max_length=50)
    pinned = fields.BooleanField(default=False)
    club: fields.ForeignKeyRelation[Club] = fields.ForeignKeyField("models.Club", related_name="notes")

    club_id: int

    class Meta:
        table = "note"


class Members(Rights[Member]):
    """A member's row decides who may read."""

    model = Member
    stream = "members"
    group = "club:{club_id}"
    fields = ("visitor",)


class NoteBinding(Binding[Note]):
    """Notes, to members; nobody can change odd ones, and only eve may delete. asked: for what, in order."""

    model = Note
    stream = "notes"
    group = "club:{club_id}"
    fields = ("text", "pinned")
    writable = ("text",)
    members = ("club.name",)
    template = "note"
    asked: ClassVar[list[tuple[str, str, Any]]]

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        return await Member.filter(club_id=int((self.scope(group) or {})["club_id"]), visitor=visitor.id).exists()

    async def has_permission(self, visitor: Visitor, action: str, pk: Any) -> bool:
        self.asked.append((visitor.id, action, pk))
        return {"create": True, "delete": visitor.id == "eve"}.get(action, pk is not None and pk % 2 == 0)


class SecretBinding(Binding[Note]):
    """The same rows in the same group, for eve alone; no page shows them."""

    model = Note
    stream = "secrets"
    group = "club:{club_id}"
    fields = ("text",)
    template = "note"

    async def can_subscribe(self, visitor: Visitor, group: str) -> bool:
        return visitor.id == "eve"


class ClubReader(TextReader):
    """Somebody with a socket of the club's page, or as a bot."""

    def __init__(self, clubs: Clubs, visitor: str, as_json: bool) -> None:
        super().__init__()
        socket = self.connect()
        streams = {"notes": Stream(clubs.notes, GROUP)}
        self.connection = Connection(
            clubs.live, streams, Visitor(visitor, visitor), socket.send, as_json=as_json, is_present=False
        )
        self.task = asyncio.create_task(self.connection.run(socket.receive))

    async def until_told(self, text: str) -> None:
        """Wait until it was told something that holds `text`; raises AssertionError after PATIENCE."""
        await self.until(lambda _: any(text in each for each in (*self.frames, f"closed {self.closed_with}")))


class Clubs:
    """The engine with these bindings."""

    def __init__(self, log: ChangeLog, *more: Binding[Any]) -> None:
        self.log = log
        self.notes = NoteBinding()
        NoteBinding.asked = []
        bindings = {one.stream: one for one in (self.notes, *more)}
        self.hub = Hub(log, FrameRenderer(bindings, Wording.of_one(self._render)), [Members()])
        self.writer = Writer(self.hub.ring)
        presence = Presence(self.hub, Wording.of_one(self._render), lambda note: None)
        self.live = Engine(
            hub=self.hub,
            writer=self.writer,
            presence=presence,
            wording=Wording.of_one(self._render),
            declarations=(self.notes, Members()),
        )
        self.readers: list[ClubReader] = []

    async def reader(self, visitor: str, as_json: bool, seq: int = 0) -> ClubReader:
        """Somebody who has opened a socket, and resumed if that was allowed."""
        reader = ClubReader(self, visitor, as_json)
        self.readers.append(reader)
        reader.send({"action": "resume", "seq": seq, "cursor": str(seq)})
        await reader.until_told("resumed" if as_json else "_resumed") if await self.is_member(visitor) else None
        return reader

    async def is_member(self, visitor: str) -> bool:
        """Whether it may read."""
        return await self.notes.can_subscribe(Visitor(visitor, visitor), GROUP)

    async def run(self, *statements: str) -> None:
        """One transaction of raw SQL; nobody is rung."""
        await self.log._connection.execute_script("BEGIN;" + ";".join(statements) + ";COMMIT;")

    async def settle(self) -> None:
        """Ring, and wait until everybody has been told."""
        self.hub.ring(None)
        feed = self.hub.feed(GROUP)
        while feed is not None and (tasks := [task for task in (feed._task, feed._catching_up) if task]):
            await asyncio.wait(tasks)
        for reader in self.readers:
            if reader.connection._leaving is not None:
                await reader.connection._leaving

    def _render(self, template: str, context: Any) -> str:
        match template:
            case "note":
                return f"note {context.row.text}"
            case "live/_frame.html":
                return repr(context.streams)
            case "live/_reset.html":
                return repr(context.rows)
        return f"{template} {context!r}"


@asynccontextmanager
async def running(url: str, *more: Binding[Any]) -> AsyncIterator[Clubs]:
    """The engine with the empty database at `url`; ann, bob and eve are members of club 1."""
    # Tortoise keeps a model's SQL per connection name, in whichever database's words came first.
    name = f"clubs-{url.partition(':')[0]}"
    config = {
        "connections": {name: url},
        "apps": {"models": {"models": ["tests.board.clubs"], "default_connection": name}},
        "use_tz": True,
        "timezone": "UTC",
    }
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=True)
        await context.generate_schemas(safe=True)
        log = ChangeLog(get_connection(name))
        clubs = Clubs(log, *more)
        await log.install([clubs.notes, Members(), *more])
        await clubs.run("INSERT INTO club (id, name) VALUES (1, 'chess'), (2, 'go')")
        for number, visitor in enumerate(("ann", "bob", "eve"), 1):
            await clubs.run(f"INSERT INTO member (id, club_id, visitor) VALUES ({number}, 1, '{visitor}')")
        async with clubs.writer.working():
            yield clubs
            for reader in clubs.readers:
                reader.close()
            await asyncio.gather(*(reader.task for reader in clubs.readers))
        await clubs.hub.close()
