"""A room with an owner and a visitor who came later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.access.people import HIDDEN, Person
from tests.support.app_server import AppServer


@pytest.fixture
def person(server: AppServer, room: str) -> Iterator[Callable[..., Person]]:
    """`person(name)` is one more visitor of the room, who has not opened it yet."""
    with ExitStack() as stack:
        yield lambda name="": stack.enter_context(Person(server.url, room, name))


@pytest.fixture
def owner(person: Callable[..., Person]) -> Person:
    """Who made the room, and said something in it."""
    found = person("Olga")
    found.page()
    found.say(HIDDEN)
    return found


@pytest.fixture
def guest(owner: Person, person: Callable[..., Person]) -> Person:
    """A visitor who came later."""
    found = person("Gus")
    found.page()
    return found
