"""Fills SQL templates, so that the generated SQL keeps the layout of its template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent

_PART = re.compile(r"\{(\w+)\}")
_TEXT_OR_LINE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\n""")


def fill(template: str, parts: Mapping[str, str]) -> str:
    """Return the dedented `template` with `parts` filled in.

    Args:
        template: SQL with `{names}`.
        parts: SQL by name. Each line of a part gets the indentation of the line that names it.
    """
    text = dedent(template).strip()

    def part(found: re.Match[str]) -> str:
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        return _indented(parts[found[1]], line[: len(line) - len(line.lstrip())])

    return _PART.sub(part, text)


def _indented(sql: str, indent: str) -> str:
    # If a line break within quotes were indented as well, a value of several lines would be another value.
    return _TEXT_OR_LINE.sub(lambda found: f"\n{indent}" if found[0] == "\n" else found[0], sql)


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def dollar_quoted(body: str) -> str:
    """Return `body` as the quoted text of a PostgreSQL function."""
    tag, number = "$live$", 0
    # If the body held the tag, for instance in a value of `only`, the function would end there.
    while tag in body:
        number += 1
        tag = f"$live{number}$"
    return f"{tag}\n{body}\n{tag}"
