"""What a test run has started ends with it, however it ends, and no other run is given its ports."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.patience import eventually_blocking
from tests.support.ports import _claims, free_port

RUN = """
import sys, tempfile, time
from pathlib import Path
from tests.support.leftovers import guard_folder
from tests.support.app_server import AppServer
folder = Path(tempfile.mkdtemp())
guard_folder(folder)
server = AppServer(folder)
server.start()
if sys.argv[1:]:
    server.freeze()
print(server.pid, folder, flush=True)
time.sleep(600)
"""


@contextmanager
def run(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A process like a test worker, its server's process id, and a folder of its own."""
    command = (sys.executable, "-c", RUN, *arguments)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            pid, folder = process.stdout.readline().split()
            yield process, int(pid), Path(folder)
        finally:
            process.kill()


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_server_and_a_folder_do_not_outlive_a_run_that_is_ended(number: signal.Signals) -> None:
    with run() as (process, pid, folder):
        assert runs(pid)
        process.send_signal(number)
        eventually_blocking(lambda: not runs(pid) and not folder.exists())


def test_a_frozen_server_does_not_outlive_it_either() -> None:
    with run("frozen") as (process, pid, folder):
        process.kill()
        eventually_blocking(lambda: not runs(pid) and not folder.exists())


def test_what_has_ended_in_its_turn_is_left_alone(serve: Callable[..., AppServer]) -> None:
    server = serve()
    server.restart()
    assert runs(server.pid)


def test_no_port_is_given_out_twice() -> None:
    mine = {free_port() for _ in range(200)}
    assert len(mine) == 200
    assert not any(_claims.claim(port) for port in mine)
    taken = "print(*(_claims.claim(int(port)) for port in sys.argv[1:]))"
    code = f"import sys; from tests.support.ports import _claims; {taken}"
    command = (sys.executable, "-c", code, *map(str, mine))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * len(mine)
