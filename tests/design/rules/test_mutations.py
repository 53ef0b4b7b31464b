"""Each rule finds its mistake in the shipped templates, in the right line, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.design.rules.changed_site import original, told
from tests.design.rules.mutations import MUTATIONS, Mutation
from webapp.design.rules import RULES, check_templates

BREAKING = ("jinja-error", "unknown-template", "unknown-file", "unknown-variable", "failed")
"""Rules of mistakes with which a template shows nothing, so that nothing else is found in what it renders."""


def batches() -> list[list[Mutation]]:
    """The mistakes in batches, each file once in a batch: a check takes a second."""
    found: list[list[Mutation]] = []
    for mutation in MUTATIONS:
        breaks = mutation.rule in BREAKING
        fitting = (each for each in found if fits(mutation, each) and (each[0].rule in BREAKING) is breaks)
        batch = next(fitting, None)
        if batch is None:
            found.append(batch := [])
        batch.append(mutation)
    return found


def fits(mutation: Mutation, batch: Sequence[Mutation]) -> bool:
    return all(each.file != mutation.file for each in batch)


def changed(mutation: Mutation) -> tuple[str, int]:
    """The text with the mistake, and the line that the finding names."""
    if not mutation.old:
        return mutation.new, 1
    text = original(mutation.file)
    assert mutation.old in text, "the shipped file has changed, and this test has to follow"
    at = text.index(mutation.old)
    text = text[:at] + mutation.new + text[at + len(mutation.old) :]
    text = text.replace(*mutation.also) if mutation.also[0] else text
    same = next((n for n, (a, b) in enumerate(zip(mutation.old, mutation.new, strict=False)) if a != b), 0)
    place = text.index(mutation.at) if mutation.at else at + same
    return text, text.count("\n", 0, place) + 1


@pytest.mark.parametrize("batch", batches(), ids=lambda batch: "-".join(each.rule for each in batch)[:80])
def test_the_check_names_file_line_and_rule_of_each_mistake_and_nothing_else(
    batch: Sequence[Mutation], tmp_path: Path
) -> None:
    texts = {each.file: changed(each)[0] for each in batch}
    expected = sorted((each.file, changed(each)[1], each.rule) for each in batch)
    assert sorted(told(tmp_path, texts)) == expected


def test_every_rule_has_a_mistake_here() -> None:
    assert sorted(RULES.keys() - {each.rule for each in MUTATIONS}) == ["wrong-sample"]


def test_the_shipped_templates_are_in_order() -> None:
    found = [str(each) for each in check_templates() if each.rule != "missing-translation"]
    assert found == [], "and what is missing in catalogs, tests/i18n tells"
