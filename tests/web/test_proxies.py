"""The app behind proxies, as people set them up, and before strangers who pretend to be one."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.app_server import AppServer
from tests.support.handshakes import status_of
from tests.support.nginx_server import NginxServer
from tests.support.page_model import PageModel
from webapp.web.origin import Host, Origin
from webapp.web.proxies import ProxyHeaders

HI = {"message": "hi"}
FOREIGN = "https://elsewhere.example"
BROWSER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}

PROXIES = {
    "the port is lost": "proxy_set_header Host $host;",
    "the name is lost": "proxy_set_header Host 127.0.0.1;",
    "the name and all are passed on": "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;",
    "the name is passed on beside": "proxy_set_header Host 127.0.0.1; proxy_set_header X-Forwarded-Host $http_host;",
    "the port is passed on beside": "proxy_set_header Host $host; proxy_set_header X-Forwarded-Port $server_port;"
    " proxy_set_header X-Forwarded-Proto $scheme;",
    "as RFC 7239 has it": "proxy_set_header Host $host;"
    ' proxy_set_header Forwarded "for=$remote_addr;host=\\"$http_host\\"";',
}


def post(url: str, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{url}/proxies/", data=HI, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def handshake(port: int, path: str, origin: str, **headers: str) -> int:
    """The status of a socket's handshake, 101 when it opens."""
    return status_of(f"ws://127.0.0.1:{port}{path}", port, {**headers, "Origin": origin})


@contextmanager
def stranger(source: str, port: int) -> Iterator[httpx.Client]:
    """A client at another loopback address, which no default takes for a proxy."""
    with httpx.Client(
        transport=httpx.HTTPTransport(local_address=source), base_url=f"http://127.0.0.1:{port}"
    ) as client:
        yield client


@pytest.fixture(scope="module", params=PROXIES)
def nginx(request: pytest.FixtureRequest, server: AppServer) -> Iterator[NginxServer]:
    with NginxServer(server.port, PROXIES[request.param]) as running:
        yield running


def test_behind_nginx_a_browsers_form_is_taken_and_a_foreign_one_is_not(nginx: NginxServer) -> None:
    assert post(nginx.url, Origin=nginx.url, **BROWSER).status_code == 303
    for site in ("cross-site", "same-site"):
        assert post(nginx.url, Origin=FOREIGN, Sec_Fetch_Site=site).status_code == 403
        assert post(nginx.url, Sec_Fetch_Site=site).status_code == 403
    assert post(nginx.url, Origin=FOREIGN).status_code == 403
    assert post(nginx.url, Origin="null").status_code == 403


def test_behind_nginx_a_page_of_ours_opens_its_socket_and_a_foreign_one_does_not(nginx: NginxServer) -> None:
    with httpx.Client(base_url=nginx.url) as http:
        page = PageModel(http.get("/proxies/").text)
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    # Chromium says Sec-Fetch-Site with forms, but not with sockets.
    assert handshake(nginx.port, page.live_path, nginx.url, Cookie=cookie) == 101
    for origin in (FOREIGN, "null", "http://127.0.0.1:1"):
        assert handshake(nginx.port, "/proxies/live", origin, Cookie=cookie) == 403
        assert handshake(nginx.port, "/proxies/live?page=", origin, Cookie=cookie) == 403
    # Another visitor's page is no page of this one.
    assert handshake(nginx.port, page.live_path, FOREIGN) == 403


def test_behind_nginx_redirects_stay_where_the_browser_is(nginx: NginxServer) -> None:
    for path, to in (("/tea", "/tea/"), ("/Tea/?a=b", "/tea/"), ("/tea?a=%2F&b", "/tea/?a=%2F&b"), ("/new", "/new/")):
        answer = httpx.get(nginx.url + path)
        assert (answer.status_code, answer.headers["location"]) == (307, to)
    assert post(nginx.url, Origin=nginx.url, **BROWSER).headers["location"] == "/proxies/"
    assert httpx.post(f"{nginx.url}/new/").headers["location"].startswith("/")


def test_where_nothing_tells_the_address_the_log_and_the_page_name_the_setting(serve: Callable[..., AppServer]) -> None:
    server = serve()
    with NginxServer(server.port, PROXIES["the port is lost"]) as nginx:
        # An old browser, which says no Sec-Fetch-Site.
        answer = post(nginx.url, Origin=nginx.url)
        assert answer.status_code == 403
        assert f"ALLOWED_ORIGINS={nginx.url}" in answer.text
        assert f"ALLOWED_ORIGINS={nginx.url}" in server.log()
        assert handshake(nginx.port, "/proxies/live", nginx.url) == 403
    allowed = serve(ALLOWED_ORIGINS=nginx.url)
    assert post(allowed.url, Origin=nginx.url).status_code == 303


def test_a_name_that_only_the_proxy_knows_is_refused_with_the_setting_that_mends_it(
    serve: Callable[..., AppServer],
) -> None:
    server = serve(ALLOWED_HOSTS="chat.example")
    with NginxServer(server.port, "") as nginx:
        answer = httpx.get(f"{nginx.url}/proxies/")
        assert answer.status_code == 400
        assert "ALLOWED_HOSTS=app" in answer.text
        assert "ALLOWED_HOSTS=app" in server.log()
    lines = "proxy_set_header Host 10.0.0.1; proxy_set_header X-Forwarded-Host $http_host;"
    with NginxServer(server.port, lines) as nginx:
        for host, status in (("chat.example:8080", 200), ("elsewhere.example", 400)):
            assert httpx.get(f"{nginx.url}/proxies/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_scheme_of_an_origin_counts(serve: Callable[..., AppServer], scheme: str) -> None:
    server = serve(ALLOWED_HOSTS="chat.example,127.0.0.1")
    for origin, passes in (("http", scheme == "http"), ("https", scheme == "https")):
        answer = post(server.url, Host="chat.example", Origin=f"{origin}://chat.example", X_Forwarded_Proto=scheme)
        assert answer.status_code == (303 if passes else 403), origin


def test_a_stranger_is_not_believed_and_the_log_says_so_once(serve: Callable[..., AppServer]) -> None:
    server = serve()
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-For": "192.0.2.9"}
    with stranger("127.0.0.2", server.port) as client:
        for _ in range(3):
            assert "secure" not in client.get("/proxies/", headers=forged).headers["set-cookie"].lower()
        for forgery in (forged, {"Forwarded": "host=elsewhere.example;proto=https"}):
            answer = client.post("/proxies/", data=HI, headers={**forgery, "Origin": FOREIGN})
            assert answer.status_code == 403
    assert server.log().count("FORWARDED_ALLOW_IPS=127.0.0.2") == 1
    assert "192.0.2.9" not in server.log()


def test_on_a_platform_its_router_is_believed_wherever_it_is(serve: Callable[..., AppServer]) -> None:
    server = serve(DYNO="web.1", HOST="0.0.0.0")
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1, 203.0.113.7", "Host": "chat.example"}
    with stranger("127.0.0.2", server.port) as router:
        assert "secure" in router.get("/proxies/", headers=headers).headers["set-cookie"].lower()
        assert router.get("/tea", headers=headers).headers["location"] == "/tea/"
        said = router.post("/proxies/", data=HI, headers={**headers, "Origin": "https://chat.example"})
        assert said.status_code == 303
        foreign = router.post("/proxies/", data=HI, headers={**headers, "Origin": FOREIGN})
        assert foreign.status_code == 403
    # What the client itself wrote stands before what the router added.
    assert "203.0.113.7:0" in server.log()
    assert "203.0.113.1:" not in server.log()


@pytest.mark.parametrize("host", ["10.1.2.3", "elsewhere.example", "", "a b", "[::1", "x" * 300])
def test_whether_it_is_alive_is_answered_under_any_name(serve: Callable[..., AppServer], host: str) -> None:
    server = serve(ALLOWED_HOSTS="chat.example")
    for path, status in (("/healthz", 200), ("/livez", 200), ("/", 400), ("/healthz/", 400)):
        answer = httpx.get(server.url + path, headers={"Host": host})
        # What is no host at all may be refused before.
        assert answer.status_code == status or (answer.status_code == 400 and host in ("a b", "[::1")), path
    assert handshake(server.port, "/proxies/live", "http://chat.example", Host="elsewhere.example") == 400
    assert "ASGI" not in server.log()


def test_on_a_loopback_address_only_names_of_this_machine_are_answered(serve: Callable[..., AppServer]) -> None:
    server = serve()
    port = server.port
    for name in ("rebind.example", "127.0.0.1.rebind.example", "localhost.rebind.example", "rebind", "10.0.0.1"):
        host = f"{name}:{port}"
        assert httpx.get(f"{server.url}/", headers={"Host": host}).status_code == 400
        assert post(server.url, Host=host, Origin=f"http://{host}").status_code == 400
        assert post(server.url, Host=host, Origin=f"http://{host}", X_Forwarded_Host="localhost").status_code in (
            400,
            403,
        )
        assert "ALLOWED_HOSTS" in httpx.get(f"{server.url}/", headers={"Host": host}).text
    for name in ("localhost", "LOCALHOST", "chat.localhost", "127.0.0.1", "127.8.9.1", "[::1]", "localhost."):
        assert httpx.get(f"{server.url}/", headers={"Host": f"{name}:{port}"}).status_code == 200, name


def test_what_a_client_sends_reaches_the_log_without_its_control_characters(serve: Callable[..., AppServer]) -> None:
    server = serve()
    # The HTTP parser refuses some of them by itself.
    values = (b"http://x\x1b[31m\x7f", b"http://x\x9b31m\x85\t")
    names = (b"Origin", b"Host", b"X-Forwarded-Host", b"X-Forwarded-For", b"Sec-Fetch-Site")
    for name, evil in itertools.product(names, values):
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            own = b"" if name == b"Host" else b"Host: 127.0.0.1:%d\r\n" % server.port
            raw.sendall(b"POST /proxies/ HTTP/1.1\r\n" + own + name + b": " + evil + b"\r\nConnection: close\r\n")
            raw.sendall(b"Content-Length: 0\r\n\r\n")
            while raw.recv(65536):
                pass
    told = server.log_path.read_bytes()
    assert b"\\x9b31m" in told
    assert not any(byte < 32 and byte != 10 for byte in told)
    assert not any("\x7f" <= character <= "\x9f" for character in server.log())


@pytest.mark.parametrize(
    "path",
    ["//elsewhere.example", "//elsewhere.example/%2e%2e", "/%5Celsewhere.example", "///elsewhere.example//", "/%2F/x"],
)
def test_no_redirect_leads_to_another_host(server: AppServer, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := raw.recv(65536):
            answer += part
    for line in answer.split(b"\r\n\r\n")[0].split(b"\r\n"):
        if line.lower().startswith(b"location:"):
            location = line.partition(b":")[2].strip()
            assert location.startswith(b"/")
            assert location[1:2] not in (b"/", b"\\")


SOURCES = st.sampled_from(
    ["203.0.113.5", "203.0.113.6:80", "[2001:db8::1]:9", "2001:db8::2", "10.0.0.1", "unknown", "", "é"]
)


@given(st.lists(SOURCES, max_size=5), st.sampled_from([("*",), ("10.0.0.0/8",), ("127.0.0.1",)]))
async def test_the_client_is_the_last_address_that_is_no_proxys(sources: list[str], trusted: tuple[str, ...]) -> None:
    seen = {}

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        seen.update(scope)

    scope = {
        "type": "http",
        "scheme": "http",
        "client": ("10.0.0.9", 5),
        "headers": [(b"x-forwarded-for", ", ".join(sources).encode("latin-1"))],
    }
    await ProxyHeaders(app, trusted)(scope, None, None)  # type: ignore[arg-type]
    if trusted == ("127.0.0.1",) or not sources or sources[-1] in ("unknown", "", "é"):
        assert seen["client"] == ("10.0.0.9", 5)
    elif trusted == ("*",) or sources[-1] != "10.0.0.1":
        assert seen["client"] == (sources[-1].split("]")[0].strip("[").removesuffix(":80"), 0)


@given(st.text(max_size=60))
def test_any_text_is_a_host_and_an_origin_or_it_is_not(text: str) -> None:
    host, origin = Host.parse(text), Origin.parse(text)
    if host is not None:
        assert Host.parse(str(host)) == host
        assert host.origin("http") == Origin.parse(f"http://{host}") or not str(host).isascii()
    if origin is not None:
        assert Origin.parse(str(origin)) == origin


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example", "HTTP://A.EXAMPLE:80", True),
        ("https://a.example.", "https://a.example:443", True),
        ("http://[::1]:80", "http://[0:0:0:0:0:0:0:1]", True),
        ("http://a.example", "https://a.example", False),
        ("http://a.example", "http://a.example:8080", False),
        ("http://a.example", "http://b.a.example", False),
    ],
)
def test_two_origins_are_one_where_browsers_say_so(one: str, other: str, same: bool) -> None:
    assert (Origin.parse(one) == Origin.parse(other)) is same


@pytest.mark.parametrize(
    "text", ["null", "", "http://", "ftp://a.example", "http://a@b.example", "http://a/b", "//a", "a"]
)
def test_what_is_no_page_has_no_origin(text: str) -> None:
    assert Origin.parse(text) is None
