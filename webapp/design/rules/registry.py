"""The registry of the rules: each is one function, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from webapp.design.rules.finding import Level

Looks = Literal["template", "style", "page", "all"]
"""The part of a site that a rule looks at: one template, one style sheet, one rendered text, or all of it together."""


class Hit(NamedTuple):
    """A finding of a rule.

    Attributes:
        at: The index of the character in the text that the rule looked at.
        sentence: What is wrong there, in plain words.
        file: The name of the template or the style sheet, where the rule looks at several.
        about: The id that is named and not there. If the contract has lost it, the finding of that says enough.
    """

    at: int
    sentence: str
    file: str = ""
    about: str = ""


Looking = Callable[..., Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        name: What findings and comments call it.
        level: How bad a finding is.
        group: The heading under which the document has it.
        looks: What `find` is given.
        find: Returns what is wrong.
        noticed: What a reader of the page would notice.
        mend: How to mend it.
        bad: An example that the rule finds.
        good: The same, mended.
    """

    name: str
    level: Level
    group: str
    looks: Looks
    find: Looking
    noticed: str
    mend: str
    bad: str
    good: str

    @property
    def anchor(self) -> str:
        """The link to the rule's section of the document."""
        return f"docs/template-rules.md#{self.name}"


RULES: dict[str, Rule] = {}
"""All rules, by their names."""


def rule(name: str, level: Level, group: str, looks: Looks, **words: Any) -> Callable[[Looking], Looking]:
    """Register a function as a rule.

    Args:
        name: The rule's name.
        level: How bad a finding is.
        group: The heading under which the document has it.
        looks: What the function is given.
        words: `noticed`, `mend`, `bad` and `good`.
    """

    def register(find: Looking) -> Looking:
        RULES[name] = Rule(name, level, group, looks, find, **words)
        return find

    return register
