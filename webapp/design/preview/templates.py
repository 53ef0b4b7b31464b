"""Templates that are being worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, TemplateError, TemplateNotFound

from webapp.design.template_errors import TemplateProblem, explain
from webapp.live.templating import BASE, Assets, Templates

KEPT = 8
"""Texts of a template that were sound, at most: one may turn out broken when a row comes that takes another branch."""


class BrokenTemplate(Exception):
    """A template cannot be rendered.

    Args:
        problem: Why.
    """

    def __init__(self, problem: TemplateProblem) -> None:
        super().__init__(f"{problem.place}:{problem.line}: {problem.detail}")
        self.problem = problem


class WatchedTemplates(Templates):
    """Templates that remember what they were given, so that a mistake shows before the page is asked for again.

    If a partial is broken, its last sound text is rendered. Otherwise a message that is said meanwhile would not reach
    the open pages; or, if the mistake is in a branch that only this message takes, the row would count as unreadable.

    Args:
        folders: The folders, in the order of the search.
        assets: The static files.
        languages: The tags of the languages that pages may be in.

    Attributes:
        met: Set when a rendering has failed.
    """

    def __init__(self, folders: Sequence[Path], assets: Assets, languages: Sequence[str]) -> None:
        # The watcher of the files calls `forget`. If each rendering looked at the files, twenty open pages would wait.
        super().__init__(folders, assets, reload=False, languages=languages)
        self.met = asyncio.Event()
        self._static = [Path(folder) for folder in assets.all_directories]
        self._given: dict[str, object] = {}
        self._broken: dict[tuple[str, bool], TemplateProblem] = {}
        self._sound: dict[str, list[str]] = {}  # the newest text last
        self._last_sound: dict[str, Environment] = {}

    @property
    def problems(self) -> Sequence[TemplateProblem]:
        """The mistakes, each once, in the order of the files."""
        found = {problem.key: problem for problem in self._broken.values()}
        return sorted(found.values(), key=lambda problem: (problem.place, problem.line))

    def render(self, name: str, context: object) -> str:
        """Return a rendered template; of a partial that is broken, its last sound text.

        Raises:
            BrokenTemplate: It is broken, and is a page, or has not been sound yet.
        """
        self._given[name] = context
        try:
            return self._tried(name, context)
        except BrokenTemplate:
            self.met.set()
            if not name.rpartition("/")[2].startswith("_") or not self._sound.get(name):
                raise
            with suppress(Exception):
                return self._of_sound().get_template(name).render(_values(context))
            raise

    def forget(self) -> None:
        """Load the templates anew whose files have changed."""
        super().forget()
        self._last_sound.clear()

    def has_words(self, name: str) -> bool:
        """Return whether a template says anything that depends on the language; a broken one may."""
        try:
            return super().has_words(name)
        except TemplateError:
            return True

    async def check(self) -> Sequence[TemplateProblem]:
        """Load every template, render those that were rendered before, and return what is wrong."""
        names = self._names()
        for gone in [key for key in self._broken if key[0] not in (*names, *self._given)]:
            del self._broken[gone]
        for name in names:
            # Rendering all takes a tenth of a second. Open pages ask for themselves meanwhile.
            await asyncio.sleep(0)
            with suppress(BrokenTemplate):
                self._loaded(name)
        for name, context in list(self._given.items()):
            await asyncio.sleep(0)
            with suppress(BrokenTemplate):
                self._tried(name, context)
        self._keep_sound()
        return self.problems

    def _tried(self, name: str, context: object) -> str:
        try:
            text = super().render(name, context)
        except Exception as error:
            raise self._noted(name, context, error) from error
        self._broken.pop((name, True), None)
        return text

    def _loaded(self, name: str) -> None:
        try:
            self.environment.get_template(name)
        except Exception as error:
            raise self._noted(name, None, error) from error
        self._broken.pop((name, False), None)

    def _noted(self, name: str, context: object, error: Exception) -> BrokenTemplate:
        is_rendered = context is not None
        problem = self._broken[name, is_rendered] = explain(error, self.environment, name, context, self._static)
        self._doubt(problem.template)
        return BrokenTemplate(problem)

    def _doubt(self, name: str) -> None:
        """Take the present text of a template for broken, though it was sound with all that it was given before."""
        for either in (name, f"{BASE}{name}"):
            texts = self._sound.get(either, [])
            if len(texts) > 1 and texts[-1] == self._source(either):
                texts.pop()
                self._last_sound.clear()

    def _source(self, name: str) -> str | None:
        with suppress(TemplateNotFound, OSError, UnicodeDecodeError):
            return self.environment.loader.get_source(self.environment, name)[0] if self.environment.loader else None
        return None

    def _keep_sound(self) -> None:
        broken = {name for each in self._broken.values() for name in (each.template, *dict(each.included_from))}
        for name in self._names():
            if name not in broken:
                for either in (name, f"{BASE}{name}"):
                    texts = self._sound.setdefault(either, [])
                    text = self._source(either)
                    if text is not None and text not in texts[-1:]:
                        texts.append(text)
                        del texts[:-KEPT]

    def _of_sound(self) -> Environment:
        # Each language has templates of its own, and all have what they were given, and what is sound, in common.
        if self.language not in self._last_sound:
            newest = {name: texts[-1] for name, texts in self._sound.items() if texts}
            self._last_sound[self.language] = self.environment.overlay(loader=DictLoader(newest))
        return self._last_sound[self.language]

    def _names(self) -> Sequence[str]:
        return [name for name in self.environment.list_templates() if name.endswith(".html")]


def _values(context: Any) -> dict[str, object]:
    return {each.name: getattr(context, each.name) for each in fields(context)}
