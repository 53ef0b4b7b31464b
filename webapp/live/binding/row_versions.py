"""Compares an edit with the row that its form showed, so that no edit overwrites a change that its sender has not seen.

A row version has a hash for each field. So two visitors can change different fields of a row at once. A field that the
sender left as the form showed it is not written back over a newer value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json


def version_of(values: Mapping[str, Any]) -> str:
    """Return the row version for the values of a row's fields, in the order of the fields."""
    return ".".join(_mark(value) for value in values.values())


def changes(version: str, sent: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the values that the sender changed, and whether the edit is stale.

    Args:
        version: The row version of the form; empty: the sender accepts any version.
        sent: The values that the client sent, by field.
        present: The row's fields as they are now, in the order of the version.

    Returns:
        The values of `sent` that differ from the form and from the row; and whether one of these fields has changed
        since the form showed it.
    """
    seen = _seen(version, list(present))
    wanted = {name: value for name, value in sent.items() if name not in seen or seen[name] != _mark(value)}
    # If a value that the row has already counted as a conflict, a second press of Save would be refused as stale.
    wanted = {name: value for name, value in wanted.items() if name not in present or present[name] != value}
    return wanted, any(name in seen and seen[name] != _mark(present[name]) for name in wanted)


def _seen(version: str, names: Sequence[str]) -> dict[str, str]:
    """Return the hashes by field. For a version that this app did not make, they are empty and match no value."""
    if not version:
        return {}
    marks = version.split(".")
    return dict(zip(names, marks, strict=True)) if len(marks) == len(names) else dict.fromkeys(names, "")


def _mark(value: Any) -> str:
    return hashlib.sha256(to_json(value)).hexdigest()[:8]
