"""What a browser is told about these pages, and whose pages may act on them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.support.app_server import AppServer
from tests.support.handshakes import REFUSED, status_of

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
    " form-action 'self'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
FRIEND = "https://friend.example"
FOREIGN = "https://elsewhere.example"


@pytest.fixture
def http(server: AppServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as found:
        yield found


def urls(http: httpx.Client, kind: str) -> list[str]:
    """The URLs that a room's page gives of what may be kept: `static` or `fragments`."""
    return sorted(set(re.findall(rf'"(/{kind}/[^"]+)"', http.get("/kept-urls/").text)))


def told(answer: httpx.Response) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name in HEADERS}


def cookie(answer: httpx.Response, name: str = "visitor") -> Morsel[str]:
    each = [SimpleCookie(text) for text in answer.headers.get_list("set-cookie")]
    (found,) = [morsel for one in each for key, morsel in one.items() if key in (name, f"__Host-{name}")]
    return found


def handshake(server: AppServer, host: str | None = None, **headers: str) -> int:
    """The status of a socket's handshake, 101 when it opens. It names `host`, and sends an Origin only in `headers`."""
    url = f"ws://{host}/origins/live" if host else f"{server.ws_url}/origins/live"
    return status_of(url, server.port, headers)


@pytest.mark.parametrize(
    ("status", "method", "path"),
    [
        (200, "GET", "/"),
        (200, "GET", "/headers/"),
        (200, "HEAD", "/headers/"),
        (200, "GET", "/healthz"),
        (200, "GET", "/static/css/tokens.css"),
        (204, "POST", "/me/"),
        (303, "POST", "/new/"),
        (307, "GET", "/Headers/"),
        (307, "GET", "/headers"),
        (400, "GET", "/headers/messages?before=x"),
        (404, "GET", "/no such page/"),
        (404, "GET", "/static/none.css"),
        (404, "GET", "/fragments/none.0"),
        (405, "DELETE", "/headers/"),
        (422, "POST", "/headers/"),
    ],
)
def test_every_answer_carries_the_security_headers(http: httpx.Client, status: int, method: str, path: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == status
    assert told(answer) == HEADERS


def test_a_said_message_a_fragment_and_a_file_that_has_not_changed_carry_them_too(http: httpx.Client) -> None:
    said = http.post("/headers/", data={"message": "hi"})
    fragment = http.get(urls(http, "fragments")[0])
    file = http.get("/static/css/tokens.css")
    unchanged = http.get("/static/css/tokens.css", headers={"If-None-Match": file.headers["etag"]})
    assert [each.status_code for each in (said, fragment, unchanged)] == [303, 200, 304]
    for answer in (said, fragment, unchanged):
        assert told(answer) == HEADERS


def test_what_is_refused_carries_them_too(serve: Callable[..., AppServer]) -> None:
    server = serve(ALLOWED_HOSTS="127.0.0.1")
    origin = httpx.post(f"{server.url}/headers/", headers={"Origin": FOREIGN})
    host = httpx.get(f"{server.url}/headers/", headers={"Host": "elsewhere.example"})
    assert (origin.status_code, host.status_code) == (403, 400)
    assert told(origin) == told(host) == HEADERS


FAULTY = """
from webapp.chat.models import Room
from webapp.cli import main
Room.page = None
raise SystemExit(main(["serve"]))
"""
"""A server with a fault of its own: what is only in the database is none."""


def test_a_fault_of_ours_carries_them_too(tmp_path: Path) -> None:
    with AppServer(tmp_path, command=(sys.executable, "-c", FAULTY)) as server:
        answer = httpx.get(f"{server.url}/headers/")
        assert answer.status_code == 500
        assert told(answer) == HEADERS


# Foreign origins are in tests/chat/test_bad_input.py.


def test_our_own_origin_may_post_and_open_a_socket(server: AppServer, http: httpx.Client) -> None:
    for origin in (server.url, server.url.upper()):
        assert http.post("/origins/", data={"message": "hi"}, headers={"Origin": origin}).status_code == 303
        assert http.post("/me/", data={"handle": "ann"}, headers={"Origin": origin}).status_code == 204
        assert handshake(server, Origin=origin) == 101


def test_what_comes_from_no_page_may_post_and_open_a_socket(server: AppServer, http: httpx.Client) -> None:
    assert http.post("/origins/", data={"message": "hi"}).status_code == 303
    assert handshake(server) == 101


def test_an_allowed_origin_may_post_and_open_a_socket_and_no_other_may(serve: Callable[..., AppServer]) -> None:
    server = serve(ALLOWED_ORIGINS=f"{FRIEND}/, http://other.example:8080")
    allowed = {
        FRIEND: True,
        "http://other.example:8080": True,
        FOREIGN: False,
        "http://friend.example": False,
        "https://friend.example:444": False,
        "https://friend.example.elsewhere.example": False,
        "https://a.friend.example": False,
        "http://other.example": False,
    }
    for origin, passes in allowed.items():
        answer = httpx.post(f"{server.url}/origins/", data={"message": "hi"}, headers={"Origin": origin})
        assert answer.status_code == (303 if passes else 403), origin
        assert handshake(server, Origin=origin) == (101 if passes else 403), origin


@pytest.mark.parametrize("subprotocols", [None, [Subprotocol("binding.json")]])
def test_a_socket_of_a_foreign_page_says_why_it_closes_for_good(
    server: AppServer, subprotocols: list[Subprotocol] | None
) -> None:
    url = f"{server.ws_url}/origins/live"
    with connect(url, origin=Origin(FOREIGN), subprotocols=subprotocols) as opened:
        told = str(opened.recv())
        with pytest.raises(ConnectionClosed) as closed:
            opened.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4403, "origin")
    if subprotocols:
        assert json.loads(told) == {"status": 403, "reason": "origin", "refused": FOREIGN, "setting": "ALLOWED_ORIGINS"}
    else:
        assert REFUSED in told


def test_a_foreign_page_may_link_here(http: httpx.Client) -> None:
    assert http.get("/origins/", headers={"Origin": FOREIGN}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "POST"])
@pytest.mark.parametrize("path", ["/", "/new/", "/me/", "/origins/"])
def test_a_foreign_page_gets_no_further_by_any_other_method(http: httpx.Client, method: str, path: str) -> None:
    assert http.request(method, path, headers={"Origin": FOREIGN}).status_code == 403


def test_only_allowed_hosts_are_answered(serve: Callable[..., AppServer]) -> None:
    # The server's own name is among them for /healthz.
    server = serve(ALLOWED_HOSTS="127.0.0.1, app.example, *.rooms.example")
    answered = {
        "app.example": True,
        "APP.example:8080": True,
        "a.rooms.example": True,
        "elsewhere.example": False,
        "app.example.elsewhere.example": False,
        "notapp.example": False,
        "rooms.example": False,
    }
    for host, passes in answered.items():
        for path in ("/", "/hosts/", "/static/css/tokens.css"):
            assert httpx.get(server.url + path, headers={"Host": host}).status_code == (200 if passes else 400), host
        said = httpx.post(f"{server.url}/hosts/", data={"message": "hi"}, headers={"Host": host})
        assert said.status_code == (303 if passes else 400), host
        assert handshake(server, host) == (101 if passes else 400), host


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(http: httpx.Client) -> None:
    for answer in (http.get("/cookies/"), http.post("/me/", data={"handle": "ann"})):
        found = cookie(answer)
        assert found["httponly"]
        assert found["samesite"] == "lax"
        assert found["path"] == "/"
        assert found["domain"] == ""
        assert not found["secure"]
        assert int(found["max-age"]) == 365 * 24 * 3600


def test_the_cookie_is_secure_behind_a_proxy_that_ends_tls(server: AppServer) -> None:
    for headers, secure in (({"X-Forwarded-Proto": "https"}, True), ({"X-Forwarded-Proto": "http"}, False)):
        found = cookie(httpx.get(f"{server.url}/cookies/", headers=headers))
        assert bool(found["secure"]) is secure
        # No other host of the domain can set a cookie with this name, and the browser takes it with these alone.
        assert found.key.startswith("__Host-") is secure
        assert (found["path"], found["domain"]) == ("/", "")
        assert found["httponly"]


def test_the_cookie_with_a_browsers_rooms_is_as_far_out_of_reach(server: AppServer) -> None:
    for scheme, is_secure in (("https", True), ("http", False)):
        found = cookie(httpx.get(f"{server.url}/cookies/", headers={"X-Forwarded-Proto": scheme}), "rooms")
        assert bool(found["secure"]) is found.key.startswith("__Host-") is is_secure
        assert (found["path"], found["domain"], found["samesite"]) == ("/", "", "lax")
        assert found["httponly"]


def test_a_proxy_that_is_not_trusted_is_not_believed(serve: Callable[..., AppServer]) -> None:
    server = serve(FORWARDED_ALLOW_IPS="192.0.2.1")
    assert not cookie(httpx.get(f"{server.url}/cookies/", headers={"X-Forwarded-Proto": "https"}))["secure"]


def test_behind_tls_the_pages_own_origin_passes(serve: Callable[..., AppServer]) -> None:
    server = serve(ALLOWED_HOSTS="127.0.0.1,app.example")
    headers = {"Origin": "https://app.example", "X-Forwarded-Proto": "https"}
    at = {"Host": "app.example"}
    answer = httpx.post(f"{server.url}/origins/", data={"message": "hi"}, headers=headers | at)
    assert answer.status_code == 303
    assert handshake(server, "app.example", **headers) == 101


def test_a_file_is_kept_for_ever_under_the_url_that_names_its_content(http: httpx.Client) -> None:
    found = urls(http, "static")
    assert len(found) >= 4
    for url in found:
        answer = http.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable", url


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?v={v}&v={v}", "?v={v}0", "?V={v}", "?v=%ff", "?v=é"])
def test_a_file_is_checked_at_each_use_under_any_other_url(http: httpx.Client, query: str) -> None:
    path, _, version = urls(http, "static")[0].partition("?v=")
    answer = http.get(path + query.format(v=version))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["none.css", "", "vendor", "vendor/", "%2e%2e/pyproject.toml", "%00"])
def test_what_is_no_file_is_not_found_and_not_kept(http: httpx.Client, path: str) -> None:
    answer = http.get(f"/static/{path}?v=000000000000")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_a_fragment_is_kept_for_ever_under_the_url_that_names_its_content(http: httpx.Client) -> None:
    found = urls(http, "fragments")
    assert len(found) >= 2
    for url in found:
        answer = http.get(url)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_fragment_under_an_outdated_url_is_what_is_current_and_not_kept(http: httpx.Client) -> None:
    url = urls(http, "fragments")[0]
    answer = http.get(f"{url.rpartition('.')[0]}.000000000000")
    assert answer.status_code == 200
    assert answer.text == http.get(url).text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "fragment",
    [
        *("", "none.0", "live/_reconnecting", "live/_reconnecting.html.0", "chat/_message.0", "chat/room.0"),
        *("%2e%2e/pyproject.0", "%2e%2e/README.0", "README.md.0", "live/%2e%2e/base.0", "%00.0", "%ff.0", "a" * 5000),
    ],
)
def test_what_is_no_fragment_is_not_found(http: httpx.Client, fragment: str) -> None:
    answer = http.get(f"/fragments/{fragment}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_pages_are_kept_by_nobody(http: httpx.Client) -> None:
    for path in ("/caches/messages?before=1", "/no such page/"):
        assert http.get(path).headers["cache-control"] == "no-store", path


def test_pages_with_forms_are_asked_for_anew_but_their_drafts_may_be_kept(http: httpx.Client) -> None:
    for path in ("/", "/caches/", "/values/"):
        headers = http.get(path).headers
        assert headers["cache-control"] == "private, no-cache", path
        # Not even Back may take it from a cache: its nonce and its cursor would be old.
        assert {"*", "Cookie"} <= set(headers["vary"].split(", ")), path
