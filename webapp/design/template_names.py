"""The names that a template may use, with their types, for those who misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import FrameType

from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is there.

    Attributes:
        name: The name.
        kind: The type of its value, as a developer writes it, such as `Sequence[Message]`.
    """

    name: str
    kind: str


def names_in(frame: FrameType | None, environment: Environment, context: object) -> Sequence[Name]:
    """Return the names that a template could use when it failed, without those that every template has.

    Args:
        frame: The frame of the template, as Jinja leaves it in a traceback; None: the template did not run.
        environment: Its environment.
        context: The dataclass whose fields were given to the page or the partial that was asked for.
    """
    declared = _declared(context)
    if frame is None:
        return [Name(name, kind) for name, kind in declared.items()]
    there = {name: value for name, value in frame.f_locals.items() if name not in environment.globals}
    return [
        Name(name, _kind(name, value, context, declared))
        for name, value in sorted(there.items())
        if not name.startswith("_")
    ]


def attributes_of(value: object) -> Sequence[Name]:
    """Return the attributes that a template may want of `value`: fields, columns, properties, or the keys of a dict."""
    if isinstance(value, Mapping):
        return [Name(str(key), kind_of(each)) for key, each in value.items()]
    if type(value).__module__ == "builtins":
        return []
    found = dict.fromkeys((name for name, each in _class_members(value) if isinstance(each, property)), "property")
    found |= {name: kind_of(each) for name, each in getattr(value, "__dict__", {}).items()}
    found |= _declared(value)
    return [Name(name, kind) for name, kind in sorted(found.items()) if not name.startswith("_")]


def kind_of(value: object) -> str:
    """Return the type of `value`, with that of its first element if it is a list."""
    kind = type(value).__name__
    if isinstance(value, list | tuple) and value and not hasattr(value, "_fields"):
        return f"{kind}[{type(value[0]).__name__}]"
    return kind


def nearest_of(wrong: str, known: Iterable[str]) -> str:
    """Return the one of `known` that `wrong` may be meant for, or an empty text."""
    found = difflib.get_close_matches(wrong, [*known], 1, 0.6)
    return found[0] if found else ""


def _kind(name: str, value: object, context: object, declared: Mapping[str, str]) -> str:
    # A template may give a name of the context another value, by `set` or `with`.
    is_given = name in declared and getattr(context, name, None) is value
    return declared[name] if is_given else kind_of(value)


def _declared(value: object) -> dict[str, str]:
    if not is_dataclass(value):
        return {}
    return {each.name: each.type if isinstance(each.type, str) else _shown(each.type) for each in fields(value)}


def _shown(kind: object) -> str:
    return getattr(kind, "__name__", str(kind))


def _class_members(value: object) -> Iterable[tuple[str, object]]:
    for kind in reversed(type(value).__mro__):
        # Those of a library's own classes, such as a model's, would hide the few that designers are meant to use.
        if kind.__module__.split(".")[0] not in ("builtins", "tortoise"):
            yield from vars(kind).items()
