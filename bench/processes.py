"""Starting and stopping the servers, each on its core."""

import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVER_CORE = 0
LOAD_CORE = 1


class ServerError(Exception):
    """A server did not start, or ended by itself. The text holds the end of its log."""


def free_port() -> int:
    """Return a loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server process and what it started; a context manager that leaves nothing behind."""

    def __init__(
        self, command: Sequence[str], port: int, log: Path, env: Mapping[str, str], core: int = SERVER_CORE
    ) -> None:
        self.port = port
        self.helpers: tuple[Server, ...] = ()
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                # The kernel ends it when this process dies, however this process dies.
                ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(core), *command],
                env=dict(env),
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

    def __enter__(self) -> "Server":
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
