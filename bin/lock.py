"""Writes requirements.txt: pip resolves the dependencies in pyproject.toml, and this module pins each package.

A package that only some machines need, such as one for older Pythons, gets a marker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "requirements.txt"

HEAD = """\
# The exact release of each package that a deployment installs. Written by bin/lock from pyproject.toml.
# The last line is the app itself: in a checkout, `pip install -r requirements.txt` installs all that it runs on.
"""

PLATFORMS = (("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows"))
PYTHONS = ("3.11.0", "3.11.7", "3.12.0", "3.13.0", "3.14.0")

MACHINES: list[dict[str, str]] = [
    {
        "sys_platform": platform,
        "os_name": name,
        "platform_system": system,
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
    }
    for platform, name, system in PLATFORMS
    for python in PYTHONS
]
"""The machines that the app may be installed on, as the variables of markers."""


def main() -> None:
    """Write the file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [Requirement(text) for text in project["dependencies"]]
    asked, found, markers = direct, resolve(direct), {}
    # pip leaves out packages that this machine does not need. If another round did not ask for them by name, other
    # machines would install them without a pin.
    while missing := (markers := closure(direct, found)).keys() - found.keys():
        asked = [*asked, *(Requirement(name) for name in sorted(missing))]
        found = resolve(asked)
    pins = [f"{name}=={found[name]['version']}{f'; {mark}' if mark else ''}" for name, mark in sorted(markers.items())]
    TARGET.write_text("\n".join([HEAD + pins[0], *pins[1:], ".", ""]), encoding="utf-8")


def resolve(requirements: Iterable[Requirement]) -> dict[str, dict[str, Any]]:
    """Return the metadata of each package that pip would install for `requirements`, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder, "listed.txt"), Path(folder, "report.json")
        listed.write_text("\n".join(map(str, requirements)), encoding="utf-8")
        options = ("--dry-run", "--ignore-installed", "--quiet", "--disable-pip-version-check")
        command = (sys.executable, "-m", "pip", "install", *options, "--report", report, "--requirement", listed)
        subprocess.run(command, check=True)
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {canonicalize_name(each["metadata"]["name"]): each["metadata"] for each in installed}


def closure(direct: Iterable[Requirement], found: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the packages that some machine needs, each with the marker of those machines.

    Args:
        direct: The dependencies in pyproject.toml.
        found: The metadata of packages, by name.

    Returns:
        Name → marker; an empty marker: all machines need the package.
    """
    markers: dict[str, str] = {}
    waiting = [(requirement, "") for requirement in direct]
    seen = set()
    while waiting:
        requirement, parent = waiting.pop()
        mark = parent if needed_by_all(requirement) else both(parent, str(requirement.marker))
        key = (str(requirement), mark)
        if key in seen or not needed_by_some(requirement):
            continue
        seen.add(key)
        name = canonicalize_name(requirement.name)
        markers[name] = either(markers[name], mark) if name in markers else mark
        waiting += [(each, mark) for each in dependencies(found.get(name, {}), requirement.extras)]
    return markers


def dependencies(metadata: dict[str, Any], extras: Iterable[str]) -> Iterator[Requirement]:
    """Yield the requirements of a package with `extras`. Their markers do not name the extras any more."""
    for text in metadata.get("requires_dist", ()):
        requirement = Requirement(text)
        if requirement.marker is None or "extra" not in str(requirement.marker):
            yield requirement
        elif any(requirement.marker.evaluate({**machine, "extra": each}) for machine in MACHINES for each in extras):
            kept = str(requirement.marker).rpartition(" and extra")[0].strip()
            requirement.marker = Marker(kept) if kept else None
            yield requirement


def needed_by_all(requirement: Requirement) -> bool:
    """Return whether every machine needs the package."""
    return requirement.marker is None or all(requirement.marker.evaluate(machine) for machine in MACHINES)


def needed_by_some(requirement: Requirement) -> bool:
    """Return whether any machine needs the package."""
    return requirement.marker is None or any(requirement.marker.evaluate(machine) for machine in MACHINES)


def both(one: str, other: str) -> str:
    """Return the marker of the machines that both markers name; an empty marker names all."""
    return f"({one}) and ({other})" if one and other else one or other


def either(one: str, other: str) -> str:
    """Return the marker of the machines that either marker names; an empty marker names all."""
    return one if one == other else f"({one}) or ({other})" if one and other else ""


if __name__ == "__main__":
    main()
