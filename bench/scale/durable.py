"""Messages accepted a second by one process, against one transaction each on the same database.

Accepted means answered: its sender has been told, and the message is committed. 200 senders in one room have one in
flight each, and each of them receives all messages. The peer (`peers/writing.py`) only writes, and so does the app's
own writer in the rows that compare like with like.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from bench import app, stores
from bench.scale import accepting, tables
from bench.scale.accepting import COST, RATE, SENDERS, Place, Plan
from bench.scale.sample import Leg, Sample, median
from bench.stores import Postgres

AIM = 10

_numbers = count(1)


@contextmanager
def legs(quick: bool) -> Iterator[Mapping[str, Leg]]:
    """Give the settings to measure while PostgreSQL runs."""
    plan = Plan(1, 2) if quick else Plan()
    with stores.postgres() as server:
        yield {
            "this app, SQLite": partial(_leg, None, partial(accepting.ours, plan)),
            "its writer alone, SQLite": partial(_leg, None, partial(accepting.peer, "grouped", 1, plan)),
            "one each, SQLite": partial(_leg, None, partial(accepting.peer, "each", 1, plan)),
            "this app, PostgreSQL": partial(_leg, server, partial(accepting.ours, plan)),
            "its writer alone, PostgreSQL": partial(_leg, server, partial(accepting.peer, "grouped", 1, plan)),
            "one each, PostgreSQL": partial(_leg, server, partial(accepting.peer, "each", 1, plan)),
            "one each, PostgreSQL, in 200 rooms": partial(_leg, server, partial(accepting.peer, "each", SENDERS, plan)),
        }


def report(rows: tables.Rows) -> list[str]:
    """Return the table and the verdicts; the better one of the peer's rows is what counts.

    What is done with a second of processor time stays meaningful when something else takes a part of the core.
    """
    lines = [*tables.table(rows), "", *tables.noise(rows, RATE), *tables.warnings(rows)]
    figures = {name: median(samples).figures for name, samples in rows.items()}
    for database in ("SQLite", "PostgreSQL"):
        peers = [each for name, each in figures.items() if name.startswith(f"one each, {database}")]
        lines += [
            line
            for name in (f"this app, {database}", f"its writer alone, {database}")
            if name in figures and peers
            for line in _against(name, figures[name], peers)
        ]
    return [*lines, tables.delivered(rows)]


def _against(name: str, ours: Mapping[str, float], peers: Sequence[Mapping[str, float]]) -> list[str]:
    rate = ours[RATE] / max(peer[RATE] for peer in peers)
    cost = min(peer[COST] for peer in peers) / ours[COST]
    return [
        tables.at_least(f"{name}, against one each", rate, AIM),
        f"  per second of the server's processor time: {cost:.3g} times",
    ]


def _leg(server: Postgres | None, run: partial[Sample]) -> Sample:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        url = server.create_database(f"bench_{next(_numbers)}") if server else f"sqlite://{name}/bench.sqlite3"
        app.migrate(url)
        return run(Place(url, server), Path(name))
