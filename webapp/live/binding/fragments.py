"""The HTML of a binding's rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any

from markupsafe import Markup

from webapp.live.contexts import Reset

Render = Callable[[str, object], str]
"""Renders a template, by name, with a context object's fields."""

TURN = 50
"""Rows of a whole list that are rendered until the event loop gets its turn."""


class Fragments:
    """Renders the rows of one binding; `Binding` says what each argument means."""

    def __init__(
        self,
        *,
        template: str,
        context: Callable[[Any], object],
        update_template: str | None,
        update_context: Callable[[Any, Collection[str]], object],
        reset_template: str,
        target: str,
    ) -> None:
        self._template = template
        self._context = context
        self._update_template = update_template or ""
        self._update_context = update_context
        self._reset_template = reset_template
        self._target = target

    def element(self, row: Any, render: Render) -> Markup:
        """Return the row's element."""
        return Markup(render(self._template, self._context(row)))  # noqa: S704 - autoescaped by the template

    def partials(self, row: Any, changed: Collection[str], render: Render) -> Markup:
        """Return what brings a page's row up to date, by the update template."""
        context = self._update_context(row, changed)
        return Markup(render(self._update_template, context))  # noqa: S704 - as above

    def whole_list(self, rows: Sequence[Any], render: Render) -> str:
        """Return the list with these rows, as a frame. Raises what the templates raise."""
        return render(self._reset_template, Reset(self._target, [self.element(row, render) for row in rows]))

    async def reset(self, rows: Sequence[Any], render: Render) -> str:
        """Return the same as `whole_list`, and let other tasks run meanwhile."""
        elements = []
        for number, row in enumerate(rows, 1):
            elements.append(self.element(row, render))
            if number % TURN == 0:
                # A thousand rows take tens of milliseconds, in which everybody else would wait.
                await asyncio.sleep(0)
        return render(self._reset_template, Reset(self._target, elements))
