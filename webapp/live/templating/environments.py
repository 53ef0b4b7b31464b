"""Jinja's environments for the designers' templates, one for each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

from webapp.live.templating.environment import environment
from webapp.live.templating.languages import EVERYBODY, Language
from webapp.live.templating.words import Words
from webapp.live.templating.words_in_templates import WordsInTemplates


class Environments:
    """The environments, which compile a template when it is first rendered in their language.

    If one environment served all languages, each word of a template would look for the language of its rendering.

    Args:
        folders: The folders of the templates, in the order of the search.
        reload: Read a template, or a catalog, again when its file has changed.
        languages: The languages that pages may be in.
        extensions: Extensions of Jinja besides the engine's own.

    Attributes:
        languages: The languages that pages may be in.
        words: Which templates have words.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        reload: bool,
        languages: Sequence[Language],
        extensions: Sequence[type[Extension]],
    ) -> None:
        self.languages = tuple(languages)
        spoken = {code: Words(code, folders, reload) for code in (EVERYBODY, *(each.code for each in languages))}
        self._made = {code: environment(folders, words, reload, extensions) for code, words in spoken.items()}
        self._catalogs = spoken.values()
        self.words = WordsInTemplates(self._made[EVERYBODY])
        self.add({}, lambda code: {"languages": self.languages})

    def __contains__(self, code: str) -> bool:
        return code in self._made

    def add(self, filters: Mapping[str, Callable[..., Any]], globals_of: Callable[[str], Mapping[str, Any]]) -> None:
        """Give filters, and global names by language, to all templates."""
        for code, each in self._made.items():
            each.filters |= filters
            each.globals |= globals_of(code)

    def forget(self) -> None:
        """Load the templates anew whose files have changed, and every catalog."""
        for each in self._made.values():
            each.forget()
        for words in self._catalogs:
            words.forget()
        self.words.forget()

    def of(self, code: str) -> Environment:
        """Return the environment of a language; EVERYBODY has one as well."""
        return self._made[code]

    def render(self, code: str, name: str) -> str:
        """Return a template that needs no context, rendered in a language.

        Raises:
            jinja2.TemplateError: The template is missing, or cannot be rendered without a context.
        """
        return self._made[code].get_template(name).render()

    def has_words(self, name: str) -> bool:
        """Return whether a template says anything that depends on the language of its reader.

        Raises:
            jinja2.TemplateSyntaxError: The template cannot be parsed.
        """
        return self.words.has(name)
