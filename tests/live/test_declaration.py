"""A declaration that cannot be meant fails where it stands, and says what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tortoise import fields
from tortoise.models import Model

from tests.support.things import Thing
from webapp.board.models import IntegerValue
from webapp.live.binding.binding import Binding, Rights
from webapp.live.binding.declaration_check import STREAM_LIMIT, WrongDeclaration, distinct, require_page_path
from webapp.live.changelog.watch import Watch

RIGHT: Mapping[str, Any] = {
    "model": Thing,
    "stream": "thing",
    "group": "room:{room_id}",
    "fields": ("name", "value"),
    "template": "none.html",
}
COLUMNS = "Thing's id, name, value, note, shown, kind, room_id"

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"stream": ""}, 'stream = "": write a name of a-z, 0-9 and _'),
    ({"stream": "Thing"}, 'stream = "Thing": write a name of a-z'),
    ({"stream": "a thing"}, 'stream = "a thing": write a name of a-z'),
    ({"stream": "1st"}, 'stream = "1st": write a name of a-z'),
    ({"stream": "a" * (STREAM_LIMIT + 1)}, "write a name of a-z"),
    ({"stream": None}, 'stream = "None": write a name of a-z'),
    ({"model": None}, "model = None: write a model's class, or its name as a text"),
    ({"model": dict}, "model = <class 'dict'>: write a model's class"),
    ({"model": Model}, "Model'>: write a model's class"),
    ({"model": "Thing"}, 'model = "Thing": write the class, or "<package>.<Model>"'),
    ({"model": "nowhere.Thing"}, 'model = "nowhere.Thing": write the class, or "<package>.<Model>"'),
    ({"model": ""}, 'model = "": write the class, or "<package>.<Model>"'),
    ({"group": ""}, "group = '': write a name such as"),
    ({"group": None}, "group = None: write a name such as"),
    ({"group": "room:{room_id"}, "group = 'room:{room_id': write a name such as"),
    ({"group": "room:{}"}, "group = 'room:{}': write a name such as"),
    ({"group": "room:{room.id}"}, "group = 'room:{room.id}': write a name such as"),
    ({"group": "room:{room}"}, f'group: "room" is none of {COLUMNS}'),
    ({"group": "{shown}"}, 'group: "shown" has no text that is the same everywhere'),
    ({"fields": ...}, 'write either fields = ("name", …), or fields = "__all__", or exclude = ("name", …)'),
    ({"exclude": ("value",)}, "write either fields = "),
    ({"fields": "name"}, 'fields = "name": write a sequence of names, ("name",)'),
    ({"fields": ("name", "size")}, 'fields: "size" is none of Thing\'s name, value, note, shown, kind, room_id'),
    ({"fields": ("id",)}, 'fields: "id" is none of'),
    ({"fields": ("room",)}, 'fields: "room" is none of'),
    ({"fields": ()}, "no field is left: write one at least"),
    ({"fields": ..., "exclude": "name"}, 'exclude = "name": write a sequence of names, ("name",)'),
    ({"fields": ..., "exclude": ("size",)}, 'exclude: "size" is none of'),
    ({"fields": ..., "exclude": ("name", "value", "note", "shown", "kind", "room_id")}, "no field is left"),
    ({"only": {"size": 1}}, f'only: "size" is none of {COLUMNS}'),
    ({"template": ...}, 'write template = "thing/_thing.html", or yours'),
    ({"target": "things"}, 'target = "things": write the list\'s id, such as "#thing"'),
    ({"target": "#a b"}, 'target = "#a b": write the list\'s id'),
    ({"element": "a thing"}, 'element = "a thing": write what ids start with, such as "thing"'),
    ({"members": "size"}, 'members = "size": write a sequence of names, ("size",)'),
    ({"members": ("size",)}, 'members: Thing has no "size"'),
    ({"members": ("place.name",)}, 'members: Thing has no "place"'),
    ({"writable": "name"}, "writable is a sequence: write ('name',)"),
    ({"writable": ("size",)}, "Thing.size cannot be writable: there is no such field; write some of name, value"),
    ({"writable": ("id",)}, "Thing.id cannot be writable: it is filled in by itself; leave it out"),
    ({"writable": ("room",)}, "Thing.room cannot be writable: it is a relation; write its column, room_id"),
    ({"actions": "create"}, 'actions = "create": write a sequence of names, ("create",)'),
    ({"actions": ("create", "grow")}, 'actions: "grow" is no method: write async def grow(self, inbound)'),
    ({"actions": ("form",)}, 'actions: "form" is no method'),
    ({"low_cost_actions": "create"}, 'low_cost_actions = "create": write a sequence of names'),
    ({"low_cost_actions": ("grow",)}, 'low_cost_actions: "grow" is no method'),
]


def declared(changes: Mapping[str, Any]) -> type[Binding[Any]]:
    """A binding with these attributes; `...` for one that is left out."""
    body = {name: value for name, value in {**RIGHT, **changes}.items() if value is not ...}
    made: Any = type("Wrong", (Binding,), body)
    return made  # type: ignore[no-any-return]


@pytest.mark.parametrize(("changes", "said"), WRONG, ids=str)
def test_a_wrong_declaration_says_whose_it_is_and_what_to_write(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongDeclaration) as raised:
        declared(changes)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{__name__}.Wrong: ")


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ({"value": "1"}, "only = {'value': '1'} never holds: things.Thing.value has values of type int"),
        ({"shown": 1}, "only = {'shown': 1} never holds"),
        ({"value": True}, "only = {'value': True} never holds"),
    ],
)
def test_values_that_no_row_has_are_found_when_the_triggers_are_made(only: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="never holds") as raised:
        Watch.of(declared({"only": only})())
    assert said.split("things.")[0] in str(raised.value)


def test_a_right_one_is_completed() -> None:
    right = declared({})
    assert (right.target, right.element, right.fields) == ("#thing", "thing", ("name", "value"))
    assert declared({"fields": "__all__"}).fields == ("name", "value", "note", "shown", "kind", "room_id")
    assert declared({"fields": ("__all__",)}).fields == declared({"fields": "__all__"}).fields
    assert declared({"fields": ..., "exclude": ("note", "shown")}).fields == ("name", "value", "kind", "room_id")
    assert declared({"members": ("room.label", "pk")}).members == ("room.label", "pk")


def test_a_model_may_be_named() -> None:
    named = {"model": "board.IntegerValue", "group": "values", "__module__": "webapp.somewhere.bindings"}
    assert declared(named).model is IntegerValue


def test_a_class_without_a_stream_is_a_base_for_others() -> None:
    class Base(Binding[Thing]):
        model = Thing
        fields = ("name",)
        template = "none.html"

    class One(Base):
        stream = "one"
        group = "ones"

    assert (One.fields, One.target) == (("name",), "#one")


def test_what_inherits_from_a_binding_has_a_list_and_ids_of_its_own() -> None:
    class First(Binding[Thing]):
        model = Thing
        stream = "first"
        group = "firsts"
        fields = ("name",)
        template = "none.html"

    class Second(First):
        stream = "second"

    class Placed(First):
        stream = "placed"
        target = "#there"
        element = "it"

    class Again(Placed):
        stream = "again"

    assert (Second.target, Second.element) == ("#second", "second")
    assert (Again.target, Again.element) == ("#there", "it")


def test_two_bindings_cannot_have_one_stream() -> None:
    with pytest.raises(WrongDeclaration, match='Wrong and Wrong both have the stream "thing"'):
        distinct([declared({})(), declared({})()])


@pytest.mark.parametrize(("column", "value"), [("value", "1"), ("shown", 1), ("value", True), ("name", 3)])
def test_values_that_no_row_has_are_found_where_the_declaration_stands(column: str, value: bool | int | str) -> None:
    with pytest.raises(WrongDeclaration, match="never holds") as raised:
        declared({"only": {column: value}})
    assert str(raised.value).startswith(f"{__name__}.Wrong: only = {{{column!r}: {value!r}}} never holds")


@pytest.mark.parametrize(
    ("path", "group", "said"),
    [
        ("/things/", None, r'LivePages\("/things/"\): no binding in bindings\(\) has the stream "thing"'),
        ("/things/", "room:{room_id}", r'LivePages\("/things/"\): write {room_id} in the path too'),
        ("/rooms/{room}/", "room:{room_id}", "write {room_id} in the path too"),
    ],
)
def test_a_page_without_its_stream_or_a_column_of_its_group_is_refused(path: str, group: str | None, said: str) -> None:
    with pytest.raises(WrongDeclaration, match=said):
        require_page_path(path, "thing", group)


@pytest.mark.parametrize(("path", "group"), [("/things/", "things"), ("/rooms/{room_id:int}/", "room:{room_id}")])
def test_a_page_that_names_its_groups_columns_is_right(path: str, group: str) -> None:
    require_page_path(path, "thing", group)


def test_a_binding_is_one_class_and_shares_with_rights_what_a_declaration_is() -> None:
    assert [base.__name__ for base in Binding.__mro__] == ["Binding", "Declaration", "Generic", "object"]
    assert [base.__name__ for base in Rights.__mro__] == ["Rights", "Declaration", "Generic", "object"]


def test_collaborators_are_made_once() -> None:
    binding = declared({})()
    assert binding.rows is binding.rows
    assert binding.fragments is binding.fragments
    assert binding.edits is binding.edits


def test_rights_need_no_template() -> None:
    class ThingRights(Rights[Thing]):
        model = Thing
        stream = "rights"
        group = "room:{room_id}"
        fields = ("name",)

    assert ThingRights.fields == ("name",)


def test_a_foreign_key_to_a_model_may_make_a_group() -> None:
    class Part(Model):
        thing: fields.ForeignKeyRelation[Thing] = fields.ForeignKeyField("things.Thing", related_name="parts")
        at = fields.DatetimeField()

    known = {"model": Part, "fields": ("at",)}
    assert declared({**known, "group": "thing:{thing_id}"}).model is Part
    with pytest.raises(WrongDeclaration, match='"at" has no text that is the same everywhere'):
        declared({**known, "group": "{at}"})
