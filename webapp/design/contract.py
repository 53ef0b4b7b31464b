"""Reads templates/contract.toml: the names in templates that live updates look for, and that have to stay."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "contract.toml"
"""The name of the file, in the folder of the built-in templates."""

KINDS = ("id", "key", "class", "field", "include")
"""The kinds of things that have to stay, as the file calls them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that has to stay.

    Attributes:
        kind: One of KINDS. The key is data-key, and the field is a form's.
        name: The id, the class, the field or the template; `<id>` stands for the id of a row, `<form>` for what the ids
            of a form start with.
        templates: The templates that have it.
        element: What the element looks like that has it: its tag, and in brackets the attributes that tell it apart.
        what: What it is for.
    """

    kind: str
    name: str
    templates: Sequence[str]
    element: str
    what: str


@dataclass(frozen=True, slots=True)
class Contract:
    """All that has to stay, in the order of the file."""

    kept: Sequence[Kept]

    def of(self, template: str) -> Sequence[Kept]:
        """Return what has to stay in a template."""
        return [each for each in self.kept if template in each.templates]


def load_contract(folders: Sequence[Path]) -> Contract:
    """Read the contract from the last folder that has one: a theme cannot change what the server looks for.

    Raises:
        tomllib.TOMLDecodeError: The file cannot be read.
        KeyError: An entry lacks something.
    """
    files = [folder / FILE for folder in folders if (folder / FILE).is_file()]
    if not files:
        return Contract(())
    data = tomllib.loads(files[-1].read_text(encoding="utf-8"))
    return Contract(tuple(_kept(kind, each) for kind in KINDS for each in data.get(kind, ())))


def _kept(kind: str, entry: dict[str, Any]) -> Kept:
    return Kept(kind, entry.get("name", "data-key"), tuple(entry["in"]), entry.get("element", ""), entry["what"])
