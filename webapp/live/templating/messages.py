"""Compares the words of templates with the catalogs of translators: what to translate, what is missing or wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import write_po

from webapp.live.templating.catalogs import catalog_file, fault_of, is_translated, languages_in, read, texts_of
from webapp.live.templating.languages import SOURCE, language_of

_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}

NOTE = "Translators:"
"""The beginning of a comment, `{# Translators: … #}`, that the next message of a template takes into catalogs."""


class MissingTranslation(NamedTuple):
    """A message without a usable translation.

    Attributes:
        language: The tag of the language.
        msgid: The words of the template.
        file: The template.
        line: The line in it.
    """

    language: str
    msgid: str
    file: Path
    line: int


class WrongTranslation(NamedTuple):
    """A translation that readers do not get to see.

    Attributes:
        language: The tag of the language.
        msgid: The words of the template.
        file: The catalog.
        line: The line in it.
        why: What is wrong with the translation.
    """

    language: str
    msgid: str
    file: Path
    line: int
    why: str


def messages_of(templates: Mapping[str, Path]) -> Catalog:
    """Return the messages of templates, given by their names, as a catalog without translations.

    Raises:
        jinja2.TemplateSyntaxError: A template cannot be parsed.
    """
    catalog = Catalog()
    for name, path in sorted(templates.items()):
        with path.open("rb") as file:
            found = extract("jinja2.ext:babel_extract", file, DEFAULT_KEYWORDS, [NOTE], _OPTIONS)
            for line, msgid, comments, context in found:
                catalog.add(msgid, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def templates_in(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the templates of some folders by their names; one in an earlier folder replaces a later one's."""
    found = [(folder, path) for folder in reversed(folders) for path in sorted(folder.rglob("*.html"))]
    return {path.relative_to(folder).as_posix(): path for folder, path in found}


def missing_translations(folders: Sequence[Path]) -> list[MissingTranslation]:
    """Return the messages of the templates in `folders` that readers of some language see in English."""
    templates = templates_in(folders)
    messages = [each for each in messages_of(templates) if each.id]
    missing = []
    for code in languages_in(folders):
        if code != SOURCE:
            known = set(_translated(folders, code))
            for each in messages:
                if (each.context, *texts_of(each.id)) not in known:
                    name, line = each.locations[0]
                    missing.append(MissingTranslation(code, texts_of(each.id)[0], templates[name], line))
    return missing


def wrong_translations(folders: Sequence[Path]) -> list[WrongTranslation]:
    """Return the translations in `folders` that cannot be used, each with the reason."""
    return [
        WrongTranslation(code, texts_of(each.id)[0], catalog_file(folder, code), each.lineno or 0, why)
        for folder in folders
        for code in languages_in([folder])
        for catalog in [read(folder, code)]
        if catalog is not None
        for each in catalog
        if each.id and (why := fault_of(each, catalog.num_plurals))
    ]


def is_current(templates: Path, code: str) -> bool:
    """Return whether the catalog of a language has the messages of the templates beside it, and no others."""
    catalog = read(templates, code)
    return catalog is not None and _keys(catalog) == _keys(messages_of(templates_in([templates])))


def update(templates: Path, code: str) -> None:
    """Bring the catalog of a language up to date with the templates beside it; make one if there is none.

    Raises:
        ValueError: The catalog cannot be read, or there is no such language.
    """
    path, wanted = catalog_file(templates, code), messages_of(templates_in([templates]))
    catalog = read(templates, code) if path.exists() else _new(code)
    if catalog is None:
        raise ValueError(f"{path} cannot be read; mend it first")
    # If the date moved at each run, every run would change every catalog.
    wanted.creation_date = catalog.creation_date
    catalog.update(wanted, no_fuzzy_matching=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # A line number in a catalog would make it out of date with every line that is added above.
        write_po(file, catalog, width=120, ignore_obsolete=True, include_lineno=False, sort_by_file=True)


def _new(code: str) -> Catalog:
    head = f"# {language_of(code).name}. `bin/messages` keeps this file up to date with the templates."
    return Catalog(locale=code.replace("-", "_"), header_comment=head, fuzzy=False)


def _translated(folders: Sequence[Path], code: str) -> Iterator[tuple[str | None, ...]]:
    for folder in folders:
        catalog = read(folder, code)
        if catalog is not None:
            for each in catalog:
                if each.id and is_translated(each) and not fault_of(each, catalog.num_plurals):
                    yield each.context, *texts_of(each.id)


def _keys(catalog: Catalog) -> set[tuple[str | None, ...]]:
    return {(each.context, *texts_of(each.id)) for each in catalog if each.id}
