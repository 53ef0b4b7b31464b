"""What a visitor looks for: terms, and where a text has them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import regex

TERMS = 10
"""Terms of one search that are looked for, at most; later ones are left out."""

_QUOTES: Final = '"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d'
_CHUNK: Final = regex.compile(rf"[{_QUOTES}](?P<exact>[^{_QUOTES}]*)[{_QUOTES}]?|[^\s{_QUOTES}]+")

# The same characters as in the migration that makes the index.
UNSPACED: Final = (
    r"\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
"""Letters of scripts that put no space between words, as they stand between the brackets of a pattern."""

_LETTER: Final = r"\p{L}\p{N}\p{M}\p{Co}"
_WORDS: Final = regex.compile(rf"(?P<unspaced>[{UNSPACED}]+)|[[{_LETTER}]--[{UNSPACED}]]+", regex.V1)

_SIGNS: Final = regex.compile(r"[\u0300-\u036f\u0640\u064b-\u0655\u0670]")
_ALIKE: Final = str.maketrans("\u0671\u0649\u0629\u03c2", "\u0627\u064a\u0647\u03c3")


class Term(NamedTuple):
    """What one message must have.

    Attributes:
        words: Words that follow each other, as typed. With `is_unspaced`, one text without spaces.
        is_prefix: The last word may be the beginning of a longer one.
        is_unspaced: The script puts no space between words, so the text may stand anywhere.
    """

    words: tuple[str, ...]
    is_prefix: bool = True
    is_unspaced: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text.

    Attributes:
        text: The text.
        is_found: It is what was looked for.
    """

    text: str
    is_found: bool


def terms_of(text: str) -> list[Term]:
    """Return what a text asks for.

    Each word is a term, found also where a longer word begins with it. Words in quotes are one term, found as they
    stand. Words that a hyphen or another sign joins are one term, too.
    """
    terms: list[Term] = []
    for chunk in _CHUNK.finditer(unicodedata.normalize("NFC", text)):
        exact = chunk["exact"]
        # A sign for a vowel alone is no word: nothing would be left to look for.
        found = [each for each in _WORDS.finditer(chunk[0] if exact is None else exact) if folded(each[0])]
        words = tuple(each[0] for each in found if not each["unspaced"])
        terms += [Term((each[0],), is_unspaced=True) for each in found if each["unspaced"]]
        if words:
            terms.append(Term(words, is_prefix=exact is None))
    return terms[:TERMS]


def folded(text: str) -> str:
    """Return what texts have in common that a search takes for the same: without accents, signs of vowels, or case."""
    # Letter by letter: a Greek sigma at the end of a word is the same letter in the middle of one.
    lower = "".join(map(str.lower, text))
    return unicodedata.normalize("NFC", _SIGNS.sub("", unicodedata.normalize("NFKD", lower)).translate(_ALIKE))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text around the first place where it has what was looked for.

    Attributes:
        parts: Its parts.
        is_cut_before: The text begins before them.
        is_cut_after: The text goes on after them.
    """

    parts: Sequence[Part]
    is_cut_before: bool = False
    is_cut_after: bool = False


def excerpt(text: str, terms: Iterable[Term], limit: int) -> Excerpt:
    """Return the text around the first place where it has one of the terms, with all such places in it.

    Args:
        text: The text.
        terms: What was looked for.
        limit: Characters that are returned, at most.
    """
    spans = _spans(text, terms)
    start = max(0, min(spans[0][0] - limit // 3, len(text) - limit)) if spans else 0
    end = min(len(text), start + limit)
    parts: list[Part] = []
    place = start
    for first, last in spans:
        first, last = max(first, place), min(last, end)
        if first < last:
            parts += [Part(text[place:first], False), Part(text[first:last], True)]
            place = last
    parts.append(Part(text[place:end], False))
    return Excerpt([part for part in parts if part.text], start > 0, end < len(text))


def _spans(text: str, terms: Iterable[Term]) -> Sequence[tuple[int, int]]:
    """Return where the text has the terms, as the first and the last place and one, in their order."""
    pattern = "|".join(map(_pattern, terms))
    if not pattern:
        return []
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for each in folded(letter):
            letters.append(each)
            places.append(place)
    places.append(len(text))
    found = regex.finditer(pattern, "".join(letters))
    return [(places[each.start()], places[each.end() - 1] + 1) for each in found if each.end() > each.start()]


def _pattern(term: Term) -> str:
    words = [regex.escape("".join(folded(letter) for letter in word), literal_spaces=True) for word in term.words]
    if term.is_unspaced:
        return words[0]
    rest = rf"[{_LETTER}]*+" if term.is_prefix else rf"(?![{_LETTER}])"
    return rf"(?<![{_LETTER}])" + rf"[^{_LETTER}]++".join(words) + rest
