"""A request reaches public addresses only, by whatever name, redirect or form of an address somebody tries another."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.previews.sites import Site, heads, page, redirect, serving
from webapp.previews.fetching import Bounds, Fetched, Fetcher, NotFetched, TryLater, Wanted
from webapp.previews.fetching.lookup import AddressInfo, system_lookup

PAGE = Wanted(("text/html",), 100_000)
TELLING = ["Cookie", "Authorization", "Referer", "Origin", "X-Forwarded-For", "Forwarded", "Via", "From"]
ANY_PORT = Bounds(ports=None, total=20, connect=10)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on 127.0.0.1."""
    with serving() as running:
        running.paths["/"] = page("private")
        yield running


def only(address: str) -> Callable[[str], bool]:
    """A rule that takes one address of this machine for public."""
    return lambda asked: asked == address


def resolving(*answers: str) -> Callable[[str, int], object]:
    """A name server whose answers change: each lookup gets the next one, and the last one stays."""
    left = list(answers)

    async def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return await system_lookup(address, port)

    return lookup


async def outcome(fetcher: Fetcher, url: str) -> str:
    """Why a request brought nothing; the body's text, if it did."""
    try:
        return (await fetcher.get(url, PAGE)).body.decode()
    except (NotFetched, TryLater) as error:
        return f"{type(error).__name__}: {error}"


LOOPBACK = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.⓪.⓪.①",
    "127.0.0.1%00.example.com",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ｌｏｃａｌｈｏｓｔ",
    "a.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1%25lo]",
    "[::1%25lo]",
    "user@127.0.0.1",
    "user:secret@127.0.0.1",
    "example.com@127.0.0.1",
]


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_way_to_write_it_leads_to_this_machine(site: Site, host: str) -> None:
    with serving("::1", site.port) as twin:
        said = await outcome(Fetcher(ANY_PORT), f"http://{host}:{site.port}/")
        assert said.startswith("NotFetched"), said
        assert site.connections == twin.connections == 0


async def test_the_name_of_this_machine_does_not_lead_to_it(site: Site) -> None:
    assert (await outcome(Fetcher(ANY_PORT), f"http://{socket.gethostname()}:{site.port}/")).startswith("NotFetched")
    assert site.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_to_this_machine_is_refused(site: Site, address: str) -> None:
    with serving("::1", site.port) as twin:
        fetcher = Fetcher(ANY_PORT, lookup=resolving(address))  # type: ignore[arg-type]
        assert await outcome(fetcher, f"http://innocent.example.com:{site.port}/") == "NotFetched: address"
        assert site.connections == twin.connections == 0


async def test_a_name_that_leads_there_is_found_when_the_rule_permits_it(site: Site) -> None:
    # Without this, the tests above could pass because nothing is ever reached.
    fetcher = Fetcher(ANY_PORT, allows=only("127.0.0.1"), lookup=resolving("127.0.0.1"))  # type: ignore[arg-type]
    assert "private" in await outcome(fetcher, f"http://innocent.example.com:{site.port}/")
    assert "private" in await outcome(fetcher, f"{site.url}/")


async def test_of_several_addresses_only_the_permitted_one_is_asked(site: Site) -> None:
    async def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        return [*await system_lookup("127.0.0.2", port), *await system_lookup("127.0.0.1", port)]

    with serving("127.0.0.2", site.port) as secret:
        fetcher = Fetcher(ANY_PORT, allows=only("127.0.0.1"), lookup=lookup)
        assert "private" in await outcome(fetcher, f"http://both.example.com:{site.port}/")
        assert secret.connections == 0


async def test_an_answer_that_changes_between_two_lookups_gains_nothing(site: Site) -> None:
    with serving("127.0.0.2", site.port) as secret:
        url = f"http://rebinding.example.com:{site.port}/"
        site.paths["/"] = redirect(url + "next")
        secret.paths["/next"] = page("secret")
        lookup = resolving("127.0.0.1", "127.0.0.2")
        fetcher = Fetcher(ANY_PORT, allows=only("127.0.0.1"), lookup=lookup)  # type: ignore[arg-type]
        assert await outcome(fetcher, url) == "NotFetched: address"
        assert (site.connections, secret.connections) == (1, 0)


async def test_the_door_checks_the_address_that_the_socket_connects_to(site: Site) -> None:
    # A rule whose answer changes after the lookup: as if the address itself had changed by the time of the connection.
    asked: list[str] = []

    def first_time_only(address: str) -> bool:
        asked.append(address)
        return len(asked) == 1

    fetcher = Fetcher(ANY_PORT, allows=first_time_only, lookup=resolving("127.0.0.1"))  # type: ignore[arg-type]
    assert await outcome(fetcher, f"http://rebinding.example.com:{site.port}/") == "NotFetched: address"
    assert asked == ["127.0.0.1"] * 2
    assert site.connections == 0


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "http://127.0.0.2:{port}/x#@y",
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_to_another_address_is_refused(site: Site, to: str, status: str) -> None:
    with serving("127.0.0.2", site.port) as secret:
        site.paths["/"] = redirect(to.format(port=site.port), status)
        said = await outcome(Fetcher(ANY_PORT, allows=only("127.0.0.1")), f"{site.url}/")
        assert said == "NotFetched: address"
        assert (site.connections, secret.connections) == (1, 0)


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1:6379/_x", "data:text/html,x", "http://u:p@127.0.0.1:{port}/next",
     "http://localhost:{port}/next", "http://[::1", "http://127.0.0.1:99999/", "javascript:0"],
)  # fmt: skip
async def test_a_redirect_to_no_web_page_ends(site: Site, to: str) -> None:
    site.paths["/next"] = page("reached")
    site.paths["/"] = redirect(to.format(port=site.port))
    said = await outcome(Fetcher(ANY_PORT, allows=only("127.0.0.1")), f"{site.url}/")
    assert said.startswith("NotFetched"), said
    assert site.connections == 1


async def test_five_redirects_are_followed_and_six_are_not(site: Site) -> None:
    site.paths |= {f"/{number}": redirect(f"/{number + 1}") for number in range(6)}
    site.paths["/6"] = page("the end")
    fetcher = Fetcher(ANY_PORT, allows=only("127.0.0.1"))
    assert "the end" in await outcome(fetcher, f"{site.url}/1")
    assert await outcome(Fetcher(ANY_PORT, allows=only("127.0.0.1")), f"{site.url}/0") == "NotFetched: redirects"


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
async def test_other_ports_than_those_of_the_web_are_not_asked(port: int) -> None:
    assert await outcome(Fetcher(), f"http://example.com:{port}/") == "NotFetched: port"


async def test_a_request_says_what_it_is_and_nothing_of_anybody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = b"HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
    site.paths |= {"/": cookie, "/next": page("here")}
    with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        fetcher = Fetcher(ANY_PORT, allows=only("127.0.0.1"))
        answer = await fetcher.get(f"{site.url}/", PAGE)
        assert proxy.connections == 0
    assert isinstance(answer, Fetched)
    assert len(site.asked) == 2
    assert all("HaikuRooms-LinkPreview/" in head for head in site.asked)
    assert not heads(site, TELLING)


async def test_one_name_and_one_address_are_asked_a_few_times_a_minute(site: Site) -> None:
    bounds = Bounds(ports=None, per_name=2, per_network=3)
    lookup = resolving("127.0.0.1")
    fetcher = Fetcher(bounds, allows=only("127.0.0.1"), lookup=lookup)  # type: ignore[arg-type]
    said = [await outcome(fetcher, f"http://{name}.example.com:{site.port}/") for name in "aaabb"]
    assert ["private" in each for each in said] == [True, True, False, True, False]
    # The name is asked too often the third time, the address at the last.
    assert [each for each in said if "private" not in each] == ["TryLater: asked too often"] * 2
    assert site.connections == 3
