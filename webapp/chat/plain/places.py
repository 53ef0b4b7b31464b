"""Bounds how many talks a process writes at once: each keeps a connection for as long as its reader stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 500
"""Talks of a process, at most; sockets and pages have the other connections."""

MOST_OF_NETWORK = 50
"""Talks of one network, at most."""


class Full(Exception):
    """There is no place."""


class Places:
    """The places for talks in this process."""

    def __init__(self) -> None:
        self._taken = Counter[str]()

    @contextmanager
    def taken(self, network: str) -> Iterator[None]:
        """Take a place for a reader of `network`.

        Raises:
            Full: There is none.
        """
        if self._taken.total() >= MOST or (network and self._taken[network] >= MOST_OF_NETWORK):
            raise Full
        self._taken[network] += 1
        try:
            yield
        finally:
            self._taken[network] -= 1
            if not self._taken[network]:
                del self._taken[network]
