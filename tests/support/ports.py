"""Ports for the servers that tests start, each given to one test process of this machine."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

# Below the range that Linux takes outgoing ports from: a client that keeps trying a stopped server's port
# inside that range can be given the same port as its own, and is then connected to itself.
PORTS = range(20_000, 32_000)


class ServerFailed(AssertionError):
    """A server did not start, stop or stay up; the text ends with the tail of its log."""


class _Claims:
    """The ports that this process took for its servers, which no other test process on this machine gives out.

    Between the choice of a port and the start of its server, and while a test has its server down, nothing listens
    there: another worker could choose the same port, and one of the two servers would not start.
    """

    def __init__(self) -> None:
        self._mine: set[int] = set()
        self._file = -1

    def claim(self, port: int) -> bool:
        """Take a port until this process ends; False where it is taken."""
        if self._file < 0:
            name = Path(tempfile.gettempdir()) / f"webapp-test-ports-{os.getuid()}"
            self._file = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        if port in self._mine:
            return False
        try:
            # One byte for each port. The kernel gives it back when this process ends, however it ends.
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False
        self._mine.add(port)
        return True


_claims = _Claims()


def free_port() -> int:
    """A loopback TCP port that nothing listens on, and that a stopped server gets again at its next start."""
    for port in random.sample(PORTS, 200):
        if _claims.claim(port) and _is_free(port):
            return port
    raise ServerFailed(f"no free port from {PORTS.start} to {PORTS.stop}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
