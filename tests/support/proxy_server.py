"""A proxy of the tests' own: one process, configured by one file, that listens on a port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.leftovers import guard, guard_folder, release
from tests.support.patience import PATIENCE, eventually_blocking
from tests.support.ports import ServerFailed, free_port


class ProxyServer:
    """Use it as a context manager. A subclass sets these attributes, and writes its configuration in `__init__`.

    Attributes:
        program: The program's name, and the folder that holds it where a plain user's PATH does not lead.
        user: The user that it runs as when the tests run as root; None: root.
        port: The loopback port that it listens on.
    """

    program: str
    user: str | None = None

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix=f"webapp-{self.program}-"))
        guard_folder(self._folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        user = self.user if os.getuid() == 0 else None
        groups: list[str] | None = [] if user else None
        if user:
            shutil.chown(self._folder, user)
        self._process = subprocess.Popen(
            [shutil.which(self.program) or f"/usr/sbin/{self.program}", *self._options()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            user=user,
            group=user,
            extra_groups=groups,
        )
        guard(self._process.pid)
        eventually_blocking(self._takes_connections, lambda: f"{self.program} does not listen on {self.port}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            # At once; a polite stop waits for clients.
            self._process.terminate()
            self._process.wait(PATIENCE)
            release(self._process.pid)
        shutil.rmtree(self._folder)

    def _options(self) -> Sequence[str]:
        """The options that the program is started with."""
        raise NotImplementedError

    def _takes_connections(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise ServerFailed(f"{self.program} ended with {self._process.returncode}")
        return accepts(self.port)


def accepts(port: int) -> bool:
    """Whether something takes connections on the loopback `port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True
