"""Renders the rows of a binding as HTML."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any

from markupsafe import Markup

from webapp.live.contexts import Reset

Render = Callable[[str, object], str]
"""Renders the template of this name with the fields of a context object."""

TURN = 50
"""Rows of a whole list that are rendered before other tasks of the event loop get their turn."""


class Fragments:
    """Renders the rows of one binding. `Binding` explains the arguments."""

    def __init__(
        self,
        *,
        template: str,
        context: Callable[[Any], object],
        create_template: str | None = None,
        update_template: str | None,
        update_context: Callable[[Any, Collection[str]], object],
        reset_template: str,
        target: str,
    ) -> None:
        self._template = template
        self._context = context
        self._create_template = create_template or ""
        self._update_template = update_template or ""
        self._update_context = update_context
        self._reset_template = reset_template
        self._target = target

    def element(self, row: Any, render: Render) -> Markup:
        """Return the row's element."""
        return Markup(render(self._template, self._context(row)))  # noqa: S704 - autoescaped by the template

    def arrival(self, row: Any, render: Render) -> Markup:
        """Return the partials of the create template for a row."""
        return Markup(render(self._create_template, self._context(row)))  # noqa: S704 - as above

    def partials(self, row: Any, changed: Collection[str], render: Render) -> Markup:
        """Return the partials of the update template for a row.

        Args:
            row: The row as it is now.
            changed: The fields that may be new.
            render: Renders a template.
        """
        context = self._update_context(row, changed)
        return Markup(render(self._update_template, context))  # noqa: S704 - as above

    def whole_list(self, rows: Sequence[Any], render: Render) -> str:
        """Return the list with these rows, as a frame.

        Raises:
            Exception: The error of a template.
        """
        return render(self._reset_template, Reset(self._target, [self.element(row, render) for row in rows]))

    async def reset(self, rows: Sequence[Any], render: Render) -> str:
        """Return the same as `whole_list`, and let other tasks run after every TURN rows."""
        elements = []
        for number, row in enumerate(rows, 1):
            elements.append(self.element(row, render))
            if number % TURN == 0:
                # A thousand rows take tens of milliseconds. If this never yielded, all other tasks would wait.
                await asyncio.sleep(0)
        return render(self._reset_template, Reset(self._target, elements))
