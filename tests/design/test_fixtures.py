"""templates/fixtures.toml: every template has a fixture, every entry can be rendered, and no reason goes unsaid."""

from __future__ import annotations

import pytest

from tests.web.contexts import CONTEXTS
from webapp.design.fixtures import Entry, contexts_of_app, load, render
from webapp.design.fixtures.context_docs import choices_of, meanings_of, templates_of
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates

FIXTURES = load([TEMPLATES])
RENDERER = Templates([TEMPLATES], Assets([STATIC]))
CONTEXTS_BY_NAME = {each.__name__: each for each in CONTEXTS}


def test_nothing_is_wrong_with_the_file() -> None:
    assert [str(each) for each in FIXTURES.problems] == []


def test_every_template_has_a_fixture() -> None:
    assert [each.template for each in FIXTURES.entries if each.is_guess] == []


def test_every_template_is_given_what_somebody_has_said() -> None:
    assert {name: context.unknown for name, context in FIXTURES.contexts.items() if context.unknown} == {}


@pytest.mark.parametrize("entry", FIXTURES.entries, ids=lambda entry: entry.name)
def test_an_entry_can_be_rendered(entry: Entry) -> None:
    render(entry, RENDERER, FIXTURES)


@pytest.mark.parametrize("entry", FIXTURES.entries, ids=lambda entry: entry.name)
def test_an_entry_stands_on_the_line_that_it_names(entry: Entry) -> None:
    assert entry.file is not None
    line = entry.file.read_text(encoding="utf-8").splitlines()[entry.line - 1]
    assert entry.state in line


def test_every_context_that_names_templates_is_the_context_of_these() -> None:
    named = {name: each.__name__ for each in CONTEXTS for name in templates_of(each)}
    known = contexts_of_app().by_template
    assert {name: known[name].name for name in named} == named


def test_no_two_contexts_are_for_the_same_template() -> None:
    named = [name for each in CONTEXTS for name in templates_of(each)]
    assert sorted(named) == sorted(set(named))


def reasons_of(context: type) -> set[str]:
    return set(choices_of(meanings_of(context)["reason"]))


@pytest.mark.parametrize("name", ["MessageRefusal", "Refusal", "Problem"])
def test_every_reason_of_a_refusal_is_shown(name: str) -> None:
    shown: set[str] = set()
    for entry in FIXTURES.entries:
        values = [*entry.context.values()]
        shown |= {each.reason for each in values if each.__class__.__name__ == name}
        if entry.given.name == name:
            shown.add(entry.context["reason"])
    assert reasons_of(CONTEXTS_BY_NAME[name]) - shown == set()


def test_every_field_of_a_context_has_a_meaning() -> None:
    without = [
        f"{name}: {variable.name}"
        for name, context in FIXTURES.contexts.items()
        for variable in context.variables
        if not variable.meaning
    ]
    assert without == []
