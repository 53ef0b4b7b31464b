"""Where a proxy ends TLS and lets http through, browsers are sent to https, on a trusted proxy's word alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.app_server import AppServer
from webapp.settings import Settings

HTTP = {"Host": "chat.example", "X-Forwarded-Proto": "http"}
HTTPS = {"Host": "chat.example", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def forced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server that wants https, and trusts 127.0.0.1."""
    env = {"FORCE_HTTPS": "on", "ALLOWED_HOSTS": "chat.example,127.0.0.1"}
    with AppServer(tmp_path_factory.mktemp("forced"), env) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/tea/", "/tea/messages?before=9&x=%20", "/static/icon.svg", "//evil.example/"])
def test_a_page_by_http_is_sent_to_the_same_address_by_https(forced: AppServer, path: str) -> None:
    for host in ("chat.example", "chat.example:80", "chat.example:8080"):
        answer = httpx.get(f"{forced.url}{path}", headers=HTTP | {"Host": host})
        assert (answer.status_code, answer.headers["location"]) == (308, f"https://chat.example{path}")
        assert "strict-transport-security" not in answer.headers


def test_a_form_by_http_is_sent_on_and_says_nothing(forced: AppServer) -> None:
    answer = httpx.post(f"{forced.url}/tea/", data={"handle": "ann", "message": "in the clear"}, headers=HTTP)
    assert answer.status_code == 308
    assert "in the clear" not in httpx.get(f"{forced.url}/tea/", headers=HTTPS).text


def test_a_page_by_https_tells_the_browser_to_stay(forced: AppServer) -> None:
    answer = httpx.get(f"{forced.url}/", headers=HTTPS)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_request_past_the_proxy_and_a_look_whether_it_is_alive_are_answered(forced: AppServer) -> None:
    for path, headers in (("/", {}), ("/healthz", HTTP), ("/livez", HTTP)):
        answer = httpx.get(f"{forced.url}{path}", headers=headers)
        assert answer.status_code == 200
        assert "strict-transport-security" not in answer.headers


def test_readiness_and_metrics_are_not_redirected(forced: AppServer) -> None:
    assert httpx.get(f"{forced.url}/readyz", headers=HTTP).text.splitlines()[0] in ("ready", "not ready")
    assert httpx.get(f"{forced.url}/metrics", headers=HTTP).status_code == 404, "there is no METRICS_TOKEN"


def test_a_stranger_who_pretends_to_be_a_proxy_is_not_believed(forced: AppServer) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.9"), base_url=forced.url) as stranger:
        for headers in (HTTP, HTTPS):
            answer = stranger.get("/", headers=headers)
            assert answer.status_code == 200
            assert "strict-transport-security" not in answer.headers


def test_a_socket_by_http_is_refused_in_words(forced: AppServer) -> None:
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(f"{forced.ws_url}/tea/live", additional_headers={"X-Forwarded-Proto": "http"}),
    ):
        pass
    assert caught.value.response.status_code == 403
    told = json.loads(caught.value.response.body)
    assert (told["reason"], told["setting"]) == ("https", "FORCE_HTTPS")
    with connect(f"{forced.ws_url}/tea/live", additional_headers={"X-Forwarded-Proto": "https"}):
        pass


def test_a_host_that_is_not_ours_is_refused_and_not_redirected(forced: AppServer) -> None:
    assert httpx.get(f"{forced.url}/", headers=HTTP | {"Host": "evil.example"}).status_code == 400


def test_without_the_setting_http_is_answered(server: AppServer) -> None:
    for scheme in ("http", "https"):
        answer = httpx.get(f"{server.url}/", headers={"X-Forwarded-Proto": scheme})
        assert answer.status_code == 200
        assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("environ", "forced"),
    [
        ({}, False),
        ({"DYNO": "web.1"}, True),
        ({"DYNO": "web.1", "FORCE_HTTPS": "off"}, False),
        ({"FORCE_HTTPS": "on"}, True),
    ],
)
def test_heroku_wants_https_and_another_platform_says_so(environ: dict[str, str], forced: bool) -> None:
    env = {"DATABASE_URL": "postgres://db/x", "SECRET_KEY": "a secret that only tests know", **environ}
    assert Settings.from_env(env).force_https is forced
