"""What a delivery costs as rooms grow, and as there are more of them.

Sockets: 100, 1,000 and 5,000 in one room. Groups: one room of five sockets, against a thousand rooms of five, in
which the messages go round. So a message is as many deliveries with one group as with a thousand, and what differs is
only how many groups there are, and that neighbours in time are no longer neighbours in a frame.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

from bench.harness import tables
from bench.harness.sample import Leg, median
from bench.scenarios import delivery_cost
from bench.scenarios.delivery_cost import FLIGHT, MESSAGE, SINGLE, Plan

SIZES = (100, 1000, 5000)
ROOMS = 1000
IN_EACH = 5
AIM = 1.3


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure."""
    plan = Plan(2, 2) if quick else Plan()
    yield {_size(size): partial(delivery_cost.measured, 1, size, plan) for size in SIZES} | {
        _groups(rooms): partial(delivery_cost.measured, rooms, IN_EACH, plan) for rooms in (1, ROOMS)
    }


def _size(sockets: int) -> str:
    return f"{sockets:,} sockets in one room"


def _groups(rooms: int) -> str:
    return f"{rooms:,} {'room' if rooms == 1 else 'rooms'} of {IN_EACH} sockets"


def report(rows: tables.Rows) -> list[str]:
    """Return the table, the verdicts, and what a message costs besides its deliveries."""
    lines = [*tables.table(rows), "", *tables.noise(rows, SINGLE), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    if len(rows) < len(SIZES) + 2:
        return [*lines, "no verdicts: a setting is missing", tables.delivered(rows)]
    for column in (SINGLE, FLIGHT):
        by_size = [figures[_size(size)][column] for size in SIZES]
        lines.append(tables.at_most(f"100 to 5,000 sockets, {column}", max(by_size) / min(by_size), AIM))
        lines.append(tables.at_most("  a larger room against a smaller one", _growth(by_size), AIM))
    lines.append(_further([figures[_size(size)][MESSAGE] for size in SIZES]))
    for column in (SINGLE, FLIGHT):
        one, many = (figures[_groups(rooms)][column] for rooms in (1, ROOMS))
        lines.append(tables.at_most(f"1,000 groups against 1, {column}", many / one, AIM))
    return [*lines, tables.delivered(rows)]


def _further(messages: Sequence[float]) -> str:
    """The line on what one more delivery costs, by what a message costs with each number of sockets."""
    steps = zip(pairwise(SIZES), pairwise(messages), strict=True)
    costs = [(later - earlier) / (more - few) * 1000 for (few, more), (earlier, later) in steps]
    first = messages[0] - costs[0] * SIZES[0] / 1000
    return (
        f"one at a time, a message itself costs {first:.2g} ms; each further delivery"
        f" {costs[0]:.3g} µs up to 1,000 sockets, {costs[1]:.3g} µs from there to 5,000"
    )


def _growth(costs: Sequence[float]) -> float:
    """The most by which a later cost exceeds an earlier one."""
    return max(later / earlier for number, earlier in enumerate(costs) for later in costs[number:])
