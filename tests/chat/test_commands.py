"""A slash and a word is a command: done, or answered with what there is; and never said aloud by accident."""

from __future__ import annotations

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.json_client import JsonClient
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from webapp.chat.commands import asked, nearest, unescaped

ERROR = "composer-error"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/set score 3", ("set", "score 3")),
        ("/SET  \t score 3 ", ("SET", "score 3")),
        ("\n \n/inc", ("inc", "")),
        ("/set\nscore\n3", ("set", "score\n3")),
        ("/помощь", ("помощь", "")),
        ("/x-y_2", ("x-y_2", "")),
    ],
)
def test_a_slash_and_a_word_is_a_command(text: str, command: tuple[str, str]) -> None:
    assert asked(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/ ",
        "/ set",
        "//",
        "//set",
        "/5",
        "/usr/bin/env",
        "/me/x",
        "/etc.",
        "set",
        "a /set",
        "/-x",
        f"/{'x' * 41}",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert asked(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("//shrug", "/shrug"),
        (" //set score 3", "/set score 3"),
        ("///shrug", "//shrug"),
        ("// later", "// later"),
        ("//", "//"),
        ("//usr/bin", "//usr/bin"),
        ("//5", "//5"),
        ("a //shrug", "a //shrug"),
    ],
)
def test_a_second_slash_says_it(text: str, said: str) -> None:
    assert unescaped(text) == said


def test_a_misspelling_has_a_nearest_command() -> None:
    assert nearest("UNSTE", ("set", "inc", "unset")) == "unset"
    assert nearest("shrug", ("set", "inc", "unset")) is None


async def test_an_unknown_command_is_answered_and_given_back_to_its_writer_alone(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        nonce = ann.page.fields("composer")["nonce"]
        await ann.say("ann", "/sett <b>x</b>")
        await ann.until(lambda page: bool(page.text_of(ERROR)))
        told = ann.page.text_of(ERROR)
        assert "/sett" in told
        assert "Did you mean /set?" in told
        assert "/me waves, /roll 2d6, /set score 3, /inc score, /unset score or /help" in told
        assert "//sett" in told
        assert ann.page.fields("composer")["message"] == "/sett <b>x</b>"
        assert ann.page.fields("composer")["nonce"] == nonce
        await ann.say("ann", "//sett it is")
        await bob.until(lambda page: page.texts() == ["/sett it is"])
        await ann.until(lambda page: page.text_of(ERROR) == "")
        assert bob.page.text_of(ERROR) == ""


def test_without_scripts_the_page_says_the_same(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url) as http:
        answer = http.post(f"/{room}/", data={"handle": "ann", "message": "/shrug it"})
        shown = PageModel(answer.text)
        assert answer.status_code == 422
        assert "There is no command /shrug here." in shown.text_of(ERROR)
        assert shown.fields("composer")["message"] == "/shrug it"
        assert shown.texts() == []
        assert http.post(f"/{room}/", data={"message": "//shrug it"}).status_code == 303
        assert PageModel(http.get(f"/{room}/").text).texts() == ["/shrug it"]


async def test_a_bot_is_told_the_reason_and_what_there_is(server: AppServer, room: str) -> None:
    async with JsonClient(server.url, f"/{room}/live") as bot:
        answer = await bot.ask("chat", "create", message="/ste score 3")
        assert answer["error"] == {
            "reason": "unknown_command",
            "commands": ["me", "roll", "set", "inc", "unset", "help"],
            "nearest": "set",
        }
        assert "accepted" in await bot.ask("chat", "create", message="//ste score 3")
        await bot.until(lambda rows: [row["message"] for row in rows["chat"].values()] == ["/ste score 3"])
