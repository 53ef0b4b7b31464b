"""The talk without scripts shows each message of a room's frames once, in order; other frames make it load again."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from webapp.chat.plain.talk import Talk

PEOPLE = '<hx-partial hx-target="#people-count">2 here</hx-partial>'
TYPING = '<hx-partial hx-target="#typing">ann is typing…</hx-partial>'
CURSOR = '<hx-partial hx-target="#cursor" hx-swap="outerHTML"><input id="cursor"></hx-partial>'


def row(pk: int, text: str = "x") -> str:
    return f'<li id="message-{pk}" data-key={pk}><p dir=auto>{text}</p></li>'


def created(*pks: int) -> str:
    rows = "".join(row(pk, "<ul><li>one</li></ul>") for pk in pks)
    ids = "".join(f"<i id=message-{pk}></i>" for pk in pks)
    appended = f"<hx-partial hx-target='#chat:has(> :last-child)' hx-swap=\"beforeend\">{ids}</hx-partial>"
    return f'{appended}<hx-upsert hx-target="#chat" key="data-key" sort>{rows}\n</hx-upsert>{CURSOR}'


def shown(talk: Talk, html: str) -> list[int] | None:
    text = talk.take(html)
    if text is None:
        return None
    return [int(part.partition('"')[0]) for part in text.split('<li id="message-')[1:]]


@given(st.lists(st.lists(st.integers(1, 30), max_size=5, unique=True).map(sorted), max_size=8), st.integers(0, 10))
def test_each_message_is_written_once_and_in_order(frames: Sequence[Sequence[int]], newest: int) -> None:
    talk = Talk(newest)
    written = [pk for frame in frames for pk in shown(talk, created(*frame)) or []]
    assert written == sorted(set(written))
    assert all(pk > newest for pk in written)


def test_a_new_message_is_written_whole() -> None:
    assert Talk(0).take(created(7)) == row(7, "<ul><li>one</li></ul>") + "\n"


def test_who_types_and_how_many_are_here_is_written_and_the_rest_is_not() -> None:
    names = '<hx-partial hx-target="#people-list"><li>ann</li></hx-partial>'
    value = '<hx-upsert hx-target="#room-values"><li id="room-value-1">3</li></hx-upsert>'
    assert Talk(0).take(PEOPLE + names + TYPING + value) == PEOPLE + TYPING


def test_what_changes_a_message_that_is_there_ends_the_talk() -> None:
    for html in (
        '<hx-partial hx-target="#message-7" hx-swap="outerHTML"></hx-partial>',
        '<hx-partial hx-target="#message-7" hx-swap="delete"></hx-partial>',
        '<hx-upsert hx-target="#message-7"><footer id="reactions-7"></footer></hx-upsert>',
        '<hx-partial hx-target="#reactions-7" hx-swap="delete"></hx-partial>',
        '<hx-partial hx-target="#log" hx-swap="outerHTML"></hx-partial>',
    ):
        assert Talk(7).take(created(8) + html) is None
