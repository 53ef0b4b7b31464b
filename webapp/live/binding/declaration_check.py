"""Finds the mistakes of a declaration, and says what to write instead.

Python calls `complete_declaration` and `complete_binding` when a class is made. The start of the app checks the rest:
the templates, the other declarations, and the path of the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any, Protocol, TypeVar
from uuid import UUID

from tortoise.models import Model

from webapp.live.binding.model_columns import columns_of
from webapp.live.changelog import check_only
from webapp.live.validation import Validator

STREAM_LIMIT = 40
"""Characters in a stream's name, at most. If it were longer, PostgreSQL would cut off the names of its triggers."""

GROUP_COLUMN = re.compile(r"\{(\w+)\}")
"""A column in the template of a group's name."""

_STREAM = re.compile(r"[a-z][a-z0-9_]*")
_ID = re.compile(r"[A-Za-z][\w-]*")


class WrongDeclaration(TypeError, ValueError):
    """A declaration is wrong. The text says what to write instead."""


class HasStream(Protocol):
    """The part of a declaration that `distinct` needs."""

    @property
    def stream(self) -> str:
        """The stream's name."""


S = TypeVar("S", bound=HasStream)


def complete_declaration(cls: type[Any]) -> None:
    """Check the attributes of a subclass of `Declaration`, and resolve its `model` and `fields`.

    Raises:
        WrongDeclaration: An attribute is wrong.
    """
    if not _STREAM.fullmatch(str(cls.stream)) or len(cls.stream) > STREAM_LIMIT:
        raise _wrong(cls, f'stream = "{cls.stream}": write a name of a-z, 0-9 and _, such as "intval"')
    cls.model = _model(cls, getattr(cls, "model", None))
    columns = columns_of(cls.model)
    cls.fields = _fields(cls, columns)
    if not cls.fields:
        raise _wrong(cls, "no field is left: write one at least")
    _check_group(cls, getattr(cls, "group", ""), columns)
    _check_only(cls, columns)


def complete_binding(cls: type[Any]) -> Validator:
    """Check the further attributes of a subclass of `Binding`, and fill in its `target` and `element`.

    Returns:
        The validator of the values that visitors send for its writable fields.

    Raises:
        WrongDeclaration: An attribute is wrong.
    """
    if not hasattr(cls, "template"):
        raise _wrong(cls, f'write template = "{cls.stream}/_{cls.stream}.html", or yours')
    _check_members(cls)
    _complete_ids(cls)
    try:
        validator = Validator(cls.model, cls.writable)
    except TypeError as error:
        raise _wrong(cls, str(error)) from error
    _check_actions(cls, "actions")
    _check_actions(cls, "low_cost_actions")
    return validator


def require_templates(bindings: Iterable[object], has: Callable[[str], bool]) -> None:
    """Check that the templates of `bindings` exist.

    Args:
        bindings: The declarations; those without templates are ignored.
        has: Returns whether a template of this name exists.

    Raises:
        WrongDeclaration: A template is missing.
    """
    for cls in map(type, bindings):
        for attribute in ("template", "create_template", "update_template", "reset_template", "refused_template"):
            name = getattr(cls, attribute, None)
            if name is not None and not has(name):
                raise _wrong(cls, f'{attribute} = "{name}": there is no such file in templates/')


def distinct(declarations: Sequence[S]) -> Sequence[S]:
    """Return `declarations`, if each has a stream of its own.

    Raises:
        WrongDeclaration: Two declarations have the same stream.
    """
    streams: dict[str, S] = {}
    for one in declarations:
        other = streams.setdefault(one.stream, one)
        if other is not one:
            raise WrongDeclaration(
                f'{type(other).__qualname__} and {type(one).__qualname__} both have the stream "{one.stream}"'
            )
    return declarations


def require_page_path(path: str, stream: str, group: str | None) -> None:
    """Check that the stream of a page exists, and that the page's path names its group columns.

    Args:
        path: The URL path of `LivePages`, such as `/lists/{list_id}/`.
        stream: The stream that the page shows.
        group: The `group` of that stream's binding; None when no binding has the stream.

    Raises:
        WrongDeclaration: The server could never show the page.
    """
    if group is None:
        raise WrongDeclaration(f'LivePages("{path}"): no binding in bindings() has the stream "{stream}"')
    # A path may have converters, as in {list_id:int}. If they stayed, no column would match.
    named = {name.split(":")[0] for name in re.findall(r"\{([^}]+)\}", path)}
    for column in GROUP_COLUMN.findall(group):
        if column not in named:
            raise WrongDeclaration(f'LivePages("{path}"): write {{{column}}} in the path too')


def _wrong(cls: type[Any], what: str) -> WrongDeclaration:
    return WrongDeclaration(f"{cls.__module__}.{cls.__qualname__}: {what}")


def _model(cls: type[Any], declared: object) -> type[Model]:
    model = declared
    if isinstance(declared, str):
        package, _, name = declared.rpartition(".")
        try:
            model = getattr(import_module(f"{cls.__module__.split('.')[0]}.{package}.models"), name)
        except (ImportError, AttributeError) as error:
            raise _wrong(cls, f'model = "{declared}": write the class, or "<package>.<Model>" ({error})') from error
    if not (isinstance(model, type) and issubclass(model, Model)) or model._meta.abstract:
        raise _wrong(cls, f"model = {declared!r}: write a model's class, or its name as a text")
    return model


def _fields(cls: type[Any], columns: Sequence[str]) -> tuple[str, ...]:
    own = [name for name in ("fields", "exclude") if name in cls.__dict__]
    if len(own) == 2 or not (hasattr(cls, "fields") or hasattr(cls, "exclude")):
        raise _wrong(cls, 'write either fields = ("name", …), or fields = "__all__", or exclude = ("name", …)')
    readable = [name for name in columns if name != cls.model._meta.pk_attr]
    if "exclude" in own or not hasattr(cls, "fields"):
        _check_known(cls, "exclude", cls.exclude, readable)
        return tuple(name for name in readable if name not in cls.exclude)
    if cls.fields == "__all__" or list(cls.fields) == ["__all__"]:
        return tuple(readable)
    _check_known(cls, "fields", cls.fields, readable)
    return tuple(cls.fields)


def _check_group(cls: type[Any], group: object, columns: Sequence[str]) -> None:
    if not isinstance(group, str) or not group or re.search(r"[{}]", GROUP_COLUMN.sub("", group)):
        raise _wrong(cls, f'group = {group!r}: write a name such as "todos", or one over columns, "list:{{list_id}}"')
    names = GROUP_COLUMN.findall(group)
    _check_known(cls, "group", names, columns)
    for name in names:
        field = cls.model._meta.fields_map.get(name)
        # The column of a foreign key has no field before Tortoise.init. Until then this takes its values for whole
        # numbers.
        kind = field.field_type if field is not None else int
        if not issubclass(kind, (int, str, UUID)) or issubclass(kind, (bool, Enum)):
            raise _wrong(
                cls, f'group: "{name}" has no text that is the same everywhere: write whole numbers, texts or UUIDs'
            )


def _check_only(cls: type[Any], columns: Sequence[str]) -> None:
    _check_known(cls, "only", list(cls.only), columns)
    meta = cls.model._meta
    for name, value in cls.only.items():
        # The type of a foreign key's column is known only after Tortoise.init. `Watch.of` checks its value then.
        if name in meta.fields_db_projection:
            try:
                check_only(meta, name, value)
            except ValueError as error:
                raise _wrong(cls, str(error)) from error


def _complete_ids(cls: type[Any]) -> None:
    if _is_default(cls, "target", "#"):
        cls.target = f"#{cls.stream}"
    if _is_default(cls, "element", ""):
        cls.element = cls.stream
    if not _ID.fullmatch(cls.target.removeprefix("#")) or not cls.target.startswith("#"):
        raise _wrong(cls, f'target = "{cls.target}": write the list\'s id, such as "#{cls.stream}"')
    if not _ID.fullmatch(cls.element):
        raise _wrong(cls, f'element = "{cls.element}": write what ids start with, such as "{cls.stream}"')


def _is_default(cls: type[Any], name: str, prefix: str) -> bool:
    """Return whether no class sets `name`. A base class with a stream has the default for its own stream."""
    if name in vars(cls):
        return False
    base = next((base for base in cls.__mro__[1:] if hasattr(base, name)), None)
    return base is None or getattr(base, name) == prefix + getattr(base, "stream", "")


def _check_known(cls: type[Any], attribute: str, names: Sequence[str], columns: Sequence[str]) -> None:
    _check_sequence(cls, attribute, names)
    for name in names:
        if name not in columns:
            raise _wrong(cls, f'{attribute}: "{name}" is none of {cls.model.__name__}\'s {", ".join(columns)}')


def _check_members(cls: type[Any]) -> None:
    _check_sequence(cls, "members", cls.members)
    for member in cls.members:
        name = member.split(".")[0]
        if name not in cls.model._meta.fields_map and not hasattr(cls.model, name):
            raise _wrong(cls, f'members: {cls.model.__name__} has no "{name}"')


def _check_actions(cls: type[Any], attribute: str) -> None:
    _check_sequence(cls, attribute, names := getattr(cls, attribute))
    for name in names:
        if not iscoroutinefunction(getattr(cls, name, None)):
            raise _wrong(cls, f'{attribute}: "{name}" is no method: write async def {name}(self, inbound)')


def _check_sequence(cls: type[Any], attribute: str, names: Sequence[str]) -> None:
    if isinstance(names, str):
        raise _wrong(cls, f'{attribute} = "{names}": write a sequence of names, ("{names}",)')
