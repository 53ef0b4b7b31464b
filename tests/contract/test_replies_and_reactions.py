"""Quotes and reactions are the same in every open page, at two processes, one of which is killed in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.deployment import Deployment
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.postgres_server import PostgresServer

FORM = {"HX-Request": "true"}


@pytest.fixture(params=["sqlite", "postgres"])
async def deployment(
    request: pytest.FixtureRequest, postgres: PostgresServer, migrated: str, tmp_path: Path
) -> AsyncIterator[Deployment]:
    if request.param == "postgres":
        name = postgres.create_database(migrated)
        url = postgres.url(name)
        made = Deployment(tmp_path, {"DATABASE_URL": url, "BROADCAST_URL": url}, postgres, name)
    else:
        made = Deployment(tmp_path, {})
        # Two processes must not make one file at once.
        await asyncio.to_thread(made.servers[0].start)
        await asyncio.to_thread(made.servers[0].stop)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


def quotes(page: PageModel) -> list[str]:
    """The quotes on a page, in its order."""
    return [each.text_content() for each in page.document.root.iter("blockquote")]


async def test_a_process_is_killed_between_a_reply_and_what_becomes_of_it(deployment: Deployment, room: str) -> None:
    one, two = deployment.servers
    async with LiveClient(one.url, room, retry=0.2) as ann, LiveClient(two.url, room, retry=0.2) as bob:
        await bob.say("Bob", "one")
        await ann.until(lambda page: page.texts() == ["one"])
        origin = ann.page.messages()[0].id
        path, tally = f"/{room}/messages/{origin}", f"reactions-{origin}"
        await ann.say("Ann", "two", reply_to=str(origin))
        await bob.until(lambda page: quotes(page) == ["Bob one"])
        await bob.http.post(f"{path}/reactions", data={"emoji": "👍"}, headers=FORM)
        await ann.until(lambda page: page.text_of(tally) == "👍 1")
        await asyncio.to_thread(one.kill9)
        # While one of them is away: another reaction, another text.
        await bob.http.post(f"{path}/reactions", data={"emoji": "🎉"}, headers=FORM)
        await bob.http.post(path, data={"act": "edit", "text": "eins"})
        await bob.until(lambda page: quotes(page) == ["Bob eins"])
        await asyncio.to_thread(one.start)
        await ann.until(
            lambda page: quotes(page) == ["Bob eins"] and page.text_of(tally).split() == ["👍", "1", "🎉", "1"]
        )
        assert ann.page.texts() == bob.page.texts() == ["eins ✎", "two"]
        await ann.http.post(f"{path}/reactions", data={"emoji": "👍"}, headers=FORM)
        await bob.until(lambda page: page.text_of(tally).split() == ["👍", "2", "🎉", "1"])
        await bob.http.post(path, data={"act": "delete"})
        for each in (ann, bob):
            await each.until(lambda page: page.texts() == ["two"] and quotes(page) == ["…"])
        fresh = PageModel((await ann.http.get(f"/{room}/")).text)
        assert (fresh.texts(), quotes(fresh)) == (["two"], ["…"])
