"""Cleans texts before the server stores and shows them.

The `regex` library gives the properties of characters, because it has Unicode tables of its own. With Python's tables,
the same text could be blank under one version of Python and not under another.
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

# Characters that fonts never draw: the default ignorable ones, which include code points that Unicode has only
# reserved, interlinear annotations, controls that arrange Egyptian hieroglyphs, and code points that are never
# characters.
_HIDDEN: Final = r"\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\U00013430-\U0001343f\p{Noncharacter_Code_Point}"

# Symbols that fonts draw as an empty space: the empty Braille cell and the null note head.
_EMPTY: Final = r"\u2800\U0001d159"

# A combining mark alone is not visible, because it needs a character before it. Unassigned and private characters count
# as visible, because a reader's font may have them.
_VISIBLE = regex.compile(rf"[^\s\p{{Z}}\p{{Cc}}\p{{Cs}}\p{{M}}{_HIDDEN}{_EMPTY}]")

_LETTER: Final = r"[\p{L}--\p{Default_Ignorable_Code_Point}]"


def _between(before: str, character: str, after: str = "") -> str:
    """Return a pattern for `character` where it stands between two others."""
    # If the pattern began with a lookbehind, a search would run it at each position and take quadratic time. So the
    # character comes first.
    return rf"{character}(?<={before}{character})(?={after})"


# The contexts in which a joiner changes how its neighbours are drawn, after RFC 5892, appendix A.
_JOINER: Final = "|".join(
    (
        # After a virama the joiner chooses the form of the consonant.
        _between(r"\p{InSC=Virama}", r"\u200d"),
        _between(r"\p{InSC=Virama}", r"\u200c", _LETTER),
        # Bengali, Assamese and Kannada write some clusters with the joiner before the sign.
        _between(r"[\u09b0\u09f0\u0cb0]", r"\u200d", rf"[\u09cd\u0ccd]{_LETTER}"),
        # A non-joiner separates two letters that would be joined, as in Persian.
        _between(r"[\p{jt=L}\p{jt=D}]\p{jt=T}*", r"\u200c", r"\p{jt=T}*[\p{jt=R}\p{jt=D}]"),
    )
)

_REGIONS: Final = ("gbeng", "gbsct", "gbwls")
_FLAGS: Final = [[rf"\U{0xE0000 + ord(letter):08x}" for letter in f"{region}\x7f"] for region in _REGIONS]

# The contexts in which a hidden character is a part of an emoji, or chooses a letter's shape in Mongolian.
_PICTURE: Final = "|".join(
    (
        _between(r"[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?", r"\u200d", r"\p{Extended_Pictographic}"),
        _between(r"[\p{Extended_Pictographic}--\p{Emoji_Presentation}]", r"\ufe0f"),
        _between(r"\p{Emoji_Presentation}", r"\ufe0e"),
        _between(r"[0-9#*]", r"\ufe0f", r"\u20e3"),
        _between(r"[\u1820-\u18aa]", r"[\u180b-\u180f]"),
        # The flags of England, Scotland and Wales are a black flag, tags that spell the region, and an end tag.
        *(
            _between(r"\U0001f3f4" + "".join(tags[:index]), tag, "".join(tags[index + 1 :]))
            for tags in _FLAGS
            for index, tag in enumerate(tags)
        ),
    )
)

_UNSEEN = regex.compile(rf"(?=[{_HIDDEN}])(?!{_JOINER}|{_PICTURE}).", regex.V1 | regex.DOTALL)
_UNSEEN_IN_WORDS = regex.compile(rf"(?=[{_HIDDEN}])(?!{_JOINER}).", regex.V1 | regex.DOTALL)


def cleaned(text: str, one_line: bool = False) -> str:
    """Return `text` trimmed and without control characters.

    Args:
        text: Any text.
        one_line: Whether each line end becomes a space. Otherwise each kind of line end becomes a newline.
    """
    if not text.isprintable():
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        if one_line:
            text = text.replace("\n", " ")
    return text.strip()


def is_blank(text: str) -> bool:
    """Return whether a reader would see nothing of `text`."""
    if text.isascii() and text.isprintable():
        return not text.strip()
    return _VISIBLE.search(text) is None


def without_unseen(text: str, replacement: str = "", pictures: bool = True) -> str:
    """Return `text` with `replacement` for each hidden character that does not change how the text is drawn.

    Joiners stay where a script needs them.

    Args:
        text: Any text.
        replacement: One character, or the empty text.
        pictures: Whether the hidden characters that emoji are made of stay as well.
    """
    if text.isascii():
        return text
    return (_UNSEEN if pictures else _UNSEEN_IN_WORDS).sub(replacement, text)


def name_of(text: str) -> str:
    """Return `text` as a name: on one line, without hidden characters, and empty when nothing visible is left.

    If hidden characters stayed, two names could look the same, and one visitor could pass for another.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    name = _GAPS.sub(" ", without_unseen(cleaned(text, one_line=True))).strip()
    return "" if is_blank(name) else name


def name_and_secret(text: str) -> tuple[str, str]:
    """Return the name and the secret in a text such as `Ann#tiger`; the secret is empty where there is none.

    A space beside the `#` makes it a part of the name, as in `Player #1` or `C# fan`.
    """
    name, _, secret = text.strip().partition("#")
    if not name or name[-1].isspace() or secret[:1].isspace():
        return name_of(text), ""
    secret = cleaned(secret, one_line=True).strip()
    return (name_of(name), secret) if secret else (name_of(text), "")


def plainly_signed(text: str) -> str:
    """Return `text` with every plus and minus sign of Unicode as the ASCII one, which Python reads."""
    return text if text.isascii() else "".join(_SIGNS.get(char, char) for char in text)


def numeral(text: str) -> str:
    """Return `text` as Python reads a whole number: the digits of any script, and the sign, in ASCII.

    Separators of thousands are left out, such as the comma in `1,000`, or a narrow space.
    """
    text = plainly_signed(text.strip())
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char, char)) for char in text)
    return _MARK.sub("", text) if _GROUPED.fullmatch(text) else text


def is_storable(text: str) -> bool:
    """Return whether every database can store `text`: it has no NUL and no lone surrogate."""
    return text.isprintable() or ("\0" not in text and not _SURROGATES.search(text))
