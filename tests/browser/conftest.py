"""Windows of a real Chromium, each a visitor of its own, that fail their test when a page complains."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.leftovers import guard_folder
from tests.support.patience import PATIENCE
from tests.support.window import Window

FEATURES_OFF = (
    # Each window's address bar would load two pages of its own, which is two thirds of what opening a window costs.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # Chromium reads the last list of these, so ours has to repeat Playwright's.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch"),
)

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(FEATURES_OFF)}",
)


@contextmanager
def temporary_folder() -> Iterator[None]:
    """Have Playwright put the profiles of its browsers where they are removed even when this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="webapp-browser-"))
    guard_folder(folder)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


# Until Playwright's synchronous interface is closed no event loop can run in this thread, so it must not
# outlive this folder's tests: the async ones elsewhere come after.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window, started once."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("No Chromium on the PATH. On Debian: sudo apt-get install chromium")
    with (
        temporary_folder(),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=PATIENCE * 1000) as running,
    ):
        yield running


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Window]]:
    """`window(option=value, …)` opens a visitor's window, with the options of Playwright's `new_context`.

    The test fails at its end when a window's page complained of anything that was not allowed.
    """
    opened: list[Window] = []
    with ExitStack() as stack:

        def open_window(**options: Any) -> Window:
            context = stack.enter_context(browser.new_context(**options))
            context.set_default_timeout(PATIENCE * 1000)
            opened.append(Window(context))
            return opened[-1]

        yield open_window
        complaints = [text for each in opened for text in each.complaints()]
    if complaints:
        pytest.fail("The page complained:\n" + "\n".join(complaints))
