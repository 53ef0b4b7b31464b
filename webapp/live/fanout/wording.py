"""Renders what goes to many readers: once for all of them if it has no words, else once for each language in use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from webapp.live.binding import Render

EVERYBODY = ""
"""Stands for readers of all languages."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How templates are rendered for open pages.

    Attributes:
        render: Renders a template for readers of all languages, with the words of the template itself.
        in_language: Returns what renders templates in a language; templates without words it renders for everybody.
        has_words: Returns whether a template says anything that depends on the language of its reader.
    """

    render: Render
    in_language: Callable[[str], Render]
    has_words: Callable[[str], bool]

    @classmethod
    def of_one(cls, render: Render) -> Wording:
        """Return the wording of an app with one language."""
        return cls(render, lambda language: render, lambda name: False)

    def speaks(self, templates: Collection[str]) -> bool:
        """Return whether any of `templates` has words."""
        return any(map(self.has_words, templates))

    def each(
        self, templates: Collection[str], languages: Collection[str], make: Callable[[Render], str]
    ) -> Mapping[str, str]:
        """Return what `make` renders, by language; for EVERYBODY alone if no template has words.

        Args:
            templates: The templates that `make` renders.
            languages: The languages in use.
            make: Makes the text, given what renders templates.
        """
        if not self.speaks(templates):
            return {EVERYBODY: make(self.render)}
        return {language: make(self.in_language(language)) for language in languages}
