"""The dataclasses that templates are given, wherever in the package they stand."""

from __future__ import annotations

import ast
import dataclasses
from importlib import import_module
from pathlib import Path

from tests.support.app_server import ROOT

PARTS = (
    "admin",
    "board",
    "chat",
    "front",
    "identity",
    "listing",
    "live",
    "owners",
    "previews",
    "room_values",
    "search",
    "web",
)
"""The packages whose templates the guide for designers describes; a feature that you add need not be in it."""


def modules() -> list[str]:
    """Every module of the package that is named for its contexts, or has a dataclass that says it is for a template."""
    paths = sorted(path for part in PARTS for path in (ROOT / "webapp" / part).rglob("*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths if _has_contexts(path)]


def _has_contexts(path: Path) -> bool:
    if path.stem.endswith("contexts"):
        return True
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]
    return any(
        each.decorator_list and "For " in (text := ast.get_docstring(each) or "") and ".html" in text
        for each in classes
    )


def _contexts(name: str) -> list[type]:
    classes = [each for each in vars(import_module(name)).values() if isinstance(each, type)]
    return [each for each in classes if dataclasses.is_dataclass(each) and each.__module__ == name]


CONTEXTS = [each for name in modules() for each in _contexts(name)]
