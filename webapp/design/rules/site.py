"""All templates and style sheets of a site, as its pages see them: a theme's file stands in place of a built-in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from jinja2 import nodes

from webapp.design.contract import Contract, load_contract
from webapp.design.rules.selectors import pattern_of
from webapp.design.rules.sheet import Sheet
from webapp.design.rules.source import Source
from webapp.live.templating import TEMPLATES, Assets, Templates


class Site:
    """The templates and the style sheets of some folders.

    Args:
        folders: The folders of templates; a file in an earlier one replaces one of the same name in a later one.
        static: The folders of static files, likewise.
        changed: Texts that stand in place of files, by the names of templates or of style sheets (`css/…`).
    """

    def __init__(
        self, folders: Sequence[Path], static: Sequence[Path], changed: Mapping[str, str] | None = None
    ) -> None:
        self.folders = folders
        self.static = static
        self.changed = changed or {}
        self.assets = Assets(static)
        self.templates = Templates(folders, self.assets)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The templates by their names, in the order of the names."""
        environment = self.templates.environment
        return {
            name: Source(name, path, self._text(name, path), environment)
            for name, path in sorted(_files(self.folders, "**/*.html", self.changed).items())
        }

    @cached_property
    def sheets(self) -> Mapping[str, Sheet]:
        """The style sheets by their paths below the static folder."""
        paths = _files(self.static, "css/**/*.css", self.changed)
        return {name: Sheet(name, path, self._text(name, path)) for name, path in sorted(paths.items())}

    def _text(self, name: str, path: Path) -> str:
        return self.changed[name] if name in self.changed else _read(path)

    @cached_property
    def properties(self) -> frozenset[str]:
        """The custom properties that style sheets define."""
        return frozenset(
            each.name for sheet in self.sheets.values() for each in sheet.declarations if each.name.startswith("--")
        )

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all elements, with SOMETHING in place of each expression."""
        return frozenset(
            pattern_of(tag.value("id"))
            for source in self.sources.values()
            for tag in source.start_tags
            if tag.value("id")
        )

    @cached_property
    def labelled(self) -> frozenset[str]:
        """The ids that labels name, likewise."""
        return frozenset(
            pattern_of(tag.value("for"))
            for source in self.sources.values()
            for tag in source.start_tags
            if tag.name == "label" and tag.value("for")
        )

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

    @cached_property
    def contract(self) -> Contract:
        """What has to stay."""
        return load_contract([*self.folders, TEMPLATES])

    @cached_property
    def sent(self) -> frozenset[str]:
        """The partials that the server sends by itself."""
        return frozenset()

    @cached_property
    def texts(self) -> Mapping[str, Sequence[nodes.Const]]:
        """The texts in the Jinja code of each template."""
        return {
            name: [each for each in source.tree.find_all(nodes.Const) if isinstance(each.value, str)]
            for name, source in self.sources.items()
        }

    def has_static(self, path: str) -> bool:
        """Return whether there is a static file of that path."""
        return any((folder / path).is_file() for folder in self.static) or path in self.changed

    def static_names(self) -> Iterator[str]:
        """Return the paths of all static files."""
        return (
            each.relative_to(folder).as_posix()
            for folder in self.static
            for each in folder.rglob("*")
            if each.is_file()
        )


def _files(folders: Sequence[Path], pattern: str, changed: Mapping[str, str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in reversed(folders):
        found |= {path.relative_to(folder).as_posix(): path for path in folder.glob(pattern) if path.is_file()}
    suffix = pattern.rpartition("*")[2]
    new = (name for name in changed if name.endswith(suffix) and name not in found)
    return found | {name: folders[0] / name for name in new}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
