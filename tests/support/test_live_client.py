"""The visitor without a browser does as a browser does: it shows what is said, and catches up after a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.support.app_server import AppServer
from tests.support.dom import NotModelled
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel


def shows(*texts: str) -> Callable[[PageModel], bool]:
    return lambda page: page.texts() == list(texts)


async def test_two_visitors_see_the_same(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("ann", "hello <b>& 👋🏽\u202eשלום")
        await bob.until(shows("hello <b>& 👋🏽\u202eשלום"))
        await bob.say("bob", "hi")
        for each in (ann, bob):
            await each.until(lambda page: len(page.messages()) == 2)
        assert ann.page.messages() == bob.page.messages()
        assert [message.handle for message in ann.page.messages()] == ["ann", "bob"]


async def test_a_visitor_catches_up_after_a_gap(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await bob.drop()
        await ann.say("ann", "while you were away")
        await ann.until(shows("while you were away"))
        await bob.say("bob", "said in a tunnel")
        await bob.reconnect()
        await asyncio.gather(*(each.until(shows("while you were away", "said in a tunnel")) for each in (ann, bob)))


async def test_a_visitor_comes_back_by_itself_after_a_restart(serve: Callable[..., AppServer], room: str) -> None:
    server = serve()
    async with LiveClient(server.url, room, retry=0.05) as ann:
        await ann.say("ann", "before")
        await ann.until(shows("before"))
        await asyncio.to_thread(server.restart)
        await ann.say("ann", "after")
        await ann.until(shows("before", "after"))


async def test_a_frame_that_breaks_the_page_fails_the_test_even_when_nobody_waits_for_it(
    server: AppServer, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = asyncio.Event()

    def break_(frame: str) -> None:
        # Who is here may be told at any time, so a frame of that kind is not the one that is waited for.
        if "message-" not in frame:
            return
        came.set()
        raise NotModelled(frame)

    async def look_away() -> None:
        async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
            await ann.until(lambda _: bool(ann.frames))
            monkeypatch.setattr(ann.page, "apply", break_)
            await bob.say("bob", "hi")
            await came.wait()
            await bob.until(shows("hi"))

    with pytest.raises(NotModelled, match="message-"):
        await look_away()


async def test_waiting_in_vain_says_what_the_page_showed(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        with pytest.raises(AssertionError, match=r"not so within 0\.1 s; the socket is open"):
            await ann.until(shows("never said"), timeout=0.1)
