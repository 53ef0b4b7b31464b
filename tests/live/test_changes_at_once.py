"""Two programs that write at the same moment: each group's log is contiguous, and its order is commit order."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

from tests.live.replay import assert_replays, snapshot
from tests.support.databases import ROOMS, Database, Session
from tests.support.patience import PATIENCE

ROUNDS = 80


class Follower:
    """Reads a room's log as a hub does: what came after the last change that it saw."""

    def __init__(self, database: Database, room: int) -> None:
        self._database = database
        self._room = room
        self.seen: list[int] = []

    async def look(self) -> None:
        """Read what is new."""
        last = self.seen[-1] if self.seen else 0
        self.seen += [change.seq for change in await self._database.log.after(f"room:{self._room}", last, 1000)]


async def begin(database: Database, session: Session) -> None:
    # On SQLite a transaction that reads first may find that it cannot write any more; that is SQLite's own rule.
    await session.run("BEGIN IMMEDIATE" if database.kind == "sqlite" else "BEGIN")


def insert(room: int, name: str = "ann") -> str:
    return f"INSERT INTO message (room_id, handle, message) VALUES ({room}, '{name}', 'hi')"


async def test_a_follower_misses_nothing_while_two_programs_write_to_the_same_rooms(database: Database) -> None:
    async def write(session: Session, seed: int) -> None:
        chance = random.Random(seed)
        for number in range(ROUNDS):
            here, there = chance.sample(ROOMS, 2)
            await begin(database, session)
            # One statement touches two groups, in any order.
            await session.run(f"{insert(here, f'p{seed}')}, ({there}, 'p{seed}', 'ho')")
            await asyncio.sleep(chance.choice([0, 0, 0.002]))
            await session.run("ROLLBACK" if number % 7 == 6 else "COMMIT")

    async def follow(followers: list[Follower], over: asyncio.Event) -> None:
        while not over.is_set():
            for follower in followers:
                await follower.look()

    snapshots = [await snapshot(database)]
    followers, over = [Follower(database, room) for room in ROOMS], asyncio.Event()
    following = asyncio.create_task(follow(followers, over))
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(write(database.one, 1), write(database.two, 2))
    over.set()
    await following
    snapshots.append(await snapshot(database))
    await assert_replays(database, snapshots)
    for follower, room in zip(followers, ROOMS, strict=True):
        await follower.look()
        assert follower.seen == [change.seq for change in await database.changes(room)]
    assert sum(len(follower.seen) for follower in followers) == 2 * 2 * (ROUNDS - ROUNDS // 7)


async def test_updates_and_deletes_of_many_rooms_at_once_end_without_a_deadlock(database: Database) -> None:
    async def write(session: Session, name: str) -> None:
        for number in range(ROUNDS // 2):
            await begin(database, session)
            await session.run(f"UPDATE message SET message = '{number}', room_id = 4 - room_id WHERE handle = '{name}'")
            await session.run("COMMIT")

    for room in ROOMS:
        for name in ("p1", "p2"):
            await database.one.run(insert(room, name))
    first = await snapshot(database)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(write(database.one, "p1"), write(database.two, "p2"))
    await assert_replays(database, [first, await snapshot(database)])


async def test_transactions_that_touch_rooms_in_opposite_order_end_without_a_deadlock(database: Database) -> None:
    both_hold_one = asyncio.Barrier(2)

    async def write(session: Session, first: int, second: int) -> None:
        await begin(database, session)
        await session.run(insert(first))
        with suppress(TimeoutError, asyncio.BrokenBarrierError):
            # Where one waits for the other's commit, as on SQLite, they never meet here.
            await asyncio.wait_for(both_hold_one.wait(), 0.3)
        await session.run(insert(second))
        await session.run("COMMIT")

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(write(database.one, 1, 2), write(database.two, 2, 1))
    assert [len(await database.changes(room)) for room in (1, 2)] == [2, 2]


async def test_an_open_transaction_in_one_room_does_not_hold_up_another_room(database: Database) -> None:
    if database.kind == "sqlite":
        return  # One writer at a time is what SQLite is.
    await database.one.run("BEGIN")
    await database.one.run(insert(1))
    async with asyncio.timeout(PATIENCE):
        await database.two.run(insert(2))
    await database.one.run("COMMIT")
    assert [len(await database.changes(room)) for room in (1, 2)] == [1, 1]
