"""Batches lookups: those that are asked for while a query is under way share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from webapp.live.database.database_errors import CONNECTION_LOST

Question = TypeVar("Question")
Answer = TypeVar("Answer")

AT_ONCE = 500
"""Questions that one query answers, at most."""


class BatchLoader(Generic[Question, Answer]):
    """Loads at once when nothing is under way, so a lookup that comes alone never waits.

    Args:
        answer: gives one answer to each question, in their order. Where it fails for some questions only, the others
            are answered all the same.
    """

    def __init__(self, answer: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def load(self, question: Question) -> Answer:
        """The answer to `question`. Raises what was raised when it was asked."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._task is None:
            # It starts in the loop's next turn: until then others, rung by the same commit, ask as well.
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
                # Halves, because most often one question of many is what cannot be answered.
                await self._settle(asked[: len(asked) // 2])
                await self._settle(asked[len(asked) // 2 :])
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
        finally:
            # For when this was stopped: nobody waits for ever.
            for _, future in asked:
                future.cancel()
