"""The commands that people and platforms start: bin/run, bin/test, the Procfile's lines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.patience import PATIENCE, within
from tests.support.project_copy import Copy

Done = subprocess.CompletedProcess[str]


def call(*command: str | Path, **env: str) -> Done:
    """Run a command with nothing but `env` in its environment, from a folder that is not the checkout."""
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=2 * PATIENCE)


def folder_of(directory: Path, *programs: str) -> str:
    """A folder for PATH that holds these programs and no other."""
    directory.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found is not None, program
        (directory / program).symlink_to(found)
    return str(directory)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clean clone as bin/venv looks at, under a name with a space."""
    target = tmp_path / "a clone"
    for name in ("pyproject.toml", "requirements.txt", "bin/run", "bin/venv"):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target / name)
    return target


def test_run_starts_from_anywhere_with_an_empty_environment(tmp_path: Path) -> None:
    bare = ("env", "--unset=PATH", "--unset=PYTHONPATH", "--chdir=/", str(ROOT / "bin" / "run"))
    with AppServer(tmp_path, command=bare) as server:
        assert httpx.get(server.url).status_code == 200
        assert server.url in server.log()


def test_run_passes_its_options_on() -> None:
    done = call(ROOT / "bin" / "run", "--no-such-option", PATH=os.environ["PATH"])
    assert done.returncode == 2
    assert "--no-such-option" in done.stderr


def test_a_second_start_is_not_held_up() -> None:
    call(ROOT / "bin" / "venv", PATH=os.environ["PATH"])
    began = time.monotonic()
    assert call(ROOT / "bin" / "venv", PATH=os.environ["PATH"]).returncode == 0
    assert time.monotonic() - began < within(1)


def test_run_without_a_fit_python_says_what_to_install(clone: Path, tmp_path: Path) -> None:
    path = folder_of(tmp_path / "path", "cat", "cksum", "dirname", "flock")
    (tmp_path / "path" / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "path" / "python3").chmod(0o755)
    done = call(clone / "bin" / "run", PATH=path)
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_an_install_that_fails_is_tried_again_at_the_next_start(clone: Path) -> None:
    done = call(clone / "bin" / "run", PATH=os.environ["PATH"], PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert done.returncode == 1
    assert "Installing failed" in done.stderr
    assert not list((clone / ".venv").glob("installed-*"))


def test_test_without_a_browser_says_what_to_install(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "path", "dirname", "grep", "id", "ls")
    done = call(ROOT / "bin" / "test", PATH=path)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert {"chromium", "redis-server", "sqlite3", "fonts-noto-core"} <= set(line.split())


def test_test_passes_its_options_to_pytest_alone() -> None:
    done = call(ROOT / "bin" / "test", "--version", PATH=os.environ["PATH"])
    assert done.returncode == 0
    assert done.stdout.strip() == f"pytest {pytest.__version__}"


def test_the_procfile_lines_work(tmp_path: Path) -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    # A platform gives the lines to a shell, with its Python first on the PATH.
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    release, web = (("env", f"PATH={programs}", "sh", "-c", lines[name]) for name in ("release", "web"))
    server = AppServer(tmp_path, command=web)
    assert subprocess.run(release, env=server.environment, cwd=ROOT, check=False).returncode == 0
    with server:
        assert httpx.get(server.url).status_code == 200


def test_without_the_browser_libraries_it_does_not_serve_and_says_what_fetches_them(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    shutil.rmtree(tmp_path / "static" / "vendor")
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "serve"],
        cwd=copy.root,
        env={"PATH": os.environ["PATH"], "PORT": "0", "DATABASE_URL": f"sqlite://{tmp_path / 'x.sqlite3'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1, done.stdout
    assert "python hatch_build.py" in done.stderr.splitlines()[-1]
