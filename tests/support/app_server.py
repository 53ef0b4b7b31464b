"""The app as a real process that a test starts, breaks and starts again."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.coverage_environment import measured
from tests.support.leftovers import guard, release
from tests.support.patience import PATIENCE
from tests.support.ports import ServerFailed, free_port

ROOT = Path(__file__).resolve().parents[2]
COMPLAINT = re.compile(r"Traceback|(\S+ \S+ )?(ERROR|CRITICAL)\b")
SERVE = (sys.executable, "-m", "webapp", "serve")


class AppServer:
    """`python -m webapp serve` with a database, a log and a port of its own; use it as a context manager.

    directory: where the log is kept, and the database unless `database` is given: two servers may share one.
    env: what is added to, or put in place of, the environment that `environment` shows. Nothing is inherited
    from the test run but PATH. root: the checkout that is served. health: the path that answers 200 once it serves.
    All methods block, so an async test that holds sockets to this server calls them with `asyncio.to_thread`:
    a stop waits for those sockets to say goodbye.
    """

    def __init__(
        self,
        directory: Path,
        env: Mapping[str, str] | None = None,
        *,
        database: Path | None = None,
        command: Sequence[str] = SERVE,
        root: Path = ROOT,
        health: str = "/healthz",
    ) -> None:
        self.directory = directory
        self.root = root
        self.database = database or directory / "webapp.sqlite3"
        self.log_path = directory / "server.log"
        self.port = free_port()
        self.expected: list[str] = []
        self._env = dict(env or {})
        self._command = command
        self._health = health
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """`ws://127.0.0.1:<port>`, without a slash at the end."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id; raises ServerFailed when it is not running."""
        return self._running().pid

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment that the process gets."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(self.root),
            "PYTHONUNBUFFERED": "1",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite://{self.database}",
            "BROADCAST_URL": "memory://",
            "SECRET_KEY": "a secret that only tests know",
            "RATE_LIMIT": "off",
            # A copy of the project is no part of what is measured.
            **(measured() if self.root == ROOT else {}),
            **self._env,
        }

    def log(self) -> str:
        """All that the process has written so far, over all its starts."""
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def complaints(self) -> list[str]:
        """Lines of the log that tell of a fault and hold nothing that a test put into `expected`."""
        lines = [line for line in self.log().splitlines() if COMPLAINT.match(line)]
        return [line for line in lines if not any(text in line for text in self.expected)]

    def check(self) -> None:
        """Raise ServerFailed when there are complaints, with what the log says from the first one on."""
        complaints = self.complaints()
        if complaints:
            lines = self.log().splitlines()
            told = "\n".join(lines[lines.index(complaints[0]) :][:60])
            raise ServerFailed(f"{len(complaints)} complaints in {self.log_path}, the first:\n{told}")

    def start(self, timeout: float = PATIENCE) -> None:
        """Start it and wait `timeout` seconds at most for `health` to say 200; raises ServerFailed."""
        if self._process is not None:
            raise ServerFailed("already running")
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        guard(self._process.pid)
        try:
            self._wait_until_healthy(time.monotonic() + timeout)
        except BaseException:
            self._abandon()
            raise

    def stop(self, timeout: float = PATIENCE) -> int:
        """End the process as a deploy does (SIGTERM), in `timeout` seconds at most; raises ServerFailed.

        Returns:
            Its exit code, 0 also when it was not running.
        """
        return self._end(signal.SIGTERM, timeout)

    def kill9(self) -> None:
        """End the process as a crash does: it gets no chance to finish anything."""
        self._end(signal.SIGKILL, PATIENCE)

    def restart(self) -> None:
        """Stop, and start again on the same port and database."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Stop the process from running, its sockets left open, until `thaw`."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerFailed("not running")
        return self._process

    def _end(self, number: signal.Signals, timeout: float) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.poll() is not None:
            release(process.pid)
            raise ServerFailed(self._with_log(f"had ended by itself with code {process.returncode}"))
        for each in (number, signal.SIGCONT):
            _signal_group(process.pid, each)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
            raise ServerFailed(self._with_log(f"did not end within {timeout} s of {number.name}")) from None
        finally:
            release(process.pid)
        return process.returncode

    def _abandon(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
            release(process.pid)

    def _wait_until_healthy(self, deadline: float) -> None:
        process = self._running()
        while not _healthy(self.port, self._health):
            try:
                code = process.wait(0.02)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    raise ServerFailed(self._with_log(f"{self._health} of {self.url} did not answer in time")) from None
            else:
                raise ServerFailed(self._with_log(f"ended at its start with code {code}"))

    def _with_log(self, problem: str) -> str:
        tail = "\n".join(self.log().splitlines()[-40:])
        return f"{problem}; {self.log_path} ends with:\n{tail}"


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)


def _healthy(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
