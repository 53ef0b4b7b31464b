"""Messages written with a transaction each, as an app without a writer task would: what group commit is compared with.

It runs in the app's own environment, on its models, settings and triggers, with the pool that the app has. It does
nothing else: nobody is sent anything, so each of its transactions costs less than a message of the app.
"""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Sequence

import uvloop
from tortoise.transactions import in_transaction

from bench.frames import token
from webapp.chat.models import Message, Room
from webapp.db import connected

_FILLER = "the quick brown fox jumps over the lazy dog"


class Writers:
    """Tasks that each write one message after the other, until told to stop."""

    def __init__(self, rooms: Sequence[Room]) -> None:
        self._rooms = rooms
        self.written = 0
        self._started = 0
        self._stopping = False

    async def run(self, tasks: int, warm_up: float, seconds: float) -> dict[str, float]:
        """Write with that many tasks; return what came of it."""
        # Never cancelled: a task that is cancelled in a transaction leaves the connection to nobody.
        running = [asyncio.create_task(self._write(self._rooms[number % len(self._rooms)])) for number in range(tasks)]
        await asyncio.sleep(warm_up)
        before, began, cpu = self.written, time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        written, took = self.written - before, time.perf_counter() - began
        cpu = time.process_time() - cpu
        self._stopping = True
        await asyncio.gather(*running)
        return {"per_second": written / took, "cpu_us": cpu / written * 1e6, "written": self.written}

    async def _write(self, room: Room) -> None:
        while not self._stopping:
            number, self._started = self._started, self._started + 1
            async with in_transaction():
                await Message.create(
                    room_id=room.id,
                    handle="bench",
                    message=f"{token(number)} {_FILLER}",
                    nonce=secrets.token_hex(16),
                )
            self.written += 1


async def main(database: str, tasks: int, rooms: int, warm_up: float, seconds: float) -> None:
    """Print what came of it as one line of JSON."""
    async with connected(database):
        made = [await Room.create(name=f"room-{number}", label=f"room-{number}") for number in range(rooms)]
        print(json.dumps(await Writers(made).run(tasks, warm_up, seconds)))


if __name__ == "__main__":
    uvloop.run(main(os.environ["DATABASE_URL"], int(sys.argv[1]), int(sys.argv[2]), *map(float, sys.argv[3:])))
