"""Writes docs/template-rules.md, which tells what each rule means."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.design.rules.registry import RULES, Rule

_HEAD = """\
# Rules for templates and style sheets

<!-- Made by `python -m webapp check templates --rules > docs/template-rules.md`. Change the rules, not this file. -->

    python -m webapp check templates

reads every template and style sheet, renders the templates with samples, and says in which line something is wrong,
what readers would notice and how to mend it:

    templates/chat/_message.html:9: fatal unescaped-text: The filter safe shows text as HTML.

`--strict` fails at warnings too, and `--json` writes the findings for an editor. `python -m webapp check`, which a
release runs, stops at what is fatal.

## Levels

| level | meaning |
| --- | --- |
| fatal | a reader would meet an error, or something that does not work; a release stops |
| warning | some readers would be held up; `--strict` stops at it |
| advice | the page works, and could be better |

## Switching a rule off

A comment before an element switches a rule off for that element and all that is in it, or for the next line. It has to
give a reason:

    {# check: off missing-alt: the text beside the picture says the same #}
    <img src="{{ static('icon.svg') }}">

For a whole file, write `file off`; in a style sheet, write the same in a comment of CSS:

    {# check: file off heading-order: this page stands in a frame of another one #}
    /* check: off unknown-token: the theme of a customer defines it */

Without a reason, or with the name of a rule that there is not, the comment is itself a finding.

## JSON

`--json` writes one object. `version` is 1, and rises when a name goes or changes its meaning; names may be added.

| in `findings` | what it is |
| --- | --- |
| `file` | the path, from the folder in which the command runs |
| `line` | the line, the first being 1 |
| `level` | `fatal`, `warning` or `advice` |
| `rule` | the rule's name |
| `sentence` | what is wrong there |
| `noticed` | what readers would notice |
| `mend` | how to mend it |
| `docs` | the section of this page about the rule |
"""


def document() -> str:
    """Return docs/template-rules.md."""
    groups: dict[str, list[Rule]] = {}
    for rule in RULES.values():
        groups.setdefault(rule.group, []).append(rule)
    return "\n".join([_HEAD, *(part for name, rules in groups.items() for part in _group(name, rules))]).rstrip() + "\n"


def _group(name: str, rules: list[Rule]) -> Iterator[str]:
    # A heading of that name stands in the head, where the comments are explained.
    yield f"## {name}\n" if f"## {name}\n" not in _HEAD else "## The comments themselves\n"
    for rule in rules:
        yield f"### {rule.name}\n"
        yield f"**{rule.level.capitalize()}.** Readers: {rule.noticed}\n"
        yield f"{rule.mend}\n"
        yield _example("wrong", rule.bad)
        yield _example("right", rule.good)


def _example(word: str, text: str) -> str:
    lines = "\n".join(f"    {line}" for line in text.splitlines())
    return f"{word}:\n\n{lines}\n"
