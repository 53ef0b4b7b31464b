"""What the tests of the wheel share: one environment, made once in a run however many processes test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import browser, window
from tests.support.built_once import allow_time, shared_folder
from tests.wheel.environment import Environment, installed

__all__ = ["browser", "window"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each of these tests the time that the environment takes, which any of them may have to make."""
    allow_time(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Environment:
    """The wheel, installed. The workers of pytest-xdist, whose folders lie beside each other, share it."""
    return installed(shared_folder(tmp_path_factory, request, "installed-wheel"))
