"""Processes with a Redis count together what one network does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import limits
import pytest

from tests.support.redis_server import RedisServer
from webapp.web import RateLimit, SharedCounts

LIMIT = limits.parse("100/day")


class Process:
    """The counts of one process."""

    def __init__(self, url: str, item: limits.RateLimitItem = LIMIT) -> None:
        self.counts = SharedCounts(url, "test")
        self.limit = RateLimit("messages", item, self.counts)

    def taken(self, hits: int, key: str = "203.0.113.7") -> int:
        """How many of so many hits were within the limit."""
        return sum(self.limit.hit(key) == 0 for _ in range(hits))


@pytest.fixture
async def process(redis: RedisServer) -> AsyncIterator[Callable[..., Process]]:
    """Makes processes, and closes them."""
    made: list[Process] = []

    def another(item: limits.RateLimitItem = LIMIT) -> Process:
        made.append(Process(redis.url, item))
        return made[-1]

    yield another
    for each in made:
        await each.counts.close()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as found:
        yield found


async def test_what_one_process_counted_the_other_knows(process: Callable[..., Process]) -> None:
    one, two = process(), process()
    assert one.taken(60) == 60
    assert two.taken(30) == 30
    for each in (one, two, one):
        await each.counts.exchange()
    assert one.taken(60) == 10
    assert two.taken(60, "198.51.100.1") == 60


async def test_a_small_part_of_the_limit_costs_the_redis_nothing(
    process: Callable[..., Process], redis: RedisServer
) -> None:
    one = process()
    assert one.taken(9) == 9
    redis.kill9()
    await one.counts.exchange()


async def test_together_processes_let_through_little_more_than_the_limit(process: Callable[..., Process]) -> None:
    processes = [process() for _ in range(4)]
    taken = 0
    for _ in range(100):
        taken += sum(each.taken(1) for each in processes)
        for each in processes:
            await each.counts.exchange()
    assert 100 <= taken <= 100 + 4 * 10


async def test_while_the_redis_is_away_each_process_counts_and_then_they_know_again(
    process: Callable[..., Process], redis: RedisServer
) -> None:
    one, two = process(), process()
    redis.kill9()
    assert one.taken(150) == 100
    with pytest.raises(Exception, match=r"onnect"):
        await one.counts.exchange()
    redis.start()
    await one.counts.exchange()
    assert two.taken(20) == 20
    await two.counts.exchange()
    assert two.taken(150) == 0


@contextmanager
def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr("webapp.web.shared_counts.time.time", lambda: seconds)
        yield


async def test_a_window_that_is_over_is_forgotten(
    process: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = process(limits.parse("10/minute"))
    one.taken(5)
    await one.counts.exchange()
    assert one.counts.kept == 1
    with at(monkeypatch, 4e9):
        await one.counts.exchange()
    assert one.counts.kept == 0
