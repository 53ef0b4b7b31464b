"""A server that a test cannot start or stop has to say why, at once."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import AppServer, ServerFailed


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
    assert time.monotonic() - began < 5


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
