"""The sizes of the screens that tests look at, and whether a page fits one."""

from __future__ import annotations

from playwright.sync_api import ViewportSize

PHONE = ViewportSize(width=360, height=640)
DESKTOP = ViewportSize(width=1280, height=800)
FITS = "document.scrollingElement.scrollWidth <= innerWidth"
"""Tells, as a script of the page, whether nothing on it is wider than the window."""
