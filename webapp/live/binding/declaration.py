"""What a class has to say of a model for its rows to be watched; a wrong declaration fails where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from tortoise.models import Model

M = TypeVar("M", bound=Model)

Literal = bool | int | str | None
"""What a field can be asked to equal, in `only`."""

STREAM_LIMIT = 40
"""Characters in a stream's name, at most: databases cut the names of triggers."""

_STREAM = re.compile(r"[a-z][a-z0-9_]*")
_PLACE = re.compile(r"\{(\w+)\}")


class WrongDeclaration(TypeError):
    """A declaration that cannot be meant; it says what to write instead."""


class Declaration(Generic[M]):
    """Which rows are watched, and who is told of them. A subclass without a `stream` is a base for others.

    model: whose rows, as a class or as `"<package>.<Model>"`, which stands in the `models` module of that package.
    stream: its name on the wire and in triggers, `[a-z][a-z0-9_]*`.
    group: a template over the row's columns, such as `room:{room_id}`, or a constant.
    fields: what readers see, `"__all__"` or a sequence; an update of none of these is no change. Or
    exclude: all but these. The primary key is always seen, and is not named.
    only: values that a row's columns have to have for it to be in any group, such as `{"is_public": True}`.
    belongs_to: models whose rows take these with them when they are deleted, by the column that holds their primary
    key, for a column that is no foreign key of the model's, such as `{"room_id": Room}`.
    """

    model: ClassVar[Any]
    stream: ClassVar[str]
    group: ClassVar[str]
    fields: ClassVar[Sequence[str]]
    exclude: ClassVar[Sequence[str]]
    only: ClassVar[Mapping[str, Literal]] = {}
    belongs_to: ClassVar[Mapping[str, type[Model]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "stream"):
            _complete(cls)

    @property
    def label(self) -> str:
        """The model's name on the wire, `<package>.<Model>`, or `<module>.<Model>` for a module in no package."""
        *packages, module = self.model.__module__.split(".")
        return f"{(packages or [module])[-1]}.{self.model.__name__}"

    @cached_property
    def group_columns(self) -> Sequence[str]:
        """The columns in the names of groups."""
        return _PLACE.findall(self.group)

    @cached_property
    def _groups(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(self.group)), re.DOTALL)

    def scope(self, group: str) -> Mapping[str, str] | None:
        """The values of the columns in `group`'s name, as text; None when none of these rows is ever in it."""
        match = self._groups.fullmatch(group)
        return match.groupdict() if match else None

    def conditions(self, group: str) -> dict[str, Any]:
        """What to filter the model by for the rows of `group`. Raises LookupError when none is ever in it."""
        scope = self.scope(group)
        if scope is None:
            raise LookupError(f"{group} is no group of the stream {self.stream}")
        nulls = {f"{name}__isnull": True for name, value in self.only.items() if value is None}
        return {**nulls, **{name: value for name, value in self.only.items() if value is not None}, **scope}

    def group_of(self, row: M) -> str | None:
        """The group that `row` belongs to, if any."""
        if any(getattr(row, name) != value for name, value in self.only.items()):
            return None
        values = {name: getattr(row, name) for name in self.group_columns}
        return None if None in values.values() else _PLACE.sub(lambda place: str(values[place[1]]), self.group)


def columns_of(model: type[Model]) -> list[str]:
    """The attributes of `model` that are columns, the primary key too, in the order of its fields."""
    meta = model._meta
    columns = {name: f"{name}_id" for name in (*meta.fk_fields, *meta.o2o_fields)}
    named = [name for name in meta.fields_map if name in columns or name in meta.fields_db_projection]
    # Once Tortoise is initialised a foreign key's column has a field of its own besides.
    return list(dict.fromkeys(columns.get(name, name) for name in named))


def _complete(cls: type[Declaration[Any]]) -> None:
    if not _STREAM.fullmatch(str(cls.stream)) or len(cls.stream) > STREAM_LIMIT:
        raise wrong(cls, f'stream = "{cls.stream}": write a name of a-z, 0-9 and _, such as "intval"')
    cls.model = _model(cls, getattr(cls, "model", None))
    columns = columns_of(cls.model)
    cls.fields = _fields(cls, columns)
    if not cls.fields:
        raise wrong(cls, "no field is left: write one at least")
    group = getattr(cls, "group", "")
    if not isinstance(group, str) or not group or re.search(r"[{}]", _PLACE.sub("", group)):
        raise wrong(cls, f'group = {group!r}: write a name such as "todos", or one over columns, "list:{{list_id}}"')
    places = _PLACE.findall(group)
    known(cls, "group", places, columns)
    for name in places:
        _check_place(cls, name)
    known(cls, "only", list(cls.only), columns)


def _check_place(cls: type[Declaration[Any]], name: str) -> None:
    field = cls.model._meta.fields_map.get(name)
    # None: the column of a foreign key, whose type is that of another model's primary key.
    kind = field.field_type if field is not None else int
    if not issubclass(kind, (int, str, UUID)) or issubclass(kind, (bool, Enum)):
        raise wrong(
            cls, f'group: "{name}" has no text that is the same everywhere: write whole numbers, texts or UUIDs'
        )


def _model(cls: type[Declaration[Any]], declared: object) -> type[Model]:
    model = declared
    if isinstance(declared, str):
        package, _, name = declared.rpartition(".")
        try:
            model = getattr(import_module(f"{cls.__module__.split('.')[0]}.{package}.models"), name)
        except (ImportError, AttributeError) as error:
            raise wrong(cls, f'model = "{declared}": write the class, or "<package>.<Model>" ({error})') from error
    if not (isinstance(model, type) and issubclass(model, Model)) or model._meta.abstract:
        raise wrong(cls, f"model = {declared!r}: write a model's class, or its name as a text")
    return model


def _fields(cls: type[Declaration[Any]], columns: Sequence[str]) -> tuple[str, ...]:
    own = [name for name in ("fields", "exclude") if name in cls.__dict__]
    if len(own) == 2 or not (hasattr(cls, "fields") or hasattr(cls, "exclude")):
        raise wrong(cls, 'write either fields = ("name", …), or fields = "__all__", or exclude = ("name", …)')
    readable = [name for name in columns if name != cls.model._meta.pk_attr]
    if "exclude" in own or not hasattr(cls, "fields"):
        known(cls, "exclude", cls.exclude, readable)
        return tuple(name for name in readable if name not in cls.exclude)
    if cls.fields == "__all__" or list(cls.fields) == ["__all__"]:
        return tuple(readable)
    known(cls, "fields", cls.fields, readable)
    return tuple(cls.fields)


def known(cls: type[Declaration[Any]], attribute: str, names: Sequence[str], columns: Sequence[str]) -> None:
    """Check that `names` are among `columns`. Raises WrongDeclaration."""
    if isinstance(names, str):
        raise wrong(cls, f'{attribute} = "{names}": write a sequence of names, ("{names}",)')
    for name in names:
        if name not in columns:
            raise wrong(cls, f'{attribute}: "{name}" is none of {cls.model.__name__}\'s {", ".join(columns)}')


def wrong(cls: type[Any], what: str) -> WrongDeclaration:
    """What is wrong with the declaration `cls`."""
    return WrongDeclaration(f"{cls.__module__}.{cls.__qualname__}: {what}")
