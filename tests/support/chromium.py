"""A real Chromium, without a window of its own on the screen."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.leftovers import guard_folder
from tests.support.patience import PATIENCE

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


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it, and end it. Only the thread that enters this block may use it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("No Chromium on the PATH. On Debian: sudo apt-get install chromium")
    with (
        temporary_folder(),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=PATIENCE * 1000) as running,
    ):
        yield running
