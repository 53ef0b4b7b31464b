"""Other clients notice next to nothing of an attack."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from tests.hostile.attacks import Attack
from tests.support.app_server import AppServer
from tests.support.live_client import LiveClient


@dataclass
class Probes:
    """`GET /healthz` on a new connection, again and again.

    Attributes:
        server: The server that is asked.
        times: Seconds that each took, without those in which the machine had no core for the server or for the probe.
            Other work on the machine is not the attack's.
        most_memory: KiB that the server held at most.
        failed: What was answered instead of 200.
    """

    server: AppServer
    times: list[float] = field(default_factory=list)
    most_memory: int = 0
    failed: list[str] = field(default_factory=list)

    def run(self, stop: Event) -> None:
        """Ask until the stop."""
        while not stop.is_set():
            began = self._clock()
            try:
                status = healthz(self.server.port)
            except OSError as error:
                self.failed.append(repr(error))
            else:
                if " 200 " not in status:
                    self.failed.append(status)
            self.times.append(max(0.0, self._clock() - began))
            self.most_memory = max(self.most_memory, resident(self.server.pid))
            stop.wait(0.02)

    def _clock(self) -> float:
        waited = not_run(Path("/proc/thread-self")) + not_run(Path(f"/proc/{self.server.pid}"))
        return time.monotonic() - waited

    @property
    def p95(self) -> float:
        """Seconds that 95 % of the probes took at most."""
        return sorted(self.times)[int(len(self.times) * 0.95)]

    @property
    def worst(self) -> float:
        """Seconds that the slowest probe took."""
        return max(self.times)


def healthz(port: int) -> str:
    """The status line of `GET /healthz`."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    return answer.partition(b"\r\n")[0].decode("latin-1")


def not_run(thread: Path) -> float:
    """Seconds that a thread has been ready to run while all cores were busy."""
    return int((thread / "schedstat").read_text().split()[1]) / 1e9


def resident(pid: int) -> int:
    """KiB of memory that the process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no such process")


@contextmanager
def attacked(server: AppServer, attacks: tuple[Attack, ...]) -> Iterator[None]:
    """Let all `attacks` run at once."""
    stop = Event()
    threads = [Thread(target=attack, args=(server.port, stop), daemon=True) for attack in attacks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


@contextmanager
def probed(server: AppServer) -> Iterator[Probes]:
    """Probe the server, and see how its memory grows."""
    probes, stop = Probes(server), Event()
    thread = Thread(target=probes.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield probes
    finally:
        stop.set()
        thread.join(30)


async def talk(server: AppServer, room: str, seconds: float) -> None:
    """Two pages talk; raises AssertionError when a message does not arrive."""
    async with LiveClient(server.url, room) as ann, LiveClient(server.url, room) as bob:
        said: list[str] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            said.append(f"message {len(said)}")
            await ann.say("ann", said[-1])
            await asyncio.sleep(0.1)
        for page in (ann, bob):
            await page.until(lambda page: page.texts()[-len(said) :] == said, 20)
