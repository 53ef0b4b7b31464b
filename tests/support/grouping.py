"""The rule of static/css/grouping.css that joins a message to the one before it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from webapp.live.marks import HUES, LETTERS, PAIRS


def conditions() -> list[list[str]]:
    """Pairs of neighbours, as selectors: a message follows in its group if it matches one of each list."""
    hues = [same(f"[data-by^={hue}]") for hue in HUES]
    places = [[same(f"[data-by*={one}{letter}]") for one in capitals for letter in LETTERS] for capitals in PAIRS]
    days = [same(f'[data-by*="{day:02}T"]') for day in range(1, 32)]
    hours = [same(f"[data-by*=T{hour:02}]") for hour in range(24)]
    tens = [f'[data-by$=":{ten}"]' for ten in range(6)]
    minutes = [*map(same, tens), *(f"{one}+{other}" for one, other in pairwise(tens))]
    return [hues, *places, days, hours, minutes]


def same(selector: str) -> str:
    return f"{selector}+{selector}"


def selector() -> str:
    """The conditions as one compound selector, in lines of at most 120 characters."""
    return "".join(f":is(\n{wrapped(one)}\n  )" for one in conditions())


def wrapped(selectors: Iterable[str]) -> str:
    lines = [""]
    for each in selectors:
        if lines[-1] and len(lines[-1]) + len(each) > 110:
            lines.append("")
        lines[-1] += f"{each}, "
    return "\n".join(f"    {line.rstrip()}" for line in lines).rstrip(",")


def sheet() -> str:
    """The whole style sheet."""
    return HEAD + f"  .messages > li{selector()} {{" + BODY


HEAD = """\
/* A message that goes on where the same person, under the same name, left off: it shows neither name nor disc, and its
   time in the margin while the pointer is on it.

   The rule below is a comparison. CSS compares only with constants, so each :is() lists what one place of the mark, or
   one part of the time, may be in both neighbours: hue, six pairs of the mark (webapp/live/marks.py), day, hour, and
   the same or the next ten minutes. A message whose neighbour was deleted, or came late, is compared anew by the
   browser, so no message ever stands under another name. The rule stands once and only sets properties, which
   message.css uses: each further rule with this selector would cost as much again. tests/support/grouping.py makes
   this file. */
@layer components {
"""

BODY = """
    --disc-display: none;
    --name-position: absolute;
    --name-size: 1px;
    --name-clip: inset(50%);
    --time-position: absolute;
    --time-opacity: 0;
    --time-ground: var(--paper);
    --time-size: var(--tiny);
    --time-width: calc(var(--disc) + var(--space) * 0.5);
    --time-align: end;
    --gap: 0.0625rem;

    contain-intrinsic-size: auto 1.5rem;
  }
}
"""
