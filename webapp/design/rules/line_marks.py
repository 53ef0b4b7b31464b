"""Marks in what a template renders, which tell from which line each part of it comes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_FIRST, _LAST = 0xF0000, 0xFFFFD
"""A mark is one character of a plane for private use, which no template holds; its number is that of its place."""

_MARK = re.compile(f"([{chr(_FIRST)}-{chr(_LAST)}])")

_CAPTURING = frozenset(("trans", "filter"))
"""Tags whose content is changed before it is shown. A mark in a text to be translated would make it another text."""


class Place(NamedTuple):
    """A line of a template."""

    template: str
    line: int


class Marked(NamedTuple):
    """HTML without its marks, and the index and the place of each."""

    html: str
    indexes: list[int]
    places: list[Place]

    def place(self, at: int) -> Place | None:
        """Return the line from which a character comes; None: no template has rendered it."""
        number = bisect_right(self.indexes, at) - 1
        if number < 0:
            return None
        place = self.places[number]
        return place._replace(line=place.line + self.html.count("\n", self.indexes[number], at))


class LineMarks(Extension):
    """Puts a mark before each text and each expression of a template."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._numbers: dict[Place, int] = {}
        self._places: list[Place] = []

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Return the tokens of a template with the marks among them."""
        depth = 0
        before: Token | None = None
        for token in stream:
            if before is not None and before.type == "block_begin":
                depth += _change(token)
            if depth == 0 and token.type == "data":
                yield Token(token.lineno, "data", self._mark(stream, token) + token.value)
            else:
                if depth == 0 and token.type == "variable_begin":
                    yield Token(token.lineno, "data", self._mark(stream, token))
                yield token
            before = token

    def _mark(self, stream: TokenStream, token: Token) -> str:
        place = Place(stream.name or "", token.lineno)
        number = self._numbers.setdefault(place, len(self._places))
        if number == len(self._places):
            self._places.append(place)
        return chr(_FIRST + number) if number <= _LAST - _FIRST else ""

    def unmarked(self, html: str) -> Marked:
        """Return what was rendered without the marks, and where they stood."""
        texts = _MARK.split(html)
        known = len(self._places)
        parts, indexes, places, at = [texts[0]], [], [], len(texts[0])
        for mark, text in zip(texts[1::2], texts[2::2], strict=True):
            number = ord(mark) - _FIRST
            if number < known:
                indexes.append(at)
                places.append(self._places[number])
            else:
                # A visitor may have written such a character.
                parts.append(mark)
                at += 1
            parts.append(text)
            at += len(text)
        return Marked("".join(parts), indexes, places)


def _change(token: Token) -> int:
    if token.value in _CAPTURING:
        return 1
    return -1 if token.value in {f"end{each}" for each in _CAPTURING} else 0
