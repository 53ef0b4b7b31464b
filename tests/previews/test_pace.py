"""All processes together fetch a bounded number of pages, and forget what nothing shows any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.previews.sites import Site, image_response, page, picture
from tests.support.engine import Engine
from webapp.chat import Message
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates
from webapp.live.templating.words_in_templates import WordsInTemplates
from webapp.previews.clock import DAY, HOUR, now
from webapp.previews.fetching import Bounds, Fetcher
from webapp.previews.models import LinkImage, LinkPage, LinkPreview
from webapp.previews.previewing import Pace, Previewing
from webapp.previews.pruning import prune
from webapp.tasks import FOR_EVER, Postponed, TaskContext


def context(engine: Engine, key: int = 0) -> TaskContext:
    """What a run is given; it uses the writer only."""
    return TaskContext(engine, FOR_EVER, str(key))  # type: ignore[arg-type]


def previewing(pace: Pace) -> Previewing:
    """The task, which may ask this machine."""
    bounds = Bounds(ports=None, per_name=1000, per_network=1000)
    return Previewing(Fetcher(bounds, allows=lambda address: address == "127.0.0.1"), pace)


async def said(engine: Engine, text: str, age: timedelta = timedelta()) -> int:
    """Write a message of this age; its id."""
    message = await Message.create(
        room_id=engine.room.id, handle="ann", message=text, timestamp=datetime.now(UTC) - age
    )
    return int(message.id)


async def test_when_enough_pages_were_fetched_the_next_message_waits(engine: Engine, site: Site) -> None:
    site.paths |= {"/a": page("a"), "/b": page("b")}
    first, again, second = [await said(engine, f"{site.url}/{path}") for path in ("a", "a", "b")]
    task = previewing(Pace(per_minute=1))
    await task.run(context(engine, first))
    # A page that is known is not fetched, so it does not count.
    await task.run(context(engine, again))
    with pytest.raises(Postponed):
        await task.run(context(engine, second))
    assert site.connections == 1
    assert await LinkPreview.all().count() == 2


async def test_when_too_many_messages_wait_the_next_one_has_no_preview(engine: Engine, site: Site) -> None:
    site.paths |= {"/a": page("a"), "/b": page("b")}
    first, second = [await said(engine, f"{site.url}/{path}") for path in ("a", "b")]
    task = previewing(Pace(per_minute=1, waiting=0))
    await task.run(context(engine, first))
    assert await task.run(context(engine, second)) == "nothing to show"
    assert site.connections == 1


async def test_a_link_in_an_old_message_is_not_fetched(engine: Engine, site: Site) -> None:
    site.paths["/a"] = page("a")
    old = await said(engine, f"{site.url}/a", timedelta(hours=2))
    assert await previewing(Pace()).run(context(engine, old)) == "nothing to show"
    assert site.connections == 0


async def test_pages_past_their_time_and_images_that_nothing_shows_are_forgotten(engine: Engine, site: Site) -> None:
    site.paths |= {
        "/a": page("a", "<meta property=og:image content=/a.png>"),
        "/b": page("b", "<meta property=og:image content=/b.png>"),
        "/a.png": image_response(picture(300, 300)),
        "/b.png": image_response(picture(400, 200)),
    }
    kept, gone = [await said(engine, f"{site.url}/{path}") for path in ("a", "b")]
    for key in (kept, gone):
        await previewing(Pace()).run(context(engine, key))
    assert await prune(context(engine)) is None
    await LinkPage.all().update(expires_at=now() - 2 * HOUR)
    await LinkImage.all().update(made_at=now() - 2 * DAY)
    await Message.filter(id=gone).delete()
    await prune(context(engine))
    assert await LinkPage.all().count() == 0
    (shown,) = await LinkPreview.all()
    assert [image.hash for image in await LinkImage.all()] == [shown.image]


def test_a_message_with_its_preview_is_rendered_once_for_readers_of_all_languages() -> None:
    # An include whose name only the row knows could have words, so each message would be rendered for each language.
    words = WordsInTemplates(Templates([TEMPLATES], Assets([STATIC])).environment)
    assert not words.has("chat/_message.html")
    assert not words.has("previews/_arrival.html")
