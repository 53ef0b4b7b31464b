"""Messages accepted a second by one process, against one transaction each on the same database.

Accepted means answered: its sender has been told, and the message is committed. 200 senders in one room have one in
flight each, and each of them receives all messages. Two peers: the app itself with a transaction for each message
(`peers/one_each.py`), which does all that the app does; and one that only writes (`peers/writing.py`), against which
stands the app's own writer, which only writes as well.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from bench.harness import app, stores, tables
from bench.harness.sample import Leg, Sample, median
from bench.harness.stores import Postgres
from bench.scenarios import acceptance_rate
from bench.scenarios.acceptance_rate import COST, RATE, SENDERS, Place, Plan

AIM = 10

_numbers = count(1)


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure while PostgreSQL runs."""
    plan = Plan(1, 2) if quick else Plan()
    with stores.postgres() as server:
        yield {**_on("SQLite", None, plan), **_on("PostgreSQL", server, plan)} | {
            "one each, only written, PostgreSQL, in 200 rooms": partial(
                _leg, server, partial(acceptance_rate.peer, "each", SENDERS, plan)
            ),
        }


def _on(database: str, server: Postgres | None, plan: Plan) -> Mapping[str, Leg]:
    return {
        f"this app, {database}": partial(_leg, server, partial(acceptance_rate.ours, plan)),
        f"this app with one each, {database}": partial(_leg, server, partial(acceptance_rate.one_each, plan)),
        f"its writer alone, {database}": partial(_leg, server, partial(acceptance_rate.peer, "grouped", 1, plan)),
        f"one each, only written, {database}": partial(_leg, server, partial(acceptance_rate.peer, "each", 1, plan)),
    }


def report(rows: tables.Rows) -> list[str]:
    """Return the table and the verdicts; where a peer has several rows, the best one counts.

    What is done with a second of processor time stays meaningful when something else takes a part of the core.
    """
    lines = [*tables.table(rows), "", *tables.noise(rows, RATE), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    for database in ("SQLite", "PostgreSQL"):
        for ours, theirs in (
            ("this app", "this app with one each"),
            ("its writer alone", "one each, only written"),
            ("this app", "one each, only written"),
        ):
            lines += _against(figures, f"{ours}, {database}", f"{theirs}, {database}")
    return [*lines, tables.delivered(rows)]


def _against(figures: Mapping[str, Mapping[str, float]], ours: str, theirs: str) -> list[str]:
    peers = [each for name, each in figures.items() if name.startswith(theirs)]
    if ours not in figures or not peers:
        return []
    rate = figures[ours][RATE] / max(peer[RATE] for peer in peers)
    cost = min(peer[COST] for peer in peers) / figures[ours][COST]
    return [
        tables.at_least(f"{ours}, against {theirs.rpartition(',')[0]}", rate, AIM),
        f"  per second of the server's processor time: {cost:.3g} times",
    ]


def _leg(server: Postgres | None, run: partial[Sample]) -> Sample:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        url = server.create_database(f"bench_{next(_numbers)}") if server else f"sqlite://{name}/bench.sqlite3"
        app.migrate(url)
        return run(Place(url, server), Path(name))
