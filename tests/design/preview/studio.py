"""What a designer does to files, and what the pages that are open show then."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from playwright.sync_api import Locator, Page

from tests.support.app_server import AppServer


class Studio:
    """Edits the files below a folder; as a context manager it puts them back at the end."""

    def __init__(self, root: Path, server: AppServer) -> None:
        self.root = root
        self.server = server
        self._before: dict[Path, bytes | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path, content in self._before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)

    def write(self, place: str, text: str) -> float:
        """Write the file `place` in place, and return when."""
        path = self._noted(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return time.monotonic()

    def edit(self, place: str, old: str, new: str, save: Callable[[Path, str], None] | None = None) -> float:
        """Put `new` where the file has `old`, once, and return when; `save` writes as a certain editor does."""
        path = self._noted(place)
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{place} has {text.count(old)} times {old!r}"
        text = text.replace(old, new)
        if save:
            save(path, text)
        else:
            path.write_text(text, encoding="utf-8")
        return time.monotonic()

    def move(self, place: str, target: str) -> None:
        """Rename a file."""
        self._noted(place).rename(self._noted(target))

    def delete(self, place: str) -> None:
        """Delete a file."""
        self._noted(place).unlink()

    def status(self, path: str) -> int:
        """Return the status of a page."""
        return httpx.get(f"{self.server.url}{path}", follow_redirects=True).status_code

    def _noted(self, place: str) -> Path:
        path = self.root / place
        self._before.setdefault(path, path.read_bytes() if path.exists() else None)
        return path


def atomically(path: Path, text: str) -> None:
    """Save as many editors do: write another file, and rename it."""
    other = path.with_name(f".{path.name}.new")
    other.write_text(text, encoding="utf-8")
    other.replace(path)


def with_backup(path: Path, text: str) -> None:
    """Save as vim does: move the file away, write it anew, delete the former one."""
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    path.write_text(text, encoding="utf-8")
    backup.unlink()


def in_steps(path: Path, text: str) -> None:
    """Save in several steps, with half a file in between."""
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, len(text), 200):
            file.write(text[start : start + 200])
            file.flush()


def problems(page: Page) -> Locator:
    """What the preview says is wrong, on this page."""
    return page.locator("#preview-problems")


class Sockets:
    """Counts the sockets that a page opens, and notes whether the first one is still open."""

    def __init__(self, page: Page) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []
        page.on("websocket", lambda socket: self.opened.append(socket.url))
        page.on("websocket", lambda socket: socket.on("close", lambda _: self.closed.append(socket.url)))
