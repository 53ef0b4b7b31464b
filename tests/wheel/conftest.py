"""What the tests of the wheel share: one environment, made once in a run however many processes test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import browser, window
from tests.wheel.environment import TIMEOUT, Environment, installed

__all__ = ["browser", "window"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each of these tests the time that the environment takes, which any of them may have to make."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT))


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Environment:
    """The wheel, installed. The workers of pytest-xdist, whose folders lie beside each other, share it."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent
    return installed(folder / "installed-wheel")
