"""`bin/bench scale`: how the app behaves as it grows. Each benchmark takes less than four minutes."""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from bench.harness.processes import LOAD_CORE
from bench.harness.sample import Leg, interleaved
from bench.harness.stopping import stop_by_signals
from bench.harness.tables import Rows
from bench.scenarios import (
    messages_accepted,
    one_value_changed,
    reconnecting_at_once,
    room_and_group_sizes,
    small_rooms,
    two_processes,
)


class Benchmark(NamedTuple):
    """legs: given whether to be quick, its settings, while what they share runs. rounds: unless told otherwise."""

    title: str
    legs: Callable[[bool], AbstractContextManager[Mapping[str, Leg]]]
    report: Callable[[Rows], Sequence[str]]
    rounds: int


BENCHMARKS = {
    "processes": Benchmark("Two processes against one", two_processes.legs, two_processes.report, 2),
    "durable": Benchmark("Durable messages accepted", messages_accepted.legs, messages_accepted.report, 2),
    "comeback": Benchmark(
        "A thousand sockets come back at once", reconnecting_at_once.legs, reconnecting_at_once.report, 3
    ),
    "flat": Benchmark(
        "The cost of a delivery by sockets and by groups", room_and_group_sizes.legs, room_and_group_sizes.report, 2
    ),
    "small": Benchmark("Many small rooms", small_rooms.legs, small_rooms.report, 2),
    "board": Benchmark("A live value that many change at once", one_value_changed.legs, one_value_changed.report, 3),
}


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 0 also when an aim is missed, and 1 when a setting could not be measured."""
    options = _options(arguments)
    os.sched_setaffinity(0, {LOAD_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    stop_by_signals()
    try:
        complete = [_run(BENCHMARKS[name], options.quick, options.rounds) for name in options.names or BENCHMARKS]
    except KeyboardInterrupt:
        print("stopped; so are the servers", file=sys.stderr)
        return 130
    return 0 if all(complete) else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench scale", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{' '.join(BENCHMARKS)} (all)")
    parser.add_argument("--quick", action="store_true", help="one short round, only to see that it works")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="medians are taken over these (2 or 3)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"{unknown[0]}: choose from {' '.join(BENCHMARKS)}")
    return options


def _run(benchmark: Benchmark, quick: bool, rounds: int) -> bool:
    began = time.monotonic()
    with benchmark.legs(quick) as legs:
        rows = interleaved(legs, rounds or (1 if quick else benchmark.rounds))
        missing = [name for name in legs if name not in rows]
    print(f"\n## {benchmark.title}\n", *benchmark.report(rows), sep="\n")
    if missing:
        print(f"not whole, these failed: {'; '.join(missing)}")
    print(f"took {time.monotonic() - began:.0f} s", flush=True)
    return not missing
