"""The explanation of a template's error: the file, the line, the names that are there, the nearest spelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from webapp.design.template_errors import TemplateProblem, explain
from webapp.design.template_names import Name
from webapp.live.templating import Assets, Templates


@dataclass
class Person:
    """Somebody."""

    handle: str = "ann"

    @property
    def initials(self) -> str:
        return self.handle[:1]


@dataclass
class Talk:
    """What the page of these tests is given."""

    messages: Sequence[str] = ("a", "b")
    person: Person = field(default_factory=Person)
    before: int | None = None


GOOD = {
    "page.html": '<main>\n  {% include "_part.html" %}\n</main>\n',
    "_part.html": "\n    <p>\n\n      {{ person.handle }}\n    </p>\n",
}


class Project:
    """Folders of templates and static files, which a test breaks."""

    def __init__(self, root: Path) -> None:
        self.folder, self.static = root / "templates", root / "static"
        for folder in (self.folder, self.static):
            folder.mkdir()
        (self.static / "icon.svg").write_text("<svg/>")
        for name, text in GOOD.items():
            self.write(name, text)
        self.templates = Templates([self.folder], Assets([self.static]), reload=True)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def problem(self, name: str = "page.html") -> TemplateProblem:
        try:
            self.templates.render(name, Talk())
        except Exception as error:
            return explain(error, self.templates.environment, name, Talk(), [self.static])
        raise AssertionError("the template has no error")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


KINDS = {
    "undefined": ("\n\n    {{ mesages|length }}\n", "undefined", 3, "mesages", "messages"),
    "attribute": (
        "\n{% if before is none %}\n   {{ person.handel }}{% endif %}",
        "no_attribute",
        3,
        "handel",
        "handle",
    ),
    "filter": ("\n  \n\t{{ messages | lenght }}", "unknown_filter", 3, "lenght", "length"),
    "test": ("{% if before is nune %}{% endif %}", "unknown_test", 1, "nune", "none"),
    "tag": ("\n{% iff before %}{% endif %}", "unknown_tag", 2, "iff", "if"),
    "closing tag": ("{% block a %}\n{% endblok %}", "unknown_tag", 2, "endblok", "endblock"),
    "unclosed": ("\n{% if before %}\n{% if 1 %}{% endif %}\n  text\n", "syntax", 2, "", ""),
    "unclosed in a block": ("{% block a %}\n{% for x in [] %}\n{% endblock %}", "syntax", 2, "", ""),
    "include": ('a\n{% include "_prat.html" %}', "missing_template", 2, "_prat.html", "_part.html"),
    "static file": ("a\n\n{{ static('icn.svg') }}", "missing_file", 3, "icn.svg", "icon.svg"),
    "several lines": ("a\n{{ [\n  before,\n  handel + 1\n] }}", "undefined", 4, "handel", ""),
    "condition": ("a\n{% if before and\n  1 or handel %}b{% endif %}", "undefined", 3, "handel", ""),
    "other": ("\n  {{ 1 + 'a' }}", "failed", 2, "", ""),
}


@pytest.mark.parametrize(("text", "kind", "line", "wrong", "nearest"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("name", ["page.html", "_part.html"])
def test_a_mistake_is_found_in_its_own_file_and_line(
    project: Project, name: str, text: str, kind: str, line: int, wrong: str, nearest: str
) -> None:
    project.write(name, text)
    problem = project.problem()
    assert (problem.template, problem.kind, problem.line) == (name, kind, line), problem
    assert (problem.wrong, problem.nearest) == (wrong, nearest)
    assert problem.place == f"templates/{name}"
    marked = [each for each in problem.lines if each.is_marked]
    assert [(each.number, each.text) for each in marked] == [(line, text.splitlines()[line - 1])]


def test_names_come_with_the_types_that_the_context_declares(project: Project) -> None:
    project.write("_part.html", "{% set mine = messages | list %}{% with person = 5 %}{{ nobody }}{% endwith %}")
    names = project.problem().names
    assert Name("messages", "Sequence[str]") in names
    assert Name("before", "int | None") in names
    assert Name("mine", "list[str]") in names
    assert Name("person", "int") in names
    assert not {"static", "fragment", "range"} & {each.name for each in names}


def test_attributes_are_those_of_the_object(project: Project) -> None:
    project.write("_part.html", "{{ person.nobody }}")
    problem = project.problem()
    assert (problem.owner, problem.owner_kind) == ("person", "Person")
    assert list(problem.names) == [Name("handle", "str"), Name("initials", "property")]


def test_the_way_to_a_partial_is_told(project: Project) -> None:
    project.write("_part.html", "{{ nobody }}")
    assert project.problem().included_from == [("page.html", 2)]


def test_a_page_that_is_missing_itself_has_the_nearest_name(project: Project) -> None:
    problem = project.problem("pag.html")
    assert (problem.kind, problem.wrong, problem.nearest, problem.line) == (
        "missing_template",
        "pag.html",
        "page.html",
        0,
    )


def test_a_file_in_another_encoding_is_named_with_its_line(project: Project) -> None:
    (project.folder / "_part.html").write_bytes("a\n\nä".encode("latin-1"))
    problem = project.problem()
    assert (problem.kind, problem.template, problem.line) == ("not_utf8", "_part.html", 3)
