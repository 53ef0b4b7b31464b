"""What bin/test --fast leaves out is found by itself, and every client of the tests is as patient as they are."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from tests.support import patience
from tests.support.app_server import ROOT
from tests.support.patience import PATIENCE, eventually, until, within

NEW_TESTS = """
import pytest

@pytest.fixture
def own_redis(redis):
    return redis

@pytest.fixture(params=["sqlite", "postgres", "postgres+redis"])
def world(request):
    return request.getfixturevalue("postgres")

def test_opens_a_window(window): pass
def test_asks_redis(own_redis): pass
def test_stands_behind_a_proxy(nginx): pass
def test_on_each(world): pass
async def test_starts_its_own():
    with RedisServer() as running:
        pass
def test_needs_a_server(server): pass
def test_starts_the_app():
    AppServer()
@pytest.mark.parametrize("url", ["postgres://nobody@nowhere/none"])
def test_reads_an_address(url): pass
"""


def fast() -> str:
    """The expression by which bin/test --fast chooses."""
    found = re.search(r'quick="(.*?)"', (ROOT / "bin" / "test").read_text())
    assert found is not None
    return found[1]


def chosen(path: Path) -> list[str]:
    """The names of those tests in the file `path` that bin/test --fast runs."""
    options = ("-p", "tests.conftest", "-c", os.devnull, "--rootdir", path.parent, "-m", fast())
    command = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *options, path)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return [line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line]


def test_a_new_test_is_left_out_of_the_fast_ones_by_what_it_uses(tmp_path: Path) -> None:
    path = tmp_path / "test_new.py"
    path.write_text(NEW_TESTS)
    left = ["test_on_each[sqlite]", "test_needs_a_server", "test_reads_an_address[postgres://nobody@nowhere/none]"]
    assert chosen(path) == left


@pytest.mark.parametrize("folder", ["browser", "contract"])
def test_a_new_test_is_left_out_of_the_fast_ones_by_its_folder(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "test_new.py"
    path.parent.mkdir()
    path.write_text("def test_anything(): pass\n")
    assert chosen(path) == []


async def test_clients_wait_as_long_as_the_tests() -> None:
    async with httpx.AsyncClient() as http:
        assert http.timeout == httpx.Timeout(PATIENCE)
    assert settings().deadline is None


async def test_a_wait_ends_with_its_event_or_says_how_it_stands() -> None:
    told, changed = [""], asyncio.Event()

    async def tell() -> None:
        told.append("done")
        changed.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tell())
        await until(lambda: told[-1] == "done", changed)
    with pytest.raises(AssertionError, match=r"not so within 0\.01 s; .*done"):
        await until(lambda: False, changed, lambda: told, 0.01)


async def test_a_wait_for_what_tells_nothing_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    with pytest.raises(AssertionError, match=r"not so within 0\.05 s; as it was"):
        await eventually(lambda: False, lambda: "as it was")


@pytest.mark.parametrize(("load", "cores", "allowed"), [(0.2, 2, 2.0), (2.0, 2, 2.0), (8.0, 2, 8.0), (8.0, 4, 4.0)])
def test_a_promised_time_grows_with_the_load_alone(
    monkeypatch: pytest.MonkeyPatch, load: float, cores: int, allowed: float
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)))
    monkeypatch.setattr(patience, "_running", lambda: 1.0)
    assert within(2) == allowed
