"""The tokens of the design: custom properties, as their style sheet declares and explains them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from webapp.live.templating import STATIC

SHEET = STATIC / "css" / "tokens.css"

_LINE = re.compile(
    r"^ +(?:/\* (?P<group>[A-Z][^*]*)\*/|(?P<name>--[\w-]+): (?P<value>[^;]+);(?: /\* (?P<meaning>[^*]+) \*/)?)$",
    re.MULTILINE,
)


class Token(NamedTuple):
    """One custom property.

    Attributes:
        name: With its two hyphens.
        value: As it is written.
        meaning: What it is for; empty if the sheet does not say.
        group: The heading that it stands below, such as `Colours`.
    """

    name: str
    value: str
    meaning: str
    group: str


def read_tokens(sheet: Path = SHEET) -> Sequence[Token]:
    """Return the tokens of a style sheet in their order."""
    return list(_tokens(sheet.read_text(encoding="utf-8")))


def _tokens(text: str) -> Iterator[Token]:
    group = ""
    # Below stand values for readers who ask for more contrast, not further tokens.
    for line in _LINE.finditer(text.partition("@media")[0]):
        if line["group"]:
            group = re.split(r"[.:]", line["group"])[0].strip()
        else:
            yield Token(line["name"], " ".join(line["value"].split()), (line["meaning"] or "").strip(), group)


def table(tokens: Sequence[Token]) -> str:
    """Return the tokens as Markdown: a table for each group."""
    parts = []
    for group in dict.fromkeys(token.group for token in tokens):
        rows = [f"| `{name}` | `{value}` | {meaning} |" for name, value, meaning, of in tokens if of == group]
        parts.append("\n".join([f"### {group}\n", "| token | value | what it is for |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)
