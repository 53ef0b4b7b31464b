"""The words of one language, as templates ask for them: `{% trans %}`, `_("…")`, and filters for times and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from webapp.live.templating import languages
from webapp.live.templating.catalogs import catalog_file, translations
from webapp.live.templating.languages import EVERYBODY


class Words:
    """The words of one language.

    A translation is plain text with placeholders: all of it is escaped, and so are the values in it that are not
    markup. So neither a visitor's text nor a translator's can bring elements into a page.

    Args:
        code: The language; EVERYBODY for the words of the templates.
        folders: Folders of templates, whose catalogs have the words.
        reload: Read a catalog again when its file has changed.
    """

    def __init__(self, code: str, folders: Sequence[Path] = (), reload: bool = False) -> None:
        self._code = code
        self._folders = folders if code != EVERYBODY else ()
        self._reload = reload
        self._read: tuple[Sequence[float], NullTranslations] | None = None
        self._texts: dict[tuple[str | None, str], Markup] = {}

    @property
    def globals(self) -> Mapping[str, Any]:
        """The functions that Jinja's i18n extension calls, and the language."""
        return {
            "language": languages.language_of(self._code),
            "gettext": self.gettext,
            "_": self.gettext,
            "ngettext": self.ngettext,
            "pgettext": self.pgettext,
            "npgettext": self.npgettext,
        }

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """The filters that depend on the language."""
        names = ("number", "listing", "date_time")
        return {name: partial(_call, getattr(languages, name), self._code) for name in names}

    def gettext(self, message: str, /, **values: Any) -> Markup:
        """Return a message with `values` in its placeholders."""
        text = self._text(None, message)
        return text % values if values or "%" in text else text

    def pgettext(self, context: str, message: str, /, **values: Any) -> Markup:
        """Return a message that means something else in another context."""
        return self._text(context, message) % values

    def ngettext(self, one: str, many: str, num: int, /, **values: Any) -> Markup:
        """Return a message in the plural form for `num`."""
        return escape(self._translations().ngettext(one, many, num)) % {"num": num, **values}

    def npgettext(self, context: str, one: str, many: str, num: int, /, **values: Any) -> Markup:
        """Return a message of a context in the plural form for `num`."""
        return escape(self._translations().npgettext(context, one, many, num)) % {"num": num, **values}

    def forget(self) -> None:
        """Read the catalogs anew when the next word is asked for."""
        self._read = None

    def _text(self, context: str | None, message: str) -> Markup:
        if self._reload or self._read is None:
            self._translations()
        known = self._texts.get((context, message))
        if known is None:
            words = self._translations()
            text = words.gettext(message) if context is None else words.pgettext(context, message)
            known = self._texts[context, message] = escape(text)
        return known

    def _translations(self) -> NullTranslations:
        if self._read is None or self._reload:
            changed = [_changed(catalog_file(folder, self._code)) for folder in self._folders]
            if self._read is None or self._read[0] != changed:
                self._read = changed, translations(self._folders, self._code)
                self._texts.clear()
        return self._read[1]


def _call(written: Callable[..., Any], code: str, value: Any, *options: Any) -> Any:
    return written(value, code, *options)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
