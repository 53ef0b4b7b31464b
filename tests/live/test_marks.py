"""Marks tell the visitors of a group apart, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.live.marks import HUES, LETTERS, OF_VISITOR, PAIRS, Marks
from webapp.live.visitor import Visitor

MARKS = Marks("a secret key")
words = st.text(min_size=1, max_size=20)


@given(words, words, words)
def test_a_mark_has_a_letter_of_each_place_in_its_order(visitor: str, group: str, name: str) -> None:
    hue, *rest = list(MARKS.of(visitor, group, name))
    assert hue in HUES
    assert len(rest) == 2 * len(PAIRS)
    for capitals, capital, letter in zip(PAIRS, rest[::2], rest[1::2], strict=True):
        assert capital in capitals
        assert letter in LETTERS


def test_no_two_places_of_a_mark_share_a_capital() -> None:
    capitals = "".join(PAIRS)
    assert len(set(capitals)) == len(capitals)
    assert not set(capitals) & {*HUES, *LETTERS}


def test_a_visitor_keeps_the_beginning_of_the_mark_under_each_name() -> None:
    ann, bea = MARKS.of("visitor", "room:7", "Ann"), MARKS.of("visitor", "room:7", "Bea")
    assert ann != bea
    assert ann[:OF_VISITOR] == bea[:OF_VISITOR] == MARKS.of_visitor(Visitor("visitor", ""), "room:7")
    assert MARKS.of("visitor", "room:7", "Ann") == ann


def test_marks_of_other_visitors_groups_and_keys_have_nothing_in_common() -> None:
    visitors = [Visitor(one, "") for one in "ab"]
    begun = {Marks(key).of_visitor(one, f"room:{room}") for key in "xy" for one in visitors for room in range(50)}
    assert len(begun) == 200


def test_names_and_groups_do_not_run_into_each_other() -> None:
    assert MARKS.of("a", "room:11", "x") != MARKS.of("1a", "room:1", "x")
    assert MARKS.of("a", "room:1", "x") != MARKS.of("ax", "room:1", "")


def test_a_name_with_a_secret_gives_the_same_mark_on_every_device() -> None:
    phone, laptop = (MARKS.of_named("room:7", Visitor(one, "").named("Ann#tiger")) for one in ("phone", "laptop"))
    assert phone == laptop
    others = ["Ann", "Ann#tigers", "Ben#tiger", "Ann #tiger", "Ann# tiger"]
    marks = {MARKS.of_named("room:7", Visitor("phone", "").named(other))[:OF_VISITOR] for other in others}
    assert phone[:OF_VISITOR] not in marks
    assert phone[:OF_VISITOR] != MARKS.of_named("room:8", Visitor("phone", "").named("Ann#tiger"))[:OF_VISITOR]


def test_a_secret_once_given_stays_while_the_name_changes() -> None:
    ann = Visitor("phone", "").named("Ann#tiger")
    assert ann.handle == "Ann"
    assert ann.named("Bea").identity == ann.identity
    assert MARKS.of_named("room:7", ann.named("Bea"))[:OF_VISITOR] == MARKS.of_visitor(ann, "room:7")
