"""The scripts for work on the app: bin/dev, bin/fix, and the hooks before a commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.patience import PATIENCE, eventually_blocking

FOLDERS = ("bin", "browser", "static", "templates", "themes", "webapp")
FILES = ("hatch_build.py", "pyproject.toml", "requirements.txt")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the checkout that may be changed. It has this environment, and its bin/venv notes what it is asked."""
    target = tmp_path / "a clone"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, target)
    (target / ".venv").symlink_to(sys.prefix)
    (target / "bin" / "venv").write_text('#!/bin/sh\nprintf "%s\\n" "$*" >"$(dirname -- "$0")/asked"\n')
    return target


def change(path: Path, old: str, new: str) -> None:
    """Put `new` in the place of the one `old`, as an editor does: the file is there, whole, at every moment."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
    (path.parent / ".half").write_text(text.replace(old, new), encoding="utf-8")
    (path.parent / ".half").replace(path)


def page(server: AppServer) -> str:
    """The first page; an empty text while the server does not answer."""
    try:
        return httpx.get(server.url).text
    except httpx.TransportError:
        return ""


def fix(clone: Path) -> subprocess.CompletedProcess[str]:
    """Run bin/fix from elsewhere."""
    env = {"PATH": os.environ.get("PATH", os.defpath)}
    command = clone / "bin" / "fix"
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_dev_shows_each_change_and_outlives_a_broken_file(clone: Path, tmp_path: Path) -> None:
    start = ("env", "--chdir=/", str(clone / "bin" / "dev"))
    package = clone / "webapp" / "__init__.py"
    with AppServer(tmp_path / "server", command=start, root=clone) as server:
        assert (clone / "bin" / "asked").read_text() == "dev\n"
        assert page(server)

        change(clone / "templates" / "about.html", "{% block body %}", "{% block body %}<p>a new sentence</p>")
        eventually_blocking(lambda: "a new sentence" in page(server), server.log)

        whole = package.read_text(encoding="utf-8")
        change(package, whole, f"{whole}import sys\n\nprint('a server with a change', file=sys.stderr)\n")
        eventually_blocking(lambda: "a server with a change" in server.log(), server.log)
        eventually_blocking(lambda: "a new sentence" in page(server), server.log)

        change(package, package.read_text(encoding="utf-8"), "def half_written(\n")
        eventually_blocking(lambda: "SyntaxError" in server.log(), server.log)
        change(package, package.read_text(encoding="utf-8"), whole)
        eventually_blocking(lambda: "a new sentence" in page(server), server.log)
    assert not page(server)


def test_dev_passes_its_options_on(clone: Path, tmp_path: Path) -> None:
    start = (str(clone / "bin" / "dev"), "--host", "localhost")
    with AppServer(tmp_path / "server", env={"HOST": "192.0.2.1"}, command=start, root=clone) as server:
        assert page(server)


def test_fix_mends_what_can_be_mended(clone: Path) -> None:
    python, template = clone / "webapp" / "untidy.py", clone / "templates" / "about.html"
    formatted = template.read_text(encoding="utf-8")
    python.write_text('"""Numbers."""\nimport sys\nNUMBERS = [ 1,2 ]\n')
    change(template, formatted, re.sub("^ +", "", formatted, flags=re.MULTILINE))
    done = fix(clone)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (clone / "bin" / "asked").read_text() == "dev\n"
    assert python.read_text() == '"""Numbers."""\n\nNUMBERS = [1, 2]\n'
    assert template.read_text(encoding="utf-8") == formatted


def test_fix_fails_and_says_what_is_left_to_do(clone: Path) -> None:
    change(clone / "webapp" / "__init__.py", '"""\n', '"""\n\nprint(nobody_knows)\n')
    done = fix(clone)
    assert done.returncode == 1
    assert "nobody_knows" in done.stdout


def test_each_hook_before_a_commit_calls_a_tool_of_the_environment() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    tools = re.findall(r"^ +entry: \.venv/bin/(\S+)", text, re.MULTILINE)
    assert {"ruff", "djlint", "mypy", "lint-imports"} <= {*tools}
    assert len(tools) == text.count("entry:")
    for tool in tools:
        assert (Path(sys.prefix) / "bin" / tool).is_file(), f"there is no {tool} in the environment"


SCRIPTS = sorted(path.name for path in (ROOT / "bin").iterdir() if path.is_file() and not path.suffix)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_is_a_shell_script_that_can_be_started(script: str) -> None:
    path = ROOT / "bin" / script
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n# Usage: bin/" + script)
    assert os.access(path, os.X_OK)
    subprocess.run(("sh", "-n", path), check=True, timeout=PATIENCE)
