"""The to-do list without a browser: a page, its forms, and its socket."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
from lxml.html import HtmlElement
from websockets.sync.client import ClientConnection, connect

from tests.support.dom import Document
from tests.support.patience import PATIENCE


class Todo(NamedTuple):
    """A row as a reader sees it."""

    pk: str
    title: str
    done: bool


class TodoPage:
    """One visitor's page; use it as a context manager.

    live: it opens its socket, as with scripts. name: the stream's.
    """

    def __init__(self, url: str, path: str = "/todos/", *, live: bool = True, name: str = "todo") -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True)
        self.path = path
        self.name = name
        self._live = live
        self._opened = ExitStack()
        self._socket: ClientConnection | None = None
        self.status = 0
        self.document: Document

    def __enter__(self) -> Self:
        try:
            self.open(self.path)
            if self._live:
                self.reconnect()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()
        self.http.close()

    def reconnect(self) -> None:
        """Open the socket, and ask for what came since."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        url = f"ws{str(self.http.base_url).removeprefix('http').rstrip('/')}{self._one('main').get('hx-ws:connect')}"
        opened = connect(url, additional_headers={"Cookie": cookies}, compression=None)
        self._socket = self._opened.enter_context(opened)
        self.send(self.fields(self._form("resume")))

    def disconnect(self) -> None:
        """Lose the socket."""
        self._socket = None
        self._opened.close()

    def open(self, path: str) -> None:
        """Load the page at `path`."""
        self._show(self.http.get(path))

    def post(self, action: str, **typed: str) -> None:
        """Send the form for `action` as a browser does without scripts, with what is `typed` into it."""
        self._show(self.http.post(self.path, data={**self.fields(self._form(action)), **typed}))

    def press(self, pk: str, action: str) -> None:
        """Press the row's button for `action`: over the socket if there is one, else the form is posted."""
        row = self.document.by_id(f"{self.name}-{pk}")
        assert row is not None
        form = next(form for form in row.iter("form") if self.fields(form).get("action") == action)
        (button,) = form.iter("button")
        pressed = {button.get("name", ""): button.get("value", "")} if button.get("name") else {}
        values = {**self.fields(form), **pressed}
        if self._socket is not None:
            self.send(values)
        else:
            self._show(self.http.post(self.path, data=values))

    def send(self, values: dict[str, str]) -> None:
        """Send a frame as hx-ws does."""
        assert self._socket is not None
        self._socket.send(json.dumps({**values, "headers": {"HX-Request": "true"}}))

    def rows(self) -> list[Todo]:
        """The list as it stands on the page."""
        found = self.document.by_id(self.name)
        assert found is not None
        return [self._todo(element) for element in found]

    def text_of(self, name: str) -> str:
        """What the element `#name` says."""
        element = self.document.by_id(name)
        return "" if element is None else element.text_content().strip()

    def until(self, *rows: tuple[str, bool], timeout: float = PATIENCE) -> None:
        """Take frames in until just these (title, done) are shown; raises AssertionError after `timeout` seconds."""
        self.until_true(lambda: [(row.title, row.done) for row in self.rows()] == list(rows), timeout)

    def until_true(self, true: Any, timeout: float = PATIENCE) -> None:
        """Take frames in until `true()`; raises AssertionError after `timeout` seconds."""
        assert self._socket is not None
        deadline = time.monotonic() + timeout
        while not true():
            try:
                frame = self._socket.recv(timeout=max(0, deadline - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"still {self.rows()}") from None
            assert isinstance(frame, str)
            self.document.apply(frame)

    def fields(self, form: HtmlElement) -> dict[str, str]:
        """What a browser sends of the untouched form."""
        sent = (each for each in form.iter("input") if each.get("type") != "checkbox" or "checked" in each.attrib)
        return {each.get("name", ""): each.get("value", "") for each in sent}

    @property
    def alerts(self) -> list[str]:
        """What the page says is wrong."""
        found = (each for each in self.document.root.iter() if each.get("role") == "alert")
        return [text for each in found if (text := each.text_content().strip())]

    def _form(self, action: str) -> HtmlElement:
        """The form that has a hidden field with this action."""
        return next(form for form in self.document.root.iter("form") if self.fields(form).get("action") == action)

    def _one(self, tag: str) -> HtmlElement:
        (found,) = self.document.root.iter(tag)
        return found

    def _show(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.document = Document(answer.text)

    def _todo(self, element: HtmlElement) -> Todo:
        (title,) = element.findall("b")
        pk = element.get("data-key", "")
        assert element.get("id") == f"{self.name}-{pk}"
        marks = [(mark.text or "").strip() for mark in element.findall("p")]
        return Todo(pk, title.text_content().strip(), "✓ Done" in marks)
