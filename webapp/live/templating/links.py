"""Finds the links in texts that visitors write.

This linkifier is our own. Jinja's urlize splits at spaces only. linkify-it-py 2.2 takes 7 seconds for 110 characters
of `xn--a.xn--a.…`, and several times as long for each ten more. Here the time grows with the length only: each search
ends at a character that no link has, and no pattern can match the same text in two ways.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv6Address
from typing import Final, NamedTuple

import regex

from webapp.live.validation import without_unseen

HIGHEST_PORT = 65535

# Stands for an invisible character. It ends a link, and no link without a scheme begins right after it. Otherwise, of
# "pay", an invisible character and "pal.com", the last part alone would become a link.
_UNSEEN: Final = "\0"

# The characters that end a link: spaces, controls, the marks that HTML and Markdown put around a link, and the
# punctuation, brackets and quotes of other scripts. A browser takes a backslash for a slash, so it ends a link too.
_END: Final = (
    r"\s\p{Cc}\p{Cs}<>\"`\\^"
    r"[[\p{Terminal_Punctuation}\p{Quotation_Mark}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\u2014\u2015\u2025\u2026\u2e3a\u2e3b\uff1c\uff1e\uff5c]--[\x00-\x7f]]"
)

# Scripts that have no spaces between words, so that an address may follow a letter.
_UNSPACED: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー"
)
_WORD: Final = r"\p{L}\p{M}\p{N}_"
_LATIN: Final = r"\p{Latin}\p{M}0-9_"
_JOINERS: Final = r"\u200c\u200d"

_BEFORE: Final = rf"(?<![[{_WORD}]--[{_UNSPACED}]])(?<![@/.:=&?\#%+~{_UNSEEN}-])(?=[\p{{L}}\p{{N}}])"

# A label without a scheme has Latin letters only or none. If it could mix them, the word before an address would become
# a part of it. The group is atomic: if digits, which both kinds have, could match in two ways, thirty labels would
# never end.
_LABELS: Final = rf"(?>(?:[{_LATIN}-]{{1,63}}+|[[{_WORD}-]--\p{{Latin}}]{{1,63}}+)\.){{1,30}}"
_MIXED: Final = rf"(?:[{_WORD}{_JOINERS}-]{{1,63}}+\.){{1,30}}"

# A top-level domain is all ASCII or has no ASCII letter. So letters of another script right after ".com" are text.
_TOP: Final = (
    rf"(?:[xX][nN]--[A-Za-z0-9-]{{2,59}}+|[A-Za-z]{{2,63}}+|[[\p{{L}}\p{{M}}{_JOINERS}]--[A-Za-z]]{{2,63}}+)"
    rf"(?!-*+[A-Za-z0-9_]|\.[{_WORD}])"
)
_IPV4: Final = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![A-Za-z0-9_-]|\.[A-Za-z0-9_])"
_HOST: Final = rf"(?:{_IPV4}|\[(?P<ipv6>[0-9A-Fa-f:.]{{2,45}})\]|{_MIXED}{_TOP}|[lL]ocalhost(?![.{_WORD}-]))"
_PORT: Final = r"(?::(?P<port>[0-9]{1,9})(?![A-Za-z0-9_]))?"

# The beginning of a link, up to its port. An address with a user before its host becomes no link: the user may look
# like another host, and visitors would follow the link to a host that they did not read.
_LINK = regex.compile(
    rf"""
    (?<![A-Za-z0-9])(?<![A-Za-z0-9][+.-])[hH][tT][tT][pP][sS]?://
        (?: (?P<user>[^{_END}/?\#@]*+@[^{_END}]*+) | {_HOST}{_PORT} )
    | {_BEFORE}
        (?: (?:[mM][aA][iI][lL][tT][oO]:)?
            (?P<mail>(?:[{_LATIN}.%+-]{{1,64}}+|[[{_WORD}.%+-]--\p{{Latin}}]{{1,64}}+)@{_LABELS}{_TOP})(?!@)
          | (?P<host>{_LABELS}{_TOP})(?!@){_PORT} )
    """,
    regex.V1 | regex.VERBOSE,
)
_STOP = regex.compile(rf"[{_END}()\[\]{{}}]|[,;](?=[hH][tT][tT][pP][sS]?://)", regex.V1)
_NEVER_LAST = regex.compile(r"[.,:;!?(\[{[\p{P}--[\x00-\x7f]]]", regex.V1)

# A text that does not match has no link. Most texts have none, and this search takes a fraction of the full one's time.
_HINT = re.compile(r"://|@|www\.|\.(?:com?|net|org|info|edu|gov|ac)(?![a-z0-9])", re.IGNORECASE)

# The domains whose names become links without a scheme. If all domains counted, "end.So" and "notes.md" would be links.
_TOPS: Final = frozenset(("com", "net", "org", "info", "edu", "gov"))
_SECONDS: Final = frozenset(("com", "co", "net", "org", "edu", "gov", "ac"))

_OPENING: Final = {")": "(", "]": "[", "}": "{"}


class Part(NamedTuple):
    """A part of a text.

    Attributes:
        text: The part as it was written.
        href: The address that it leads to; None: it is no link.
    """

    text: str
    href: str | None = None


def parts_of(text: str) -> Sequence[Part]:
    """Return `text` in parts, some of them links. A link leads to the address that its text shows."""
    if ("." not in text and ":" not in text) or not _HINT.search(text):
        return (Part(text),)
    seen = without_unseen(text, _UNSEEN)
    parts: list[Part] = []
    done = at = 0
    while match := _LINK.search(seen, at):
        start, at = match.span()
        if not _leads_somewhere(match):
            continue
        if match["mail"] is None:
            at = _end(seen, start, at)
        parts += (Part(text[done:start]), Part(text[start:at], _href(match, text[start:at])))
        done = at
    parts.append(Part(text[done:]))
    return [part for part in parts if part.text]


def _leads_somewhere(match: regex.Match[str]) -> bool:
    if match["user"] is not None or (match["port"] and int(match["port"]) > HIGHEST_PORT):
        return False
    if match["ipv6"] is not None:
        return _is_ipv6(match["ipv6"])
    return match["host"] is None or _is_known(match["host"].lower().split("."))


def _is_known(labels: Sequence[str]) -> bool:
    """Whether a host with these labels is meant as an address, though it has no scheme."""
    top = labels[-1]
    if top in _TOPS or (labels[0] == "www" and len(labels) > 2):
        return True
    return len(labels) > 2 and labels[-2] in _SECONDS and len(top) == 2 and top.isascii()


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _end(seen: str, start: int, head: int) -> int:
    """Return the index of the end of the link that starts at `start` and whose scheme, host and port end at `head`."""
    if seen[head : head + 1] not in ("/", "?", "#"):
        return head
    end = _balanced_end(seen, head)
    before = seen[start - 1 : start]
    # Markdown's marks stand on both sides of a text. If the link kept the closing one, it would lead elsewhere.
    mark = before if before in ("*", "_", "~", "|") else ""
    while end > head and (
        seen[end - 1] == mark
        or _NEVER_LAST.match(seen, end - 1)
        or (seen[end - 1] == "'" and seen.count("'", start, end) % 2)
    ):
        end -= 1
    return end


def _balanced_end(seen: str, head: int) -> int:
    """Return the first index after `head` of a character that no link has, or of a bracket without its partner."""
    open_ones = Counter[str]()
    for stop in _STOP.finditer(seen, head):
        character = stop.group()
        if character in _OPENING.values():
            open_ones[character] += 1
        elif open_ones[_OPENING.get(character, "")] > 0:
            open_ones[_OPENING[character]] -= 1
        elif not _is_apostrophe(seen, stop.start()):
            return stop.start()
    return len(seen)


def _is_apostrophe(seen: str, at: int) -> bool:
    return seen[at] == "\u2019" and seen[at - 1].isalpha() and seen[at + 1 : at + 2].isalpha()


def _href(match: regex.Match[str], text: str) -> str:
    if match["mail"] is not None:
        return f"mailto:{match['mail'].replace('%', '%25')}"
    return text if match["host"] is None else f"https://{text}"
