"""Tells readiness checks whether this process can write. A load balancer then decides whether it gets visitors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from webapp.live.database import is_away
from webapp.live.writing.writer import Writer, WriterBusy

logger = logging.getLogger(__name__)

FRESH = 1.0
"""Seconds for which a commit, or the answer of a probe, counts as current."""

PROBE_TIMEOUT = 2.0
"""Seconds that a probe may take. After that the writer counts as stuck."""


class WriteProbe:
    """Has the writer commit a tiny write, unless it committed something within FRESH seconds.

    All callers that ask while a probe is under way share its answer.

    Args:
        writer: The writer of the process.
        write: Does the tiny write, inside a transaction of the writer's.
    """

    def __init__(self, writer: Writer, write: Callable[[], Awaitable[object]]) -> None:
        self._writer = writer
        self._write = write
        self._probe: asyncio.Task[None] | None = None
        self._answer = ""
        self._answered_at = float("-inf")
        self._told = ""

    async def trouble(self) -> str:
        """Return why no write can succeed now, in plain words; empty when writes succeed.

        The answer comes within PROBE_TIMEOUT seconds.
        """
        answer = await self._ask()
        if answer != self._told:
            self._told = answer
            logger.warning("%s", f"no write can succeed: {answer}" if answer else "writes succeed again")
        return answer

    async def _ask(self) -> str:
        now = time.monotonic()
        probe = self._probe
        if probe is None:
            if now - self._writer.committed_at < FRESH:
                return ""
            if now - self._answered_at < FRESH:
                return self._answer
            probe = self._probe = asyncio.create_task(self._try())
        # If this cancelled a stuck probe and started another, the second would wait behind the same stuck write.
        await asyncio.wait([probe], timeout=PROBE_TIMEOUT)
        return self._answer if probe.done() else "the database does not answer"

    async def _try(self) -> None:
        try:
            await self._writer.run(self._write)
            self._answer = ""
        except Exception as error:
            self._answer = _named(error)
        finally:
            self._answered_at = time.monotonic()
            self._probe = None


def _named(error: Exception) -> str:
    if isinstance(error, WriterBusy):
        return "too much is waiting to be written, or the process is stopping"
    text = str(error)
    for sign, words in (
        ("full", "the disk is full"),
        ("No space left", "the disk is full"),
        ("readonly", "the database is read-only"),
        ("read-only", "the database is read-only"),
        ("locked", "the database is locked by another program"),
    ):
        if sign in text:
            return words
    return "the database is away" if is_away(error) else "writing fails"
