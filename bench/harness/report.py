"""The table and the verdicts, from the medians of the rounds."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace

from bench.harness.rounds import Result

_HEAD = (
    "| server | sockets | (a) CPU µs per delivery (the load's) | (a) last socket p50 / p95 ms "
    "| (b) deliveries/s | (c) KB per idle socket | (b) busy: server / load / load's core | delivered |"
)
_DISTURBED = 0.1
_BEST = {"per_second": max, "server": max, "load": max, "load_core": max, "others": max}


def median(results: Sequence[Result]) -> Result:
    """Return the medians of the undisturbed runs, or of all when each was disturbed.

    The proof is that of all runs: the first that is not exact, if any.
    """
    quiet = [each for each in results if each.others <= _DISTURBED] or results
    medians = _merged(quiet, lambda _name, values: statistics.median(values))
    return replace(medians, messages=sum(each.messages for each in results), proof=_worst(results))


def better(results: Sequence[Result]) -> Result:
    """Return the best figure of each column, to be generous to a peer that can be set up in several ways."""
    return _merged(results, lambda name, values: _BEST.get(name, min)(values))


def _merged(results: Sequence[Result], pick: Callable[[str, list[float]], float]) -> Result:
    numbers = [each.name for each in fields(Result) if each.type is float]
    return replace(
        results[0],
        sockets=min(each.sockets for each in results),
        messages=sum(each.messages for each in results),
        proof=_worst(results),
        **{name: pick(name, [getattr(each, name) for each in results]) for name in numbers},
    )


def _worst(results: Sequence[Result]) -> str:
    return min((each.proof for each in results), key=lambda proof: (proof.startswith("exact"), proof == "exact"))


def table(rows: Mapping[str, Result]) -> str:
    """Return the rows as a Markdown table."""
    return "\n".join([_HEAD, "|---" * 8 + "|", *(_row(name, each) for name, each in rows.items())])


def _row(name: str, each: Result) -> str:
    return (
        f"| {name} | {each.sockets:,} | {each.cpu_us:.1f} ({each.load_us:.1f}) "
        f"| {each.last_p50:.1f} / {each.last_p95:.1f} | {each.per_second:,.0f} | {each.kb:.1f} "
        f"| {each.server:.0%} / {each.load:.0%} / {each.load_core:.0%} "
        f"| {each.messages:,} messages: {each.proof} |"
    )


def warnings(rows: Mapping[str, Result]) -> list[str]:
    """Return a line for each row whose figures may say something about the load or the machine instead."""
    lines = []
    for name, each in rows.items():
        if each.others > _DISTURBED:
            lines.append(f"warning: {name}: something else took {each.others:.0%} of a core; measure again")
        elif each.load_core > 0.95 and each.server < 0.9:
            lines.append(f"warning: {name}: the load's core was the bottleneck of (b); the server may do more")
    return lines


def verdicts(ours: Result, channels: Result | None, socketio: Result | None) -> list[str]:
    """Return one line per aim, each with the figure and PASS or MISS."""
    lines = []
    if channels:
        lines.append(f"reach (b) >= 150 x Channels: {_faster(ours, channels, 150)}")
    if socketio:
        verdict = _verdict(ours.last_p50 <= socketio.last_p50, ours, socketio)
        times = f"{ours.last_p50:.1f} against {socketio.last_p50:.1f} ms"
        lines.append(f"reach (b) >= 8 x Socket.IO: {_faster(ours, socketio, 8)}")
        lines.append(f"reach (a) last socket <= Socket.IO: {times} {verdict}")
    lines.append(f"reach (c) <= 20 KB: {ours.kb:.1f} KB {_verdict(ours.kb <= 20)}")
    lines.append(f"every message once at every socket: {ours.proof} {_verdict(ours.proof == 'exact')}")
    return lines


def _faster(ours: Result, peer: Result, aim: float) -> str:
    ratio = ours.per_second / peer.per_second
    # What a server gets done while it has the core stays meaningful when it has to share the core.
    busy = ratio * peer.server / ours.server
    verdict = _verdict(ratio >= aim, ours, peer)
    return f"{ratio:.1f} x ({busy:.1f} x per second of the server's processor time) {verdict}"


def _verdict(reached: bool, *compared: Result) -> str:
    disturbed = any(each.others > _DISTURBED for each in compared)
    return ("PASS" if reached else "MISS") + (" (disturbed: see the warnings)" if disturbed else "")
