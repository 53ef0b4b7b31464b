"""Visitors give names with secrets, take names that look alike, and go on on another device."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from tests.access.people import HIDDEN, Person, last_message
from tests.browser.rooms import tell
from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient
from webapp.chat.lookalikes import skeleton_of
from webapp.live.http import Visitors
from webapp.live.marks import OF_VISITOR
from webapp.live.validation import name_and_secret
from webapp.live.visitor import Visitor

SECRET = "a-long-tiger"


def marks(person: Person) -> list[str]:
    """The beginnings of the marks of all messages that a visitor reads."""
    return [mark[:OF_VISITOR] for mark in re.findall(r'data-by="([^"]+)"', person.get().text)]


def test_a_name_with_a_secret_looks_the_same_on_two_devices_and_nobody_reads_the_secret(
    server: AppServer, owner: Person, person: Callable[..., Person]
) -> None:
    phone, laptop, other = person(), person(), person()
    for one, name in ((phone, f"Tina#{SECRET}"), (laptop, f"Tina#{SECRET}"), (other, "Tina#a-long-lion")):
        one.page()
        one.say("hello", handle=name)
    page = owner.page()
    assert [message.handle for message in page.messages()[1:]] == ["Tina"] * 3
    of_phone, of_laptop, of_other = marks(owner)[1:]
    assert of_phone == of_laptop != of_other
    assert SECRET not in owner.get().text + server.log()
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in server.database.parent.glob("*.sqlite3*"))
    # The cookie keeps it, so the name alone will do from now on.
    phone.say("again", handle="Tina")
    assert marks(owner)[-1] == of_phone
    assert SECRET not in phone.get().text


async def test_a_secret_is_told_to_nobody_by_a_socket(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as ben:
        await ann.send({"action": "typing", "handle": f"Ann#{SECRET}"})
        await ann.say(f"Ann#{SECRET}", "hello")
        await ben.until(lambda page: page.texts() == ["hello"])
        await ben.until(lambda page: "Ann" in page.text_of("people-list"))
        assert SECRET not in "".join(ben.frames)


@pytest.mark.parametrize("name", ["Player #1", "C# fan", "#first", "C#", "a # b", "##"])
def test_a_sign_that_is_no_secret_stays_in_the_name(name: str) -> None:
    assert name_and_secret(name) == (name, "")


@given(st.text(max_size=30), st.text(max_size=30))
@example("Ann", "tiger")
@example("Ann#", "#")
def test_no_part_of_a_secret_gets_into_a_name(name: str, secret: str) -> None:
    found, kept = name_and_secret(f"{name}#{secret}")
    assert not kept or found == name_and_secret(f"{name.split('#')[0]}#x")[0]
    visitor = Visitor("id", "Guest").named(f"{name}#{secret}")
    assert visitor.handle == found
    assert (visitor.alias != "") == (kept != "")


def test_secrets_cannot_be_tried_fast(owner: Person) -> None:
    answers = [
        owner.http.post("/me/", data={"handle": f"Ann#{number}"}, follow_redirects=False).status_code
        for number in range(12)
    ]
    assert answers == [204] * 10 + [429] * 2
    # The name itself may change as often as anybody likes.
    assert {owner.http.post("/me/", data={"handle": f"Ann {number}"}).status_code for number in range(30)} == {204}


def test_a_name_that_looks_like_another_ones_is_marked(
    server: AppServer, owner: Person, person: Callable[..., Person]
) -> None:
    owner.say("mine", handle="Mario")
    for name, alike in (
        *((one, True) for one in ("Mario", "mario", "ΜΑRIO", "Маriо", "Marlo ", "𝐌ario")),
        *((one, False) for one in ("Maria", "Marion", "Mário 2", "Luigi")),
    ):
        other = person()
        other.page()
        other.say("hello", handle=name)
        row = last_row(server)
        assert bool(row[1]) is alike, name
        assert ("role=img aria-labelledby=lookalike>≈" in owner.get().text.split(f"message-{row[0]}")[1]) is alike, name
    owner.say("still mine", handle="Mario")
    assert last_row(server)[1] == 0
    # With a secret it is the same person on the same device.
    owner.say("mine with a secret", handle=f"Mario#{SECRET}")
    assert last_row(server)[1] == 0


def last_row(server: AppServer) -> tuple[int, int]:
    ((pk, is_lookalike),) = shell(server.database, "SELECT id, is_lookalike FROM message ORDER BY id DESC LIMIT 1")
    return int(pk), int(is_lookalike)


async def test_a_name_is_whoever_used_it_first_also_when_many_come_at_once(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as ben:
        for number in range(30):
            await ann.say(f"Name {number}", "of ann", nonce=f"a{number}")
            await ben.say(f"nаme {number}", "of ben", nonce=f"b{number}")
        await ann.until(lambda page: len(page.messages()) >= 20)
    rows = shell(
        server.database,
        "SELECT lower(replace(handle, 'а', 'a')), author, is_lookalike FROM message WHERE room_id ="
        f" (SELECT id FROM room WHERE label = '{room}') ORDER BY id",
    )
    first: dict[str, str] = {}
    for name, author, is_lookalike in rows:
        assert (is_lookalike == "1") is (first.setdefault(name, author) != author)


@given(st.text(max_size=12), st.text(st.characters(codec="ascii"), max_size=12))
def test_a_name_looks_like_itself_with_other_spaces_and_in_any_case(any_name: str, ascii_name: str) -> None:
    assert skeleton_of(any_name) == skeleton_of(f" {any_name} ")
    assert skeleton_of(ascii_name) == skeleton_of(ascii_name.upper()) == skeleton_of(ascii_name.lower())


@pytest.mark.parametrize(
    ("one", "other"), [("Ian", "lan"), ("O0", "00"), ("modern", "rnodern"), ("раураl", "paypal"), ("Ann", "Аnn")]
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton_of(one) == skeleton_of(other)


def test_a_visitor_goes_on_on_another_device(owner: Person, person: Callable[..., Person]) -> None:
    owner.http.post("/me/", data={"handle": "Olga"})
    page = owner.http.get("/me/", params={"back": f"/{owner.label}/"})
    assert "You are Olga" in page.text
    shown = owner.http.post("/me/move", data={"back": f"/{owner.label}/"})
    link = re.search(r'href="(http[^"]+/me/here[^"]+)"', shown.text)
    assert link is not None
    assert "<svg" in shown.text
    phone = person()
    address = link[1].replace("&amp;", "&")
    asked = phone.http.get(address)
    # To open the link alone changes nothing: a preview of it by a messenger is no visitor.
    assert "becomes Olga" in asked.text
    assert "visitor" not in phone.http.cookies or phone.get("settings").status_code == 403
    key, back = (re.search(rf'name="{name}" value="([^"]*)"', asked.text) for name in ("key", "back"))
    assert key
    assert back
    assert phone.http.post("/me/here", data={"key": key[1], "back": back[1]}).url.path == f"/{owner.label}/"
    assert phone.get("settings").status_code == 200
    assert phone.change(last_message(phone.page()), "edit", text="from the phone").status_code == 200
    assert owner.page().texts() == ["from the phone ✎"]


def test_the_link_to_another_device_works_for_ten_minutes_and_is_not_in_the_log(
    server: AppServer, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = re.search(r"key=([^&\"]+)", owner.http.post("/me/move").text)
    assert key is not None
    assert owner.http.get("/me/here", params={"key": key[1]}).status_code == 200
    assert key[1] not in server.log()
    for wrong in ("", "x", key[1][:-2] + "xx", owner.http.cookies["visitor"]):
        assert httpx.get(f"{server.url}/me/here", params={"key": wrong}).status_code == 404
        assert httpx.post(f"{server.url}/me/here", data={"key": wrong}).status_code == 404
    visitors = Visitors("any secret key")
    began = TimestampSigner.get_timestamp(TimestampSigner("x"))
    moved = visitors.transfer_of(Visitor("id", "Guest", "Ann"))
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: began + 590)
    assert visitors.of_transfer(moved) == Visitor("id", "Guest", "Ann")
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: began + 610)
    assert visitors.of_transfer(moved) is None


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "/a/b", "javascript:", "/"]
)
def test_no_link_leads_back_to_another_site(owner: Person, back: str) -> None:
    assert "evil" not in owner.http.get("/me/", params={"back": back}).text
    shown = owner.http.post("/me/move", data={"back": back}).text
    key = re.search(r"key=([^&\"]+)", shown)
    assert key is not None
    answer = owner.http.post("/me/here", data={"key": key[1], "back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/me/"


def test_whoever_is_forgotten_is_somebody_new(owner: Person) -> None:
    assert owner.get("settings").status_code == 200
    before = owner.http.cookies["visitor"]
    owner.http.post("/me/forget")
    assert owner.http.cookies["visitor"] != before
    assert owner.get("settings").status_code == 403
    assert HIDDEN in owner.page().texts()


def test_a_message_can_be_changed_for_as_long_as_the_operator_says(serve: Callable[..., AppServer]) -> None:
    running = serve(EDIT_MINUTES="1")
    with Person(running.url, "tea-room") as owner:
        owner.page()
        owner.say("said just now")
        number = last_message(owner.page())
        owner.change(number, "edit", text="changed")
        assert owner.page().texts() == ["changed ✎"]
        tell(running.database, "UPDATE message SET timestamp = datetime('now', '-2 minutes') || '+00:00'")
        assert "too late" in owner.get(f"messages/{number}").text
        assert owner.change(number, "edit", text="changed too late").status_code == 403
        assert owner.page().texts() == ["changed ✎"]
        owner.change(number, "delete")
        assert owner.page().texts() == []
