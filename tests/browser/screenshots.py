"""Draws the pictures of the first page, the room and the board in docs/images/; `bin/screenshots` runs it."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.board import number
from tests.browser.rooms import message, take_name, tell
from tests.support.app_server import ROOT, AppServer
from tests.support.chromium import FLAGS
from webapp.live.marks import Marks

IMAGES = ROOT / "docs" / "images"
LABEL = "quiet-harbor-2718"
NOW = datetime(2026, 5, 14, 18, 30, tzinfo=UTC)

MARKS = Marks("the same colours in each picture")

# Minutes before NOW, name, text.
TALK = (
    (26, "Mara", "Is anybody coming to the harbour on Saturday? The forecast looks good until the evening."),
    (25, "Jonas", "Yes! I can bring the small tent and two folding chairs."),
    (24, "Aiko", "Me too 🙌 I only finish at four, so I would take the later ferry."),
    (23, "Aiko", "Is there anything that I should bring?"),
    (22, "Mara", "The timetable is here: https://ferry.example/timetable\nThe last one back leaves at 22:40."),
    (19, "Tomás", "Then let us meet at the old lighthouse at five."),
    (
        15,
        "Jonas",
        "One thing to think about: last year we ran out of water before it was dark, and the kiosk had already closed. "
        "I will fill the two big canisters in the morning and leave them at the landing stage, so that nobody has to "
        "carry them all the way from the station. If somebody has a hand cart, that would help a lot.",
    ),
    (13, "Aiko", "My neighbour has one. I will ask her tonight."),
    (8, "Quiet Meadow", "May I join you? I am new in town and do not know anybody yet."),
    (7, "Mara", "Of course! Bring something warm, it gets windy out there 🌬️"),
    (3, "Tomás", "And good shoes. See you on Saturday!"),
)

VALUES = (
    ("Seats in the two cars", 9),
    ("Tents", 3),
    ("Litres of water", 40),
    ("Still to be paid for the ferry, in cents", -1860),
    ("Marshmallows", 128),
)

PICTURES: dict[str, dict[str, Any]] = {
    "room.png": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "room-dark.png": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "room-phone.png": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
FIRST: dict[str, dict[str, Any]] = {
    "first.png": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
}
BOARD: dict[str, dict[str, Any]] = {
    "board.png": {"viewport": {"width": 1280, "height": 560}, "color_scheme": "light"},
    "board-phone.png": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True},
}


def main() -> None:
    """Start the app on a database of its own, fill a room, and photograph it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as folder,
        AppServer(Path(folder)) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=FLAGS) as browser,
    ):
        for name, options in FIRST.items():
            draw_first(browser, server, IMAGES / name, options)
        for name, options in PICTURES.items():
            draw(browser, server, IMAGES / name, options)
        tell(server.database, "INSERT INTO integervalue (name, value) VALUES (?, ?)", VALUES)
        for name, options in BOARD.items():
            draw_board(browser, server, IMAGES / name, options)


def draw(browser: Browser, server: AppServer, file: Path, options: dict[str, Any]) -> None:
    """Write one picture of the room to `file`."""
    with browser.new_context(timezone_id="UTC", locale="en-GB", reduced_motion="reduce", **options) as context:
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        page.goto(f"{server.url}/{LABEL}/")
        take_name(page, "Mara")
        fill(server.database)
        page.reload()
        expect(message(page, TALK[-1][2])).to_be_in_viewport()
        page.screenshot(path=file)


def draw_first(browser: Browser, server: AppServer, file: Path, options: dict[str, Any]) -> None:
    """Write one picture of the first page to `file`."""
    with browser.new_context(timezone_id="UTC", locale="en-GB", reduced_motion="reduce", **options) as context:
        page = context.new_page()
        page.goto(server.url)
        tell(server.database, "INSERT INTO wave (id, count) VALUES (1, 128) ON CONFLICT DO NOTHING")
        page.reload()
        expect(page.locator("#people-count")).to_have_text("1 here")
        page.screenshot(path=file)


def draw_board(browser: Browser, server: AppServer, file: Path, options: dict[str, Any]) -> None:
    """Write one picture of the board to `file`."""
    with browser.new_context(locale="en-GB", reduced_motion="reduce", **options) as context:
        page = context.new_page()
        page.goto(f"{server.url}/values/")
        expect(number(page, VALUES[-1][0])).to_be_in_viewport()
        page.screenshot(path=file)


def fill(database: Path) -> None:
    """Put the conversation into the room, unless it is there already."""
    insert = (
        "INSERT INTO message (room_id, handle, message, timestamp, mark) SELECT id, ?, ?, ?, ? FROM room"
        " WHERE label = ? AND NOT EXISTS (SELECT 1 FROM message WHERE message = ?)"
    )
    rows = (
        (name, text, (NOW - timedelta(minutes=before)).isoformat(" "), MARKS.of(name, LABEL, name), LABEL, text)
        for before, name, text in TALK
    )
    tell(database, insert, rows)


if __name__ == "__main__":
    main()
