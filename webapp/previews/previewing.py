"""From a message to its preview."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from yarl import URL

from webapp.chat import Message, Room
from webapp.live.writing import Writer
from webapp.previews.clock import now
from webapp.previews.fetching import Fetched, Fetcher, NotFetched, TryLater, Wanted
from webapp.previews.links import first_link
from webapp.previews.models import TASK, LinkPage, LinkPreview
from webapp.previews.page_cache import Found, PageCache, recent_fetches
from webapp.previews.reading import IMAGE_TYPES, Metadata, Thumbnail, has_head, metadata_of, thumbnail_of
from webapp.tasks import Postponed, TaskContext, waiting

PAGE = Wanted(("text/html", "application/xhtml+xml"), 512 * 1024, has_head)
IMAGE = Wanted(IMAGE_TYPES, 2 * 1024 * 1024)

OTHERS_FETCH = 1.0
"""Seconds until a message looks again whether the fetch of its page for another message has ended. If it waited as long
as a fetch may take, most of these previews would come half a minute late."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much all processes together do.

    Attributes:
        per_minute: Pages that are fetched.
        waiting: Messages that may wait for their preview. If there are more, the next one gets none.
        oldest: How old a message may be whose link is fetched.
    """

    per_minute: int = 30
    waiting: int = 300
    oldest: timedelta = timedelta(hours=1)


class Previewing:
    """Gives messages their previews.

    Args:
        fetcher: Asks other sites.
        pace: How much all processes together do.
    """

    def __init__(self, fetcher: Fetcher, pace: Pace = Pace()) -> None:
        self._fetcher = fetcher
        self._pace = pace
        self._drawing = asyncio.Semaphore(1)

    async def run(self, context: TaskContext) -> str | None:
        """Bring the preview of the message `context.key` up to date.

        Raises:
            Postponed: The page is fetched later, or by another run.
        """
        if not (context.key.isascii() and context.key.isdecimal()):
            return "no message"
        rows = Message.filter(id=int(context.key)).only("id", "room_id", "message", "timestamp")
        message = await rows.first()
        if message is None:
            return "the message is gone"
        link = first_link(message.message)
        present = await LinkPreview.get_or_none(message_id=message.id)
        if present is not None and present.url == link and present.room_id == message.room_id:
            return None
        page = None if link is None else await self._page(link, message, PageCache(context.engine.writer))
        if page is not None or present is not None:
            await _write(message, link, page, context.engine.writer)
        return None if page is not None else "nothing to show"

    async def _page(self, link: str, message: Message, cache: PageCache) -> LinkPage | None:
        """Return what the page shows; None: nothing."""
        page = await cache.page(link)
        if page is None:
            if datetime.now(UTC) - message.timestamp > self._pace.oldest or not await self._admits():
                return None
            page = await cache.claim(link)
            if page is not None:
                return await self._fetched(link, page, cache)
            page = await cache.page(link)
        if page is None or page.state == "fetching":
            raise Postponed(OTHERS_FETCH)
        if page.state == "failed":
            raise Postponed(max(OTHERS_FETCH, (page.expires_at - now()) / 1000))
        return page if page.state == "known" else None

    async def _admits(self) -> bool:
        """Return whether a page may be fetched now; False: too many messages wait.

        Raises:
            Postponed: Too many were fetched in the last minute.
        """
        if await recent_fetches() < self._pace.per_minute:
            return True
        queued = await waiting(TASK)
        if queued > self._pace.waiting:
            return False
        # If each message came back sooner, most of them would come back in vain, which costs two commits each.
        minutes = 0.1 + queued / self._pace.per_minute
        raise Postponed(60 * minutes * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    async def _fetched(self, link: str, page: LinkPage, cache: PageCache) -> LinkPage | None:
        try:
            found = await self._found(link)
        except TryLater as error:
            if error.seconds:
                await cache.release(page, int(error.seconds * 1000))
                raise Postponed(error.seconds) from None
            wait = await cache.failed(page)
            if wait:
                raise Postponed(wait / 1000) from None
            return None
        except NotFetched:
            found = None
        if found is None:
            await cache.nothing(page)
            return None
        await cache.found(page, found)
        return page

    async def _found(self, link: str) -> Found | None:
        answer = await self._fetcher.get(link, PAGE)
        metadata = await asyncio.to_thread(metadata_of, answer.body, answer.charset, answer.robots)
        if metadata is None:
            return None
        return Found(metadata, await self._thumbnail(metadata, answer))

    async def _thumbnail(self, metadata: Metadata, page: Fetched) -> Thumbnail | None:
        if metadata.image is None:
            return None
        try:
            image = await self._fetcher.get(metadata.image, IMAGE, page.url)
        except (NotFetched, TryLater):
            # The words alone are a preview too.
            return None
        if not image.is_whole:
            return None
        # Two large images at once would take twice the memory.
        async with self._drawing:
            return await asyncio.to_thread(thumbnail_of, image.body)


async def _write(message: Message, link: str | None, page: LinkPage | None, writer: Writer) -> None:
    """Replace the preview of a message; None: it has none any more."""
    preview = None
    if link is not None and page is not None:
        preview = LinkPreview(
            message_id=message.id,
            room_id=message.room_id,
            url=link,
            host=(URL(link).raw_host or "")[:255],
            title=page.title,
            description=page.description,
            image=page.image,
            width=page.width,
            height=page.height,
        )
    groups = [Room(id=message.room_id).group]
    await writer.run(partial(_replace, message, preview), groups, order=("link_preview", f"{message.id:020}"))


async def _replace(message: Message, preview: LinkPreview | None) -> None:
    # If this read before it wrote, SQLite could refuse the write.
    await LinkPreview.filter(message_id=message.id).delete()
    # If the message was changed or deleted meanwhile, its preview is not this one.
    still = Message.filter(id=message.id, room_id=message.room_id, message=message.message)
    if LinkPreview._meta.db.capabilities.support_for_update:
        # If the message were deleted between this look and the commit, the preview would stay without it.
        still = still.select_for_update()
    if preview is not None and await still.first() is not None:
        await LinkPreview.bulk_create([preview])
