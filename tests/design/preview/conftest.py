"""A copy of the project on `serve --dev`, whose files a test edits as a designer does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import browser, window
from tests.design.preview.studio import Studio
from tests.support.app_server import AppServer
from tests.support.project_copy import Copy
from tests.support.window import Window

__all__ = ["browser", "window"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy, which the tests of a module share: each puts back what it changed."""
    return Copy(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def app(project: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The copy, served to those who work on it."""
    command = (sys.executable, "-m", "webapp", "serve", "--dev")
    env = {"PYTHONSAFEPATH": "1"}
    with AppServer(tmp_path_factory.mktemp("dev"), env, command=command, root=project.root) as server:
        yield server
    server.check()


@pytest.fixture
def studio(project: Copy, app: AppServer) -> Iterator[Studio]:
    """Edits files, and puts them back at the end."""
    with Studio(project.root, app) as studio:
        yield studio


@pytest.fixture
def visitor(window: Callable[..., Window]) -> Window:
    """The window of one visitor."""
    opened = window()
    # A page that is not there, and one whose template is broken, are what some tests look at.
    opened.allow("the server responded with a status of")
    return opened


@pytest.fixture
def visit(app: AppServer, visitor: Window) -> Callable[[str], Page]:
    """`visit(path)` opens a page of the visitor's, and waits until frames reach it."""
    pages: list[Page] = []

    def opened(path: str) -> Page:
        page = visitor.page if not pages else visitor.context.new_page()
        pages.append(page)
        # The page asks whether it is up to date when its socket is open.
        with page.expect_response("**/design/preview/page"):
            page.goto(f"{app.url}{path}")
        return page

    return opened
