"""Text as it may be stored and shown.

The properties of characters come from the `regex` library, which has Unicode's tables of its own: the same text is
blank, or not, under every version of Python.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import regex

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_MINUS: Final = "\u2212\ufe63\uff0d\u2010\u2011\u2012\u2013\u2014\u207b"
_PLUS: Final = "\uff0b\ufe62\u207a"
_SIGNS: Final = dict.fromkeys(_MINUS, "-") | dict.fromkeys(_PLUS, "+")
_MARK = re.compile(r"[,'\u2019\u066c\u00a0\u2009\u202f]")
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}(?:({_MARK.pattern})[0-9]{{3}})(?:\1[0-9]{{3}}){{0,9}}")
_GAPS = re.compile(r"[\s\ud800-\udfff]+")

# Characters that are never drawn themselves. The first property also has those that Unicode has only reserved so far.
# The others: what annotates or arranges its neighbours, and what never becomes a character.
_HIDDEN: Final = r"\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\U00013430-\U0001343f\p{Noncharacter_Code_Point}"

# Symbols that are drawn as nothing: an empty Braille cell and a note without a head.
_EMPTY: Final = r"\u2800\U0001d159"

# Marks have nothing to stand on without a character before them. Characters that Unicode has not assigned yet, and
# those for private use, are taken for visible: some reader's font may have them.
_VISIBLE = regex.compile(rf"[^\s\p{{Z}}\p{{Cc}}\p{{Cs}}\p{{M}}{_HIDDEN}{_EMPTY}]")

_LETTER: Final = r"[\p{L}--\p{Default_Ignorable_Code_Point}]"


def _between(before: str, character: str, after: str = "") -> str:
    """A pattern for `character` where it stands between two others."""
    # The character first: a search that looked at what stands before each position would take quadratic time.
    return rf"{character}(?<={before}{character})(?={after})"


# Where a joiner changes what its neighbours look like, after RFC 5892, appendix A.
_JOINER: Final = "|".join(
    (
        # It chooses the form of a consonant that lost its vowel.
        _between(r"\p{InSC=Virama}", r"\u200d"),
        _between(r"\p{InSC=Virama}", r"\u200c", _LETTER),
        # Bengali, Assamese and Kannada write some clusters with the joiner before the sign.
        _between(r"[\u09b0\u09f0\u0cb0]", r"\u200d", rf"[\u09cd\u0ccd]{_LETTER}"),
        # It parts two letters that would be joined, as in Persian.
        _between(r"[\p{jt=L}\p{jt=D}]\p{jt=T}*", r"\u200c", r"\p{jt=T}*[\p{jt=R}\p{jt=D}]"),
    )
)

_REGIONS: Final = ("gbeng", "gbsct", "gbwls")
_FLAGS: Final = [[rf"\U{0xE0000 + ord(letter):08x}" for letter in f"{region}\x7f"] for region in _REGIONS]

# Where a hidden character is a part of a picture, or chooses a letter's shape in Mongolian.
_PICTURE: Final = "|".join(
    (
        _between(r"[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?", r"\u200d", r"\p{Extended_Pictographic}"),
        _between(r"[\p{Extended_Pictographic}--\p{Emoji_Presentation}]", r"\ufe0f"),
        _between(r"\p{Emoji_Presentation}", r"\ufe0e"),
        _between(r"[0-9#*]", r"\ufe0f", r"\u20e3"),
        _between(r"[\u1820-\u18aa]", r"[\u180b-\u180f]"),
        # The flags of England, Scotland and Wales: a black flag, the region in tags, and their end.
        *(
            _between(r"\U0001f3f4" + "".join(tags[:place]), tag, "".join(tags[place + 1 :]))
            for tags in _FLAGS
            for place, tag in enumerate(tags)
        ),
    )
)

_UNSEEN = regex.compile(rf"(?=[{_HIDDEN}])(?!{_JOINER}|{_PICTURE}).", regex.V1 | regex.DOTALL)
_UNSEEN_IN_WORDS = regex.compile(rf"(?=[{_HIDDEN}])(?!{_JOINER}).", regex.V1 | regex.DOTALL)


def cleaned(text: str, one_line: bool = False) -> str:
    """`text` trimmed, without control characters; every kind of line end is a newline or, on one line, a space."""
    if not text.isprintable():
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        if one_line:
            text = text.replace("\n", " ")
    return text.strip()


def is_blank(text: str) -> bool:
    """Whether nothing of `text` could be seen."""
    if text.isascii() and text.isprintable():
        return not text.strip()
    return _VISIBLE.search(text) is None


def without_unseen(text: str, replacement: str = "", pictures: bool = True) -> str:
    """`text` with `replacement` for each character that makes no difference in sight.

    Joiners stay where a script needs them.

    Args:
        text: Any text.
        replacement: One character, or none.
        pictures: Keep the hidden characters that emoji are made of, too.
    """
    if text.isascii():
        return text
    return (_UNSEEN if pictures else _UNSEEN_IN_WORDS).sub(replacement, text)


def name_of(text: str) -> str:
    """`text` as a name: on one line, without what nobody can see; empty when that is all of it.

    Two names that look the same because of hidden characters would let one visitor pass for another.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    name = _GAPS.sub(" ", without_unseen(cleaned(text, one_line=True))).strip()
    return "" if is_blank(name) else name


def plainly_signed(text: str) -> str:
    """`text` with a number's signs as Python reads them: there are more than one minus."""
    return text if text.isascii() else "".join(_SIGNS.get(char, char) for char in text)


def numeral(text: str) -> str:
    """`text` as Python reads a whole number: its digits, of any script, and its sign in ASCII.

    Marks between its thousands are left out, as in `1,000` or with a narrow space.
    """
    text = plainly_signed(text.strip())
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char, char)) for char in text)
    return _MARK.sub("", text) if _GROUPED.fullmatch(text) else text


def is_storable(text: str) -> bool:
    """Whether every database takes `text`: it has no NUL, and no lone half of a character."""
    return text.isprintable() or ("\0" not in text and not _SURROGATES.search(text))
