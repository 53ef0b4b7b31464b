"""What an edit says of the row that its form showed, so that nobody's change is overwritten unseen.

A version has a mark for each field. So two who change different fields of a row do not disturb each other, and a field
that was left as the form showed it is not written back over what it has become.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json


def version_of(values: Mapping[str, Any]) -> str:
    """The version of a row that has these values."""
    return ".".join(_mark(value) for value in values.values())


def changes(version: str, sent: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """What of `sent` its sender changed, and whether any of that is no longer as the form showed it.

    version: of the form, empty when the sender does not care. present: the row's fields as they are now, in the order
    of the version.
    """
    seen = _seen(version, list(present))
    wanted = {name: value for name, value in sent.items() if name not in seen or seen[name] != _mark(value)}
    # What the row says already is no conflict: somebody pressed Save twice, or another wrote the same.
    wanted = {name: value for name, value in wanted.items() if name not in present or present[name] != value}
    return wanted, any(name in seen and seen[name] != _mark(present[name]) for name in wanted)


def _seen(version: str, names: Sequence[str]) -> dict[str, str]:
    """The marks by name. A version that is not ours is of no row, and never the present one."""
    if not version:
        return {}
    marks = version.split(".")
    return dict(zip(names, marks, strict=True)) if len(marks) == len(names) else dict.fromkeys(names, "")


def _mark(value: Any) -> str:
    return hashlib.sha256(to_json(value)).hexdigest()[:8]
