"""The app as a platform builds it: tracked files, `requirements.txt`, no Node; then moved, and read only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.app_server import ROOT
from tests.support.built_once import BUILDING, INSTALLING, built_once, problem_of

PYTHON = ".heroku/python"
"""Where the environment is in the slug."""

PROGRAMS = ("sh", "env")
"""The programs of the machine that a build finds on its PATH."""


def slug(folder: Path) -> Path:
    """The slug in `folder`, which the first process that asks for it builds while the others wait.

    Raises:
        NotInstalled: It cannot be built.
    """
    built_once(folder, _build)
    return folder / "app"


def path_of(app: Path) -> str:
    """The PATH of a process in the slug `app`."""
    return f"{app / PYTHON / 'bin'}:{app.parent / 'path'}"


def with_migration(app: Path, to: Path, name: str, text: str) -> Path:
    """The slug of another release, which differs in one more migration; the rest is the same files."""
    shutil.copytree(app, to, symlinks=True, copy_function=os.link)
    (to.parent / "path").symlink_to(app.parent / "path")
    migrations = to / "webapp" / "migrations"
    migrations.chmod(0o755)
    (migrations / name).write_text(text)
    migrations.chmod(0o555)
    return to


def _build(folder: Path) -> str:
    """Build, move and close the slug; what went wrong, or nothing."""
    build, programs = folder / "build", folder / "path"
    _copy_tracked(build)
    programs.mkdir()
    for program in PROGRAMS:
        (programs / program).symlink_to(shutil.which(program) or program)
    python = str(build / PYTHON / "bin" / "python")
    # The interpreter itself: its launchers ask programs that are hidden here.
    base = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    hidden = (shutil.which("env") or "env", f"PATH={programs}")
    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q", "-r", "requirements.txt")
    steps = (
        ("make an environment", BUILDING, [*hidden, base, "-m", "venv", PYTHON]),
        ("install requirements.txt", INSTALLING, [*hidden, python, *pip]),
    )
    for what, seconds, command in steps:
        if problem := problem_of(command, build, seconds):
            return f"could not {what}: {problem}"
    build.rename(folder / "app")
    subprocess.run(["chmod", "-R", "a-w", str(folder / "app")], check=True)
    return ""


def _copy_tracked(to: Path) -> None:
    # A container's checkout belongs to another user, which git would refuse.
    command = ("git", "-c", "safe.directory=*", "ls-files", "-z")
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        # A file that was removed is listed until that is committed.
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
