"""`bin/bench operations`: what metrics and logs as JSON cost a message, in processor time of the server.

Two servers run side by side, one with METRICS_TOKEN and LOG_FORMAT=json, and one without. They get turns of messages,
one at a time, in an order that turns round each time, so that what disturbs the machine disturbs both alike.
"""

import argparse
import secrets
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvloop

from bench.harness import app, load
from bench.harness.processes import Server
from bench.harness.room import Room
from bench.harness.stopping import stop_by_signals

ROOM = "bench-room-1"
SOCKETS = 10
AIM = 1.03
WITHOUT, WITH = "without", "with metrics and JSON logs"


def main(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="bin/bench operations", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that it works")
    parser.add_argument("--pairs", type=int, default=15)
    options = parser.parse_args(arguments)
    stop_by_signals()
    try:
        with _servers() as servers:
            uvloop.run(_measure(servers, 2 if options.quick else options.pairs, 50 if options.quick else 600))
    except KeyboardInterrupt:
        print("stopped; so are the servers", file=sys.stderr)
        return 130
    return 0


@contextmanager
def _servers() -> Iterator[dict[str, Server]]:
    operations = {"METRICS_TOKEN": secrets.token_urlsafe(32), "LOG_FORMAT": "json"}
    with ExitStack() as stack:
        servers = {}
        for name, env in ((WITHOUT, {}), (WITH, operations)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            database = f"sqlite://{folder / 'bench.sqlite3'}"
            servers[name] = stack.enter_context(app.serving(folder, database, extra=env))
        yield servers


async def _measure(servers: dict[str, Server], pairs: int, messages: int) -> None:
    rooms = {}
    for name, server in servers.items():
        rooms[name] = Room(server.port, app.dialect(ROOM, app.enter(server.port, ROOM)))
        await rooms[name].open(SOCKETS)
        await load.one_at_a_time([rooms[name]], server, messages, 60)
    costs: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(pairs):
        for name in sorted(servers, reverse=bool(number % 2)):
            measured = await load.one_at_a_time([rooms[name]], servers[name], messages, 60)
            costs[name].append(measured.cost.server * SOCKETS)
    for room in rooms.values():
        room.close()
    _report(costs, messages)


def _report(costs: dict[str, list[float]], messages: int) -> None:
    ratios = sorted(one / other for one, other in zip(costs[WITH], costs[WITHOUT], strict=True))
    for name, values in costs.items():
        print(f"{name}: median {statistics.median(values):.0f} µs of CPU a message to {SOCKETS} sockets")
    ratio = statistics.median(ratios)
    quarter = len(ratios) // 4
    spread = f"{ratios[quarter]:.3f} to {ratios[-1 - quarter]:.3f} in the middle half"
    print(f"{len(ratios)} pairs of {messages} messages: median of the ratios {ratio:.3f}, {spread}")
    verdict = "PASS" if ratio <= AIM else "short of the aim"
    print(f"{verdict}: at most {AIM} times")
