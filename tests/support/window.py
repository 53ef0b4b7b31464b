"""A window of a real browser that remembers what its pages complained of."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

from tests.support.patience import PATIENCE

# Chromium's own word for a page that it did not fade into the next one, as when that page is not drawn yet.
# No script of a page is behind it, and nobody sees anything but the next page.
NO_FADE = "Transition was aborted"


class Window:
    """One visitor: a browser context with cookies of its own, and its first page.

    Console errors and warnings (violations of the content security policy are among them) and uncaught
    exceptions of all its pages are kept; those that hold a text given to `allow` are not complaints.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        context.set_default_timeout(PATIENCE * 1000)
        self._heard: list[str] = []
        self._allowed: list[str] = [NO_FADE]
        context.on("console", self._hear_console)
        context.on("weberror", self._hear_error)
        self.page: Page = context.new_page()

    def allow(self, *texts: str) -> None:
        """Expect messages that hold one of these texts, whether they came already or not."""
        self._allowed.extend(texts)

    def complaints(self) -> list[str]:
        """What the pages said so far that nobody expected."""
        for page in self.context.pages:
            # The answer arrives behind whatever the page had said before it was asked.
            page.title()
        return [text for text in self._heard if not any(allowed in text for allowed in self._allowed)]

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._heard.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _hear_error(self, error: WebError) -> None:
        self._heard.append(f"exception: {error.error}")
