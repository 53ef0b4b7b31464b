"""Findings as lines for people, and as JSON for editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from webapp.design.rules.finding import Level, TemplateFinding, shown
from webapp.design.rules.registry import RULES

VERSION = 1
"""The version of the JSON. It rises when a name in it goes or changes its meaning."""

_COLORS = {Level.FATAL: "\x1b[31m", Level.WARNING: "\x1b[33m", Level.ADVICE: "\x1b[36m"}
_PLAIN = "\x1b[0m"


def as_lines(findings: Sequence[TemplateFinding], colored: bool = False) -> str:
    """Return findings for people, those of one file together.

    Args:
        findings: The findings, in the order of the files.
        colored: Colour the levels, for a terminal.
    """
    blocks = ["\n".join(_block(list(each), colored)) for _, each in groupby(findings, lambda found: found.file)]
    return "\n\n".join([*blocks, _count(findings)])


def _block(findings: Sequence[TemplateFinding], colored: bool) -> Iterator[str]:
    for each in findings:
        level = f"{_COLORS[each.level]}{each.level}{_PLAIN}" if colored else each.level
        yield f"{shown(each.file)}:{each.line}: {level} {each.rule}: {each.sentence}"
        yield f"    Readers: {each.noticed}"
        yield f"    To mend: {each.mend}"
        yield f"    {RULES[each.rule].anchor}"


def _count(findings: Sequence[TemplateFinding]) -> str:
    if not findings:
        return "The templates and style sheets are in order."
    counts = ((sum(found.level is level for found in findings), level) for level in Level)
    return ", ".join(f"{count} {level}" for count, level in counts if count)


def as_json(findings: Sequence[TemplateFinding]) -> str:
    """Return findings for editors; docs/template-rules.md says what stands in them."""
    return json.dumps(
        {"version": VERSION, "findings": [_data(each) for each in findings]}, ensure_ascii=False, indent=2
    )


def _data(finding: TemplateFinding) -> dict[str, str | int]:
    return {
        "file": shown(finding.file),
        "line": finding.line,
        "level": finding.level,
        "rule": finding.rule,
        "sentence": finding.sentence,
        "noticed": finding.noticed,
        "mend": finding.mend,
        "docs": RULES[finding.rule].anchor,
    }


def fails(findings: Sequence[TemplateFinding], strict: bool) -> bool:
    """Return whether a release has to stop: at what is fatal, and with `strict` at warnings too."""
    stopping = (Level.FATAL, Level.WARNING) if strict else (Level.FATAL,)
    return any(each.level in stopping for each in findings)
