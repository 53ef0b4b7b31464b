"""`bin/bench page`: what a message costs an open page in Chromium, as more and more have come to it.

One page stays open while messages pour in. After 50, 1,000 and 10,000 of them it gets some more, one at a time, and the
time that its main thread is busy is divided by their number. The comparison is a page that was loaded a moment before.
"""

import argparse
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.harness import app
from bench.harness.stopping import stop_by_signals

ROOM = "bench-room-1"
SIZES = (50, 1000, 10_000)
POURED = 1000  # rows in one transaction
AIM = 1.3
PATIENCE = 120_000  # milliseconds

LAST = "text => document.querySelector('#chat > li:last-child p')?.textContent === text"
SHOWN = "() => document.querySelectorAll('#log li[id]').length"
LIVE = "() => document.querySelector('#people-count')?.textContent"
PAINTED = "() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))"


class Room:
    """A room of the app that is measured, and what is said in it."""

    def __init__(self, port: int, database: Path) -> None:
        self.url = f"http://127.0.0.1:{port}/{ROOM}/"
        self._database = database
        self._numbers = count()
        app.enter(port, ROOM)

    def say(self) -> str:
        """Say a message as a visitor; return its text."""
        text = f"message {next(self._numbers)}"
        form = urllib.parse.urlencode({"handle": "bench", "message": text}).encode()
        with urllib.request.urlopen(self.url, form, timeout=30) as response:
            response.read()
        return text

    def pour(self, rows: int) -> str:
        """Have another program write `rows` messages at once; return the text of the last."""
        texts = [f"message {next(self._numbers)}" for _ in range(rows)]
        insert = "INSERT INTO message (room_id, handle, message) SELECT id, 'bench', ? FROM room WHERE label = ?"
        with closing(sqlite3.connect(self._database, timeout=30)) as connection, connection:
            connection.executemany(insert, ((text, ROOM) for text in texts))
        return texts[-1]


class Window:
    """A page of the room in a window of its own."""

    def __init__(self, browser: Browser, room: Room) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 800})
        self._room = room
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(room.url)
        self.page.wait_for_function(LIVE)
        self._devtools = self._context.new_cdp_session(self.page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def fill(self, rows: int) -> float:
        """Have `rows` more messages come; return the seconds until the last is on the page."""
        began = time.monotonic()
        while rows > 0:
            self._wait_for(self._room.pour(min(rows, POURED)))
            rows -= POURED
        return time.monotonic() - began

    def cost(self, messages: int) -> float:
        """Return the milliseconds that the page's main thread is busy with each of `messages`, one at a time."""
        self.page.evaluate(PAINTED)
        before = self._busy()
        for _ in range(messages):
            self._wait_for(self._room.say())
        self.page.evaluate(PAINTED)
        return (self._busy() - before) / messages * 1000

    def close(self) -> None:
        """Close it."""
        self._context.close()

    def _wait_for(self, text: str) -> None:
        self.page.wait_for_function(LAST, arg=text)

    def _busy(self) -> float:
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 1 when there is no Chromium."""
    parser = argparse.ArgumentParser(prog="bin/bench page", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that it works")
    quick: bool = parser.parse_args(arguments).quick
    stop_by_signals()
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("No Chromium on the PATH. On Debian: sudo apt-get install chromium", file=sys.stderr)
        return 1
    try:
        with _browser(path) as browser, tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "bench.sqlite3"
            with app.serving(Path(folder), f"sqlite://{database}") as server:
                _report(browser, Room(server.port, database), *((10, 1) if quick else (40, 3)))
    except KeyboardInterrupt:
        print("stopped; so are the server and the browser", file=sys.stderr)
        return 130
    return 0


@contextmanager
def _browser(path: str) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=flags) as browser:
        yield browser


def _report(browser: Browser, room: Room, messages: int, rounds: int) -> None:
    opened = Window(browser, room)
    print(
        "| messages that came | s until all were there | ms a message | a fresh page | ratio | messages on the page |"
    )
    print("| --- " * 6 + "|")
    came, ratio = 0, 0.0
    for size in SIZES:
        seconds = opened.fill(max(size - came, 0))
        came = max(size, came) + 2 * messages * rounds
        costs = [(opened.cost(messages), _fresh(browser, room, messages)) for _ in range(rounds)]
        mine, fresh = (statistics.median(column) for column in zip(*costs, strict=True))
        ratio = mine / fresh
        shown = opened.page.evaluate(SHOWN)
        print(f"| {size:,} | {seconds:.1f} | {mine:.1f} | {fresh:.1f} | {ratio:.2f} | {shown} |", flush=True)
    verdict = "PASS" if ratio <= AIM else "short of the aim"
    print(f"\n{verdict}: a page open for {SIZES[-1]:,} messages against a fresh one: {ratio:.2f}, at most {AIM} times")


def _fresh(browser: Browser, room: Room, messages: int) -> float:
    window = Window(browser, room)
    cost = window.cost(messages)
    window.close()
    return cost


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
