"""Visitors of a room who own it, look after it, or stand before its door; without a browser."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

import httpx
from lxml.html import fromstring

from tests.support.page_model import PageModel
from webapp.chat.messages import BANS

HIDDEN = "a word that only those inside may read"


class Person:
    """A visitor with cookies of its own."""

    def __init__(self, url: str, label: str, name: str = "") -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
        self.label = label
        if name:
            self.http.post("/me/", data={"handle": name})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def at(self, url: str) -> Person:
        """The same visitor at another process."""
        other = Person(url, self.label)
        other.http.cookies.update(self.http.cookies)
        return other

    def get(self, path: str = "") -> httpx.Response:
        """Ask for the room, or for a page below it."""
        return self.http.get(f"/{self.label}/{path}")

    def page(self) -> PageModel:
        """The room; fails if the door is there."""
        answer = self.get()
        assert answer.status_code == 200, answer.status_code
        return PageModel(answer.text)

    def say(self, text: str, **fields: str) -> httpx.Response:
        """Say something by the plain form."""
        return self.http.post(f"/{self.label}/", data={"handle": "", "message": text, **fields})

    def set(self, act: str, **fields: str) -> httpx.Response:
        """Send a form of the settings."""
        return self.http.post(f"/{self.label}/settings", data={"act": act, **fields})

    def knock(self, name: str = "", passphrase: str = "") -> httpx.Response:
        """Ask to be let in, or give a passphrase."""
        return self.http.post(f"/{self.label}/door", data={"handle": name, "passphrase": passphrase})

    def change(self, message: int, act: str, **fields: str) -> httpx.Response:
        """Send a form of a message's page."""
        return self.http.post(f"/{self.label}/messages/{message}", data={"act": act, **fields})

    def ban(self, message: int, until: str = "always", **fields: str) -> httpx.Response:
        """Keep out who said a message."""
        assert until in BANS
        return self.change(message, "ban", until=until, **fields)

    def ids(self, act: str) -> list[str]:
        """What the settings have a button for, by the value of the button."""
        page = fromstring(self.get("settings").text)
        return [
            str(form.fields["id"])
            for form in page.forms
            if form.xpath(f".//button[@value='{act}']") and "id" in form.fields
        ]

    def id_of(self, name: str, act: str) -> str | None:
        """The number of the person `name` in the settings, if there is a button with the value `act` for it."""
        page = fromstring(self.get("settings").text)
        for item in page.xpath(f"//li[.//b[text()='{name}']][.//button[@value='{act}']]"):
            return str(item.xpath(".//input[@name='id']/@value")[0])
        return None


def last_message(page: PageModel) -> int:
    """The number of the newest message on a page."""
    return page.messages()[-1].id


def owner_key(answer: httpx.Response) -> str:
    """The secret in an owner link that the settings show."""
    found = re.search(r"own\?key=([\w-]+)", answer.text)
    assert found is not None
    return found[1]
