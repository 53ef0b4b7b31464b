"""Messages only written: with a transaction each, as an app without a writer task would, or by the app's writer.

It runs in the app's own environment, on its models, settings and triggers, with the pool that the app has. It does
nothing else: no sockets, no checks, nobody is sent anything, so a message costs less here than in the app.
"""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import uvloop
from tortoise.transactions import in_transaction

from bench.harness.frames import token
from webapp.chat.models import Message, Room
from webapp.db import connected
from webapp.live.writing.writer import Writer

_FILLER = "the quick brown fox jumps over the lazy dog"


Write = Callable[[Message], Awaitable[None]]


async def one_by_one(message: Message) -> None:
    """Write a message in a transaction of its own."""
    async with in_transaction():
        await message.save()


def by(writer: Writer) -> Write:
    """Write messages as the app does."""

    async def write(message: Message) -> None:
        await writer.create(message, f"room:{message.room_id}", ignore_conflicts=True)

    return write


class Writers:
    """Tasks that each write one message after the other, until told to stop."""

    def __init__(self, rooms: Sequence[Room], write: Write) -> None:
        self._rooms = rooms
        self._write = write
        self.written = 0
        self._started = 0
        self._stopping = False

    async def run(self, tasks: int, warm_up: float, seconds: float) -> dict[str, float]:
        """Write with that many tasks; return what came of it."""
        # Never cancelled: a task that is cancelled in a transaction leaves the connection to nobody.
        running = [asyncio.create_task(self._work(self._rooms[number % len(self._rooms)])) for number in range(tasks)]
        await asyncio.sleep(warm_up)
        before, began, cpu = self.written, time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        written, took = self.written - before, time.perf_counter() - began
        cpu = time.process_time() - cpu
        self._stopping = True
        await asyncio.gather(*running)
        return {"per_second": written / took, "cpu_us": cpu / written * 1e6, "written": self.written}

    async def _work(self, room: Room) -> None:
        while not self._stopping:
            number, self._started = self._started, self._started + 1
            text, nonce = f"{token(number)} {_FILLER}", secrets.token_hex(16)
            await self._write(Message(room_id=room.id, handle="bench", message=text, nonce=nonce))
            self.written += 1


async def main(database: str, how: str, tasks: int, rooms: int, warm_up: float, seconds: float) -> None:
    """Print what came of it as one line of JSON; `how` is "each" or "grouped"."""
    writer = Writer(lambda groups: None)
    async with connected(database), writer.working():
        made = [await Room.create(name=f"room-{number}", label=f"room-{number}") for number in range(rooms)]
        writers = Writers(made, one_by_one if how == "each" else by(writer))
        print(json.dumps(await writers.run(tasks, warm_up, seconds)))


if __name__ == "__main__":
    uvloop.run(main(os.environ["DATABASE_URL"], sys.argv[1], *map(int, sys.argv[2:4]), *map(float, sys.argv[4:])))
