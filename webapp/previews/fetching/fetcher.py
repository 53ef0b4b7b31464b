"""Asks another site for a page or an image."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from webapp.previews.fetching.addresses import is_public
from webapp.previews.fetching.body import read_bounded, unpacker
from webapp.previews.fetching.door import Door
from webapp.previews.fetching.lookup import Lookup, system_lookup
from webapp.previews.fetching.outcome import NotFetched, TryLater
from webapp.previews.fetching.pace import Pace
from webapp.previews.fetching.urls import checked_url

USER_AGENT = "HaikuRooms-LinkPreview/1.0 (asks once for the preview of a link that somebody posted)"

REDIRECTS = (301, 302, 303, 307, 308)

BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Statuses of a site that may answer later."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one request.

    Attributes:
        ports: Ports that may be asked; None: all.
        redirects: Redirects that are followed.
        connect: Seconds to connect to one address.
        total: Seconds for all of a request, with the lookups, the redirects and the body.
        per_name: Requests to one host name in a minute, from this process.
        per_network: Requests to one IPv4 address, or to one IPv6 network of 64 bits, in a minute, from this process.
    """

    ports: Collection[int] | None = (80, 443)
    redirects: int = 5
    connect: float = 3.0
    total: float = 8.0
    per_name: int = 10
    per_network: int = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """The purpose of a request.

    Attributes:
        types: The media types that count.
        limit: Bytes to read, at most.
        is_enough: Whether the bytes so far are all that is needed.
    """

    types: Collection[str]
    limit: int
    is_enough: Callable[[bytearray], bool] = lambda body: False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer of a site.

    Attributes:
        url: The URL after all redirects.
        type: The media type, in small letters.
        charset: The charset of the Content-Type, or None.
        robots: The values of X-Robots-Tag.
        body: The bytes, unpacked.
        is_whole: Whether they are all of it.
    """

    url: URL
    type: str
    charset: str | None
    robots: Sequence[str]
    body: bytes
    is_whole: bool


class Fetcher:
    """Asks other sites, with no cookies, no credentials, no referrer, and through no proxy.

    Args:
        bounds: What one request may take.
        allows: Whether an address may be connected to. Tests permit servers of their own.
        lookup: Finds the addresses of a name.
    """

    def __init__(
        self,
        bounds: Bounds = Bounds(),
        *,
        allows: Callable[[str], bool] = is_public,
        lookup: Lookup = system_lookup,
    ) -> None:
        self.bounds = bounds
        self._allows = allows
        self._lookup = lookup
        self._names = Pace(bounds.per_name)
        self._networks = Pace(bounds.per_network)

    async def get(self, url: str, wanted: Wanted, base: URL | None = None) -> Fetched:
        """Ask for `url`, and follow its redirects.

        Args:
            url: The URL, as somebody wrote it.
            wanted: What is asked for.
            base: The URL of the page that names it, for a relative one.

        Raises:
            NotFetched: The site is not asked, or has nothing that is wanted.
            TryLater: The site does not answer, or must not be asked now.
        """
        try:
            async with asyncio.timeout(self.bounds.total):
                return await self._follow(checked_url(url, self.bounds.ports, base), wanted)
        except TimeoutError:
            raise TryLater("time") from None

    async def _follow(self, url: URL, wanted: Wanted) -> Fetched:
        for _ in range(self.bounds.redirects + 1):
            answer = await self._ask(url, wanted)
            if isinstance(answer, Fetched):
                return answer
            url = checked_url(answer, self.bounds.ports, url)
        raise NotFetched("redirects")

    async def _ask(self, url: URL, wanted: Wanted) -> Fetched | str:
        """Return what the site answers; a text: the URL that it redirects to."""
        if seconds := self._names.wait(str(url.raw_host)):
            raise TryLater("asked too often", seconds)
        door = Door(self._allows, self._lookup, self._networks.wait)
        try:
            async with self._session(door, wanted) as session, session.get(url, allow_redirects=False) as response:
                return await self._read(url, response, wanted, door)
        except (aiohttp.ClientError, OSError, ValueError, LookupError) as error:
            # If the error came along, its text could bring the URL into the log.
            raise _reason(error, door) from None

    @asynccontextmanager
    async def _session(self, door: Door, wanted: Wanted) -> AsyncIterator[aiohttp.ClientSession]:
        # A connection of its own for each request: one that is kept would carry the next request past the door.
        connector = aiohttp.TCPConnector(
            resolver=door, socket_factory=door.open, use_dns_cache=False, force_close=True, limit=1
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.bounds.connect),
            headers={"User-Agent": USER_AGENT, "Accept": ", ".join(wanted.types), "Accept-Encoding": "gzip"},
        ) as session:
            yield session

    async def _read(self, url: URL, response: aiohttp.ClientResponse, wanted: Wanted, door: Door) -> Fetched | str:
        if not door.has_opened:
            raise NotFetched("unchecked")
        if response.status in REDIRECTS and "Location" in response.headers:
            return response.headers["Location"]
        if response.status in BUSY:
            raise TryLater(f"status {response.status}")
        if response.status != 200:
            raise NotFetched(f"status {response.status}")
        kind = response.content_type.lower()
        if kind not in wanted.types:
            raise NotFetched("type")
        unpack = unpacker(response.headers.get("Content-Encoding", ""))
        chunks = response.content.iter_any()
        body, is_whole = await read_bounded(chunks, unpack, wanted.limit, wanted.is_enough)
        robots = response.headers.getall("X-Robots-Tag", [])
        return Fetched(url, kind, response.charset, robots, body, is_whole)


def _reason(error: Exception, door: Door) -> Exception:
    if door.has_refused:
        return NotFetched("address")
    if isinstance(error, aiohttp.InvalidURL):
        return NotFetched("no URL")
    return TryLater("asked too often", door.seconds) if door.seconds else TryLater("no answer")
