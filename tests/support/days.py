"""The rules of static/css/pages/days.css that tell where a day begins."""

from __future__ import annotations

from tests.support.grouping import same, wrapped

MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ar": (
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
        *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
}
"""How browsers write the months in the tooltip of a time, where they do not write them as numbers."""

LANGUAGES = ":is(:lang(en), :lang(lt), :lang(ar))"
"""The languages whose tooltips the rules can read."""


def titled(condition: str) -> str:
    return f":has(>[title{condition}])"


def days() -> list[str]:
    """Pairs of neighbours on the same day of a month, in the reader's zone."""
    found = []
    for day in range(1, 32):
        found += [titled(f'*=" {day}, "'), titled(f'*="-{day:02} "'), titled(f'^="{day} "')]
    return [same(one) for one in found]


def months() -> list[str]:
    """Pairs of neighbours in the same month."""
    found = [titled(f"^={month}") for month in MONTHS["en"]]
    found += [titled(f'*="-{month:02}-"') for month in range(1, 13)]
    found += [titled(f"*={month}") for month in MONTHS["ar"]]
    return [same(one) for one in found]


def days_in_utc() -> list[str]:
    return [same(f'[data-by*="{day:02}T"]') for day in range(1, 32)]


def among(selectors: list[str]) -> str:
    return f":is(\n{wrapped(selectors)}\n  )"


def sheet() -> str:
    """The whole style sheet."""
    reader = f":not({among(days())}{among(months())})"
    return f"""{HEAD}  #chat > li[data-by]:first-child,
  .messages{LANGUAGES} > li:has(> [title]) + li:has(> [title]){reader},
  .messages:not({LANGUAGES}) > li[data-by] + li[data-by]:not({among(days_in_utc())}),
  .messages > li[data-by] + li[data-by]:not(:has(> [title])):not({among(days_in_utc())}) {{{BODY}"""


HEAD = """\
/* A line between days, with the date of the first message below it; and that date above the first message of the
   live list. (Above older ones it would go when still older ones come, and the talk would jump.)

   The day is the reader's: the time element writes date and time in the reader's zone and language into its tooltip,
   and the rule below compares the day and the month in the tooltips of neighbours, as grouping.css compares marks. In
   other languages than those that the rule can read, and without scripts, the day is that of UTC, from `data-by`.
   tests/support/days.py makes this file. It stands in a later layer than grouping.css, since a day always begins with a
   name. */
@layer pages {
"""

BODY = """
    --day-display: block;
    --disc-display: grid;
    --name-position: static;
    --name-size: auto;
    --name-clip: none;
    --time-position: static;
    --time-opacity: 1;
    --time-ground: none;
    --time-size: var(--small);
    --time-width: auto;
    --time-align: start;
    --gap: calc(var(--space) * 2.75);
    --above-ground: calc(var(--space) * 2.25);

    contain-intrinsic-size: auto 3rem;
  }
}
"""
