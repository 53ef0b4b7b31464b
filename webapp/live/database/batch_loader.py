"""Batches lookups: all lookups that callers ask for while a query is under way share the next query."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from webapp.live.database.database_errors import CONNECTION_LOST

Question = TypeVar("Question")
Answer = TypeVar("Answer")

AT_ONCE = 500
"""Lookups that one query answers, at most."""


class BatchLoader(Generic[Question, Answer]):
    """Joins lookups that are asked for while a query is under way. A lookup that comes alone never waits.

    Args:
        answer: Returns one answer to each question, in their order. If it raises, the loader asks it about half of the
            questions at a time, so that only the failing ones fail.
    """

    def __init__(self, answer: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def load(self, question: Question) -> Answer:
        """Return the answer to `question`.

        Raises:
            Exception: The error that `answer` raises for this question.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._task is None:
            # If this queried at once, the other feeds that the same commit rang would need a second query. The task
            # starts in the loop's next turn, when they have asked as well.
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._settle([(question, future) for question, future in asked if not future.done()])
        finally:
            self._task = None

    async def _settle(self, asked: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._answer([question for question, _ in asked]) if asked else ()
            for (_, future), answer in zip(asked, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as error:
            if len(asked) > 1 and not isinstance(error, CONNECTION_LOST):
                # If all failed together, one bad row would stop every feed that asks now. Mostly one question fails,
                # and halves find it with few queries.
                await self._settle(asked[: len(asked) // 2])
                await self._settle(asked[len(asked) // 2 :])
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
        finally:
            # If this task is cancelled, the callers would otherwise wait for ever.
            for _, future in asked:
                future.cancel()
