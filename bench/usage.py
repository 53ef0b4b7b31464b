"""Who used the two cores during a measurement; it tells a slow server from a disturbed one."""

import time
from dataclasses import dataclass
from typing import Self

from bench import measure
from bench.processes import LOAD_CORE, SERVER_CORE, Server


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
    helpers: float
    load: float
    server_core: float
    load_core: float

    @classmethod
    def now(cls, server: Server) -> Self:
        """Read the clocks of `server`, its helpers, this process and both cores."""
        return cls(
            time.perf_counter(),
            measure.cpu_seconds(server.pid),
            sum(measure.cpu_seconds(helper.pid) for helper in server.helpers),
            time.process_time(),
            measure.core_seconds(SERVER_CORE),
            measure.core_seconds(LOAD_CORE),
        )

    def until(self, later: Self) -> Shares:
        """Return the shares of the time between two readings."""
        wall = later.wall - self.wall
        server, load = later.server - self.server, later.load - self.load
        server_core, load_core = later.server_core - self.server_core, later.load_core - self.load_core
        foreign = max(server_core - server, load_core - load - (later.helpers - self.helpers), 0)
        return Shares(server / wall, load / wall, load_core / wall, foreign / wall)
