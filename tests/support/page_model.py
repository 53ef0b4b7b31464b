"""What a room's page shows to its reader, built from nothing but the page's HTML and the frames it got."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml.html import HtmlElement

from tests.support.dom import Document


class Message(NamedTuple):
    """One message as a reader sees it."""

    id: int
    handle: str
    text: str


class PageModel:
    """A room's page. `apply` is the one thing that changes it."""

    def __init__(self, html: str) -> None:
        self.document = Document(html)

    def apply(self, frame: str) -> None:
        """Take a frame in, as htmx would; raises what `tests.support.dom` raises."""
        self.document.apply(frame)

    def messages(self) -> list[Message]:
        """The messages in the order in which they stand on the page, older ones first when all is well."""
        return [_message(element) for element in self.document.root.iter("li") if _is_message(element)]

    def texts(self) -> list[str]:
        """The messages' texts, in the same order."""
        return [message.text for message in self.messages()]

    @property
    def cursor(self) -> str:
        """The cursor that this page sends at its next opening."""
        return self.fields("cursor")["cursor"]

    @property
    def live_path(self) -> str:
        """The path of the socket that the page opens, as in `/shy-moon-1234/live`."""
        found = [element.get("hx-ws:connect") for element in self.document.root.iter()]
        (path,) = [each for each in found if each is not None]
        return path

    def text_of(self, name: str) -> str:
        """The text within the element `#name`, without blanks around it; "" when there is no such element."""
        element = self.document.by_id(name)
        return "" if element is None else element.text_content().strip()

    def fields(self, name: str) -> dict[str, str]:
        """What a browser sends of the untouched form that is, or holds, the element `#name`."""
        element = self.document.by_id(name)
        assert element is not None, f"no element #{name} on the page"
        form = next(each for each in (element, *element.iterancestors("form")) if each.tag == "form")
        controls = [each for each in form.iter("input", "textarea") if each.get("name")]
        return {each.get("name", ""): _value(each) for each in controls}


def _value(control: HtmlElement) -> str:
    return (control.text or "") if control.tag == "textarea" else control.get("value", "")


def _is_message(element: HtmlElement) -> bool:
    return re.fullmatch(r"message-\d+", element.get("id", "")) is not None


def _message(element: HtmlElement) -> Message:
    (handle,), (text,) = element.findall("b"), element.findall("p") or element.findall("div")
    # Behind a name that looks like another one stands a sign, which is no part of it.
    name = (handle.text or "").removesuffix(" ") if len(handle) else handle.text_content()
    return Message(int(element.get("id", "").removeprefix("message-")), name, text.text_content())
