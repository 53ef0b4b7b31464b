"""The new feature's line in `webapp/features.py`, before the chat, which answers what no other feature does."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from webapp.scaffold.blueprint import Unusable
from webapp.scaffold.drawing import LINE


def listed(text: str, name: str) -> str:
    """The text of `webapp/features.py` with the feature `name` in its list. Raises Unusable."""
    lines = text.splitlines()
    try:
        tree = ast.parse(text)
        imported = next(node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "webapp")
        last = next(node.value.elts[-1] for node in tree.body if _is_list(node))  # type: ignore[attr-defined]
    except (SyntaxError, StopIteration, IndexError) as error:
        raise Unusable(
            "webapp/features.py has no `from webapp import …` and FEATURES = [ … ] to add a line to"
        ) from error
    at = last.lineno - 1
    # A comment above the last feature is about that one.
    while lines[at - 1].lstrip().startswith("#"):
        at -= 1
    lines.insert(at, f"    {name}.feature,")
    lines[imported.lineno - 1 : imported.end_lineno] = _import([*(alias.name for alias in imported.names), name])
    return "\n".join(lines) + "\n"


def _is_list(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.List):
        return False
    return any(isinstance(target, ast.Name) and target.id == "FEATURES" for target in node.targets)


def _import(names: Sequence[str]) -> Sequence[str]:
    ordered = sorted(names, key=_natural)
    line = f"from webapp import {', '.join(ordered)}"
    return [line] if len(line) <= LINE else ["from webapp import (", *(f"    {name}," for name in ordered), ")"]


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Sorts as ruff does: numbers in names by their value."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.findall(r"\d+|\D+", name)]
