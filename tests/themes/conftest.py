"""Windows of a real Chromium, and a server for each shipped theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import browser, window
from tests.support.app_server import AppServer
from webapp.themes.finding import shipped_themes

__all__ = ["browser", "window"]

SHIPPED = [one.folder.name for one in shipped_themes()]


@pytest.fixture(scope="module", params=SHIPPED)
def themed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server that shows a shipped theme, for the tests of a module that do not break it."""
    with AppServer(tmp_path_factory.mktemp("themed"), {"THEME": request.param}) as running:
        yield running
    running.check()
