"""What a page makes of the log: the rows that it had, and the changes after its cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.support.databases import ROOMS, Database
from webapp.live.changelog.log import Change

Rows = Mapping[int, tuple[str, str]]
"""Primary key → handle and text."""


@dataclass(frozen=True)
class Snapshot:
    """What each room held at one moment, and its group's head then."""

    heads: Mapping[int, int]
    rooms: Mapping[int, Rows]


async def snapshot(database: Database) -> Snapshot:
    """What the database holds now."""
    heads = await database.heads()
    rooms: dict[int, dict[int, tuple[str, str]]] = {room: {} for room in ROOMS}
    for pk, room, handle, text in await database.one.run("SELECT id, room_id, handle, message FROM message"):
        rooms[room][pk] = (handle, text)
    return Snapshot({room: heads[f"room:{room}"] for room in ROOMS}, rooms)


def replayed(page: Rows, changes: Sequence[Change], now: Rows) -> Rows:
    """The page after those changes: each row is shown once, as it is now, and only what is shown is updated."""
    shown = dict(page)
    created = {int(change.pk) for change in changes if change.action == "create"}
    for pk in {int(change.pk) for change in changes}:
        if pk not in now:
            shown.pop(pk, None)
        elif pk in created or pk in shown:
            shown[pk] = now[pk]
    return shown


async def assert_replays(database: Database, snapshots: Sequence[Snapshot]) -> None:
    """Every page of every moment comes to what each later moment showed; and the log has no gap and no excess."""
    for room in ROOMS:
        changes = await database.changes(room)
        if changes:
            assert [change.seq for change in changes] == list(range(changes[0].seq, changes[0].seq + len(changes)))
        for index, then in enumerate(snapshots):
            for later in snapshots[index:]:
                run = [each for each in changes if then.heads[room] < each.seq <= later.heads[room]]
                assert replayed(then.rooms[room], run, later.rooms[room]) == later.rooms[room]
        assert snapshots[-1].heads[room] == (changes[-1].seq if changes else 0)
