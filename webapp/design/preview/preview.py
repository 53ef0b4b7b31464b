"""The live preview: what is saved shows in every open page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from webapp.design.preview.additions import Additions
from webapp.design.preview.answers import answers
from webapp.design.preview.audience import Audience, OwnSockets
from webapp.design.preview.middleware import PreviewPages
from webapp.design.preview.sheets import Sheets
from webapp.design.preview.templates import WatchedTemplates
from webapp.design.preview.watching import changes
from webapp.design.template_errors import TemplateProblem
from webapp.live.protocol import Engine
from webapp.live.templating import Assets, Templates

logger = logging.getLogger(__name__)

BREATH = 0.1
"""Seconds that open pages get to ask for themselves before the templates are checked."""

GRACE = 0.1
"""Seconds that a mistake must last before pages show it: an editor may be half-way through a file."""


class Preview:
    """Watches the files, and keeps open pages up to date.

    `Live` calls `make_templates` when it is built, and `work` while it runs.
    """

    def __init__(self) -> None:
        self._sockets = OwnSockets()
        self._shown: Sequence[TemplateProblem] = ()

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of the preview, which come first."""
        return answers(self._additions, self._sockets)

    @property
    def middleware(self) -> list[Middleware]:
        """The middleware, which has to be the app's innermost."""
        return [Middleware(PreviewPages, additions=self._additions)]

    def make_templates(
        self, folders: Sequence[Path], assets: Assets, reload: bool, languages: Sequence[str]
    ) -> Templates:
        """Return the templates of the app, which the preview watches."""
        self._templates = WatchedTemplates(folders, assets, languages)
        self._additions = Additions(self._templates, assets)
        self._sheets = Sheets(self._templates, assets)
        self._folders = [*folders, *map(Path, assets.all_directories)]
        return self._templates

    async def work(self, engine: Engine) -> None:
        """Watch the files until the task is cancelled."""
        audience = Audience(engine.hub, self._sockets)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(engine, audience))
            tasks.create_task(self._tell(engine, audience))

    async def _watch(self, engine: Engine, audience: Audience) -> None:
        # A mistake that is there already shows on the first page.
        self._templates.met.set()
        async for changed in changes(self._folders):
            # If one burst of saves ended the task, no later one would show.
            with _logged():
                self._templates.forget()
                engine.hub.forget_renderings()
                self._additions.advance()
                audience.send(self._frame(changed))
                # A feed that could not render a frame need not wait for its next try.
                engine.hub.ring(None)
            self._templates.met.set()

    def _frame(self, changed: Collection[Path]) -> str:
        sheets = self._sheets.replaced(changed)
        if sheets is not None and all(path.suffix == ".css" for path in changed):
            return self._additions.sheets_frame(sheets)
        return self._additions.refresh_frame()

    async def _tell(self, engine: Engine, audience: Audience) -> None:
        while True:
            await self._templates.met.wait()
            await asyncio.sleep(BREATH)
            self._templates.met.clear()
            with _logged():
                await self._check()
                if self._templates.problems != self._shown:
                    self._shown = self._templates.problems
                    audience.send(self._additions.problems_frame())
                    engine.hub.ring(None)

    async def _check(self) -> None:
        if await self._templates.check():
            await asyncio.sleep(GRACE)
            await self._templates.check()


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("open pages do not show what was saved; the next save tries again")
