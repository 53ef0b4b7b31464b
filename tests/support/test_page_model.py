"""The model of a page has to swap as htmx does, or every test that rests on it proves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dom import DuplicateId, NotModelled
from tests.support.page_model import Message, PageModel


def li(number: int, text: str = "hi", handle: str = "ann") -> str:
    return f'<li id="message-{number}" data-key="{number}"><b>{handle}</b> <p>{text}</p></li>'


def page(*chat: str, history: str = "") -> PageModel:
    return PageModel(f"""<!doctype html><html><head><title>Room</title></head><body>
        <div id="room" hx-ws:connect="/quiet-sea-1/live" hx-swap="none">
          <p id="banner">Reconnecting…</p>
          <div id="log"><ol id="history"><li class="messages__older"><a href="?before=1">Older</a></li>{history}</ol>
          <ol id="chat">
            {"".join(chat)}
          </ol></div>
          <form id="composer"><input name="stream" value="chat"><input id="nonce" name="nonce" value="n1">
            <input id="handle" name="handle" value=""><input id="message" name="message" value="">
            <button>Send</button>
          </form>
          <form><input name="action" value="resume"><input id="cursor" name="cursor" value="57"></form>
        </div></body></html>""")


def created(*items: str) -> str:
    return f'<hx-upsert hx-target="#chat" key="data-key" sort>{"".join(items)}</hx-upsert>\n'


def partial(target: str, content: str = "", swap: str = "outerHTML") -> str:
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{content}</hx-partial>\n'


def cursor(value: int) -> str:
    return partial("#cursor", f'<input id="cursor" name="cursor" value="{value}">')


def numbers(model: PageModel) -> list[int]:
    return [message.id for message in model.messages()]


def test_reads_a_page() -> None:
    model = page(li(1, "one <i>and</i> &lt;b&gt; 👋🏽"), li(2))
    assert model.messages() == [Message(1, "ann", "one and <b> 👋🏽"), Message(2, "ann", "hi")]
    assert model.cursor == "57"
    assert model.live_path == "/quiet-sea-1/live"
    assert model.fields("composer") == {"stream": "chat", "nonce": "n1", "handle": "", "message": ""}
    assert model.fields("cursor") == {"action": "resume", "cursor": "57"}


def test_a_frame_adds_messages_and_moves_the_cursor() -> None:
    model = page(li(1))
    model.apply(created(li(2, "two"), li(3, "three")) + cursor(58))
    assert model.texts() == ["hi", "two", "three"]
    assert model.cursor == "58"


def test_line_breaks_and_blanks_in_a_message_are_kept() -> None:
    model = page()
    model.apply(created(li(1, "a\n  b &amp; c")))
    assert model.texts() == ["a\n  b & c"]


@settings(deadline=None)
@given(st.permutations(range(1, 25)), st.lists(st.integers(1, 24)))
def test_any_order_of_arrival_gives_one_page_and_a_repeat_changes_nothing(order: list[int], again: list[int]) -> None:
    model = page()
    for number in [*order, *again]:
        model.apply(created(li(number)))
    assert numbers(model) == list(range(1, 25))


def test_keys_are_compared_as_numbers() -> None:
    model = page(li(9), li(100))
    model.apply(created(li(10), li(101), li(1)))
    assert numbers(model) == [1, 9, 10, 100, 101]


def test_a_message_is_put_before_the_first_greater_one_even_in_a_list_out_of_order() -> None:
    model = page(li(1), li(9), li(3))
    model.apply(created(li(2)) + created(li(4)))
    assert numbers(model) == [1, 2, 4, 9, 3]


def test_a_message_that_is_already_elsewhere_is_replaced_where_it_stands() -> None:
    model = page(li(5), history=li(1))
    model.apply(created(li(1, "edited"), li(6)))
    assert [(message.id, message.text) for message in model.messages()] == [
        (1, "edited"),
        (5, "hi"),
        (6, "hi"),
    ]
    assert numbers(model) == [1, 5, 6]


def test_updates_and_deletes_reach_what_is_there_and_are_silent_otherwise() -> None:
    model = page(li(1), li(2))
    model.apply(partial("#message-1", li(1, "new")) + partial("#message-9", li(9)) + cursor(58))
    model.apply(partial("#message-2", swap="delete") + partial("#message-9", swap="delete"))
    assert model.messages() == [Message(1, "ann", "new")]


def appended(last: int, *numbers: int) -> str:
    """As live/_frame.html has it: stand-ins on a page whose last row is `last`, then the rows."""
    stand_ins = "".join(f"<i id=message-{each}></i>" for each in numbers)
    guard = f"hx-target='#chat:has(> [data-key=\"{last}\"]:last-child)'"
    return f'<hx-partial {guard} hx-swap="beforeend">{stand_ins}</hx-partial>' + created(*map(li, numbers))


def test_rows_are_appended_where_the_last_row_is_the_one_they_follow_and_find_their_place_elsewhere() -> None:
    model = page(li(1), li(2))
    model.apply(appended(2, 3, 5))
    model.apply(appended(2, 3, 5))  # a repeat
    model.apply(appended(3, 4))  # on a page that has more already
    model.apply(appended(9, 10))  # on one that lacks what comes before
    model.apply(appended(5, 6) + created(li(9)))
    assert numbers(model) == [1, 2, 3, 4, 5, 6, 9, 10]
    assert model.texts() == ["hi"] * 8


def test_stand_ins_go_nowhere_but_into_the_list_that_ends_with_their_predecessor() -> None:
    model = page()
    model.apply(appended(0, 1))  # the list is empty
    before = numbers(model)
    only_stand_ins = appended(7, 8).partition("<hx-upsert")[0]
    model.apply(only_stand_ins)
    assert numbers(model) == before == [1]


def test_a_partial_reaches_nothing_that_the_same_frame_brings() -> None:
    model = page()
    model.apply(created(li(1, "first")) + partial("#message-1", li(1, "second")))
    assert model.texts() == ["first"]


def test_the_log_afresh_replaces_everything_in_it() -> None:
    model = page(li(1), li(2), history=li(0))
    model.apply(created(li(3)))
    model.apply(partial("#log", f'<div id="log"><ol id="chat">{li(50)}</ol></div>') + cursor(90))
    model.apply(created(li(49), li(51)))
    assert numbers(model) == [49, 50, 51]
    assert model.cursor == "90"


def test_a_delete_does_not_disturb_the_order_of_what_follows() -> None:
    model = page(li(1), li(7))
    model.apply(created(li(8)))
    model.apply(partial("#message-8", swap="delete") + created(li(3)))
    assert numbers(model) == [1, 3, 7]


def test_an_update_may_bring_a_greater_key_into_a_list() -> None:
    model = page(li(1), li(2))
    model.apply(created(li(3)))
    model.apply(partial("#message-2", li(9)))
    model.apply(created(li(5)))
    assert numbers(model) == [1, 5, 9, 3]


def test_text_is_given_back_only_to_an_empty_box() -> None:
    model = page()
    given_back = partial("#message:placeholder-shown", '<input id="message" name="message" value="typed">')
    model.apply(given_back)
    assert model.fields("composer")["message"] == "typed"
    model.apply(given_back.replace("typed", "again"))
    assert model.fields("composer")["message"] == "typed"


def test_an_empty_partial_clears_its_target() -> None:
    model = page()
    model.apply('<hx-partial hx-target="#banner"></hx-partial>')
    assert model.text_of("banner") == ""


def test_a_second_element_with_the_same_id_is_a_fault() -> None:
    with pytest.raises(DuplicateId):
        page(li(1), li(1))
    with pytest.raises(DuplicateId):
        page(li(1)).apply(partial("#banner", li(1), "innerHTML"))


@pytest.mark.parametrize(
    "frame",
    [
        "57",
        '{"content": "x"}',
        "<li>loose</li>",
        f"{partial('#banner')}words",
        partial("#banner", "x", "outerMorph"),
        partial("p.banner"),
        partial("#banner", '<i hx-swap-oob="true" id="cursor"></i>'),
        partial("#banner", partial("#cursor")),
    ],
)
def test_a_frame_without_a_rule_is_a_fault(frame: str) -> None:
    with pytest.raises(NotModelled):
        page().apply(frame)
