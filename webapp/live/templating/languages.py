"""Languages: what they are called, which way they are written, and how they write times, numbers and lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal
from markupsafe import Markup, escape

SOURCE = "en"
"""The language that templates are written in."""

EVERYBODY = ""
"""Stands for readers of all languages: words are those of the templates, and times are in digits."""

_WRITTEN_AS = {"en": "en_GB"}
"""Locales whose dates and lists a language takes, where they are not its own: 26 Nov 2026, and `a, b and c`."""

_TIMES = 4096
"""Times of which the text is kept. Messages of one minute share one."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages may be in.

    Attributes:
        code: The BCP 47 tag, such as `lt` or `pt-BR`, for the `lang` attribute.
        name: What its speakers call it.
        direction: `ltr` or `rtl`, for the `dir` attribute.
    """

    code: str
    name: str
    direction: str


@cache
def language_of(code: str) -> Language:
    """Return the language with this BCP 47 tag; EVERYBODY is the language of the templates.

    Raises:
        ValueError: There is no such language.
    """
    locale = _locale(code or SOURCE)
    name = locale.get_display_name() or code
    return Language(code or SOURCE, name[:1].upper() + name[1:], locale.text_direction)


def number(value: Any, code: str) -> str:
    """Return a number with the separators of a language, in the digits of all others, with a minus that is one."""
    text = format_decimal(value, locale=_written_as(code), decimal_quantization=False, numbering_system="latn")
    return text.replace("-", "\N{MINUS SIGN}")


def listing(items: Iterable[Any], code: str, style: Literal["standard", "or", "unit"] = "standard") -> Markup:
    """Return items as a list in a sentence, such as `a, b and c`.

    Args:
        items: The items; text is escaped.
        code: The language.
        style: `standard` for "and", `or`, or `unit` for neither.
    """
    return Markup(format_list([escape(item) for item in items], style=style, locale=_written_as(code)))  # noqa: S704


def date_time(at: datetime, code: str) -> str:
    """Return a time to the minute in UTC, for readers whose browser does not show it in their own zone."""
    at = at.astimezone(UTC)
    if code == EVERYBODY:
        # Quicker than a look at what is kept, and this is rendered for every message.
        return f"{at.isoformat(' ', 'minutes')[:16]} UTC"
    return _date_time(at.replace(second=0, microsecond=0), code)


@lru_cache(_TIMES)
def _date_time(at: datetime, code: str) -> str:
    locale = _written_as(code)
    both = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    date, time = (format_skeleton(skeleton, at, locale=locale) for skeleton in ("yMMMd", "Hm"))
    return f"{both.replace('{0}', time).replace('{1}', date)} UTC"


@cache
def _written_as(code: str) -> Locale:
    return _locale(_WRITTEN_AS.get(code or SOURCE, code or SOURCE))


def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"there is no language {code!r}") from error
