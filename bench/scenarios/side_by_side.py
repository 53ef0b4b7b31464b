"""`bin/bench`: this app and its peers in turn on this machine: CPU a delivery, latency, deliveries a second, memory."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import uvloop

from bench.harness import report
from bench.harness.processes import LOAD_CORE, ServerError
from bench.harness.rounds import Plan, Result, measured
from bench.harness.sockets import LoadError
from bench.harness.stopping import stop_by_signals
from bench.harness.subject import Subject
from bench.peers.servers import CHANNELS, CHANNELS_PUBSUB, OURS, SOCKETIO

SUBJECTS = {"ours": OURS, "socketio": SOCKETIO, "pubsub": CHANNELS_PUBSUB, "channels": CHANNELS}
SECONDS = 165  # for a round; a disturbed machine takes longer, and then later rounds lose subjects
QUICK = Plan(messages=20, one_seconds=4, flight_seconds=3)


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 0 also when an aim is missed, and 1 when a subject could not be measured."""
    options = _options(arguments)
    os.sched_setaffinity(0, {LOAD_CORE})
    stop_by_signals()
    began = time.monotonic()
    chosen = [SUBJECTS[name] for name in options.only]
    plan = replace(QUICK if options.quick else Plan(), sockets=options.sockets)
    try:
        results = _rounds(chosen, plan, options.rounds or (1 if options.quick else 2))
    except KeyboardInterrupt:
        print("stopped; so are the servers", file=sys.stderr)
        return 130
    _print(results)
    print(f"took {time.monotonic() - began:.0f} s")
    return 0 if all(results.values()) else 1


def _rounds(chosen: list[Subject], plan: Plan, rounds: int) -> dict[str, list[Result]]:
    results: dict[str, list[Result]] = {subject.name: [] for subject in chosen}
    durations: dict[str, float] = {subject.name: 0 for subject in chosen}
    began = time.monotonic()
    for number in range(rounds):
        # The machine drifts: whoever came first in one round comes last in the next.
        for subject in chosen if number % 2 == 0 else reversed(chosen):
            start = time.monotonic()
            if start - began + durations[subject.name] > SECONDS * rounds:
                print(f"{subject.name}: left out of round {number + 1}, for lack of time", file=sys.stderr)
                continue
            result = _measure(subject, plan)
            results[subject.name] += [result] if result else []
            durations[subject.name] = time.monotonic() - start
    return results


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, under 90 s")
    parser.add_argument("--sockets", type=int, default=1000, metavar="N", help="in the one room (1000)")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="medians are taken over these (2)")
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, metavar="NAME", help=" ".join(SUBJECTS))
    options = parser.parse_args(arguments)
    options.only = options.only or [name for name in SUBJECTS if not (options.quick and name == "channels")]
    return options


def _measure(subject: Subject, plan: Plan) -> Result | None:
    attempts = [plan, replace(plan, sockets=plan.sockets // 2)] if subject.halves else [plan]
    for attempt in attempts:
        print(f"{subject.name}, {attempt.sockets:,} sockets …", file=sys.stderr, flush=True)
        try:
            return uvloop.run(measured(subject, attempt))
        except (ServerError, LoadError) as error:
            print(f"{subject.name} failed with {attempt.sockets:,} sockets: {error}", file=sys.stderr)
    return None


def _print(results: dict[str, list[Result]]) -> None:
    rows = {name: report.median(runs) for name, runs in results.items() if runs}
    layers = [rows[each.name] for each in (CHANNELS, CHANNELS_PUBSUB) if each.name in rows]
    channels = report.better(layers) if layers else None
    warnings = report.warnings(rows)
    if len(layers) > 1 and channels is not None:
        rows["Channels, the better of both"] = channels
    print(report.table(rows))
    print("\n".join(["", *warnings]))
    if OURS.name in rows:
        print(*report.verdicts(rows[OURS.name], channels, rows.get(SOCKETIO.name)), sep="\n")
