"""What a file of fixtures may say, and the guesses for what it does not say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.design.folders import read
from webapp.chat.models import Message
from webapp.design.fixtures import Entry, Fixtures, render
from webapp.design.fixtures.kinds import from_words, in_words
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates


def found(fixtures: Fixtures, name: str) -> Entry:
    assert [str(each) for each in fixtures.problems] == []
    entry = fixtures.find(name)
    assert entry is not None
    return entry


def html(folder: Path, fixtures: Fixtures, name: str) -> str:
    return render(found(fixtures, name), Templates([folder, TEMPLATES], Assets([STATIC])), fixtures)


def test_rows_get_numbers_and_times_of_their_own(tmp_path: Path) -> None:
    fixtures = read(tmp_path, '["chat/_log.html".mine]\nmessages = [{ handle = "Name {n}", repeat = 3 }, "@ann"]\n')
    messages = found(fixtures, "chat/_log.html mine").context["messages"]
    assert [each.__class__ for each in messages] == [Message] * 4
    assert [each.id for each in messages] == [1, 2, 3, 4]
    assert [each.handle for each in messages] == ["Name 1", "Name 2", "Name 3", "Ann"]
    times = [each.timestamp for each in messages]
    assert times == sorted(set(times))


def test_a_sample_may_be_like_another_and_a_state_like_another(tmp_path: Path) -> None:
    text = """
        [samples.anna]
        like = "@ann"
        handle = "Anna"
        ["chat/_message.html".anna]
        message = "@anna"
        ["chat/_message.html".later]
        like = "anna"
        message = { like = "@anna", timestamp = 2027-01-01T00:00:00Z }
    """
    fixtures = read(tmp_path, text)
    anna = found(fixtures, "chat/_message.html anna").context["message"]
    later = found(fixtures, "chat/_message.html later").context["message"]
    assert (anna.handle, anna.message) == ("Anna", "Is anybody coming to the harbour on Saturday?")
    assert later.timestamp == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_text_that_begins_with_an_at_sign_is_written_with_two(tmp_path: Path) -> None:
    fixtures = read(tmp_path, '["chat/_message.html".at]\nmessage = { handle = "@@ann", message = "hi" }\n')
    assert found(fixtures, "chat/_message.html at").context["message"].handle == "@ann"


def test_an_earlier_folder_replaces_entries_and_samples_and_adds_some(tmp_path: Path) -> None:
    text = '[samples.ann]\nhandle = "Zoe"\nmessage = "replaced"\n["chat/_message.html".more]\nmessage = "@ben"\n'
    fixtures = read(tmp_path, text)
    assert found(fixtures, "chat/_message.html one").context["message"].handle == "Zoe"
    assert found(fixtures, "chat/_message.html more").file == tmp_path / "fixtures.toml"
    assert found(fixtures, "chat/_message.html emoji").file == TEMPLATES / "fixtures.toml"


def test_a_new_partial_is_guessed_by_what_other_templates_are_given(tmp_path: Path) -> None:
    partial = """
        <p>{{ message.handle }} in {{ room.name }}: {{ picture }}</p>
        {% for tag in tags %}{{ tag }}{% endfor %}
        {% include "chat/_nonce.html" %}
    """
    fixtures = read(tmp_path, new=partial)
    entry = found(fixtures, "own/_new.html guess")
    assert entry.is_guess
    assert {each.name: in_words(each.kind) for each in entry.given.variables} == {
        "message": "Message",
        "nonce": "text",
        "picture": "text",
        "room": "Room",
        "tags": "list of text",
    }
    assert entry.given.unknown == ["picture", "tags"]
    assert "Ann" in html(tmp_path, fixtures, "own/_new.html guess")


def test_a_partial_that_sets_a_name_itself_is_not_given_it(tmp_path: Path) -> None:
    partial = '{% set at = 1 %}{{ at }}{% with nonce = "x" %}{% include "chat/_nonce.html" %}{% endwith %}'
    assert found(read(tmp_path, new=partial), "own/_new.html guess").context == {}


def test_what_a_partial_is_given_may_stand_in_the_file(tmp_path: Path) -> None:
    text = """
        ["own/_new.html".given]
        people = "list of Person: Who is here."
        scores = "table of number, or none"
        extra = "maybe text"
        ["own/_new.html".one]
        people = [{ name = "Ann" }]
    """
    partial = "{% for person in people %}{{ person.name }}{% endfor %}{{ extra is defined }} {{ scores }}"
    fixtures = read(tmp_path, text, new=partial)
    entry = found(fixtures, "own/_new.html one")
    assert entry.given["people"].meaning == "Who is here."
    assert html(tmp_path, fixtures, "own/_new.html one") == "AnnFalse None"


def test_an_entry_may_show_another_where_html_is_wanted(tmp_path: Path) -> None:
    fixtures = read(tmp_path, '["live/_reset.html".mine]\ntarget = "#chat"\nrows = ["@chat/_message.html emoji"]\n')
    assert "🦊" in html(tmp_path, fixtures, "live/_reset.html mine")


def test_a_template_that_cannot_be_parsed_takes_nothing_else_with_it(tmp_path: Path) -> None:
    fixtures = read(tmp_path, new="{% if %}")
    assert found(fixtures, "own/_new.html guess").context == {}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("text", str),
        ("number", int),
        ("yes or no", bool),
        ("number, or none", int | None),
        ("list of text", list[str]),
        ("list of table of number", list[dict[str, int]]),
        ("Message", Message),
        ("anything", Any),
    ],
)
def test_types_in_words_mean_the_same_both_ways(words: str, kind: Any) -> None:
    assert from_words(words, {"Message": Message}) == kind
    assert in_words(kind) == words
