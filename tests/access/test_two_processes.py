"""No order of acts, restarts and reconnects at two processes shows a room to one who may not see it, or locks one out.

Hypothesis chooses what the owner, the visitors and the processes do. A model of a few lines says who may see the room.
After each step every visitor tries every way in, at both processes: by new pages, and by the page that was open all
along.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.access.people import Person
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient
from tests.support.postgres_server import PostgresServer

VISITORS = ("ann", "bob", "cleo")
NUMBERS = itertools.count(1)
ACTS = ("knows", "wrong", "knock", "admit", "turn_away", "ban", "lift")

Step = tuple[str, str]
"""What is done, and to or by whom."""

STEPS = st.one_of(
    st.tuples(st.just("passphrase"), st.sampled_from(["one", "two", ""])),
    st.tuples(st.just("private"), st.sampled_from(["on", ""])),
    st.tuples(st.sampled_from(ACTS), st.sampled_from(VISITORS)),
    st.tuples(st.just("restart"), st.sampled_from(["0", "1"])),
)


@dataclass
class Model:
    """Who may see the room."""

    passphrase: str = ""
    is_private: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    banned: set[str] = field(default_factory=set)

    def may_see(self, visitor: str) -> bool:
        """Whether `visitor` may see the room."""
        if visitor in self.banned:
            return False
        role = self.roles.get(visitor)
        is_open = not self.passphrase and not self.is_private
        return is_open or role == "guest" or (role == "knows" and self.passphrase != "")

    def step(self, act: str, whom: str) -> None:
        """Do a step."""
        if act == "passphrase":
            self.passphrase = whom
            self.roles = {name: "knew" if role == "knows" else role for name, role in self.roles.items()}
        elif act == "private":
            self.is_private = bool(whom)
        elif act in ("ban", "lift"):
            (self.banned.add if act == "ban" else self.banned.discard)(whom)
            self.roles = {name: role for name, role in self.roles.items() if name not in self.banned}
        elif role := self._role_after(act, whom):
            self.roles[whom] = role

    def _role_after(self, act: str, whom: str) -> str | None:
        role, is_outside = self.roles.get(whom), whom not in self.banned and not self.may_see(whom)
        after = {
            "knows": "knows" if is_outside and self.passphrase else None,
            "knock": "waiting" if is_outside and self.is_private and role != "turned_away" else None,
            "admit": "guest" if role in ("waiting", "turned_away") else None,
            "turn_away": "turned_away" if role in ("waiting", "guest") else None,
        }
        return after.get(act)


class Play:
    """One room, its owner and its visitors, at two processes."""

    def __init__(self, servers: Sequence[AppServer]) -> None:
        self.servers = servers
        self.label = f"rights-{next(NUMBERS)}"
        self.model = Model()
        self.owner = Person(servers[0].url, self.label, "Olga")
        self.owner.page()
        self.people = {name: Person(servers[0].url, self.label, name) for name in VISITORS}
        self.said: dict[str, int] = {}
        for name, person in self.people.items():
            person.page()
            person.http.post(f"/{self.label}/", data={"handle": name, "message": f"{name} was here"})
        for message in self.owner.page().messages():
            self.said[message.handle] = message.id
        self.pages: dict[str, LiveClient] = {}

    async def open(self, stack: AsyncExitStack) -> None:
        """Open the pages of the visitors, some at each process."""
        for number, (name, person) in enumerate(self.people.items()):
            url = self.servers[number % 2].url
            http = httpx.AsyncClient(base_url=url, follow_redirects=True, cookies=person.http.cookies, timeout=60)
            await stack.enter_async_context(http)
            page = LiveClient(url, self.label, retry=0.1, http=http)
            self.pages[name] = await stack.enter_async_context(page)

    def close(self) -> None:
        """Close the connections of everybody."""
        for person in (self.owner, *self.people.values()):
            person.http.close()

    def do(self, act: str, whom: str) -> None:
        """Do a step."""
        if act == "passphrase":
            self.owner.set("passphrase" if whom else "open", passphrase=whom)
        elif act == "private":
            self.owner.set("admission", is_private=whom)
        elif act == "restart":
            self.servers[int(whom)].stop()
            self.servers[int(whom)].start()
        elif act in ("knows", "wrong", "knock"):
            tried = {"knows": self.model.passphrase, "wrong": "never the passphrase", "knock": ""}
            self.people[whom].knock(whom, tried[act])
        elif act == "ban":
            self.owner.ban(self.said[whom])
        elif number := self.owner.id_of(whom, act):
            self.owner.set(act, id=number)
        self.model.step(act, whom)

    def check_new_pages(self, word: str) -> None:
        """Have every visitor try every way in, at both processes."""
        for server, (name, person) in itertools.product(self.servers, self.people.items()):
            with person.at(server.url) as there:
                for path in ("", "messages", f"messages/{self.said[name]}"):
                    answer = there.get(path)
                    may = self.model.may_see(name)
                    assert (answer.status_code == 200) is may, (name, path, self.model)
                    assert (word in answer.text) is (may and path != f"messages/{self.said[name]}"), (name, path)

    async def check_open_page(self, name: str, word: str) -> None:
        """See that the page that was open all along shows the word, or is closed without it."""
        page = self.pages[name]
        if self.model.may_see(name):
            if page.closed_with == 4403:
                await page.load()
                await page.reconnect()
            await page.until(lambda found: found.texts()[-1:] == [word])
            return
        if page.connected or page.closed_with != 4403:
            await page.until(lambda _: page.closed_with == 4403)
        assert page.page.texts() == [], name
        await page.reconnect()
        assert await page.until_closed() == 4403
        assert not any(word in frame for frame in page.frames), name


@pytest.fixture(scope="module")
def servers(
    postgres: PostgresServer, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[AppServer]]:
    """Two processes on one PostgreSQL."""
    url = postgres.url(postgres.create_database(migrated))
    env = {"DATABASE_URL": url, "BROADCAST_URL": "", "SECRET_KEY": "kept-between-two-processes-0123456789"}
    folder = tmp_path_factory.mktemp("two")
    with AppServer(folder / "a", env) as first, AppServer(folder / "b", env) as second:
        yield [first, second]
    for each in (first, second):
        each.check()


# Each step takes part of a second, so a failure is told as it was found.
@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example([("passphrase", "one"), ("knows", "ann"), ("passphrase", "two"), ("knows", "bob"), ("passphrase", "")])
@example(
    [("private", "on"), ("knock", "ann"), ("admit", "ann"), ("restart", "0"), ("turn_away", "ann"), ("private", "")]
)
@example([("ban", "ann"), ("restart", "1"), ("passphrase", "one"), ("knows", "ann"), ("lift", "ann"), ("knows", "ann")])
@given(st.lists(STEPS, min_size=3, max_size=8))
def test_a_room_is_shown_to_those_who_may_see_it_and_to_nobody_else(
    servers: Sequence[AppServer], steps: list[Step]
) -> None:
    asyncio.run(_play(servers, steps))


async def _play(servers: Sequence[AppServer], steps: list[Step]) -> None:
    play = await asyncio.to_thread(Play, servers)
    async with AsyncExitStack() as stack:
        stack.callback(play.close)
        await play.open(stack)
        for number, step in enumerate(steps):
            await asyncio.to_thread(play.do, *step)
            word = f"word {number} of {play.label}"
            with play.owner.at(servers[number % 2].url) as there:
                await asyncio.to_thread(there.say, word)
            await asyncio.to_thread(play.check_new_pages, word)
            for name in VISITORS:
                await play.check_open_page(name, word)
