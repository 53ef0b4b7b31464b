"""templates/README.md is complete: every template, style sheet, context class and id is in it, and nothing else."""

from __future__ import annotations

import dataclasses
import re

import pytest
from jinja2 import meta, nodes

from tests.support.app_server import ROOT
from tests.web.contexts import CONTEXTS, PARTS
from webapp.design.contract import load_contract
from webapp.live.templating.assets import Assets
from webapp.live.templating.style_sheets import BUNDLE
from webapp.live.templating.templates import Templates

FOLDER = ROOT / "templates"
SHEETS = ROOT / "static" / "css"
ENVIRONMENT = Templates([FOLDER], Assets([ROOT / "static"]))._environment
GUIDE = (FOLDER / "README.md").read_text(encoding="utf-8")
PATHS = [*FOLDER.glob("*.html"), *(path for part in PARTS for path in (FOLDER / part).rglob("*.html"))]
SOURCES = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in PATHS}

Row = list[list[str]]
"""A row of a table: of each cell what stands between backticks."""


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def rows(heading: str) -> list[Row]:
    """The rows of all tables in that section whose first cell names something."""
    lines = [line for line in section(heading).splitlines() if line.startswith("| ")]
    cells = ([re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split("|")] for line in lines)
    return [each for each in cells if each[0]]


GIVEN = {name: row[-1] for row in rows("Every template") for name in row[0]}
CLASSES = {each.__name__: each for each in CONTEXTS}


def test_every_template_is_in_the_guide_and_no_other() -> None:
    listed = [name for row in rows("Every template") for name in row[0]]
    assert sorted(listed) == sorted(SOURCES)


def test_every_context_is_in_the_guide_with_its_module_and_its_fields() -> None:
    listed = {row[0][0]: row for row in rows("Every context")}
    assert sorted(listed) == sorted(CLASSES)
    for name, (_, names, module) in listed.items():
        fields = [field.name for field in dataclasses.fields(CLASSES[name])]
        assert module == [CLASSES[name].__module__], name
        assert set(fields) <= set(names), name


def identified(source: str) -> set[str]:
    """The ids in a template, with <id> for a row's and <form> for what the ids of a form start with."""
    found = set(re.findall(r'\bid="([^"]+)"', source))
    named = {re.sub(r"{{ (edit\.)?form }}", "<form>", re.sub(r"{{ \w+\.id }}", "<id>", each)) for each in found}
    return {f"#{each}" for each in named if "{{" not in each}


IDS = {each for source in SOURCES.values() for each in identified(source)}


def test_every_id_is_in_the_guide_and_no_other() -> None:
    listed = [name for row in rows("What has to stay") for name in row[0]]
    assert sorted(listed) == sorted(IDS)


def test_the_contract_has_every_id_of_the_guide_in_the_templates_that_have_it() -> None:
    kept = [each for each in load_contract([FOLDER]).kept if each.kind == "id"]
    assert sorted(f"#{each.name}" for each in kept) == sorted(IDS)
    for each in kept:
        having = [name for name, source in SOURCES.items() if f"#{each.name}" in identified(source)]
        assert sorted(each.templates) == sorted(having), each.name


def test_every_style_sheet_is_in_the_guide_with_its_layer_and_no_other() -> None:
    text = section("Every style sheet")
    listed = dict(re.findall(r"^\| `([\w/-]+\.css)` \| (\w+) \|", text, re.MULTILINE))
    layers = {}
    for path in (path for path in SHEETS.rglob("*.css") if path.parent.name != "design"):
        (layers[path.relative_to(SHEETS).as_posix()],) = re.findall(
            r"^@layer (\w+) {$", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    assert listed == layers


def test_every_file_that_the_guide_names_is_there() -> None:
    # The server makes the one sheet that pages load.
    named = set(re.findall(r"`((?:static/css/)?[\w/-]+\.(?:html|css|svg))`", GUIDE)) - {f"/static/{BUNDLE}"}
    missing = [name for name in named if not any((ROOT / place / name).exists() for place in ("", "templates"))]
    assert [name for name in missing if not (SHEETS / name).exists()] == []


@pytest.mark.parametrize("template", SOURCES)
def test_a_template_begins_with_what_it_is(template: str) -> None:
    lines = SOURCES[template].removeprefix("{# djlint:off #}\n")
    assert re.match(r"{# \S", lines)
    for name in GIVEN[template]:
        opening = lines[: lines.index("#}")]
        assert re.search(rf"\b{name}\b", opening), f"{name} is given, and the comment at the top does not say so"


@pytest.mark.parametrize("template", SOURCES)
def test_a_template_uses_nothing_but_what_the_guide_gives_it(template: str) -> None:
    tree = ENVIRONMENT.parse(SOURCES[template])
    made = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    used = meta.find_undeclared_variables(tree) - set(ENVIRONMENT.globals) - made
    known = set(GIVEN[template])
    for name in GIVEN[template]:
        if name in CLASSES:
            known |= {field.name for field in dataclasses.fields(CLASSES[name])}
    assert used <= known


@pytest.mark.parametrize("template", SOURCES)
def test_the_guide_says_who_includes_a_template(template: str) -> None:
    """Every template that includes another stands in its row, where that lists templates and nothing else."""
    lines = [line.strip("| ").split(" | ") for line in section("Every template").splitlines() if line.startswith("| `")]
    (users,) = (users for name, _, users, _ in lines if name.strip("`") == template)
    for name, source in SOURCES.items():
        if re.search(rf"[\"']{re.escape(template)}[\"']", source):
            assert f"`{name}`" in users or not re.fullmatch(r"`[^`]+`(, `[^`]+`)*", users), name


def test_no_line_of_a_template_is_longer_than_120_characters() -> None:
    unbreakable = re.compile(r'\s*(hx-trigger="[^"]*"|<hx-partial hx-target=.*|\S+=".*")>?')
    for name, source in SOURCES.items():
        for number, line in enumerate(source.splitlines(), 1):
            assert len(line) <= 120 or unbreakable.fullmatch(line), f"{name}:{number}"


def test_the_engines_templates_name_nothing_of_a_feature() -> None:
    features = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"live"}
    own = {each for name, source in SOURCES.items() if not name.startswith("live/") for each in identified(source)}
    own -= {each for name, source in SOURCES.items() if name.startswith("live/") for each in identified(source)}
    for name, source in SOURCES.items():
        code = re.sub(r"{#.*?#}", "", source, flags=re.DOTALL)
        if name.startswith("live/"):
            assert not re.search(rf"[\"']({'|'.join(features)})/", code), name
            named = set(re.findall(r"#[a-z][\w-]*", code)) & own
            assert named <= ENGINES, name


ENGINES = {"#people-count", "#people-list", "#people-more", "#typing", "#problem", "#plainly"}
"""What any page may have for the engine to fill in or to listen to."""


def test_the_templates_of_a_feature_include_those_of_no_other() -> None:
    features = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"live"}
    for name, source in SOURCES.items():
        feature = name.partition("/")[0]
        if feature in features:
            used = set(re.findall(r"[\"']([\w-]+)/[\w-]+\.html[\"']", source))
            assert used <= {feature, "live"}, name


def test_the_folder_of_templates_holds_nothing_else() -> None:
    others = {path.name for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in (".html", ".po")}
    assert others == {"README.md", "contract.toml", "fixtures.toml"}
