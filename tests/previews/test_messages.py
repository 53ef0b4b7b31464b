"""A preview comes into its message on every open page, and goes with it, whichever program wrote the message."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from lxml.html import HtmlElement

from tests.previews.conftest import App
from tests.previews.server import COMMAND
from tests.previews.sites import Send, Site, image_response, page, picture, response
from tests.support.app_server import AppServer
from tests.support.commands import webapp
from tests.support.database_shell import shell
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel
from tests.support.patience import eventually

DESCRIPTION = "<meta name=description content='What it is about'>"
WITH_IMAGE = "<meta property=og:image content=/i.png>"


def shown(model: PageModel) -> list[str]:
    """The texts of all previews on a page, in their order."""
    found = [element for element in model.document.root.iter("aside") if element.get("class") == "preview"]
    return [" ".join(" ".join(element.itertext()).split()) for element in found]


def images(model: PageModel) -> list[HtmlElement]:
    """The images of all previews on a page."""
    return [element for element in model.document.root.iter("img") if element.get("class") == "preview__image"]


def showing(*texts: str) -> Callable[[PageModel], bool]:
    """Whether a page shows just these previews."""
    return lambda model: shown(model) == list(texts)


def waiting(app: App, room: str) -> list[list[str]]:
    """The tasks of one room's messages that wait for their preview.

    Those of other tests may be put off for as long as any wait here lasts.
    """
    messages = f"SELECT m.id FROM message m JOIN room r ON r.id = m.room_id WHERE r.label = '{room}'"
    return app.query(
        f"SELECT key FROM background_task WHERE name = 'preview-link' AND CAST(key AS bigint) IN ({messages})"
    )


async def test_a_preview_comes_into_its_message_on_every_page(app: App, site: Site, room: str) -> None:
    site.paths |= {"/a": page("Quiet &amp; river", DESCRIPTION + WITH_IMAGE), "/i.png": image_response(picture())}
    async with LiveClient(app.server.url, room) as ann, LiveClient(app.server.url, room) as bob:
        await ann.say("ann", "before")
        await ann.say("ann", f"look at {site.url}/a, it is good")
        await ann.say("ann", "after")
        for each in (ann, bob):
            await each.until(showing("127.0.0.1 Quiet & river What it is about"))
            assert each.page.texts() == ["before", f"look at {site.url}/a, it is good", "after"]
        pushed = [frame for frame in bob.frames if "preview" in frame]
        # Neither the message nor its list is sent again.
        assert ["<li" in frame for frame in pushed] == [False]
        await bob.load()
        assert shown(bob.page) == shown(ann.page)
        html = (await bob.http.get(f"/{room}/messages")).text
        assert html.count('class="preview"') == 1
    assert not waiting(app, room)


async def test_the_image_is_served_from_here_for_ever(app: App, site: Site, room: str) -> None:
    site.paths |= {"/a": page("Pictured", WITH_IMAGE), "/i.png": image_response(picture(800, 400))}
    async with LiveClient(app.server.url, room) as ann:
        await ann.say("ann", f"{site.url}/a")
        await ann.until(showing("127.0.0.1 Pictured"))
        (image,) = images(ann.page)
        assert (image.get("width"), image.get("height")) == ("320", "160")
        answer = await ann.http.get(image.get("src") or "")
        assert answer.headers["Content-Type"] == "image/webp"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content[8:12] == b"WEBP"
        for wrong in ("0" * 32, "x", "..%2f..%2fetc%2fpasswd", "0" * 33):
            assert (await ann.http.get(f"/fragments/previews/{wrong}.webp")).status_code == 404


async def test_a_message_that_another_program_writes_changes_and_deletes_is_followed(
    app: App, site: Site, room: str
) -> None:
    site.paths |= {"/a": page("First"), "/b": page("Second")}
    async with LiveClient(app.server.url, room) as ann:
        ((room_id,),) = await asyncio.to_thread(app.query, f"SELECT id FROM room WHERE label = '{room}'")

        async def run(sql: str) -> None:
            await asyncio.to_thread(app.query, sql)

        await run(f"INSERT INTO message (room_id, handle, message) VALUES ({room_id}, 'psql', 'see {site.url}/a')")
        await ann.until(showing("127.0.0.1 First"))
        await run(f"UPDATE message SET message = '{site.url}/a still' WHERE room_id = {room_id}")
        await ann.until(lambda model: model.texts() == [f"{site.url}/a still"])
        assert shown(ann.page) == ["127.0.0.1 First"]
        await run(f"UPDATE message SET message = '{site.url}/b' WHERE room_id = {room_id}")
        await ann.until(showing("127.0.0.1 Second"))
        await run(f"UPDATE message SET message = 'no link' WHERE room_id = {room_id}")
        await ann.until(showing())
        await run(f"UPDATE message SET message = '{site.url}/b' WHERE room_id = {room_id}")
        await ann.until(showing("127.0.0.1 Second"))
        await run(f"DELETE FROM message WHERE room_id = {room_id}")
        await ann.until(lambda model: not model.messages())
        left = f"SELECT count(*) FROM link_preview WHERE room_id = {room_id}"
        assert await asyncio.to_thread(app.query, left) == [["0"]]


async def test_a_page_that_was_away_catches_up_on_previews(app: App, site: Site, room: str) -> None:
    site.paths["/a"] = page("Missed")
    async with LiveClient(app.server.url, room) as ann, LiveClient(app.server.url, room) as bob:
        await ann.say("ann", "first")
        await bob.until(lambda model: model.texts() == ["first"])
        await bob.drop()
        await ann.say("ann", f"{site.url}/a")
        await ann.until(showing("127.0.0.1 Missed"))
        await bob.reconnect()
        await bob.until(showing("127.0.0.1 Missed"))
        assert bob.page.texts() == ["first", f"{site.url}/a"]


async def test_a_page_that_many_link_to_is_fetched_once(app: App, site: Site, room: str) -> None:
    site.paths["/a"] = page("Once")
    async with LiveClient(app.server.url, room) as ann:
        for number in range(5):
            await ann.say("ann", f"{site.url}/a {number}")
        await ann.until(showing(*["127.0.0.1 Once"] * 5))
        await ann.say("ann", f"{site.url}/a again")
        await ann.until(showing(*["127.0.0.1 Once"] * 6))
    assert site.requests("/a") == 1


async def test_a_message_without_a_link_asks_for_no_task(app: App, room: str) -> None:
    async with LiveClient(app.server.url, room) as ann:
        for text in ("hi", "www.example.com", "mailto:ann@example.com", "http:/ no", "1:// ftp://x"):
            await ann.say("ann", text)
        await ann.until(lambda model: len(model.texts()) == 5)
    assert not waiting(app, room)


async def test_a_hostile_page_harms_nothing(app: App, site: Site, room: str) -> None:
    title = "</title>" + "&lt;script&gt;alert(1)&lt;/script&gt;" + "\u202e" + "x" * 1_000_000
    site.paths |= {
        "/a": page("nothing", f"<meta property=og:title content='\u202e&lt;/a&gt;&lt;script&gt;alert(1){'x' * 3000}'>"),
        "/b": page(title),
        "/c": page("Image", "<meta property=og:image content='javascript:alert(1)'>"),
        "/d": page("Local", "<meta property=og:image content='http://127.0.0.2/i.png'>"),
    }
    async with LiveClient(app.server.url, room) as ann:
        await ann.say("ann", f"{site.url}/a")
        await ann.until(lambda model: len(shown(model)) == 1)
        assert shown(ann.page)[0].startswith("127.0.0.1 </a><script>alert(1)xxx")
        assert len(shown(ann.page)[0]) < 200
        await ann.say("ann", f"{site.url}/c")
        await ann.say("ann", f"{site.url}/d")
        await ann.until(lambda model: shown(model)[1:] == ["127.0.0.1 Image", "127.0.0.1 Local"])
        await ann.say("ann", f"{site.url}/b")
        await eventually(lambda: not waiting(app, room), app.server.log)
        assert not images(ann.page)
        assert "<script>alert" not in "".join(ann.frames)


async def test_a_site_that_does_not_answer_is_asked_again_later(app: App, site: Site, room: str) -> None:
    site.paths["/a"] = response("503 Unavailable")
    async with LiveClient(app.server.url, room) as ann:
        await ann.say("ann", f"{site.url}/a")
        await eventually(lambda: app.query("SELECT 1 FROM link_page WHERE state = 'failed'"), app.server.log)
        site.paths["/a"] = page("Here again")
        # As if its time had come.
        await asyncio.to_thread(app.query, "UPDATE link_page SET expires_at = 0 WHERE state = 'failed'")
        put_off = "UPDATE background_task SET due_at = 0 WHERE name = 'preview-link' AND due_at > 0 RETURNING id"
        await eventually(lambda: app.query(put_off), app.server.log)
        await ann.until(showing("127.0.0.1 Here again"))
    assert "failed" not in app.server.log()


async def test_no_link_comes_into_the_log(app: App, site: Site, room: str) -> None:
    site.paths |= {"/hidden-path": page("hidden-title"), "/hidden-gone": response("404 Not Found")}
    async with LiveClient(app.server.url, room) as ann:
        for path in ("hidden-path", "hidden-gone"):
            await ann.say("ann", f"{site.url}/{path}")
        await ann.say("ann", "http://hidden-name.invalid/hidden-path http://127.0.0.2/hidden-path")
        await ann.until(showing("127.0.0.1 hidden-title"))
        await eventually(lambda: len(waiting(app, room)) <= 1, app.server.log)
    assert "hidden" not in app.server.log()


async def test_a_preview_arrives_although_its_process_was_killed_while_it_fetched(
    alone: AppServer, site: Site, room: str
) -> None:
    answering = threading.Event()

    def slow(send: Send) -> None:
        answering.wait(30)
        send(page("After all"))

    site.paths["/a"] = slow
    await asyncio.to_thread(alone.start)
    async with LiveClient(alone.url, room, retry=0.1) as ann:
        await ann.say("ann", f"{site.url}/a")
        await eventually(lambda: site.requests("/a") == 1, alone.log)
        await asyncio.to_thread(alone.kill9)
        answering.set()
        # As if the time had passed after which another process takes over.
        over = "UPDATE background_task SET lease_until = 0 WHERE lease IS NOT NULL; UPDATE link_page SET expires_at = 0"
        await asyncio.to_thread(shell, alone.database, over)
        await asyncio.to_thread(alone.start)
        await ann.until(showing("127.0.0.1 After all"))
    assert site.requests("/a") == 2


async def test_switched_off_nothing_is_fetched_and_nothing_waits(tmp_path: Path, site: Site, room: str) -> None:
    site.paths["/a"] = page("Not wanted")
    with AppServer(tmp_path, {"LINK_PREVIEWS": "off"}, command=COMMAND) as server:
        async with LiveClient(server.url, room) as ann:
            await ann.say("ann", f"{site.url}/a")
            await ann.until(lambda model: len(model.texts()) == 1)
            left = "SELECT key FROM background_task WHERE name = 'preview-link'"
            await eventually(lambda: not shell(server.database, left), server.log)
            assert not shown(ann.page)
    server.check()
    assert site.connections == 0


async def test_the_app_as_it_is_deployed_asks_no_server_of_its_own_machine(
    server: AppServer, site: Site, room: str
) -> None:
    site.paths["/"] = page("private")
    ports = [f"http://127.0.0.1:{site.port}/", f"http://localhost:{site.port}/", "http://127.0.0.1/", "http://[::1]/"]
    async with LiveClient(server.url, room) as ann:
        for link in ports:
            await ann.say("ann", link)
        await ann.until(lambda model: len(model.texts()) == len(ports))
        left = (
            "SELECT key FROM background_task JOIN message ON key = CAST(message.id AS TEXT)"
            f" JOIN room ON room.id = room_id WHERE background_task.name = 'preview-link' AND label = '{room}'"
        )
        await eventually(lambda: not shell(server.database, left), server.log)
        assert not shown(ann.page)
    assert site.connections == 0


async def test_an_export_has_the_link_and_no_preview(alone: AppServer, site: Site, room: str) -> None:
    site.paths["/a"] = page("Exported")
    await asyncio.to_thread(alone.start)
    async with LiveClient(alone.url, room) as ann:
        await ann.say("ann", f"{site.url}/a")
        await ann.until(showing("127.0.0.1 Exported"))
    done = await asyncio.to_thread(webapp, "export", room, "--html", DATABASE_URL=f"sqlite://{alone.database}")
    assert f'href="{site.url}/a"' in done.stdout
    assert "Exported" not in done.stdout
