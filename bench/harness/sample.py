"""What one run of one setting gave, and the medians over several runs."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.harness.processes import ServerError
from bench.harness.sockets import LoadError
from bench.harness.usage import Shares

DISTURBED = 0.1
"""Part of a core that something else may take."""


@dataclass(frozen=True)
class Sample:
    """figures: by the name of their column. proof: "exact" when every message was at every socket once, in order.

    others, load_core: the greatest shares of a core that something else took, and that the load's core was busy.
    """

    figures: Mapping[str, float]
    proof: str
    others: float
    load_core: float

    @classmethod
    def of(cls, figures: Mapping[str, float], proof: object, *shares: Shares) -> "Sample":
        """Put a sample together from the shares of the times that were measured."""
        return cls(figures, str(proof), max(one.others for one in shares), max(one.load_core for one in shares))


Leg = Callable[[], Sample]
"""Starts what it needs, measures it once, and stops it."""


def interleaved(legs: Mapping[str, Leg], rounds: int) -> dict[str, list[Sample]]:
    """Run every leg once in each round, in turn forwards and backwards, because the machine drifts.

    A leg that fails is missing from the result, and the reason is printed.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in legs}
    for number in range(rounds):
        for name in list(legs) if number % 2 == 0 else reversed(list(legs)):
            print(f"{name}, round {number + 1} …", file=sys.stderr, flush=True)
            try:
                samples[name].append(legs[name]())
            except (ServerError, LoadError) as error:
                print(f"{name} failed: {error}", file=sys.stderr)
    return {name: some for name, some in samples.items() if some}


def median(samples: Sequence[Sample]) -> Sample:
    """Return the medians of the undisturbed runs, or of all when each was disturbed; the proof is that of all."""
    quiet = [each for each in samples if each.others <= DISTURBED] or samples
    return Sample(
        figures={name: statistics.median(each.figures[name] for each in quiet) for name in quiet[0].figures},
        proof=next((each.proof for each in samples if each.proof != "exact"), "exact"),
        others=statistics.median(each.others for each in quiet),
        load_core=statistics.median(each.load_core for each in quiet),
    )


def spread(samples: Sequence[Sample], name: str) -> str:
    """Return the least and the greatest value of a figure over all runs."""
    values = [each.figures[name] for each in samples]
    return f"{min(values):,.4g} to {max(values):,.4g}"
