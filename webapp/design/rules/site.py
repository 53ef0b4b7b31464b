"""All templates and style sheets of a site, as its pages see them: a theme's file stands in place of a built-in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from jinja2 import nodes

from webapp.design.contract import Contract, load_contract
from webapp.design.fixtures import FILE, Fixtures, load
from webapp.design.rules.line_marks import LineMarks
from webapp.design.rules.rendering import Rendering, rendering_of
from webapp.design.rules.selectors import pattern_of
from webapp.design.rules.sheet import Sheet
from webapp.design.rules.source import Source
from webapp.design.rules.text_file import TextFile
from webapp.live.templating import TEMPLATES, Assets, Templates
from webapp.live.templating.overlay import BASE

_TITLE = re.compile(r"\{% block title %\}(.*?)\{% endblock %\}")

COPIES = 60
"""Rows of a long list that a template is rendered with: more of the same would tell nothing new. It is more than the
messages on a page, so that a list may end."""

TOOLS = "design/"
"""The folder of the templates of the preview and the gallery. They are for developers, and readers never see them."""


class Site:
    """The templates and the style sheets of some folders.

    Args:
        folders: The folders of templates; a file in an earlier one replaces one of the same name in a later one.
        static: The folders of static files, likewise.
        fixtures: The samples, and what each template is given; None: those of the folders.
    """

    def __init__(self, folders: Sequence[Path], static: Sequence[Path], fixtures: Fixtures | None = None) -> None:
        self.folders = folders
        self.static = static
        self.fixtures = fixtures or load(folders, copies=COPIES)
        self.templates = Templates(folders, Assets(static), extensions=[LineMarks])

    @cached_property
    def files(self) -> Mapping[str, TextFile]:
        """All files in which something may be found, by their names."""
        others = {
            f"{folder}/{FILE}": TextFile(FILE, folder / FILE) for folder in self.folders if (folder / FILE).exists()
        }
        return {**self.sources, **self.sheets, **others}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The templates by their names, in the order of the names."""
        environment = self.templates.environment
        paths = sorted(_files(self.folders, "**/*.html").items())
        found = {name: Source(name, path, environment) for name, path in paths if not name.startswith(TOOLS)}
        # A theme's template may extend or include the built-in one that it replaces.
        texts = {str(text.value) for source in found.values() for text in source.texts}
        built_in = ((text, self.folders[-1] / text.removeprefix(BASE)) for text in texts if text.startswith(BASE))
        return found | {name: Source(name, path, environment) for name, path in sorted(built_in) if path.is_file()}

    @cached_property
    def sheets(self) -> Mapping[str, Sheet]:
        """The style sheets by their paths below the static folder."""
        return {name: Sheet(name, path) for name, path in sorted(_files(self.static, "css/**/*.css").items())}

    @cached_property
    def brand(self) -> str:
        """The name of the site, which is the same in all languages: the title that a page has if it gives none."""
        base = self.sources.get("base.html")
        found = _TITLE.search(base.text) if base else None
        return found[1].strip() if found else ""

    @cached_property
    def catalogs(self) -> Sequence[Path]:
        """The files of the translators."""
        return [file for folder in self.folders for file in folder.glob("locale/**/*.po")]

    @cached_property
    def contract(self) -> Contract:
        """The names that have to stay."""
        return load_contract([*self.folders, TEMPLATES])

    @cached_property
    def renderings(self) -> Sequence[Rendering]:
        """Each template with each of its samples."""
        marks = self.templates.environment.extensions[LineMarks.identifier]
        assert isinstance(marks, LineMarks)  # noqa: S101 - the type of what this class has put there
        entries = (each for each in self.fixtures.entries if not each.template.startswith(TOOLS))
        rendered = (rendering_of(each, self.templates, self.fixtures, marks, self.static) for each in entries)
        return [replace(each, is_extended=each.entry.template in self.extended) for each in rendered]

    @cached_property
    def extended(self) -> frozenset[str]:
        """The templates that others extend."""
        return frozenset(
            str(node.template.value)
            for source in self.sources.values()
            for node in source.tree.find_all(nodes.Extends)
            if isinstance(node.template, nodes.Const)
        )

    @cached_property
    def properties(self) -> frozenset[str]:
        """The custom properties that style sheets define."""
        return frozenset(
            each.name for sheet in self.sheets.values() for each in sheet.declarations if each.name.startswith("--")
        )

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all elements, with SOMETHING in place of each expression."""
        return self._values("id")

    @cached_property
    def labelled(self) -> frozenset[str]:
        """The ids that labels name, likewise."""
        return self._values("for")

    def _values(self, attribute: str) -> frozenset[str]:
        tags = (tag for source in self.sources.values() for tag in source.start_tags)
        return frozenset(pattern_of(tag.value(attribute)) for tag in tags if tag.value(attribute))

    @cached_property
    def imported(self) -> frozenset[tuple[str, str]]:
        """The names that templates import from others: the template's name, and the name."""
        return frozenset(
            (str(node.template.value), each if isinstance(each, str) else each[0])
            for source in self.sources.values()
            for node in source.tree.find_all(nodes.FromImport)
            if isinstance(node.template, nodes.Const)
            for each in node.names
        )

    def has_static(self, path: str) -> bool:
        """Return whether there is a static file of that path."""
        return any((folder / path).is_file() for folder in self.static)

    def static_names(self) -> Iterator[str]:
        """Return the paths of all static files."""
        return (
            each.relative_to(folder).as_posix()
            for folder in self.static
            for each in folder.rglob("*")
            if each.is_file()
        )


def _files(folders: Sequence[Path], pattern: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in reversed(folders):
        found |= {path.relative_to(folder).as_posix(): path for path in folder.glob(pattern) if path.is_file()}
    return found
