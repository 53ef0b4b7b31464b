"""A server that a test cannot start or stop has to say why, at once."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.app_server import AppServer
from tests.support.patience import within
from tests.support.ports import ServerFailed


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_server_that_ends_at_its_start_shows_its_log(tmp_path: Path) -> None:
    server = AppServer(tmp_path, command=python("raise SystemExit('no such table')"))
    with pytest.raises(ServerFailed, match=r"(?s)code 1.*no such table"):
        server.start()


def test_a_server_that_never_answers_is_given_up_on_and_ended(tmp_path: Path) -> None:
    server = AppServer(tmp_path, command=python("import time; time.sleep(600)"))
    began = time.monotonic()
    with pytest.raises(ServerFailed, match="did not answer"):
        server.start(timeout=0.3)
    assert time.monotonic() - began < within(5)


def test_a_server_that_ended_by_itself_is_noticed_at_its_stop(serve: Callable[..., AppServer]) -> None:
    server = serve()
    os.kill(server.pid, signal.SIGKILL)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ServerFailed, match="had ended by itself with code -9"):
        server.stop()


def test_a_restart_keeps_the_address_and_the_database(serve: Callable[..., AppServer]) -> None:
    server = serve()
    before = (server.url, server.pid)
    server.restart()
    assert server.url == before[0]
    assert server.pid != before[1]
    assert server.database.exists()


def test_a_frozen_server_can_be_stopped(serve: Callable[..., AppServer]) -> None:
    server = serve()
    server.freeze()
    server.stop()


def test_complaints_are_found_in_the_log_unless_they_are_expected(tmp_path: Path) -> None:
    server = AppServer(tmp_path)
    said = ["2026-11-22 15:20:27,289 ERROR asyncio: lost task", "Traceback (most recent call last):", "CRITICAL: end"]
    quiet = ["2026-11-22 15:20:27,371 INFO uvicorn.access: GET /ERROR/ 200", "  ERROR in a message", "ERRORS: 0"]
    server.log_path.write_text("\n".join([*quiet, *said]))
    assert server.complaints() == said
    with pytest.raises(ServerFailed, match=r"(?s)3 complaints.*lost task\nTraceback"):
        server.check()
    server.expected += ["lost task", "Traceback"]
    assert server.complaints() == ["CRITICAL: end"]
