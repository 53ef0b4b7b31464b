"""A page that never ends: what was committed while it was made, and what comes after, is written into it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from starlette.types import Message

from tests.support.engine import Engine
from tests.support.patience import PATIENCE
from webapp.live.http import LiveStream
from webapp.live.visitor import Visitor


async def test_what_was_committed_since_the_page_was_made_is_written_too(engine: Engine) -> None:
    nobody = SimpleNamespace(enter=lambda *_: None, leave=lambda *_: None)
    parts: Any = SimpleNamespace(hub=engine.hub, presence=nobody, stall_limit=PATIENCE)
    stopping = asyncio.Event()
    written: asyncio.Queue[str] = asyncio.Queue()

    async def send(message: Message) -> None:
        written.put_nowait(message.get("body", b"").decode())

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def until(text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while text not in await written.get():
                pass

    stream = LiveStream(
        parts,
        engine.chat,
        engine.room.group,
        Visitor("v", "guest", ""),
        page="<ol>",
        cursor=await engine.log.head(engine.room.group),
        take=lambda html: html,
        stopping=stopping,
    )
    await engine.say("between")
    task = asyncio.create_task(stream({"type": "http", "method": "GET"}, receive, send))
    await until("<ol>")
    await until("between")
    await engine.say("after")
    await until("after")
    stopping.set()
    await task
    assert engine.hub.subscribers == set()
