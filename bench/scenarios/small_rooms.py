"""Many small rooms, as most rooms are, beside the chat that one would write in an afternoon with Node."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.harness import tables
from bench.harness.sample import Leg, median
from bench.peers import socketio
from bench.peers.servers import serving_node, socketio_dialect
from bench.scenarios import delivery_cost
from bench.scenarios.delivery_cost import FLIGHT_MESSAGE, LAST, MESSAGE, RATE, Plan, Rooms

SHAPES = ((100, 10), (1000, 3))
"""Rooms, and sockets in each."""

SERVERS = ("this app", "Socket.IO 4 that stores each message")


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure."""
    plan = Plan(2, 2) if quick else Plan()
    serving = dict(zip(SERVERS, (delivery_cost.ours, _storing), strict=True))
    yield {
        _name(server, shape): partial(delivery_cost.measured, *shape, plan, serving[server])
        for shape in SHAPES
        for server in SERVERS
    }


@contextmanager
def _storing(folder: Path) -> Iterator[Rooms]:
    with serving_node(folder, socketio.STORING, BENCH_DATABASE=str(folder / "bench.sqlite3")) as server:
        yield server, socketio_dialect


def _name(server: str, shape: tuple[int, int]) -> str:
    return f"{server}, {shape[0]:,} rooms of {shape[1]}"


def report(rows: tables.Rows) -> list[str]:
    """Return the table and the verdicts."""
    lines = [*tables.table(rows), "", *tables.noise(rows, MESSAGE), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    for shape in SHAPES:
        ours, peer = (figures.get(_name(server, shape)) for server in SERVERS)
        if ours is None or peer is None:
            continue
        where = f"{shape[0]:,} rooms of {shape[1]}"
        lines.append(tables.at_least(f"{where}, {RATE}", ours[RATE] / peer[RATE], 1.5))
        lines.append(tables.at_most(f"{where}, {FLIGHT_MESSAGE}", ours[FLIGHT_MESSAGE] / peer[FLIGHT_MESSAGE], 1))
        lines.append(tables.at_most(f"{where}, {MESSAGE}", ours[MESSAGE] / peer[MESSAGE], 1))
        lines.append(tables.at_most(f"{where}, {LAST}", ours[LAST] / peer[LAST], 1.5))
    return [*lines, tables.delivered(rows)]
