"""The address of a room, its code, and what other programs show of it."""

from __future__ import annotations

import re
from io import BytesIO
from urllib.parse import quote

import httpx
import pytest
import segno

from tests.support.app_server import AppServer
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

META = re.compile(r'<meta (?:name|property)="?(description|og:[a-z_]+)"?\s+content="([^"]*)"')
HTTPS = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "rooms.example"}


def code_of(link: str, kind: str) -> bytes:
    """Return the picture that the library makes of a link."""
    file = BytesIO()
    options: dict[str, object] = {"scale": 12} if kind == "png" else {"xmldecl": False, "omitsize": True}
    segno.make(link, error="m", micro=False).save(file, kind=kind, border=4, dark="#000", light="#fff", **options)
    return file.getvalue()


@pytest.mark.parametrize("label", ["shy-moon-1234", "日本-東京", "غرفة-الشاي"])
def test_the_code_is_the_address(server: AppServer, label: str) -> None:
    link = f"{server.url}/{quote(label)}/"
    for name, kind, form in (("code.svg", "svg", "image/svg+xml"), ("card.png", "png", "image/png")):
        answer = httpx.get(f"{link}{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == form
        assert answer.content == code_of(link, kind)
    assert f">{link}</code>" in httpx.get(link).text


def test_behind_a_proxy_every_link_has_the_address_that_visitors_know(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url, headers=HTTPS) as http:
        link = f"https://rooms.example/{room}/"
        page = http.get(f"/{room}/").text
        assert f">{link}</code>" in page
        assert http.get(f"/{room}/code.svg").content == code_of(link, "svg")
        assert 'href="https://rooms.example/me/here?key=' in http.post("/me/move").text
        # The client keeps no cookie for https, so the page names the visitor who owns the room.
        owner = PageModel(page).fields("composer")["visitor"]
        assert f"{link}own?key=" in http.post(f"/{room}/settings", data={"act": "link", "visitor": owner}).text


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_a_link_has_the_host_that_was_asked_for(server: AppServer, room: str, name: str) -> None:
    page = httpx.get(f"{server.url}/{room}/", headers={"Host": f"{name}:8080"}).text
    assert f">http://{name}:8080/{room}/</code>" in page


async def test_a_card_names_the_room_and_says_nothing_of_what_is_said(server: AppServer, room: str) -> None:
    async with LiveClient(server.url, room) as ann:
        await ann.say("ann", "between us")
        await ann.until(lambda page: page.texts() == ["between us"])
    async with httpx.AsyncClient(base_url=server.url) as http:
        head = (await http.get(f"/{room}/")).text.partition("</head>")[0]
    card = dict(META.findall(head))
    assert card["og:title"] == room
    assert card["og:url"] == f"{server.url}/{room}/"
    assert card["og:image"] == f"{server.url}/{room}/card.png"
    assert card["description"] == card["og:description"]
    assert "between us" not in head


def test_the_door_of_a_closed_room_has_no_card(server: AppServer, room: str) -> None:
    with httpx.Client(base_url=server.url) as owner:
        owner.get(f"/{room}/")
        said = owner.post(f"/{room}/settings", data={"act": "passphrase", "passphrase": "open sesame"})
        assert said.status_code == 303
    door = httpx.get(f"{server.url}/{room}/")
    assert door.status_code == 403
    assert META.findall(door.text) == []


def test_to_ask_for_a_code_makes_no_room(server: AppServer, room: str) -> None:
    for name in ("code.svg", "card.png"):
        assert httpx.get(f"{server.url}/{room}/{name}").status_code == 200
    assert shell(server.database, f"SELECT id FROM room WHERE label = '{room}'") == []


@pytest.mark.parametrize("label", ["x" * 51, "static", "🦊"])
def test_what_is_no_room_has_no_code(server: AppServer, label: str) -> None:
    for name in ("code.svg", "card.png"):
        assert httpx.get(f"{server.url}/{quote(label)}/{name}").status_code == 404
