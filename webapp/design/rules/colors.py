"""Colours of tokens, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import tinycss2
from coloraide import Color

from webapp.design.rules.sheet import Declaration, Sheet

Scheme = str
SCHEMES: Final[tuple[Scheme, Scheme]] = ("light", "dark")

_DEPTH = 8
"""How many names may lead from a token to its colour. A token that names itself has no colour."""


class Token:
    """A custom property in one scheme: what it is set to, and where."""

    def __init__(self, sheet: Sheet, declaration: Declaration) -> None:
        self.sheet = sheet
        self.declaration = declaration


class Tokens:
    """The custom properties of all style sheets, as a screen has them that asks for nothing special.

    Args:
        sheets: The style sheets, in the order in which they hold.
    """

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self._values: Mapping[Scheme, dict[str, Token]] = {scheme: {} for scheme in SCHEMES}
        for sheet in sheets:
            for each in sheet.declarations:
                if each.name.startswith("--") and each.is_root:
                    for scheme in ("dark",) if each.is_dark else SCHEMES:
                        self._values[scheme][each.name] = Token(sheet, each)

    @property
    def names(self) -> list[str]:
        """The names of all tokens."""
        return sorted(self._values["light"] | self._values["dark"])

    def get(self, name: str, scheme: Scheme) -> Token | None:
        """Return a token, or None."""
        return self._values[scheme].get(name)

    def color(self, name: str, scheme: Scheme) -> Color | None:
        """Return the colour of a token in a scheme; None: it is no colour, or it lets something shine through."""
        return self._named(name, scheme, _DEPTH)

    def _named(self, name: str, scheme: Scheme, depth: int) -> Color | None:
        token = self._values[scheme].get(name)
        return self._color(token.declaration.value, scheme, depth) if token else None

    def _color(self, value: Sequence[Any], scheme: Scheme, depth: int) -> Color | None:
        parts = [each for each in value if each.type not in ("whitespace", "comment")]
        if len(parts) != 1 or depth == 0:
            return None
        if parts[0].type == "function" and parts[0].lower_name == "light-dark":
            both = arguments(parts[0])
            return self._color(both[SCHEMES.index(scheme)], scheme, depth - 1) if len(both) == 2 else None
        if name := token_of(parts[0]):
            return self._named(name, scheme, depth - 1)
        return _opaque(tinycss2.serialize(parts))


def token_of(part: Any) -> str:
    """Return the name of the token that `var(…)` names, or an empty text."""
    if part.type != "function" or part.lower_name != "var":
        return ""
    return next((str(each.value) for each in part.arguments if each.type == "ident"), "")


def tokens_in(value: Iterable[Any]) -> list[tuple[str, int, bool]]:
    """Return the tokens that a value names: name, line, and whether `var()` has something to put in its place."""
    found: list[tuple[str, int, bool]] = []
    for part in value:
        if name := token_of(part):
            found.append((name, part.source_line, len(arguments(part)) > 1))
        found += tokens_in(getattr(part, "arguments", None) or getattr(part, "content", None) or [])
    return found


def arguments(function: Any) -> list[list[Any]]:
    """Return the arguments of a function, each as the parts of a value."""
    found: list[list[Any]] = [[]]
    for each in function.arguments:
        if each.type == "literal" and each.value == ",":
            found.append([])
        else:
            found[-1].append(each)
    return found


def _opaque(text: str) -> Color | None:
    match = Color.match(text.strip(), fullmatch=True)
    if match is None or match.color.alpha(nans=False) < 1:
        return None
    return match.color.convert("srgb").fit()
