"""Who used the two cores during a measurement; it tells a slow server from a disturbed one."""

import time
from dataclasses import dataclass
from typing import Protocol, Self

from bench.harness import measure
from bench.harness.processes import LOAD_CORE, SERVER_CORE, Helper


class Measured(Protocol):
    """A server, or several as one. helpers: what works for it (a database, Redis), counted apart."""

    @property
    def pids(self) -> tuple[int, ...]:
        """One of each server process."""

    @property
    def helpers(self) -> tuple[Helper, ...]:
        """Those that run on the load's core."""


@dataclass(frozen=True)
class Cost:
    """Processor time for one of something, in µs: of the server, of each of its helpers, and of the load."""

    server: float
    helpers: tuple[float, ...]
    load: float


@dataclass(frozen=True)
class Shares:
    """Parts of the elapsed time, 0 to 1, during which each was running.

    server: all the server's processes. load: this process. load_core: its core, helpers of the server included.
    others: whatever is no part of the benchmark, on the core where there was more of it.
    """

    server: float
    load: float
    load_core: float
    others: float


@dataclass(frozen=True)
class Usage:
    """A reading of all clocks, in seconds."""

    wall: float
    server: float
    helpers: tuple[float, ...]
    load: float
    server_core: float
    load_core: float

    @classmethod
    def now(cls, server: Measured) -> Self:
        """Read the clocks of `server`, its helpers, this process and both cores."""
        return cls(
            time.perf_counter(),
            sum(measure.cpu_seconds(pid) for pid in server.pids),
            tuple(measure.cpu_seconds(helper.pid) for helper in server.helpers),
            time.process_time(),
            measure.core_seconds(SERVER_CORE),
            measure.core_seconds(LOAD_CORE),
        )

    def until(self, later: Self) -> Shares:
        """Return the shares of the time between two readings."""
        wall = later.wall - self.wall
        server, load = later.server - self.server, later.load - self.load
        server_core, load_core = later.server_core - self.server_core, later.load_core - self.load_core
        helpers = sum(later.helpers) - sum(self.helpers)
        foreign = max(server_core - server, load_core - load - helpers, 0)
        return Shares(server / wall, load / wall, load_core / wall, foreign / wall)

    def cost(self, later: Self, count: int) -> Cost:
        """Return what each of `count` cost between two readings."""
        unit = 1e6 / count
        return Cost(
            (later.server - self.server) * unit,
            tuple((after - before) * unit for before, after in zip(self.helpers, later.helpers, strict=True)),
            (later.load - self.load) * unit,
        )
