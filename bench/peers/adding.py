"""A program beside the app that adds 1 to a value of the board, again and again, by `QuerySet.update()`.

It has a connection of its own, and nobody rings for it. It waits for a line before it begins, says one when it is
done, and ends when its input does.
"""

import os
import sys

import uvloop
from tortoise.expressions import F

from webapp.board.models import IntegerValue
from webapp.db import connected


async def main(database: str, pk: int, times: int) -> None:
    """Add that many times, each in a transaction of its own."""
    async with connected(database):
        value = IntegerValue.filter(pk=pk)
        await value.get()
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(times):
            await value.update(value=F("value") + 1)
        print("done", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    uvloop.run(main(os.environ["DATABASE_URL"], *map(int, sys.argv[1:])))
