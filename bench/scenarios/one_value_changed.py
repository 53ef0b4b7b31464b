"""One value of the board, which a thousand readers watch, changed a thousand times.

20 readers press +1 as fast as they are answered; or a program beside the app does it, by `QuerySet.update()`. A page
needs the newest state only, so changes that come together are one change to see. What such a one costs for each
socket is compared with the chat, where 20 readers say a thousand messages.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from bench.harness import tables
from bench.harness.sample import Leg, median
from bench.scenarios import watching_cost
from bench.scenarios.watching_cost import BULK, MADE, SEEN, SINGLE, Plan

CHAT, PRESSED, OUTSIDE = "chat, 20 say", "board, 20 press +1", "board, a program beside the app"
AIM = 1.2


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure."""
    plan = Plan(one_seconds=2) if quick else Plan()
    yield {
        CHAT: partial(watching_cost.chat, plan),
        PRESSED: partial(watching_cost.pressed, plan),
        OUTSIDE: partial(watching_cost.outside, plan),
    }


def report(rows: tables.Rows) -> list[str]:
    """Return the table, how many states nobody had to be sent, and the verdicts."""
    lines = [*tables.table(rows), "", *tables.noise(rows, SINGLE), *tables.noise(rows, BULK), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    for name in (PRESSED, OUTSIDE):
        if name in figures:
            made, seen = figures[name][MADE], figures[name][SEEN]
            lines.append(f"{name}: {made:,.0f} changes, {seen:,.0f} frames a socket: {made / seen:.3g} changes a frame")
    for name in (PRESSED, OUTSIDE):
        for column in (SINGLE, BULK):
            if column in figures.get(name, {}) and CHAT in figures:
                ratio = figures[name][column] / figures[CHAT][column]
                lines.append(tables.at_most(f"{name}, {column}, against the chat", ratio, AIM))
    return [*lines, tables.delivered(rows, "every socket ended right, and none went back")]
