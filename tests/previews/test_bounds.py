"""Whatever a site sends, a request ends in time, and takes a bounded memory."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from tests.previews.sites import HEAD, Send, Site, response, serving
from webapp.previews.fetching import Bounds, Fetcher, NotFetched, TryLater, Wanted
from webapp.previews.fetching.body import unpacker
from webapp.previews.reading import has_head

LIMIT = 50_000
PAGE = Wanted(("text/html",), LIMIT)
MANY_ZEROS = 200 * 1024 * 1024


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on 127.0.0.1."""
    with serving() as running:
        yield running


def fetcher(total: float = 30.0) -> Fetcher:
    """A fetcher that may ask this machine."""
    return Fetcher(Bounds(ports=None, total=total), allows=lambda address: address == "127.0.0.1")


def endless(first: bytes, then: bytes, pause: float = 0.0) -> Callable[[Send], None]:
    """Send something, and then the same for as long as anybody listens."""

    def send(to: Send) -> None:
        to(first)
        for each in repeat(then):
            to(each)
            time.sleep(pause)

    return send


def bomb() -> bytes:
    """200 MB of zeros, packed to 200 KB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    chunk = bytes(1024 * 1024)
    return b"".join(packer.compress(chunk) for _ in range(MANY_ZEROS // len(chunk))) + packer.flush()


async def test_an_endless_page_is_read_up_to_the_bound(site: Site) -> None:
    site.paths["/"] = endless(HEAD + b"\r\n<title>endless</title>", b"x" * 10_000)
    answer = await fetcher().get(f"{site.url}/", PAGE)
    assert (len(answer.body), answer.is_whole) == (LIMIT, False)


async def test_reading_stops_after_the_head_of_a_page(site: Site) -> None:
    site.paths["/"] = endless(HEAD + b"\r\n<title>endless</title></head>", b"x", pause=0.05)
    answer = await fetcher().get(f"{site.url}/", Wanted(("text/html",), 10**9, has_head))
    assert answer.body.startswith(b"<title>endless</title></head>")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_page_that_unpacks_to_far_more_is_read_up_to_the_bound(site: Site, encoding: str) -> None:
    packed = bomb() if encoding == "gzip" else zlib.compress(bytes(MANY_ZEROS // 10))
    site.paths["/"] = response("200 OK", {"Content-Type": "text/html", "Content-Encoding": encoding}, packed)
    answer = await fetcher().get(f"{site.url}/", PAGE)
    assert (len(answer.body), answer.is_whole) == (LIMIT, False)


def test_no_more_is_unpacked_than_asked_for() -> None:
    # The bound on the whole body would hold as well if each piece were unpacked wholly, and take 200 MB.
    assert len(unpacker("gzip")(bomb(), LIMIT)) == LIMIT


async def test_a_packed_page_is_unpacked(site: Site) -> None:
    packed = gzip.compress(b"<title>packed</title>")
    site.paths["/"] = response("200 OK", {"Content-Type": "text/html", "Content-Encoding": "gzip"}, packed)
    answer = await fetcher().get(f"{site.url}/", PAGE)
    assert (answer.body, answer.is_whole) == (b"<title>packed</title>", True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "zstd"])
async def test_a_page_that_cannot_be_unpacked_is_left(site: Site, encoding: str) -> None:
    site.paths["/"] = response("200 OK", {"Content-Type": "text/html", "Content-Encoding": encoding}, b"not packed")
    with pytest.raises(NotFetched):
        await fetcher().get(f"{site.url}/", PAGE)


@pytest.mark.parametrize(
    "said",
    [
        endless(b"", b"", pause=0.05),
        endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.05),
        endless(HEAD + b"\r\n<title>", b"x", pause=0.05),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", pause=0.05),
    ],
    ids=["says nothing", "drips headers", "drips a page", "drips chunks"],
)
async def test_a_site_that_drips_is_left_in_time(site: Site, said: Callable[[Send], None]) -> None:
    site.paths["/"] = said
    began = time.monotonic()
    with pytest.raises(TryLater):
        await fetcher(total=0.5).get(f"{site.url}/", PAGE)
    assert time.monotonic() - began < 10


async def test_redirects_together_have_the_time_of_one_request(site: Site) -> None:
    def slow(to: Send) -> None:
        time.sleep(0.3)
        to(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    site.paths["/"] = slow
    with pytest.raises(TryLater, match="time"):
        await fetcher(total=0.7).get(f"{site.url}/", PAGE)
    assert site.connections <= 3


@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "image/png", "application/json", ""])
async def test_another_type_is_left(site: Site, kind: str) -> None:
    site.paths["/"] = response("200 OK", {"Content-Type": kind}, b"<title>a page?</title>")
    with pytest.raises(NotFetched, match="type"):
        await fetcher().get(f"{site.url}/", PAGE)


NEVER = ["404 Not Found", "403 Forbidden", "204 No Content", "206 Partial Content"]
LATER = ["408 Timeout", "429 Too Many", "500 Error", "503 Unavailable"]


@pytest.mark.parametrize(
    ("status", "error"), [*((each, NotFetched) for each in NEVER), *((each, TryLater) for each in LATER)]
)
async def test_a_status_says_whether_to_ask_again(site: Site, status: str, error: type[Exception]) -> None:
    site.paths["/"] = response(status, {"Content-Type": "text/html"})
    with pytest.raises(error):
        await fetcher().get(f"{site.url}/", PAGE)


NO_RESPONSES = [
    b"",
    b"nonsense\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000,
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    HEAD + b"Content-Length: 99\r\n\r\n<title>",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n",
]


@pytest.mark.parametrize("said", NO_RESPONSES)
async def test_what_is_no_response_ends_as_a_failure(site: Site, said: bytes) -> None:
    site.paths["/"] = said
    with pytest.raises((NotFetched, TryLater)):
        await fetcher().get(f"{site.url}/", PAGE)


async def test_no_url_comes_into_an_error(site: Site) -> None:
    with pytest.raises(NotFetched) as failed:
        await Fetcher(Bounds(ports=None)).get(f"{site.url}/secret-path", PAGE)
    assert "secret" not in repr(failed.value)
    # A traceback would show the library's own error, which names the host.
    assert failed.value.__suppress_context__
