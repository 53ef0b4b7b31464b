"""What designers may rely on: documented contexts, and templates that use nothing else and hold no script."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import meta, nodes

from webapp.chat import contexts as chat
from webapp.live import contexts as live
from webapp.settings import ROOT
from webapp.web import pages
from webapp.web.assets import Assets
from webapp.web.refusal import ErrorPage
from webapp.web.templates import Templates

TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))
ENVIRONMENT = Templates(ROOT / "templates", Assets(ROOT / "static"))._environment
ATTRIBUTE = re.compile(r"\s(on\w+|style|hx-on[\w:.-]*|srcdoc)\s*=", re.IGNORECASE)


def contexts(module: ModuleType) -> list[type]:
    classes = [each for each in vars(module).values() if isinstance(each, type) and dataclasses.is_dataclass(each)]
    return [each for each in classes if each.__module__ == module.__name__]


CONTEXTS = [each for module in (chat, live, pages) for each in contexts(module)]


def fields_for(template: str) -> set[str] | None:
    """The fields of the context that says that it is for this template, or None."""
    found = [each for each in CONTEXTS if template in (each.__doc__ or "")]
    return {field.name for each in found for field in dataclasses.fields(each)} if found else None


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_context_is_documented(context: type) -> None:
    assert context.__doc__
    assert not context.__doc__.startswith(f"{context.__name__}("), "only the docstring that dataclass makes"


@pytest.mark.parametrize("template", [each for each in TEMPLATES if fields_for(each) is not None])
def test_a_template_uses_nothing_but_its_context(template: str) -> None:
    loader = ENVIRONMENT.loader
    assert loader is not None
    source, _, _ = loader.get_source(ENVIRONMENT, template)
    tree = ENVIRONMENT.parse(source)
    made = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    # A context that is a part of another comes under its own name.
    parts = {each.__name__.lower() for each in CONTEXTS}
    used = meta.find_undeclared_variables(tree) - set(ENVIRONMENT.globals) - made
    assert used <= (fields_for(template) or set()) | parts


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_holds_a_script_a_style_or_a_handler(template: str) -> None:
    source = (ROOT / "templates" / template).read_text(encoding="utf-8")
    assert not ATTRIBUTE.search(source)
    assert not re.search(r"<style|javascript:|\bjs:|hx-trigger=\"[^\"]*\[", source, re.IGNORECASE)
    for opening, body in re.findall(r"<script([^>]*)>(.*?)</script>", source, re.DOTALL):
        assert "src=" in opening
        assert not body.strip()


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_marked_as_safe(template: str) -> None:
    loader = ENVIRONMENT.loader
    assert loader is not None
    tree = ENVIRONMENT.parse(loader.get_source(ENVIRONMENT, template)[0])
    assert not [each for each in tree.find_all(nodes.Filter) if each.name == "safe"]


@pytest.mark.parametrize("reload", [False, True])
def test_a_template_and_what_it_includes_are_read_again_only_where_that_is_asked_for(
    tmp_path: Path, reload: bool
) -> None:
    templates = Templates(tmp_path, Assets(ROOT / "static"), reload=reload)
    (tmp_path / "outer.html").write_text('1 {% include "inner.html" %}')
    (tmp_path / "inner.html").write_text("1")
    context = ErrorPage(404)
    assert templates.render("outer.html", context) == "1 1"
    for name, text in (("outer.html", '2 {% include "inner.html" %}'), ("inner.html", "2")):
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1, 1))
    assert templates.render("outer.html", context) == ("2 2" if reload else "1 1")
