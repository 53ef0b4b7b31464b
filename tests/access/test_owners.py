"""Whoever makes a room owns it, sets its rules, names moderators, hands it on, and deletes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.access.people import HIDDEN, Person, last_message, owner_key
from tests.browser.rooms import tell
from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.live_client import LiveClient


def test_whoever_makes_a_room_owns_it_and_nobody_else_sees_its_settings(owner: Person, guest: Person) -> None:
    assert "Delete the room" in owner.get("settings").text
    assert guest.get("settings").status_code == 403
    assert guest.set("words", topic="mine").status_code == 403
    assert f"/{owner.label}/settings" in owner.get().text
    assert f"/{owner.label}/settings" not in guest.get().text


def test_a_room_is_owned_by_whoever_pressed_the_button_or_said_its_first_words(server: AppServer) -> None:
    for fields in ({}, {"message": "first words"}):
        with httpx.Client(base_url=server.url, follow_redirects=True) as http:
            page = http.post("/new/", data=fields)
            assert page.url.path.count("/") == 2
            assert "Delete the room" in http.get(f"{page.url.path}settings").text


def test_a_room_that_a_first_message_makes_is_owned_by_its_sender(person: Callable[..., Person]) -> None:
    sender = person("Sam")
    sender.say("first words")
    assert "Delete the room" in sender.get("settings").text


async def test_topic_and_rules_show_at_once_in_every_open_page(server: AppServer, owner: Person, guest: Person) -> None:
    http = httpx.AsyncClient(base_url=server.url, follow_redirects=True, cookies=guest.http.cookies)
    async with http, LiveClient(server.url, owner.label, http=http) as live:
        owner.set("words", topic="The <b>boat</b>", welcome="Welcome, all")
        await live.until(lambda page: "The <b>boat</b>" in page.text_of("policy"))
        owner.set("rules", is_locked="on", slow_seconds="30", forbids_links="on")
        await live.until(lambda page: "Locked" in page.text_of("policy"))
        assert "Slow: one message in 30 seconds" in live.page.text_of("policy")
        owner.set("keeps", keeps="day")
        await live.until(lambda page: "kept for a day" in page.text_of("policy"))
        assert live.page.text_of("policy") == guest.page().text_of("policy")


@pytest.mark.parametrize(
    ("act", "fields", "words"),
    [
        ("words", {"topic": "x" * 201}, "too long"),
        ("words", {"welcome": "x" * 1001}, "too long"),
        ("passphrase", {"passphrase": "x" * 201}, "too long"),
        ("rules", {"slow_seconds": "3601"}, "whole number"),
        ("rules", {"slow_seconds": "-1"}, "whole number"),
        ("rules", {"slow_seconds": "soon"}, "whole number"),
        ("rules", {"slow_seconds": "٣"}, "whole number"),
        ("admit", {"id": "1; DROP TABLE room"}, "not there any more"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_reason(
    owner: Person, act: str, fields: dict[str, str], words: str
) -> None:
    answer = owner.set(act, **fields)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize("act", ["", "nonsense", "delete", "keeps"])
def test_an_act_that_is_none_or_is_not_sure_changes_nothing(owner: Person, act: str) -> None:
    assert owner.set(act).status_code in (403, 422)
    assert HIDDEN in owner.get().text


def test_an_owner_link_makes_an_owner_and_can_be_revoked(
    owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    key = owner_key(owner.set("link"))
    assert key not in owner.get("settings").text  # shown once
    heir = person("Hera")
    question = heir.get(f"own?key={key}")
    assert "Become an owner" in question.text
    assert heir.get("settings").status_code == 403  # opening the link changes nothing
    assert "Delete the room" in heir.http.post(f"/{heir.label}/own", data={"key": key}).text
    assert guest.get("own?key=wrong").status_code == guest.get("own").status_code == 404
    newer = owner_key(owner.set("link"))
    assert guest.http.post(f"/{heir.label}/own", data={"key": key}).status_code == 404
    owner.set("unlink")
    assert guest.http.post(f"/{heir.label}/own", data={"key": newer}).status_code == 404
    # Whoever used it stays an owner.
    assert "Delete the room" in heir.get("settings").text


def test_an_owner_link_opens_a_closed_room_and_is_not_logged(server: AppServer, owner: Person, guest: Person) -> None:
    key = owner_key(owner.set("link"))
    assert guest.get(f"own?key={key}").status_code == 200
    assert "/own?key=…" in server.log()
    assert key not in server.log()
    owner.set("passphrase", passphrase="open sesame")
    assert guest.get().status_code == 403
    guest.http.post(f"/{guest.label}/own", data={"key": key})
    assert HIDDEN in guest.get().text


def test_a_moderator_looks_after_people_and_messages_and_not_after_the_rules(
    owner: Person, guest: Person, person: Callable[..., Person]
) -> None:
    owner.set("admission", is_private="on")
    guest.knock("Gus")
    (knock,) = owner.ids("admit")
    owner.set("admit", id=knock)
    owner.set("appoint", id=knock)
    page = guest.get("settings").text
    assert "Kept out" in page
    assert "Delete the room" not in page
    for act in ("words", "passphrase", "rules", "keeps", "link", "delete", "appoint"):
        assert guest.set(act, topic="mine", sure="on", id=knock).status_code == 403, act
    other = person("Otto")
    other.knock("Otto")
    (waiting,) = guest.ids("admit")
    guest.set("admit", id=waiting)
    other.say("something rude")
    rude = last_message(guest.page())
    guest.change(rude, "delete")
    assert "something rude" not in owner.get().text
    owner.set("dismiss", id=knock)
    assert guest.get("settings").status_code == 403


def test_a_room_that_nobody_owns_can_be_claimed_while_it_is_empty(
    server: AppServer, room: str, person: Callable[..., Person]
) -> None:
    tell(server.database, "INSERT INTO room (name, label) VALUES (?, ?)", [("Old room", room)])
    first, second = person("Fay"), person("Sid")
    assert "Become its owner" in first.get("settings").text
    first.set("claim")
    assert "Delete the room" in first.get("settings").text
    assert second.set("claim").status_code == 403
    assert second.get("settings").status_code == 403


def test_a_room_in_which_somebody_spoke_cannot_be_claimed(
    server: AppServer, room: str, person: Callable[..., Person]
) -> None:
    tell(server.database, "INSERT INTO room (name, label) VALUES (?, ?)", [("Old room", room)])
    person("Ann").say("I was here first")
    assert person("Late").set("claim").status_code == 403


def test_a_deleted_room_leaves_nothing_behind(server: AppServer, owner: Person, guest: Person) -> None:
    owner.set("passphrase", passphrase="open sesame")
    guest.knock(passphrase="open sesame")
    guest.say("soon gone")
    owner.ban(last_message(owner.page()))
    assert owner.set("delete").status_code == 403
    assert owner.set("delete", sure="on").url.path == "/"
    done = webapp("rooms", "show", owner.label, **server.environment)
    assert done.returncode == 1
    assert "there is no room" in done.stderr
    # Whoever comes next makes a new one.
    assert "Delete the room" in guest.get("settings").text or guest.get().status_code == 200
    assert HIDDEN not in guest.get().text


def test_the_operator_lists_rooms_and_does_what_owners_can(server: AppServer, owner: Person, guest: Person) -> None:
    def rooms(*arguments: str) -> str:
        done = webapp("rooms", *arguments, **server.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    guest.say("something rude")
    rude = last_message(owner.page())
    assert owner.label in rooms("list", "--limit", "1000")
    assert "2 messages" in rooms("show", owner.label)
    rooms("lock", owner.label)
    assert "is locked" in guest.say("and more").text
    rooms("unlock", owner.label)
    rooms("ban", owner.label, str(rude), "--messages")
    assert guest.get().status_code == 403
    assert "something rude" not in owner.get().text
    key = rooms("owner-link", owner.label).strip().partition("?key=")[2]
    owner.http.cookies.clear()
    assert "Delete the room" in owner.http.post(f"/{owner.label}/own", data={"key": key}).text
    assert "add --yes" in rooms("delete", owner.label)
    rooms("delete", owner.label, "--yes")
    assert webapp("rooms", "show", owner.label, **server.environment).returncode == 1


def test_settings_are_limited_as_messages_are(serve: Callable[..., AppServer], room: str) -> None:
    server = serve(RATE_LIMIT="3/minute")
    with Person(server.url, room) as owner:
        owner.page()
        answers = [owner.set("words", topic=str(number)) for number in range(5)]
        assert [answer.status_code for answer in answers].count(429) == 2
        assert int(answers[-1].headers["Retry-After"]) > 0


def test_an_owner_stays_the_owner_while_the_key_is_changed(tmp_path: Path, room: str) -> None:
    old, new = "the-old-key-that-only-tests-know-1", "the-new-key-that-only-tests-know-2"
    cookies: httpx.Cookies | None = None
    for name, key, is_owner in (("a", old, True), ("b", f"{new},{old}", True), ("c", new, True), ("d", old, False)):
        server = AppServer(tmp_path / name, {"SECRET_KEY": key}, database=tmp_path / "keys.sqlite3")
        with server, Person(server.url, room) as owner:
            if cookies is not None:
                owner.http.cookies.update(cookies)
            # The page sets the cookie anew, signed with the newest key.
            owner.page()
            cookies = owner.http.cookies
            assert (owner.get("settings").status_code == 200) is is_owner, name
