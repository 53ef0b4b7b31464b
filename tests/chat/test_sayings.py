"""/me tells what its sender does, /roll throws dice, and /help tells what there is."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.app_server import AppServer
from tests.support.json_client import JsonClient
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from webapp.chat.sayings import DICE, SAYINGS, SIDES

ROLLED = re.compile(r"(?P<dice>\d*)d(?P<sides>\d+)(?P<more>[+-]\d+)?: (?:(?P<parts>.+) = )?(?P<total>-?\d+)")

roll, me = SAYINGS["roll"], SAYINGS["me"]


@given(st.integers(1, DICE), st.integers(2, SIDES), st.integers(-SIDES, SIDES))
def test_a_throw_is_the_sum_of_its_dice_and_of_what_is_added(dice: int, sides: int, more: int) -> None:
    said = roll(f" {dice} D{sides} {more:+d} ")
    assert said is not None
    assert said.kind == "roll"
    found = ROLLED.fullmatch(said.text)
    assert found, said
    assert (int(found["dice"] or 1), int(found["sides"]), int(found["more"] or 0)) == (dice, sides, more)
    parts = [int(part) for part in (found["parts"] or found["total"]).replace("- ", "+ -").split(" + ")]
    thrown = parts[:dice]
    assert all(1 <= one <= sides for one in thrown)
    assert sum(thrown) + more == int(found["total"])


@pytest.mark.parametrize(("asked", "name"), [("", "d6"), ("20", "d20"), ("d8", "d8"), ("2w6", "2d6"), ("1d6", "d6")])
def test_a_throw_may_be_asked_for_in_short(asked: str, name: str) -> None:
    said = roll(asked)
    assert said is not None
    assert said.text.startswith(f"{name}: ")


@pytest.mark.parametrize(
    "asked", ["0d6", "21d6", "d1", "d0", "d1001", "6d", "x", "2d6*3", "2d6+1001", "-1", "1d6+1+1", "٣d6", "²", "99999"]
)
def test_what_is_no_throw_is_none(asked: str) -> None:
    assert roll(asked) is None


def test_doing_nothing_is_none() -> None:
    assert me(" \n") is None
    assert me("waves") == ("me", "waves")


async def test_everybody_sees_what_somebody_does_and_what_dice_say(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("Ann", "/me waves *a lot*")
        await ann.say("Ann", "/ROLL 3d4")
        for page in (ann, bob):
            await page.until(lambda shown: len(shown.texts()) == 2)
        assert bob.page.texts()[0] == "Ann waves *a lot*"
        assert re.fullmatch(r"🎲 3d4: \d \+ \d \+ \d = \d+", bob.page.texts()[1])
        assert ann.page.texts() == bob.page.texts() == PageModel((await ann.http.get(f"/{room}/")).text).texts()


async def test_a_throw_that_is_sent_twice_is_thrown_once(server: AppServer, room: str) -> None:
    async with JsonClient(server.url, f"/{room}/live") as bot:
        for _ in range(3):
            assert "accepted" in await bot.ask("chat", "create", message="/roll 20d1000", nonce="same")
        await bot.ask("chat", "create", message="done")
        await bot.until(lambda rows: [row["kind"] for row in rows["chat"].values()] == ["roll", ""])


async def test_nobody_can_write_a_throw(server: AppServer, room: str) -> None:
    async with JsonClient(server.url, f"/{room}/live") as bot:
        refused = await bot.ask("chat", "create", message="d20: 20", kind="roll")
        (problem,) = refused["error"]["problems"]
        assert (problem["field"], problem["reason"]) == ("kind", "not_writable")
        await bot.ask("chat", "create", message="d20: 20")
        await bot.until(lambda rows: [row["kind"] for row in rows["chat"].values()] == [""])


def test_nobody_can_change_a_throw(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url) as http:
        http.get(f"/{room}/")
        http.post(f"/{room}/", data={"handle": "ann", "message": "/roll d20"})
        (mine,) = PageModel(http.get(f"/{room}/").text).messages()
        page = http.get(f"/{room}/messages/{mine.id}").text
        assert 'name="act" value="edit"' not in page
        assert "too late" not in page
        answer = http.post(f"/{room}/messages/{mine.id}", data={"act": "edit", "text": "d20: 20"})
        assert answer.status_code == 403


@pytest.mark.parametrize(("text", "usage"), [("/me", "/me waves"), ("/roll two", "/roll 2d6")])
async def test_a_command_that_says_nothing_is_explained(server: AppServer, room: str, text: str, usage: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("Ann", text)
        await ann.until(lambda page: f"Write it like this: {usage}." in page.text_of("composer-error"))
        assert ann.page.fields("composer")["message"] == text
        assert ann.page.texts() == []


async def test_help_tells_what_there_is_and_leaves_the_box_empty(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        await ann.say("Ann", "/help")
        await ann.until(lambda page: "/me waves, /roll 2d6, /set score 3" in page.text_of("composer-error"))
        assert ann.page.fields("composer")["message"] == ""
        await ann.say("Ann", "hello")
        await bob.until(lambda page: page.texts() == ["hello"])
