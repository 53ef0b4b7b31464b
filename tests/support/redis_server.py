"""A Redis server of the tests' own, which they break and mend; nothing that it holds is kept."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.support.leftovers import guard, guard_folder, release
from tests.support.patience import PATIENCE, eventually_blocking
from tests.support.ports import ServerFailed, free_port
from tests.support.proxy_server import accepts


class RedisServer:
    """Use it as a context manager. Its port stays the same over all starts; all methods block.

    tls: options that make it speak TLS on that port, and nothing else.
    """

    def __init__(self, tls: Sequence[str] = ()) -> None:
        self.port = free_port()
        self._tls = tls
        self._folder = Path(tempfile.mkdtemp(prefix="webapp-redis-"))
        guard_folder(self._folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill9()
        shutil.rmtree(self._folder)

    @property
    def url(self) -> str:
        """As BROADCAST_URL takes it."""
        return f"{'rediss' if self._tls else 'redis'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it accepts connections. Raises ServerFailed, or AssertionError after PATIENCE."""
        port = ["--port", "0", "--tls-port", str(self.port), *self._tls] if self._tls else ["--port", str(self.port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", *port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the tests, which end it in their turn.
                start_new_session=True,
            )
        guard(self._process.pid)
        eventually_blocking(self._answers, lambda: f"redis-server says {self._tail()}")

    def kill9(self) -> None:
        """End it as a crash does."""
        process, self._process = self._running(), None
        process.kill()
        process.wait()
        release(process.pid)

    def freeze(self) -> None:
        """Stop it from running, its connections left open, until `thaw`."""
        os.kill(self._running().pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._running().pid, signal.SIGCONT)

    def kill_clients(self, kind: Literal["normal", "pubsub"]) -> int:
        """Close every connection of that kind from its side; how many there were."""
        return int(self._call("CLIENT", "KILL", "TYPE", kind))

    def _call(self, *words: str) -> str:
        """Send a command, without TLS; its answer, which has to be of one line."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            line.sendall(" ".join(words).encode() + b"\r\n")
            with line.makefile("r", encoding="ascii", newline="\r\n") as answers:
                answer = answers.readline().strip()
        if answer.startswith("-"):
            raise ServerFailed(answer)
        return answer[1:]

    def _answers(self) -> bool:
        if self._running().poll() is not None:
            raise ServerFailed(f"redis-server did not start:\n{self._tail()}")
        return accepts(self.port)

    def _tail(self) -> str:
        return (self._folder / "log").read_text()[-2000:]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerFailed("redis-server is not running")
        return self._process
