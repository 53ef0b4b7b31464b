"""Starting and stopping the servers, each on its core."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

ROOT = Path(__file__).resolve().parents[2]
SERVER_CORE = 0
LOAD_CORE = 1


class ServerError(Exception):
    """A server did not start, or ended by itself. The text holds the end of its log."""


def free_port() -> int:
    """Return a loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of a server: of this process's only what every program needs."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | extra


class Helper(Protocol):
    """A process whose processor time is counted apart. name: what it is, for a table's column."""

    name: str

    @property
    def pid(self) -> int:
        """The process."""


class Server:
    """One server process and what it started; a context manager that leaves nothing behind.

    user: who runs it, where this process may choose. name: what it is, for a table's column.
    """

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        log: Path,
        env: Mapping[str, str],
        core: int = SERVER_CORE,
        user: str | None = None,
        name: str = "",
    ) -> None:
        self.port = port
        self.name = name
        self.helpers: tuple[Helper, ...] = ()
        self._log = log
        self._env = dict(env)
        as_user = ["--reuid", user, "--regid", user, "--clear-groups"] if user else []
        # The kernel ends it when this process dies, however this process dies.
        self._command = ["setpriv", *as_user, "--pdeathsig", "KILL", "taskset", "-c", str(core), *command]
        self._process = self._launch()

    def _launch(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                env=self._env,
                # Python's -m looks in its folder first, where another checkout's app must not be found.
                cwd=self._log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C reaches this process alone, which then stops the servers in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process; taskset and setpriv have replaced themselves by the server."""
        return self._process.pid

    @property
    def pids(self) -> tuple[int, ...]:
        """The same, as `Fleet` has it."""
        return (self.pid,)

    def __enter__(self) -> Self:
        try:
            self._wait(seconds=30)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines that the server printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def kill(self) -> None:
        """End the process as a crash does."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Start it again, on the same port, and wait until it listens."""
        self._process = self._launch()
        self._wait(seconds=30)

    def stop(self) -> None:
        """End the process within 5 s, by force if need be."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise ServerError(f"ended with {self._process.returncode}\n{self.log_tail()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise ServerError(f"does not listen after {seconds:.0f} s\n{self.log_tail()}")


@dataclass(frozen=True)
class Fleet:
    """Several servers measured as one; `helpers` are what they share."""

    servers: tuple[Server, ...]
    helpers: tuple[Helper, ...] = ()

    @property
    def pids(self) -> tuple[int, ...]:
        """One of each server."""
        return tuple(server.pid for server in self.servers)
