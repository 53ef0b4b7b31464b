"""The style sheets: each is loaded, once and in its layer, and speaks of what the templates have."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from tests.support.app_server import ROOT
from webapp.live.templating.assets import Assets
from webapp.live.templating.style_sheets import BUNDLE
from webapp.live.templating.templates import Templates

FOLDER = ROOT / "static" / "css"
DESIGN = "design"
"""The folder of what only development has. No visitor's page loads it, and tests/design/ tells what it has to be."""
SHEETS = {
    path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
    for path in FOLDER.rglob("*.css")
    if path.parent.name != DESIGN
}
RULES = {name: re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL) for name, text in SHEETS.items()}
PATHS = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "webapp" / "scaffold" / "files").glob("*.html.jinja")]
TEMPLATES = [path.read_text(encoding="utf-8") for path in PATHS if path.parent.name != DESIGN]
# As a designer's page names them: each by itself.
ENVIRONMENT = Templates([ROOT / "templates"], Assets([ROOT / "static"], reload=True))._environment
LAYERS = ("tokens", "base", "components", "pages")


def loaded(template: str) -> list[str]:
    """The sheets that a page loads, in their order."""
    html = ENVIRONMENT.get_template(template).render(status=500, reason="", name="")
    return re.findall(r'href="/static/css/([\w/-]+\.css)', html)


def selectors(name: str) -> str:
    return " ".join(re.findall(r"([^{};]*){", RULES[name]))


def classes(names: Iterable[str]) -> set[str]:
    return {each for name in names for each in re.findall(r"\.([a-z][\w-]*)", selectors(name))}


def test_every_sheet_is_loaded_once_by_every_page() -> None:
    assert sorted(loaded("_styles.html")) == sorted(SHEETS)
    assert loaded("base.html") == loaded("_styles.html")
    html = ENVIRONMENT.get_template("_styles.html").render()
    assert html.count("?v=") == len(SHEETS), "their addresses change with them"


def test_the_error_page_loads_the_one_sheet_of_all_by_its_plain_address() -> None:
    html = ENVIRONMENT.get_template("error.html").render(status=500, reason="", name="")
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', html) == [f"/static/{BUNDLE}"]


def test_the_first_sheet_orders_the_layers_and_each_sheet_stands_in_one() -> None:
    first = loaded("_styles.html")[0]
    assert f"@layer {', '.join(LAYERS)};" in RULES[first]
    for name, rules in RULES.items():
        (layer,) = re.findall(r"^@layer (\w+) {$", rules, re.MULTILINE)
        assert layer in LAYERS
        outside = re.sub(r"^@layer \w+ {$.*?^}$", "", rules, flags=re.MULTILINE | re.DOTALL).replace(
            f"@layer {', '.join(LAYERS)};", ""
        )
        assert not outside.strip(), f"{name} has rules outside of its layer, which win over all layers"
    order = [re.findall(r"^@layer (\w+) {$", RULES[name], re.MULTILINE)[0] for name in loaded("_styles.html")]
    assert order == sorted(order, key=LAYERS.index)


def used(html: str) -> set[str]:
    return {each for value in re.findall(r'\bclass="([^"]*)"', html) for each in value.split()}


def test_every_class_of_a_template_has_a_rule_and_the_other_way() -> None:
    assert set().union(*(used(source) for source in TEMPLATES)) == classes(SHEETS)


def test_every_id_in_a_rule_is_one_of_a_template() -> None:
    ids = {each for name in SHEETS for each in re.findall(r"#([a-z][\w-]*)", selectors(name))}
    for each in ids:
        assert any(f'id="{each}"' in source for source in TEMPLATES), each


@pytest.mark.parametrize("name", SHEETS)
def test_a_class_of_one_bare_word_is_a_component(name: str) -> None:
    """`.button` is one, as its sheet says; a word such as `.new` or `.top` would mean something else to everybody."""
    components = {sheet.rpartition("/")[2].removesuffix(".css") for sheet in SHEETS} | {"messages", "banner"}
    for each in classes([name]):
        component = re.split("__|--", each)[0]
        assert component in components or "-" in component, each


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_begins_with_what_it_is_about(name: str) -> None:
    assert re.match(r"/\* [A-Z]", SHEETS[name])
    assert all(len(line) <= 120 for line in SHEETS[name].splitlines())


def test_the_document_for_bindings_uses_classes_that_there_are() -> None:
    text = (ROOT / "docs" / "binding.md").read_text(encoding="utf-8")
    assert used(text)
    assert used(text) <= classes(SHEETS)
