"""What judges the pages under fire has to see the smallest fault, and what brings disorder may bring no other."""

from __future__ import annotations

import asyncio

import pytest

from tests.contract.disorder import PUBLISHED, _whole
from tests.contract.strict import AFRESH, WINDOW, Gap, StrictPage
from tests.support.database_shell import Row

MESSAGE = b"$5\r\n\r\n*3\n\r\n"


def li(number: int) -> str:
    return f'<li id="message-{number}" data-key="{number}"><b>ann</b><p>hi</p></li>'


def log(*numbers: int) -> str:
    return f'<div id="log"><ol id="chat">{"".join(map(li, numbers))}</ol></div>'


def page(cursor: int, *numbers: int) -> StrictPage:
    return StrictPage(f"<body>{log(*numbers)}<form>{cursor_at(cursor)}</form></body>")


def cursor_at(cursor: int) -> str:
    return f'<input id="cursor" name="cursor" value="{cursor}">'


def frame(cursor: int | None, *numbers: int) -> str:
    upsert = f'<hx-upsert hx-target="#chat" key="data-key" sort>{"".join(map(li, numbers))}</hx-upsert>'
    moved = f'<hx-partial hx-target="#cursor" hx-swap="outerHTML">{cursor_at(cursor or 0)}</hx-partial>'
    return upsert * bool(numbers) + moved * (cursor is not None)


def rows(*numbers: int) -> list[Row]:
    return [Row(number, "ann", "hi") for number in numbers]


def test_a_page_that_gets_everything_is_right() -> None:
    reader = page(7, 1)
    for each in (frame(8, 2), frame(None, 3, 4), frame(10, 3, 4), frame(10), frame(10, 4)):
        reader.apply(each)
    assert (reader.wrong_with(rows(1, 2, 3, 4), 10), reader.steps) == ("", 2)


@pytest.mark.parametrize("numbers", [(), (3,)])
def test_a_frame_that_passes_over_a_message_is_an_error_at_once(numbers: tuple[int, ...]) -> None:
    with pytest.raises(Gap):
        page(7, 1).apply(frame(8 + len(numbers), *numbers))


@pytest.mark.parametrize("shown", [(), (2, 3), (1, 3), (1, 2), (1, 3, 2)])
def test_a_page_that_lacks_a_message_is_wrong_wherever_it_stood(shown: tuple[int, ...]) -> None:
    assert page(9, *shown).wrong_with(rows(1, 2, 3), 9)


def test_a_page_that_is_right_but_behind_is_wrong() -> None:
    assert page(8, 1).wrong_with(rows(1), 9)


@pytest.mark.parametrize(("first", "right"), [(1, True), (11, True), (12, False)])
def test_a_list_that_came_afresh_shows_a_whole_window(first: int, right: bool) -> None:
    reader = page(7)
    shown = range(first, WINDOW + 11)
    reader.apply(f'{AFRESH} hx-swap="outerHTML">{log(*shown)}</hx-partial>{frame(99)}')
    assert (reader.wrong_with(rows(*range(1, WINDOW + 11)), 99) == "") is right


@pytest.mark.parametrize(
    "reply",
    [
        b"+OK\r\n",
        b":1\r\n",
        b"$-1\r\n",
        b"*-1\r\n",
        b"*0\r\n",
        MESSAGE,
        b"%1\r\n+a\r\n" + MESSAGE,
        b"*2\r\n*1\r\n" + MESSAGE + b"_\r\n",
        *(kind + b"$4\r\nlive\r\n" + MESSAGE for kind in PUBLISHED),
    ],
)
async def test_what_redis_says_is_cut_where_a_reply_ends(reply: bytes) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(reply + b"+next\r\n")
    assert [await _whole(stream), await _whole(stream)] == [reply, b"+next\r\n"]
