"""What cannot be written is refused in one line that says why, before anything is."""

from __future__ import annotations

import re

import pytest

from tests.support.app_server import ROOT
from webapp.scaffold.blueprint import IN_ITS_FILES, ON_THE_PAGE, ON_THE_WIRE, Blueprint, Field, Unusable, check_free
from webapp.scaffold.kinds import KINDS
from webapp.scaffold.listing import listed

MEANT = "has a meaning of its own here: choose another name"


def refused(name: str, *fields: str, by: str | None = None) -> str:
    """Why that is refused."""
    with pytest.raises(Unusable) as error:
        Blueprint.parse(name, fields, by)
    return str(error.value)


@pytest.mark.parametrize("name", ["", "Todo", "to-do", "2do", "_todo", "to__do", "todo_", "tódo", "x" * 31, "../todo"])
def test_a_name_is_small_letters_digits_and_underscores(name: str) -> None:
    assert refused(name, "title:str").startswith("the feature's name is made of a-z, 0-9 and single _")
    assert "a field's name is made of a-z, 0-9 and single _" in refused("todo", f"{name}:str")


@pytest.mark.parametrize("name", ["class", "import", "async"])
def test_a_word_of_pythons_is_no_name(name: str) -> None:
    assert f'"{name}", a word of Python\'s own' in refused(name, "title:str")
    assert f'"{name}", a word of Python\'s own' in refused("todo", f"{name}:str")


@pytest.mark.parametrize("name", [*ON_THE_WIRE, "save", "filter", "items"])
def test_a_name_that_the_wire_or_the_models_use_is_no_field(name: str) -> None:
    assert refused("todo", f"{name}:str") == f'{name}:str: "{name}" {MEANT}'
    assert refused("todo", "title:str", by=f"{name}:int") == f'{name}:int: "{name}" {MEANT}'


@pytest.mark.parametrize("name", [*ON_THE_PAGE, *IN_ITS_FILES])
def test_a_name_that_every_live_page_or_the_files_use_is_no_feature(name: str) -> None:
    assert refused(name, "title:str") == f'"{name}" {MEANT}'


@pytest.mark.parametrize("text", ["title", "title:", ":str", "title:string", "title:str:str", "title str"])
def test_a_field_is_a_name_and_a_type(text: str) -> None:
    assert "write" in refused("todo", text) or "is made of" in refused("todo", text)
    assert "\n" not in refused("todo", text)


def test_a_type_that_there_is_not_is_told_with_those_that_there_are() -> None:
    assert refused("todo", "title:varchar") == f"title:varchar: write one of these types: {', '.join(KINDS)}"


def test_a_feature_without_fields_or_with_one_of_them_twice_is_refused() -> None:
    assert refused("todo") == "name one field at least, such as title:str"
    assert refused("todo", "title:str", "title:int") == 'two fields have the name "title"'
    assert refused("todo", "list:str", by="list:int") == 'two fields have the name "list"'


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"int", "str"}))
def test_only_whole_numbers_and_texts_name_a_group(kind: str) -> None:
    said = f"--by list:{kind}: a group is named by str or int, such as --by list:int"
    assert refused("todo", "title:str", by=f"list:{kind}") == said


def test_names_that_something_else_has_are_refused() -> None:
    todo = Blueprint("todo", [Field("title", "str")])
    check_free(todo, (), (), ())
    for taken, paths, models in ((["todo"], [], []), ([], ["todos"], []), ([], [], ["ToDo"])):
        with pytest.raises(Unusable, match="choose another name"):
            check_free(todo, taken, paths, models)


def test_the_plural_is_english() -> None:
    names = ("todo", "entry", "day", "box", "dish", "shopping_item")
    assert [Blueprint(name, []).path for name in names] == [
        *("/todos/", "/entries/", "/days/", "/boxes/", "/dishes/", "/shopping-items/"),
    ]


def test_the_line_goes_before_the_chat_and_a_long_import_gets_a_line_for_each() -> None:
    text = "from webapp import board, chat\n\nFEATURES = [\n    board.feature,\n    # Last.\n    chat.feature([]),\n]\n"
    names = [f"feature_number_{number}" for number in range(1, 11)]
    for name in names:
        text = listed(text, name)
    head = "from webapp import (\n" + "".join(f"    {name},\n" for name in ("board", "chat", *names)) + ")\n"
    body = "".join(f"    {name}.feature,\n" for name in ("board", *names))
    assert text == f"{head}\nFEATURES = [\n{body}    # Last.\n    chat.feature([]),\n]\n"


@pytest.mark.parametrize("text", ["", "FEATURES = []\n", "from webapp import chat\nFEATURES = []\n", "not Python"])
def test_a_list_that_is_not_understood_is_left_alone(text: str) -> None:
    with pytest.raises(Unusable, match=r"webapp/features\.py has no"):
        listed(text, "todo")


def test_no_id_of_a_live_page_is_forgotten() -> None:
    wanted = {
        found
        for place in ("_*.html", "live/*.html")
        for path in (ROOT / "templates").glob(place)
        for found in re.findall(r'\bid="([a-z]+)"', path.read_text(encoding="utf-8"))
    }
    assert wanted <= {*ON_THE_PAGE}
