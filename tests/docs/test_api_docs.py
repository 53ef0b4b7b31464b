"""docs/api.md is what the docstrings say."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import webapp.live
from tests.support.app_server import ROOT


def generator() -> ModuleType:
    """bin/api_docs.py, which is in no package."""
    spec = importlib.util.spec_from_file_location("api_docs", ROOT / "bin" / "api_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_public_names_are_documented_as_their_docstrings_say() -> None:
    written = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert written == generator().text(), "docs/api.md is out of date: run bin/docs"


def test_every_public_name_of_the_engine_has_its_heading() -> None:
    headings = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").splitlines()
    assert [name for name in webapp.live.__all__ if f"### `{name}`" not in headings] == []
