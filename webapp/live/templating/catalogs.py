"""Reads translators' catalogs, `locale/<language>/LC_MESSAGES/messages.po` in folders of templates, without compiling.

A text that cannot be used is left out and logged with its file and line, and readers see the template's own words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from webapp.live.templating.languages import SOURCE, language_of

logger = logging.getLogger(__name__)

FOLDER = "locale"
"""The folder of the catalogs in a folder of templates."""

PLACE = "LC_MESSAGES/messages.po"
"""The catalog in a language's folder."""

_PLACEHOLDER = re.compile(r"(?<!%)(?:%%)*%\((\w+)\)s")


def catalog_file(templates: Path, code: str) -> Path:
    """Return the path of a language's catalog in a folder of templates."""
    return templates / FOLDER / code.replace("-", "_") / PLACE


def languages_in(folders: Iterable[Path]) -> list[str]:
    """Return the language of the templates, then the others for which one of the folders has a catalog, by their tags.

    A folder whose name is no language is logged, and left out.
    """
    found = {path.parents[1].name.replace("_", "-") for each in folders for path in each.glob(f"{FOLDER}/*/{PLACE}")}
    return [SOURCE, *sorted(code for code in found - {SOURCE} if _is_language(code))]


def read(templates: Path, code: str) -> Catalog | None:
    """Return a language's catalog in a folder of templates; None: there is none, or it cannot be read."""
    path = catalog_file(templates, code)
    if not path.is_file():
        return None
    try:
        _require_closed_quotes(path)
        with path.open("rb") as file:
            return read_po(file, locale=code.replace("-", "_"), abort_invalid=True)
    except PoFileError as error:
        logger.error("%s, line %s: %s; readers see English instead", path, error.lineno, error)  # noqa: TRY400
    except (OSError, ValueError, LookupError, TypeError) as error:
        logger.error("%s cannot be read (%r); readers see English instead", path, error)  # noqa: TRY400
    return None


def _require_closed_quotes(path: Path) -> None:
    # Babel reads a line without its last quote, and drops the last letter.
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        text = line.strip()
        if b'"' in text and not text.startswith(b"#") and not text.endswith(b'"'):
            raise ValueError(f"line {number} has no quote at its end")


def fault_of(message: Message, forms: int) -> str | None:
    """Return why a translation cannot be used; None: it can, or there is none yet.

    Args:
        message: The message with its translation.
        forms: The plural forms of the language.
    """
    texts, sources = texts_of(message.string), texts_of(message.id)
    if not is_translated(message):
        return None
    if message.pluralizable and len(texts) != forms:
        return f"it has {len(texts)} plural forms instead of {forms}"
    known = _placeholders(sources)
    for text in texts:
        if unknown := _placeholders([text]) - known:
            return f"%({min(unknown)})s is not in the original"
        try:
            text % dict.fromkeys(known, "")
        except (ValueError, TypeError, KeyError) as error:
            return f"a percent sign that is none of a placeholder is written %% ({error})"
    # A plural form may leave its number out, as in "one person".
    needed = _placeholders(sources[-1:])
    lacking = needed - _placeholders(texts)
    return f"%({min(lacking)})s is missing" if lacking else None


def texts_of(text: str | Iterable[str] | None) -> list[str]:
    """Return the forms of a message or of its translation."""
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def is_translated(message: Message) -> bool:
    """Return whether all forms of a message have a translation that is not marked as uncertain."""
    return bool(message.string) and all(texts_of(message.string)) and not message.fuzzy


def translations(folders: Sequence[Path], code: str) -> NullTranslations:
    """Return the words of a language.

    Args:
        folders: Folders of templates; the words of an earlier one replace those of a later one.
        code: The language.
    """
    words = NullTranslations()
    for folder in reversed(folders):
        catalog = read(folder, code)
        if catalog is not None:
            _leave_out_faults(catalog, catalog_file(folder, code))
            binary = BytesIO()
            write_mo(binary, catalog)
            binary.seek(0)
            # Each keeps the rule of plurals that its own file states.
            own = GNUTranslations(binary)
            own.add_fallback(words)
            words = own
    return words


def _leave_out_faults(catalog: Catalog, path: Path) -> None:
    for message in list(catalog):
        if not message.id:
            continue
        fault = fault_of(message, catalog.num_plurals)
        if fault:
            _log_fault(path, message.lineno, texts_of(message.id)[0], fault)
        if fault or not is_translated(message):
            catalog.delete(message.id, message.context)


@lru_cache(1000)  # once for each, though every process of a start reads the catalogs in several places
def _log_fault(path: Path, line: int | None, msgid: str, fault: str) -> None:
    logger.error("%s, line %s: %.60r: %s; readers see English instead", path, line, msgid, fault)


def _placeholders(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in _PLACEHOLDER.findall(text)}


def _is_language(code: str) -> bool:
    try:
        language_of(code)
    except ValueError:
        logger.error("%s/%s is not the name of a language", FOLDER, code)  # noqa: TRY400
        return False
    return True
