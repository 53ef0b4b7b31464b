"""How a benchmark's samples are printed: a table, the warnings, and a line for each aim."""

from collections.abc import Mapping, Sequence

from bench.harness.sample import DISTURBED, Sample, median, spread

Rows = Mapping[str, Sequence[Sample]]
"""What the runs of each setting gave."""


def table(rows: Rows) -> list[str]:
    """Return a Markdown table of the medians; a figure that a row does not have is left empty."""
    medians = {name: median(samples) for name, samples in rows.items()}
    columns = list(dict.fromkeys(column for each in medians.values() for column in each.figures))
    lines = [f"| | {' | '.join(columns)} | delivered | runs |", "| --- " * (len(columns) + 3) + "|"]
    for name, each in medians.items():
        cells = [_number(each.figures.get(column)) for column in columns]
        lines.append(f"| {name} | {' | '.join(cells)} | {each.proof} | {len(rows[name])} |")
    return lines


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def warnings(rows: Rows) -> list[str]:
    """Return a line for each row whose figures may say something about the load or the machine instead."""
    lines = []
    for name, samples in rows.items():
        each = median(samples)
        if each.others > DISTURBED:
            lines.append(f"warning: {name}: something else took {each.others:.0%} of a core; measure again")
        if each.load_core > 0.95:
            lines.append(f"warning: {name}: the load's core was full; what runs on it may have been the limit")
    return lines


def noise(rows: Rows, column: str) -> list[str]:
    """Return how far the runs of each setting lie apart."""
    spreads = [
        f"{name} {spread(samples, column)}"
        for name, samples in rows.items()
        if len(samples) > 1 and column in samples[0].figures
    ]
    return [f"between runs, {column}: {'; '.join(spreads)}"] if spreads else []


def at_most(what: str, value: float, aim: float, unit: str = " times") -> str:
    """Return the line of an aim that `value` has to stay below."""
    return _verdict(what, value, aim, unit, "at most", value <= aim)


def at_least(what: str, value: float, aim: float, unit: str = " times") -> str:
    """Return the line of an aim that `value` has to reach."""
    return _verdict(what, value, aim, unit, "at least", value >= aim)


def _verdict(what: str, value: float, aim: float, unit: str, words: str, reached: bool) -> str:
    return f"{what}: {value:.3g}{unit}, aim {words} {aim:g}: {'PASS' if reached else 'short of the aim'}"


def delivered(rows: Rows, promise: str = "every message at every socket once and in order") -> str:
    """Return the line that says whether `promise` was kept in every run."""
    proofs = {name: median(samples).proof for name, samples in rows.items()}
    wrong = [f"{name}: {proof}" for name, proof in proofs.items() if proof not in ("exact", "")]
    return f"{promise}: {'; '.join(wrong) + ': FAILED' if wrong else 'PASS'}"
