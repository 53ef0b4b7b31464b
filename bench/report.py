"""The table and the verdicts, from the medians of the rounds."""

import statistics
from collections.abc import Mapping, Sequence

from bench.rounds import Result

Results = Mapping[str, Sequence[Result]]

_HEAD = (
    "| server | sockets | (a) CPU µs per delivery | (a) last socket p50 / p95 ms | (b) deliveries/s "
    "| (c) KB per idle socket | (b) cores busy: server / load | deliveries |"
)


def median(results: Sequence[Result]) -> Result:
    """Return the medians of several runs, with the first proof that is not exact, if any."""

    def mid(name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in results))

    proofs = sorted({each.proof for each in results}, key=lambda proof: proof.startswith("exact"))
    return Result(
        sockets=min(each.sockets for each in results),
        cpu_us=mid("cpu_us"),
        last_p50=mid("last_p50"),
        last_p95=mid("last_p95"),
        per_second=mid("per_second"),
        kb=mid("kb"),
        server_core=mid("server_core"),
        load_core=mid("load_core"),
        load=mid("load"),
        messages=sum(each.messages for each in results),
        proof=proofs[0],
    )


def better(first: Result, second: Result) -> Result:
    """Return the better of two in each column, to be generous to a peer that can be set up in two ways."""
    return Result(
        sockets=min(first.sockets, second.sockets),
        cpu_us=min(first.cpu_us, second.cpu_us),
        last_p50=min(first.last_p50, second.last_p50),
        last_p95=min(first.last_p95, second.last_p95),
        per_second=max(first.per_second, second.per_second),
        kb=min(first.kb, second.kb),
        server_core=max(first.server_core, second.server_core),
        load_core=max(first.load_core, second.load_core),
        load=max(first.load, second.load),
        messages=first.messages + second.messages,
        proof=first.proof if first.proof == second.proof else f"{first.proof}; {second.proof}",
    )


def table(rows: Mapping[str, Result]) -> str:
    """Return the rows as a Markdown table."""
    return "\n".join([_HEAD, "|---" * 8 + "|", *(_row(name, each) for name, each in rows.items())])


def _row(name: str, each: Result) -> str:
    proof = f"{each.messages:,} messages: {each.proof}"
    return (
        f"| {name} | {each.sockets:,} | {each.cpu_us:.1f} | {each.last_p50:.1f} / {each.last_p95:.1f} "
        f"| {each.per_second:,.0f} | {each.kb:.1f} | {each.server_core:.0%} / {each.load_core:.0%} "
        f"| {proof} |"
    )


def warnings(rows: Mapping[str, Result]) -> list[str]:
    """Return a line for each row whose speed the load's core, not the server, may have decided."""
    return [
        f"warning: {name}: the load's core was {each.load_core:.0%} busy ({each.load:.0%} by the load "
        f"itself) and the server's {each.server_core:.0%}; the server may do better than (b) says"
        for name, each in rows.items()
        if each.load_core > 0.95 and each.server_core < 0.9
    ]


def verdicts(ours: Result, channels: Result | None, socketio: Result | None) -> list[str]:
    """Return one line per aim, each with the figure and PASS or MISS."""
    lines = []
    if channels:
        ratio = ours.per_second / channels.per_second
        lines.append(f"reach (b) >= 150 x Channels: {ratio:.0f} x {_verdict(ratio >= 150)}")
    if socketio:
        ratio = ours.per_second / socketio.per_second
        lines.append(f"reach (b) >= 8 x Socket.IO: {ratio:.1f} x {_verdict(ratio >= 8)}")
        within = ours.last_p50 <= socketio.last_p50
        times = f"{ours.last_p50:.1f} against {socketio.last_p50:.1f} ms"
        lines.append(f"reach (a) last socket <= Socket.IO: {times} {_verdict(within)}")
    lines.append(f"reach (c) <= 20 KB: {ours.kb:.1f} KB {_verdict(ours.kb <= 20)}")
    lines.append(f"every message once at every socket: {ours.proof} {_verdict(ours.proof == 'exact')}")
    return lines


def _verdict(reached: bool) -> str:
    return "PASS" if reached else "MISS"
