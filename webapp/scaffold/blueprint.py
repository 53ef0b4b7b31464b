"""What a new feature is to be: its name, its fields, and the column that makes one page for each of its values."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from tortoise.models import Model

from webapp.scaffold.kinds import KINDS, Kind

NAME_LIMIT = 30
"""Characters in a name, at most: the lines that it is written into stay short."""

ON_THE_WIRE = (
    *("action", "pk", "stream", "nonce", "version", "visitor", "cursor", "handle", "headers"),
    *("id", "seq", "values", "fields", "problem", "change", "edit", "delete"),
)
"""Names that frames, forms, the ids of elements or the model's own file use for something else."""

ON_THE_PAGE = ("banner", "cursor", "failed", "joined", "languages", "more", "problem", "scroller", "spares", "typing")
"""Ids of elements that every live page has: the list of a feature is an element with its name."""

IN_ITS_FILES = ("binding", "model")
"""Names whose classes are those that the files of the feature import."""

_NAME = re.compile(r"[a-z](_?[a-z0-9]+)*")


class Unusable(Exception):
    """A feature that cannot be written; the text says what is in the way, in one line."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that readers see and visitors write."""

    name: str
    type: str

    @property
    def kind(self) -> Kind:
        """What there is to know of its type."""
        return KINDS[self.type]

    @property
    def words(self) -> str:
        """The name as one reads it, in small letters."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Blueprint:
    """A feature to be written.

    Attributes:
        name: Of its folders and its stream.
        fields: In the order in which a form asks for them.
        by: The column that makes one page for each of its values, or None.
    """

    name: str
    fields: Sequence[Field]
    by: Field | None = None

    @classmethod
    def parse(cls, name: str, fields: Sequence[str], by: str | None) -> Blueprint:
        """Read what somebody typed. Raises Unusable."""
        _check_name("the feature's name", name)
        if name in (*ON_THE_PAGE, *IN_ITS_FILES):
            raise Unusable(f'"{name}" has a meaning of its own here: choose another name')
        parsed = [_field(text) for text in fields]
        if not parsed:
            raise Unusable("name one field at least, such as title:str")
        group = None if by is None else _field(by)
        if group is not None and not group.kind.groups:
            can = " or ".join(name for name, kind in KINDS.items() if kind.groups)
            raise Unusable(f"--by {group.name}:{group.type}: a group is named by {can}, such as --by list:int")
        names = [field.name for field in (*parsed, *([group] if group else []))]
        for each in names:
            if names.count(each) > 1:
                raise Unusable(f'two fields have the name "{each}"')
        return cls(name, parsed, group)

    @cached_property
    def model(self) -> str:
        """The model's class."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @cached_property
    def noun(self) -> str:
        """One of them, as one reads it."""
        return self.name.replace("_", " ")

    @cached_property
    def plural(self) -> str:
        """Several, as the group is called."""
        if re.search(r"[^aeiou]y$", self.name):
            return f"{self.name[:-1]}ies"
        return f"{self.name}es" if re.search(r"(s|x|z|ch|sh)$", self.name) else f"{self.name}s"

    @cached_property
    def nouns(self) -> str:
        """Several, as one reads it."""
        return self.plural.replace("_", " ")

    @cached_property
    def first(self) -> str:
        """The first part of its pages' path."""
        return self.plural.replace("_", "-")

    @cached_property
    def path(self) -> str:
        """The path of its page or pages."""
        return f"/{self.first}/{{{self.by.name}}}/" if self.by else f"/{self.first}/"

    @cached_property
    def group(self) -> str:
        """The group's name."""
        return f"{self.plural}:{{{self.by.name}}}" if self.by else self.plural

    @cached_property
    def ticks(self) -> Sequence[Field]:
        """The fields that a row's buttons turn round."""
        return [field for field in self.fields if field.type == "bool"]

    @cached_property
    def typed(self) -> Sequence[Field]:
        """The fields that one types into."""
        return [field for field in self.fields if field.type != "bool"]

    @cached_property
    def heading(self) -> Field | None:
        """The field that a row is known by, if it has one that is always there."""
        return next((field for field in self.typed if field.kind.is_required), None)


def check_free(blueprint: Blueprint, taken: Collection[str], paths: Collection[str], models: Collection[str]) -> None:
    """Check that nothing else has its names.

    Args:
        blueprint: The feature.
        taken: Names of features, modules, folders of templates and of tests, and streams.
        paths: The first parts of paths that lead somewhere already.
        models: The classes of all models.

    Raises:
        Unusable: One of them is taken.
    """
    if blueprint.name in taken:
        raise Unusable(f'"{blueprint.name}" is there already: choose another name')
    if blueprint.first in paths:
        raise Unusable(f"/{blueprint.first}/ leads somewhere else already: choose another name")
    if blueprint.model.lower() in {model.lower() for model in models}:
        raise Unusable(f"there is a model {blueprint.model} already: choose another name")


def _field(text: str) -> Field:
    name, colon, kind = text.partition(":")
    if not colon or not kind:
        raise Unusable(f"{_shown(text)}: write a name and a type, such as title:str")
    _check_name(f"{_shown(text)}: a field's name", name)
    if kind not in KINDS:
        raise Unusable(f"{_shown(text)}: write one of these types: {', '.join(KINDS)}")
    if name in ON_THE_WIRE or hasattr(Model, name) or hasattr(dict, name):
        raise Unusable(f'{_shown(text)}: "{name}" has a meaning of its own here: choose another name')
    return Field(name, kind)


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        raise Unusable(f"{what} is made of a-z, 0-9 and single _, starts with a letter, and has {NAME_LIMIT} at most")
    if keyword.iskeyword(name):
        raise Unusable(f'{what} cannot be "{name}", a word of Python\'s own')


def _shown(text: str) -> str:
    return ascii(text[:60])[1:-1]
