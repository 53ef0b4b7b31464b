"""requirements.txt pins what pyproject.toml asks for, all that this needs in turn, and nothing else."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import tomllib
from collections.abc import Iterator
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.app_server import ROOT

EXTRAS = tuple[str, ...]


def lines() -> list[str]:
    """The lines of requirements.txt but for the comments."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pinned() -> dict[str, Requirement]:
    """The pins by the names of their packages."""
    found = [Requirement(line) for line in lines()[:-1]]
    return {canonicalize_name(each.name): each for each in found}


def direct() -> list[Requirement]:
    """The packages that pyproject.toml asks for on this machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [each for text in project["dependencies"] if is_for_here(each := Requirement(text))]


def is_for_here(requirement: Requirement, extras: EXTRAS = ()) -> bool:
    """Whether this machine needs it, of a package that was asked for with `extras`."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def needed() -> dict[str, list[Requirement]]:
    """Every package that the app needs on this machine, with all that is asked of it."""
    found: dict[str, list[Requirement]] = {}
    waiting = direct()
    while waiting:
        requirement = waiting.pop()
        known = found.setdefault(canonicalize_name(requirement.name), [])
        if requirement not in known:
            known.append(requirement)
            waiting += dependencies(requirement)
    return found


def dependencies(requirement: Requirement) -> Iterator[Requirement]:
    """The packages that the installed release of another needs on this machine."""
    for text in importlib.metadata.requires(requirement.name) or ():
        if is_for_here(each := Requirement(text), tuple(requirement.extras)):
            yield each


def test_each_line_is_an_exact_pin_and_the_last_one_is_the_app() -> None:
    *pins, app = lines()
    assert app == "."
    for line in pins:
        requirement = Requirement(line)
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", line
        assert "*" not in specifier.version, line
        assert requirement.url is None, line


def test_every_package_that_the_app_needs_is_pinned_to_a_release_that_fits() -> None:
    pins = pinned()
    for name, requirements in needed().items():
        assert name in pins, f"{name} is not pinned. Run bin/lock."
        assert is_for_here(pins[name]), f"{name} is pinned for other machines only. Run bin/lock."
        (pin,) = pins[name].specifier
        for requirement in requirements:
            assert pin.version in requirement.specifier, f"{name}=={pin.version} is not {requirement}. Run bin/lock."


def test_nothing_else_is_pinned() -> None:
    here = {name for name, pin in pinned().items() if is_for_here(pin)}
    assert here <= needed().keys(), "requirements.txt pins what nobody needs. Run bin/lock."
    anywhere = {
        canonicalize_name(Requirement(text).name) for name in here for text in importlib.metadata.requires(name) or ()
    }
    assert pinned().keys() - here <= anywhere, "requirements.txt pins what no machine needs. Run bin/lock."


def test_the_tests_run_on_the_pinned_releases() -> None:
    pins = {name: pin for name, pin in pinned().items() if is_for_here(pin)}
    installed = {name: importlib.metadata.version(name) for name in pins}
    assert installed == {name: str(pin.specifier).removeprefix("==") for name, pin in pins.items()}


def lock() -> ModuleType:
    """The program behind bin/lock."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / "bin" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lock_marks_what_only_some_machines_need() -> None:
    found = {
        "client": {
            "requires_dist": [
                "always>=1",
                'waiting; python_full_version < "3.11.3"',
                'ancient; python_version < "3.11"',
                'colours; platform_system == "Windows" and extra == "shell"',
                'unwanted; extra == "other"',
            ]
        },
        "waiting": {"requires_dist": ["sleeping"]},
        "colours": {"requires_dist": ["always", "sleeping"]},
    }
    assert lock().closure([Requirement("client[shell]>=1")], found) == {
        "client": "",
        "always": "",
        "waiting": 'python_full_version < "3.11.3"',
        "sleeping": '(platform_system == "Windows") or (python_full_version < "3.11.3")',
        "colours": 'platform_system == "Windows"',
    }
