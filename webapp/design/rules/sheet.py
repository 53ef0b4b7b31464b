"""One style sheet, with its declarations and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import tinycss2

from webapp.design.rules.text_file import Comment, TextFile

_COMMENT = re.compile(r"/\*(.*?)(?:\*/|\Z)", re.DOTALL)


_DEPTH = 50
"""How deep rules may stand in each other. Browsers read deeper ones, and nobody writes them."""


class Declaration(NamedTuple):
    """A declaration.

    Attributes:
        name: The property.
        value: What it is set to, as tinycss2 reads it.
        line: The line.
        block: The number of the block in which it stands.
        media: The conditions of the at-rules in which it stands, or an empty text.
        selector: The selector of its rule.
    """

    name: str
    value: Sequence[Any]
    line: int
    block: int
    media: str
    selector: str

    @property
    def is_root(self) -> bool:
        """Whether it holds for the whole page, on a screen that asks for nothing special."""
        is_special = re.search(r"print|prefers-contrast|forced-colors|prefers-reduced|width|height", self.media)
        return self.selector.strip() in (":root", "html") and not is_special

    @property
    def is_dark(self) -> bool:
        """Whether it holds for readers who have their screens dark."""
        return re.search(r"prefers-color-scheme:\s*dark", self.media) is not None


class Trouble(NamedTuple):
    """A part of a style sheet that cannot be read: the line, and why."""

    line: int
    message: str


class Sheet(TextFile):
    """A style sheet."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, path)
        self._blocks = 0

    @cached_property
    def comments(self) -> Sequence[Comment]:
        """The comments in their order."""
        return [Comment(each[1].strip(), *each.span()) for each in _COMMENT.finditer(self.text)]

    @cached_property
    def declarations(self) -> Sequence[Declaration]:
        """All declarations, in their order."""
        return [each for each in self._read if isinstance(each, Declaration)]

    @cached_property
    def troubles(self) -> Sequence[Trouble]:
        """The parts that cannot be read."""
        return [each for each in self._read if isinstance(each, Trouble)]

    @cached_property
    def _read(self) -> Sequence[Declaration | Trouble]:
        nodes = tinycss2.parse_stylesheet(self.text, skip_comments=True, skip_whitespace=True)
        return list(self._contents(nodes, "", "", 0))

    def _contents(self, nodes: Sequence[Any], media: str, selector: str, depth: int) -> Iterator[Declaration | Trouble]:
        self._blocks += 1
        block = self._blocks
        for node in nodes:
            if node.type == "error":
                yield Trouble(node.source_line, node.message)
            elif node.type == "declaration":
                name = node.name if node.name.startswith("--") else node.lower_name
                yield Declaration(name, node.value, node.source_line, block, media, selector)
            elif node.type in ("qualified-rule", "at-rule") and node.content is not None and depth < _DEPTH:
                yield from self._nested(node, media, selector, depth)

    def _nested(self, node: Any, media: str, selector: str, depth: int) -> Iterator[Declaration | Trouble]:
        prelude = tinycss2.serialize(node.prelude)
        if node.type == "at-rule":
            media = f"{media} {prelude}".strip()
        else:
            selector = f"{selector} {prelude}".strip()
        inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        yield from self._contents(inner, media, selector, depth + 1)
