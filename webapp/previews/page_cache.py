"""Keeps what is known of pages. A page that many messages link to is fetched once in a while, by one process."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import partial

from tortoise.expressions import F

from webapp.live.writing import Writer
from webapp.previews.clock import DAY, HOUR, SECOND, now
from webapp.previews.models import LinkImage, LinkPage
from webapp.previews.reading import Metadata, Thumbnail

CLAIM = 30 * SECOND
"""Milliseconds after which another run may fetch a page whose process died: more than a fetch may take."""

KNOWN = DAY
"""Milliseconds for which a page is not fetched again."""

NOTHING = HOUR
"""The same for a page that has nothing to show."""

RETRIES = (10 * SECOND, 40 * SECOND, 160 * SECOND)
"""Milliseconds until a site that did not answer is asked again. After the last one, there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Found:
    """The words and the image of a page.

    Attributes:
        metadata: Its words.
        thumbnail: Its image, or None.
    """

    metadata: Metadata
    thumbnail: Thumbnail | None


class PageCache:
    """Reads and writes `link_page`.

    Args:
        writer: Commits what is written.

    Raises, in all methods: what the database raises, and `WriterBusy`.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def page(self, url: str) -> LinkPage | None:
        """Return what is known of a page, or that somebody fetches it now; None: the caller may claim it."""
        return await LinkPage.get_or_none(key=_key(url), expires_at__gt=now())

    async def claim(self, url: str) -> LinkPage | None:
        """Return the page for the caller to fetch; None: another run was quicker."""
        key = _key(url)
        claim = partial(_claim, key, secrets.token_hex(8))
        page: LinkPage | None = await self._writer.run(claim, order=("link_page", key))
        return page

    async def found(self, page: LinkPage, found: Found) -> None:
        """Store what the page shows, in the instance too."""
        image = found.thumbnail
        values: dict[str, object] = {
            "title": found.metadata.title,
            "description": found.metadata.description,
            "image": image and image.hash,
            "width": image and image.width,
            "height": image and image.height,
        }
        page.update_from_dict(values)
        await self._writer.run(partial(_store, page, values, image), order=("link_page", page.key))

    async def nothing(self, page: LinkPage) -> None:
        """Store that the page has nothing to show."""
        await self._write(page, "nothing", NOTHING)

    async def failed(self, page: LinkPage) -> int:
        """Store that the site did not answer.

        Returns:
            Milliseconds until it may be asked again; 0: it will not be.
        """
        if page.attempts > len(RETRIES):
            await self.nothing(page)
            return 0
        wait = RETRIES[page.attempts - 1]
        await self._write(page, "failed", wait)
        return wait

    async def release(self, page: LinkPage, wait: int) -> None:
        """Store that the page was not asked for, and may be in `wait` milliseconds."""
        await self._write(page, "failed", wait, attempts=page.attempts - 1)

    async def _write(self, page: LinkPage, state: str, lasting: int, **values: object) -> None:
        await self._writer.run(partial(_end, page, state, lasting, values), order=("link_page", page.key))


async def recent_fetches() -> int:
    """Return how many pages all processes have fetched in the last minute."""
    return await LinkPage.filter(fetched_at__gt=now() - 60 * SECOND).count()


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


async def _claim(key: str, claim: str) -> LinkPage | None:
    at = now()
    mine = {"state": "fetching", "claim": claim, "fetched_at": at, "expires_at": at + CLAIM}
    # Of two processes, the second one waits for the row here, and then finds it unexpired.
    if not await LinkPage.filter(key=key, expires_at__lte=at).update(**mine, attempts=F("attempts") + 1):
        await LinkPage.bulk_create([LinkPage(key=key, attempts=1, **mine)], ignore_conflicts=True)
    return await LinkPage.get_or_none(key=key, claim=claim)


async def _store(page: LinkPage, values: dict[str, object], image: Thumbnail | None) -> None:
    if image is not None:
        row = LinkImage(hash=image.hash, data=image.data, made_at=now())
        # An image that nothing shows goes when it is a day old. If one that is here already kept its age, it could go
        # before the page names it.
        await LinkImage.bulk_create([row], on_conflict=["hash"], update_fields=["made_at"])
    await _end(page, "known", KNOWN, {**values, "attempts": 0})


async def _end(page: LinkPage, state: str, lasting: int, values: dict[str, object]) -> None:
    # If the claim has run out and another run has the page, its row is left to that one.
    await LinkPage.filter(id=page.id, claim=page.claim).update(state=state, expires_at=now() + lasting, **values)
