"""The page model and htmx in a real browser make the same page of the same frames."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute

from tests.support.app_server import AppServer
from tests.support.page_model import Message, PageModel
from tests.support.window import Window

READ = """() => [...document.querySelectorAll("#log li[id]")].map(
    li => [Number(li.id.slice(8)), li.querySelector("b").firstChild.textContent.trim(),
        li.querySelector("p").textContent])"""
CURSOR = '<hx-partial hx-target="#cursor" hx-swap="outerHTML"><input id="cursor" value="{}"></hx-partial>'


def item(number: int, text: str) -> str:
    return f'<li id="message-{number}" data-key="{number}"><b>ann</b> <p>{text}</p></li>'


def frame(dice: random.Random, cursor: int) -> str:
    """Up to six steps of any kind on a few messages, so that they often meet one; then the cursor."""
    steps = [_step(dice, dice.randrange(1, 40), f"{cursor} &lt;b&gt;\n &amp; 👋🏽") for _ in range(dice.randrange(7))]
    return "\n".join([*steps, CURSOR.format(cursor)])


def _step(dice: random.Random, number: int, text: str) -> str:
    kind = dice.choices(["create", "append", "update", "delete", "reset"], [6, 6, 4, 3, 1])[0]
    if kind == "append":
        return _appending(number, number + 1 + dice.randrange(3), text)
    if kind == "create":
        items = "".join(item(number + add, text) for add in range(dice.randrange(1, 4)))
        return f'<hx-upsert hx-target="#chat" key="data-key" sort>{items}</hx-upsert>'
    if kind == "update":
        return f'<hx-partial hx-target="#message-{number}" hx-swap="outerHTML">{item(number, text)}</hx-partial>'
    if kind == "delete":
        return f'<hx-partial hx-target="#message-{number}" hx-swap="delete"></hx-partial>'
    lists = f'<ol id="history">{item(1, text)}</ol><ol id="chat">\n{item(20, text)}\n{item(30, text)}</ol>'
    return f'<hx-partial hx-target="#log" hx-swap="outerHTML"><div id="log">{lists}</div></hx-partial>'


def _appending(last: int, end: int, text: str) -> str:
    """As live/_frame.html has it: stand-ins where `last` is the last row, then the rows, wherever their place is."""
    numbers = range(last + 1, end + 1)
    stand_ins = "".join(f"<i id=message-{each}></i>" for each in numbers)
    target = f"hx-target='#chat:has(> [data-key=\"{last}\"]:last-child)'"
    rows = "".join(item(each, text) for each in numbers)
    return (
        f'<hx-partial {target} hx-swap="beforeend">{stand_ins}</hx-partial>'
        f'<hx-upsert hx-target="#chat" key="data-key" sort>{rows}</hx-upsert>'
    )


def shown(page: Page) -> list[Message]:
    return [Message(*each) for each in page.evaluate(READ)]


@pytest.mark.parametrize("seed", range(4))
def test_any_frames_make_the_same_page(server: AppServer, room: str, window: Callable[..., Window], seed: int) -> None:
    page = window().page
    sockets: list[WebSocketRoute] = []

    def opened(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.on_message(lambda _: socket.send(CURSOR.format("open")))

    page.route_web_socket(re.compile("/live"), opened)
    answer = page.goto(f"{server.url}/{room}/")
    assert answer is not None
    model = PageModel(answer.text())
    dice = random.Random(seed)
    page.locator("#cursor[value='open']").wait_for(state="attached")
    for cursor in range(1000, 1050):
        text = frame(dice, cursor)
        sockets[0].send(text)
        model.apply(text)
        page.locator(f"#cursor[value='{cursor}']").wait_for(state="attached")
        assert shown(page) == model.messages(), text
