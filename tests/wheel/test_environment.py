"""The environment of the wheel is made once, and where it cannot be made every test says why at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.built_once import NotInstalled, problem_of
from tests.wheel import environment
from tests.wheel.environment import installed


class Maker:
    """Stands in for what makes the environment: it only remembers for which folder, and says `outcome`."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        self.folders: list[Path] = []

    def __call__(self, folder: Path) -> str:
        self.folders.append(folder)
        return self.outcome


def test_those_that_ask_at_once_wait_for_one_that_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker("")
    monkeypatch.setattr(environment, "_made", maker)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda _: installed(tmp_path / "env").folder, range(4)))
    assert maker.folders == [tmp_path / "env"]
    assert found == maker.folders * 4


def test_a_failure_is_told_to_all_without_another_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker("could not build the wheel: no network")
    monkeypatch.setattr(environment, "_made", maker)
    for _ in range(2):
        with pytest.raises(NotInstalled, match="could not build the wheel: no network"):
            installed(tmp_path / "env")
    assert len(maker.folders) == 1


def test_a_step_that_fails_or_takes_too_long_is_told_in_words(tmp_path: Path) -> None:
    python = sys.executable
    said = problem_of([python, "-c", "print('no such package'); raise SystemExit(3)"], tmp_path, 60)
    assert said == f"{Path(python).name} ended with 3:\nno such package"
    said = problem_of([python, "-c", "import time; time.sleep(60)"], tmp_path, 0.1)
    assert said == "not done within 0 s (is the registry within reach?)"
