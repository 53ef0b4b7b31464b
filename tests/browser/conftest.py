"""Windows of a real Chromium, each a visitor of its own, that fail their test when a page complains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import chromium
from tests.support.window import Window


# Until Playwright's synchronous interface is closed no event loop can run in this thread, so it must not
# outlive this folder's tests: the async ones elsewhere come after.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window, started once."""
    with chromium() as running:
        yield running


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Window]]:
    """`window(option=value, …)` opens a visitor's window, with the options of Playwright's `new_context`.

    The test fails at its end when a window's page complained of anything that was not allowed.
    """
    opened: list[Window] = []
    with ExitStack() as stack:

        def open_window(**options: Any) -> Window:
            opened.append(Window(stack.enter_context(browser.new_context(**options))))
            return opened[-1]

        yield open_window
        complaints = [text for each in opened for text in each.complaints()]
    if complaints:
        pytest.fail("The page complained:\n" + "\n".join(complaints))
