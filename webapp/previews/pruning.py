"""The background task that forgets pages past their time, and images that nothing shows any more."""

from __future__ import annotations

from functools import partial

from webapp.live.database import fill
from webapp.previews.clock import DAY, HOUR, now
from webapp.previews.models import LinkImage, LinkPage
from webapp.tasks import HOUR as EVERY_HOUR
from webapp.tasks import Task, TaskContext

BATCH = 200
"""Rows that one transaction deletes, at most."""

_UNUSED = """
    SELECT hash
    FROM link_image
    WHERE made_at < {before}
        AND NOT EXISTS (SELECT 1 FROM link_page WHERE link_page.image = link_image.hash)
        AND NOT EXISTS (SELECT 1 FROM link_preview WHERE link_preview.image = link_image.hash)
    LIMIT {limit}
"""
_DELETE = "DELETE FROM link_image WHERE hash IN ({unused}) AND made_at < {before}"


async def prune(context: TaskContext) -> str | None:
    """Delete what no message can show any more, a few rows at a time."""
    writer = context.engine.writer
    pages = images = 0
    while keys := await LinkPage.filter(expires_at__lt=now() - HOUR).limit(BATCH).values_list("id", flat=True):
        # A page that was claimed anew meanwhile has another time, and stays.
        pages += await writer.run(partial(LinkPage.filter(id__in=keys, expires_at__lt=now() - HOUR).delete))
    while deleted := await writer.run(_delete_images):
        images += deleted
    return f"{pages} pages and {images} images" if pages or images else None


async def _delete_images() -> int:
    parts = {"before": str(now() - DAY), "limit": str(BATCH)}
    sql = fill(_DELETE, {**parts, "unused": fill(_UNUSED, parts)})
    rows, _ = await LinkImage._meta.db.execute_query(sql)
    return int(rows)


TASKS = (Task("prune-link-previews", prune, every=EVERY_HOUR),)
