"""The board at its socket: what people do to values, together and alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import httpx

from tests.support.app_server import AppServer
from tests.support.board_values import BOARD, at_home, board_values
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

STREAM = {"stream": "intval"}


def shows(**values: int) -> Callable[[PageModel], bool]:
    """Whether the board shows these, among others."""
    return lambda page: values.items() <= board_values(page).items()


def lacks(*names: str) -> Callable[[PageModel], bool]:
    return lambda page: not board_values(page).keys() & set(names)


def key_of(page: PageModel, name: str) -> str:
    """The primary key of the value of that name."""
    found = page.document.by_id("values")
    assert found is not None
    (pk,) = {
        item.get("data-key")
        for item in found
        if (shown := page.document.by_id(f"value-{item.get('data-key')}-name")) is not None
        and shown.text_content() == name
    }
    return str(pk)


async def test_everybody_follows_what_one_does(server: AppServer, room: str) -> None:
    async with at_home(server) as ann, at_home(server) as bob:
        await ann.send({**STREAM, "action": "create", "name": room, "value": "5"})
        await bob.until(shows(**{room: 5}))
        pk = key_of(bob.page, room)
        await bob.send({**STREAM, "action": "increment", "pk": pk, "by": "-7"})
        await ann.until(shows(**{room: -2}))
        await ann.send({**STREAM, "action": "update", "pk": pk, "name": f"{room}!", "value": "1"})
        await bob.until(shows(**{f"{room}!": 1}))
        await bob.drop()
        await ann.send({**STREAM, "action": "increment", "pk": pk})
        await ann.until(shows(**{f"{room}!": 2}))
        await bob.reconnect()
        await bob.until(shows(**{f"{room}!": 2}))
        await bob.send({**STREAM, "action": "delete", "pk": pk})
        await ann.until(lacks(room, f"{room}!"))


async def test_two_hundred_presses_at_once_lose_none(server: AppServer, room: str) -> None:
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(at_home(server)) for _ in range(20)]
        await people[0].send({**STREAM, "action": "create", "name": room})
        await people[0].until(shows(**{room: 0}))
        press = {**STREAM, "action": "increment", "pk": key_of(people[0].page, room), "by": "1"}
        for _ in range(10):
            await asyncio.gather(*(each.send(press) for each in people))
        for each in people:
            await each.until(shows(**{room: 200}))


async def test_without_scripts_the_form_does_it_all(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:

        async def post(**fields: str) -> httpx.Response:
            return await http.post(f"/{BOARD}/", data={**STREAM, **fields})

        async def page(query: str = "") -> PageModel:
            return PageModel((await http.get(f"/{BOARD}/{query}")).text)

        assert (await post(action="create", name=room, value="3")).status_code == 303
        pk = key_of(await page(), room)
        assert (await post(action="increment", pk=pk, by="-1")).status_code == 303
        version = (await page(f"?edit={pk}")).fields(f"value-{pk}-version")["version"]
        assert (await post(action="increment", pk=pk)).status_code == 303
        refused = await post(action="update", pk=pk, name=f"{room}!", value="9", version=version)
        assert refused.status_code == 422
        form = PageModel(refused.text).fields(f"value-{pk}-version")
        assert (form["name"], form["value"]) == (f"{room}!", "9")
        assert form["version"] != version
        assert shows(**{room: 3})(await page())
        assert (
            await post(action="update", pk=pk, **{name: form[name] for name in ("name", "value", "version")})
        ).status_code == 303
        assert shows(**{f"{room}!": 9})(await page())
        assert (await post(action="create", name=f"{room}!", value="1")).status_code == 422
        for _ in range(2):
            assert (await post(action="delete", pk=pk)).status_code == 303
        assert lacks(room, f"{room}!")(await page())


async def test_a_refused_value_comes_back_into_the_form_that_was_emptied(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers={"HX-Request": "true"}) as http:
        typed = {**STREAM, "name": room, "value": "many"}
        new = (await http.post(f"/{BOARD}/", data={**typed, "action": "create"})).text
        edited = (await http.post(f"/{BOARD}/", data={**typed, "action": "update", "pk": "5000000"})).text
    assert '<hx-partial hx-target="#value-new-problem">The number has to be a number' in new
    assert new.count(f'value="{room}"') == new.count('value="many"') == 1
    # The form of an edit is not emptied when it is sent.
    assert '<hx-partial hx-target="#value-5000000-problem">' in edited
    assert "value-new" not in edited


async def test_nobody_moves_a_value_by_naming_a_column(server: AppServer, room: str) -> None:
    async with at_home(server) as ann, LiveClient(server.url, room) as bob:
        await bob.say("bob", f"/set {room} 1")
        await ann.send({**STREAM, "action": "create", "name": room, "value": "2", "room_id": "1", "id": "5000000"})
        await ann.until(shows(**{room: 2}))
        pk = key_of(ann.page, room)
        assert pk != "5000000"
        for place in ("1", "", "null"):
            await ann.send({**STREAM, "action": "update", "pk": pk, "value": "3", "room_id": place, "room": place})
        await ann.until(shows(**{room: 3}))
        await ann.drop()
        await ann.load()
        assert shows(**{room: 3})(ann.page)


async def test_the_board_does_not_touch_a_rooms_values(server: AppServer, room: str) -> None:
    async with at_home(server) as ann, LiveClient(server.url, room) as bob:
        await bob.say("bob", "/set score 1")
        await bob.until(
            lambda page: page.document.by_id("room-values") is not None and "score" in page.text_of("room-values")
        )
        items = bob.page.document.by_id("room-values")
        assert items is not None
        pk = str(items[0].get("data-key"))
        for action in ("update", "increment", "delete"):
            await ann.send({**STREAM, "action": action, "pk": pk, "name": "mine", "value": "9"})
        # A later frame of the same socket is answered later.
        await ann.send({**STREAM, "action": "create", "name": f"after {room}"})
        await ann.until(shows(**{f"after {room}": 0}))
        await bob.drop()
        await bob.load()
        assert bob.page.text_of("room-values").split() == ["score", "1"]
        for action in ("update", "increment"):
            answer = await ann.http.post(f"/{BOARD}/", data={**STREAM, "action": action, "pk": pk, "value": "9"})
            assert answer.status_code == 422
        assert (await ann.http.get(f"/{BOARD}/?edit={pk}")).status_code == 404
