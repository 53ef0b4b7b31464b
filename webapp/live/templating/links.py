"""Links in what people write.

This is a linkifier of our own. Jinja's urlize splits at spaces only, and linkify-it-py 2.2 takes 7 seconds for 110
characters of `xn--a.xn--a.…`, several times as long for each ten more. Here the time grows with the length: each
search ends at a character that no link has, and no pattern can match the same text in two ways.
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

# Stands for a character that cannot be seen. It ends a link, and nothing that follows it at once begins one without a
# scheme: of "pay", a hidden character and "pal.com", the last part alone would be a link.
_UNSEEN: Final = "\0"

# What ends a link: spaces, controls, what HTML and Markdown put around one, and the punctuation, brackets and quotes
# of other scripts. A browser takes a backslash for a slash.
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

# A label without a scheme is in Latin letters or in others: the word before an address would become a part of it.
# Atomic, since digits are in both: matched in two ways each, thirty of them would take for ever.
_LABELS: Final = rf"(?>(?:[{_LATIN}-]{{1,63}}+|[[{_WORD}-]--\p{{Latin}}]{{1,63}}+)\.){{1,30}}"
_MIXED: Final = rf"(?:[{_WORD}{_JOINERS}-]{{1,63}}+\.){{1,30}}"

# A top-level domain is in ASCII or has none of it. So letters of another script that follow ".com" at once are text.
_TOP: Final = (
    rf"(?:[xX][nN]--[A-Za-z0-9-]{{2,59}}+|[A-Za-z]{{2,63}}+|[[\p{{L}}\p{{M}}{_JOINERS}]--[A-Za-z]]{{2,63}}+)"
    rf"(?!-*+[A-Za-z0-9_]|\.[{_WORD}])"
)
_IPV4: Final = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![A-Za-z0-9_-]|\.[A-Za-z0-9_])"
_HOST: Final = rf"(?:{_IPV4}|\[(?P<ipv6>[0-9A-Fa-f:.]{{2,45}})\]|{_MIXED}{_TOP}|[lL]ocalhost(?![.{_WORD}-]))"
_PORT: Final = r"(?::(?P<port>[0-9]{1,9})(?![A-Za-z0-9_]))?"

# The beginning of a link, as far as its port. An address with a user before its host is none, since that user may be
# written like another host.
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

# A text without any of these has no link. Most have none, and to know it takes a fraction of the time.
_HINT = re.compile(r"://|@|www\.|\.(?:com?|net|org|info|edu|gov|ac)(?![a-z0-9])", re.IGNORECASE)

# Without a scheme only names under these lead somewhere: "end.So" and "notes.md" are under some domain, too.
_TOPS: Final = frozenset(("com", "net", "org", "info", "edu", "gov"))
_SECONDS: Final = frozenset(("com", "co", "net", "org", "edu", "gov", "ac"))

_OPENING: Final = {")": "(", "]": "[", "}": "{"}


class Part(NamedTuple):
    """A part of a text, and the address it leads to; None for a part that is no link."""

    text: str
    href: str | None = None


def parts_of(text: str) -> Sequence[Part]:
    """`text` in parts, some of them links. A link leads where its own text says."""
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
    """Whether the host of these labels is one that is meant as an address even without a scheme."""
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
    """Where the link ends that starts at `start`, and whose scheme, host and port end at `head`."""
    if seen[head : head + 1] not in ("/", "?", "#"):
        return head
    end = _balanced_end(seen, head)
    before = seen[start - 1 : start]
    # Markdown's marks stand on both sides of what they mark.
    mark = before if before in ("*", "_", "~", "|") else ""
    while end > head and (
        seen[end - 1] == mark
        or _NEVER_LAST.match(seen, end - 1)
        or (seen[end - 1] == "'" and seen.count("'", start, end) % 2)
    ):
        end -= 1
    return end


def _balanced_end(seen: str, head: int) -> int:
    """The end of what follows `head`: at a character that no link has, or a bracket that closes none of its own."""
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
