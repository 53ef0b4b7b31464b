"""Who may see a room: passphrases, knocking, bans. Nothing of a closed room leaks."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.access.people import HIDDEN, Person, last_message
from tests.browser.rooms import tell
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from webapp.chat.access.acts import WAITING

TOPIC = "a topic that only those inside may read"
PATHS = (
    "",
    "messages",
    "messages?before=999999999",
    "settings",
    "?still",
    "search",
    "search?q=word",
    "search?by=o",
    "plain",
    "feed",
    "stream",
    "plain/write",
)


def all_answers(person: Person, message: int) -> list[httpx.Response]:
    """What a visitor gets who tries every way into a room."""
    return [
        *(person.get(path) for path in (*PATHS, f"messages/{message}")),
        person.say("let me in"),
        person.set("words", topic="mine"),
        person.change(message, "delete"),
        person.change(message, "edit", text="mine"),
        person.http.get(f"/{person.label}/messages", headers={"HX-Request": "true"}),
        person.get(f"?reply={message}"),
        person.get(f"messages/{message}/reply"),
        person.http.get(f"/{person.label}/messages/{message}", headers={"HX-Request": "true"}),
        person.http.post(f"/{person.label}/messages/{message}/reactions", data={"emoji": "👍"}),
    ]


def close(owner: Person, guest: Person, how: str) -> None:
    if how == "passphrase":
        owner.set("passphrase", passphrase="open sesame")
    elif how == "private":
        owner.set("admission", is_private="on")
    else:
        guest.say("hello")
        owner.ban(last_message(owner.page()))


@pytest.mark.parametrize("how", ["passphrase", "private", "ban"])
def test_nothing_of_a_closed_room_reaches_a_visitor_who_may_not_see_it(owner: Person, guest: Person, how: str) -> None:
    owner.set("words", topic=TOPIC, welcome=TOPIC)
    first = owner.page().messages()[0].id
    close(owner, guest, how)
    for answer in all_answers(guest, first):
        assert answer.status_code == 403, answer.url
        assert not {HIDDEN, TOPIC, "Olga"} & {found for found in (HIDDEN, TOPIC, "Olga") if found in answer.text}
        assert f"<h1>{guest.label}" not in answer.text
    assert HIDDEN in owner.get().text
    assert TOPIC in owner.get().text


@pytest.mark.parametrize("how", ["passphrase", "private", "ban"])
async def test_the_page_of_a_visitor_who_may_not_see_the_room_any_more_is_emptied_and_closed(
    server: AppServer, owner: Person, guest: Person, how: str
) -> None:
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=guest.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        await live.until(lambda page: page.texts()[:1] == [HIDDEN])
        close(owner, guest, how)
        assert await live.until_closed() == 4403
        assert live.page.texts() == []
        assert "You may not follow this page any more" in live.page.text_of("banner")
        frames = len(live.frames)
        owner.say("behind the door")
        assert "behind the door" in owner.get().text
        # The same socket once more, with the cursor that the page had.
        await live.reconnect()
        assert await live.until_closed() == 4403
        assert not any("behind the door" in frame for frame in live.frames[frames:])


def test_whoever_knows_the_passphrase_comes_in_and_an_old_one_is_none(
    owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    owner.set("passphrase", passphrase="  Ａpple pie ")
    assert "That is not the passphrase" in guest.knock(passphrase="apple pie").text
    assert guest.get().status_code == 403
    assert guest.knock(passphrase="Apple pie").status_code == 200
    assert HIDDEN in guest.get().text
    owner.set("passphrase", passphrase="another one")
    assert guest.get().status_code == 403
    assert "That is not the passphrase" in guest.knock(passphrase="Apple pie").text
    owner.set("open")
    assert guest.get().status_code == person().get().status_code == 200


def test_a_passphrase_is_kept_as_an_argon2_hash_alone(server: AppServer, owner: Person) -> None:
    owner.set("passphrase", passphrase="never to be found")
    owner.set("words", topic="later")
    data = b"".join(path.read_bytes() for path in server.directory.glob("webapp.sqlite3*"))
    assert b"$argon2id$" in data
    assert b"never to be found" not in data
    assert "never to be found" not in server.log()


def test_guesses_are_limited_and_the_page_says_for_how_long(owner: Person, guest: Person) -> None:
    owner.set("passphrase", passphrase="open sesame")
    answers = [guest.knock(passphrase=f"guess {number}").text for number in range(12)]
    assert sum("That is not the passphrase" in answer for answer in answers) == 10
    assert re.search(r"Try again in \d+ seconds?", answers[-1])
    assert "Try again" in guest.knock(passphrase="open sesame").text


async def test_whoever_knocks_is_shown_to_the_owner_and_comes_in_by_itself(
    server: AppServer, owner: Person, guest: Person
) -> None:
    owner.set("admission", is_private="on")
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=owner.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as inside:
        assert "You have knocked" in guest.knock("Gus at the door").text
        await inside.until(lambda page: "Gus at the door" in page.text_of("knocks"))
        door = httpx.AsyncClient(base_url=server.url, cookies=guest.http.cookies)
        async with door, Door(server.url, owner.label, http=door) as waiting:
            (knock,) = owner.ids("admit")
            owner.set("admit", id=knock)
            await waiting.until(lambda page: "Go on" in page.text_of("door"))
            assert any('http-equiv="refresh"' in frame for frame in waiting.frames)
        await inside.until(lambda page: "Gus" not in page.text_of("knocks"))
    assert HIDDEN in guest.get().text


class Door(LiveClient):
    """The page of a visitor who waits."""

    async def load(self) -> None:
        answer = await self.http.get(f"/{self.label}/")
        assert answer.status_code == 403
        self.page = self.model(answer.text)


def test_whoever_was_turned_away_cannot_knock_again_and_can_be_let_in_later(owner: Person, guest: Person) -> None:
    owner.set("admission", is_private="on")
    guest.knock("Gus")
    (knock,) = owner.ids("turn_away")
    owner.set("turn_away", id=knock)
    assert "did not open" in guest.get().text
    assert "did not open" in guest.knock("Gus again").text
    assert owner.ids("turn_away") == []
    owner.set("admit", id=knock)
    assert HIDDEN in guest.get().text


def test_whoever_was_turned_away_comes_in_when_the_room_is_open_again(owner: Person, guest: Person) -> None:
    owner.set("admission", is_private="on")
    guest.knock("Gus")
    owner.set("turn_away", id=owner.ids("turn_away")[0])
    assert "did not open" in guest.get().text
    owner.set("admission")
    assert HIDDEN in guest.get().text


async def test_the_knocks_of_a_room_are_for_those_who_look_after_it(
    server: AppServer, owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    owner.set("admission", is_private="on")
    guest.knock("Gus")
    (knock,) = owner.ids("admit")
    owner.set("admit", id=knock)
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=guest.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as inside:
        person().knock("a name for the owner alone")
        owner.say("after the knock")
        await inside.until(lambda page: page.texts()[-1] == "after the knock")
        assert not any("a name for the owner alone" in frame for frame in inside.frames)
    assert "a name for the owner alone" not in guest.get().text


def test_a_ban_keeps_a_visitor_out_until_it_is_lifted(
    owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    guest.say("something rude")
    rude = last_message(owner.page())
    assert owner.ban(rude, "hour", messages="on").status_code == 200
    assert "closed it to you" in guest.get().text
    assert "something rude" not in owner.get().text
    # The ban is about the visitor alone: others from the same network are inside.
    assert HIDDEN in person().get().text
    (ban,) = owner.ids("lift")
    owner.set("lift", id=ban)
    assert HIDDEN in guest.get().text


def test_a_ban_may_be_about_a_whole_network_and_holds_without_the_cookie(
    server: AppServer, owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    guest.say("something rude")
    owner.ban(last_message(owner.page()), "hour", network="on")
    fresh = person()
    assert "closed it to you" in fresh.get().text
    assert fresh.say("I am another one").status_code == 403
    # Another network, as the trusted proxy says.
    fresh.http.headers["X-Forwarded-For"] = "198.51.100.7"
    assert HIDDEN in fresh.get().text
    # Those who look after the room stay.
    assert HIDDEN in owner.get().text
    data = b"".join(path.read_bytes() for path in server.directory.glob("webapp.sqlite3*"))
    assert b"127.0.0.1" not in data


def test_a_ban_ends_by_itself(server: AppServer, owner: Person, guest: Person) -> None:
    guest.say("something rude")
    owner.ban(last_message(owner.page()), "hour")
    assert guest.get().status_code == 403
    tell(server.database, "UPDATE room_ban SET until = '2020-01-01 00:00:00+00:00'")
    assert guest.get().status_code == 200


def test_nobody_bans_the_owner_and_no_moderator_bans_himself(owner: Person, guest: Person) -> None:
    own = last_message(owner.page())
    assert owner.ban(own).status_code == 403
    assert guest.ban(own).status_code == 403
    assert owner.get().status_code == 200


def test_rules_that_cannot_be_read_close_the_room(server: AppServer, owner: Person, guest: Person) -> None:
    owner.set("passphrase", passphrase="open sesame")
    server.expected.append("room_policy")
    tell(server.database, "UPDATE room_policy SET slow_seconds = 'broken' WHERE passphrase <> ''")
    try:
        assert guest.get().status_code == 403
    finally:
        tell(server.database, "UPDATE room_policy SET slow_seconds = 0 WHERE slow_seconds = 'broken'")


def test_the_list_of_those_who_wait_is_bounded(
    server: AppServer, owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    owner.set("admission", is_private="on")
    room = "SELECT id FROM room WHERE label = ?"
    sql = f"INSERT INTO room_member (room_id, visitor, role) VALUES (({room}), ?, 'waiting')"
    tell(server.database, sql, [(owner.label, f"visitor-{number}") for number in range(WAITING)])
    guest.knock("one too many")
    assert "one too many" not in owner.get("settings").text
    (first, *_) = owner.ids("admit")
    owner.set("admit", id=first)
    assert "You have knocked" in guest.knock("now there is room").text
