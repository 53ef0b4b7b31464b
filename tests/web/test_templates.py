"""What designers may rely on: documented contexts, and templates that use nothing else and hold no script."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from tests.web.contexts import CONTEXTS
from webapp.live.templating import folders
from webapp.live.templating.assets import Assets
from webapp.live.templating.templates import Templates
from webapp.web.refusal import ErrorPage

TEMPLATES = sorted(str(path.relative_to(folders.TEMPLATES)) for path in (folders.TEMPLATES).rglob("*.html"))
ENVIRONMENT = Templates([folders.TEMPLATES], Assets([folders.STATIC]))._environment
ATTRIBUTE = re.compile(r"\s(on\w+|style|hx-on[\w:.-]*|srcdoc)\s*=", re.IGNORECASE)


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
    source = (folders.TEMPLATES / template).read_text(encoding="utf-8")
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


def test_indents_are_not_sent() -> None:
    template = ENVIRONMENT.from_string("<p\n   class='a'>\n\t{{ text }}\n  {# one\n  two #}\n  </p>\n")
    assert template.render(text="\n  kept") == "<p\nclass='a'>\n\n  kept\n</p>"


def test_an_error_names_the_line_of_the_template_in_which_it_is() -> None:
    template = ENVIRONMENT.from_string("<p>\n  {# one\n  two #}\n  </p>\n  {{ 1 // 0 }}")
    with pytest.raises(ZeroDivisionError) as raised:
        template.render()
    assert raised.traceback[-1].lineno + 1 == 5


@pytest.mark.parametrize("reload", [False, True])
def test_a_template_and_what_it_includes_are_read_again_only_where_that_is_asked_for(
    tmp_path: Path, reload: bool
) -> None:
    templates = Templates([tmp_path], Assets([folders.STATIC]), reload=reload)
    (tmp_path / "outer.html").write_text('1 {% include "inner.html" %}')
    (tmp_path / "inner.html").write_text("1")
    context = ErrorPage(404)
    assert templates.render("outer.html", context) == "1 1"
    for name, text in (("outer.html", '2 {% include "inner.html" %}'), ("inner.html", "2")):
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1, 1))
    assert templates.render("outer.html", context) == ("2 2" if reload else "1 1")
