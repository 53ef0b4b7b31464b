"""One subject, measured once from a fresh start to its end."""

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.harness import load, measure
from bench.harness.dialect import Dialect
from bench.harness.processes import Server
from bench.harness.room import Room
from bench.harness.sockets import LoadError
from bench.harness.subject import Subject


@dataclass(frozen=True)
class Plan:
    """How long to measure: messages one at a time (and a bound in seconds), and seconds with 50 in flight."""

    sockets: int = 1000
    messages: int = 60
    one_seconds: float = 9
    flight_seconds: float = 6
    idle_seconds: float = 3


@dataclass(frozen=True)
class Result:
    """What one run of one subject gave: times in milliseconds, memory in KiB, shares of a core 0 to 1.

    The shares are those of the time with 50 in flight; `others` is the greatest of the whole run.
    """

    sockets: int
    cpu_us: float
    last_p50: float
    last_p95: float
    per_second: float
    kb: float
    load_us: float
    server: float
    load: float
    load_core: float
    others: float
    messages: int
    proof: str


async def measured(subject: Subject, plan: Plan) -> Result:
    """Start `subject`, measure it, stop it. Raises ServerError or LoadError with what the server printed."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        subject.running(Path(name)) as (server, dialect),
    ):
        try:
            return await _run(server, dialect, plan)
        except LoadError as error:
            raise LoadError(f"{error}\n{server.log_tail()}".strip()) from error


async def _run(server: Server, dialect: Dialect, plan: Plan) -> Result:
    # What a server loads upon its first socket is no part of what a socket costs.
    probe = Room(server.port, dialect)
    await probe.open(1)
    probe.close()
    await asyncio.sleep(0.5)
    empty = measure.memory_kb(server.pid)
    room = Room(server.port, dialect)
    try:
        await room.open(plan.sockets)
        await asyncio.sleep(plan.idle_seconds)
        kb = (measure.memory_kb(server.pid) - empty) / plan.sockets
        await load.one_at_a_time([room], server, messages=10, seconds=2)
        one = await load.one_at_a_time([room], server, plan.messages, plan.one_seconds)
        many = await load.in_flight(room, server, warm_up=plan.flight_seconds / 3, seconds=plan.flight_seconds)
        proof = room.proof()
    finally:
        room.close()
    times = sorted(each * 1000 for each in one.times)
    return Result(
        sockets=plan.sockets,
        cpu_us=one.cost.server,
        last_p50=statistics.median(times),
        last_p95=times[min(len(times) - 1, int(len(times) * 0.95))],
        per_second=many.per_second,
        kb=kb,
        load_us=one.cost.load,
        server=many.shares.server,
        load=many.shares.load,
        load_core=many.shares.load_core,
        others=max(one.shares.others, many.shares.others),
        messages=room.sent,
        proof=str(proof),
    )
