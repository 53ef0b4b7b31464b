"""Where background tasks run: TASKS, the worker, and the command that lists them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.app_server import ROOT, AppServer
from tests.support.database_shell import shell
from tests.support.leftovers import guard, release
from tests.support.live_client import LiveClient
from tests.support.patience import PATIENCE, eventually
from tests.tasks.test_expiry import MANY, hurry, last_run, make

Serve = Callable[..., AppServer]


def command(server: AppServer, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the app on a server's database."""
    program = [sys.executable, "-m", "webapp", *arguments]
    environment = server.environment | env
    return subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)


@contextmanager
def worker(server: AppServer, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m webapp work` on a server's database; SIGTERM ends it."""
    with log.open("wb") as output:
        program = [sys.executable, "-m", "webapp", "work"]
        process = subprocess.Popen(
            program, env=server.environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    guard(process.pid)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
        release(process.pid)
    assert code == 0, log.read_text()


async def test_a_worker_alone_does_it_and_pages_of_the_web_process_follow(
    serve: Serve, room: str, tmp_path: Path
) -> None:
    server = await asyncio.to_thread(serve, TASKS="worker", MESSAGE_TTL_DAYS="30")
    await asyncio.to_thread(make, server, room, MANY)
    async with LiveClient(server.url, room) as ann:
        assert ann.page.texts()
        assert shell(server.database, "SELECT name FROM background_task") == []
        log = tmp_path / "worker.log"
        with worker(server, log):
            await eventually(lambda: shell(server.database, "SELECT name FROM background_task"), log.read_text)
            await asyncio.to_thread(hurry, server, "expire-messages")
            await ann.until(lambda page: page.texts() == [])
            await eventually(lambda: last_run(server.database, "expire-messages")[0] == "1", log.read_text)
    assert "task expire-messages done" in log.read_text()
    assert "task expire-messages" not in server.log()
    assert "the worker has stopped" in log.read_text()


async def test_the_command_lists_the_tasks_and_makes_one_due(serve: Serve) -> None:
    server = await asyncio.to_thread(serve)
    await eventually(lambda: len(shell(server.database, "SELECT name FROM background_task")) == 8)
    done = await asyncio.to_thread(command, server, "tasks")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0].split() == ["task", "due", "last", "run", "took", "attempts", "error"]
    assert lines[1].split()[:4] == ["expire-empty-rooms", "in", "6", "h"]
    assert lines[4].split()[:4] == ["forget-given-up", "in", "6", "h"]
    assert lines[5].split()[:4] == ["forget-readers", "in", "24", "h"]
    assert lines[6].split() == ["prune-change-log", "in", "60", "min", "never", "-", "0", "-"]
    assert lines[8].split()[:4] == ["tend-sqlite", "in", "6", "h"]
    assert (await asyncio.to_thread(command, server, "tasks", "--now", "prune-change-log")).returncode == 0
    await eventually(lambda: last_run(server.database, "prune-change-log") == ("1", "0", ""), server.log)
    done = await asyncio.to_thread(command, server, "tasks")
    assert "ago" in done.stdout.splitlines()[6]


async def test_the_command_shows_what_was_given_up_and_has_one_row_done_again(serve: Serve) -> None:
    server = await asyncio.to_thread(serve)
    columns = "name, key, due_at, attempts, started_at, took, error"
    values = ", ".join(f"('prune-change-log', '{key}', NULL, 0, 1, 1, 'no luck')" for key in ("one", "two"))
    shell(server.database, f"INSERT INTO background_task ({columns}) VALUES {values}")
    done = await asyncio.to_thread(command, server, "tasks")
    assert len([line for line in done.stdout.splitlines() if "given up" in line and "no luck" in line]) == 2
    asked = ("tasks", "--now", "prune-change-log", "--key", "two")
    assert (await asyncio.to_thread(command, server, *asked)).returncode == 0
    rest = "SELECT key FROM background_task WHERE due_at IS NULL"
    await eventually(lambda: shell(server.database, rest) == [["one"]], server.log)
    for wrong in (("tasks", "--now", "prune-change-log", "--key", "three"), ("tasks", "--key", "two")):
        done = await asyncio.to_thread(command, server, *wrong)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr


async def test_a_task_that_there_is_not_is_told_in_one_line(serve: Serve) -> None:
    server = await asyncio.to_thread(serve)
    done = await asyncio.to_thread(command, server, "tasks", "--now", "no-such\ntask")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr


def test_a_worker_that_may_not_work_says_so(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SECRET_KEY": "x", "TASKS": "off"}
    env["DATABASE_URL"] = f"sqlite://{tmp_path / 'x.sqlite3'}"
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "work"], env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "TASKS" in done.stderr
