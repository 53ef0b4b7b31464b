"""Turns the marks of Markdown in the texts that visitors write into HTML.

A small part of Markdown, as people know it from other chats: emphasis, strong words, deleted words, code, blocks of
code, quotes, lists, and links with words of their own. A mark that is none stays as it was typed: a star between two
digits, an underscore in a name, `>:(`. There are no escapes; what stands in a code span stays as it is.

markdown-it-py finds the marks, with everything else of it off. Addresses are found first, by `parts_of`, so a text has
the same links with marks and without.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from webapp.live.templating.highlighting import LANGUAGES, highlighted
from webapp.live.templating.links import parts_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LONGEST: Final = 4000
"""Characters of a text, at most. A longer one, which another program wrote, is shown as it is."""

_KEPT: Final = 256
"""Texts whose HTML a process keeps."""

_DEEPEST: Final = 12
"""Blocks and marks inside each other, at most."""

# A text that does not match has no marks. Most texts have none, and this search takes a microsecond.
_HINT: Final = re.compile(r"([*_~`])[\s\S]*?\1|\]\([Hh]|^ {0,3}(?:> |[-*] |[0-9]{1,9}[.)] )", re.MULTILINE)

# The characters at which a text may stop: those that a rule begins with.
_MARK: Final = re.compile(r"[\n*_~`\[]")

_LABEL: Final = re.compile(r"\[(?P<label>[^\[\]\n]{1,200})\]\(")
_FENCE: Final = re.compile(r"```[ \t]*(?P<language>[^\s`]*)[ \t]*$")
_QUOTED: Final = re.compile(r">(?:[ \t>]|$)")
# A line of stars or dashes only is no list.
_ITEM: Final = re.compile(r"(?:[-*]|[0-9]{1,9}[.)])[ \t]+(?![-*>](?:[ \t]|$))\S")

_LINK: Final = {"rel": "nofollow noopener noreferrer", "target": "_blank"}

_PLAIN: Final = frozenset(
    ("paragraph_open", "paragraph_close", "inline", "text", "softbreak", "link_open", "link_close"),
)


def formatted(text: str) -> Markup:
    """Return the HTML of a text with marks; empty: it has none, or is longer than LONGEST."""
    return _formatted(text) if len(text) <= LONGEST and _HINT.search(text) else Markup()


@lru_cache(_KEPT)
def _formatted(text: str) -> Markup:
    markdown = _markdown()
    tokens = markdown.parse(text)
    if all(each.type in _PLAIN for each in _all(tokens)):
        return Markup()
    return Markup(markdown.renderer.render(tokens, markdown.options, {}).strip())  # noqa: S704 - the rules escape


def _all(tokens: Sequence[Token]) -> Sequence[Token]:
    return [one for token in tokens for one in (token, *(token.children or ()))]


@cache
def _markdown() -> MarkdownIt:
    # Rooms without a mark never need it.
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import blockquote, fence, list_block

    markdown = MarkdownIt("zero", {"maxNesting": _DEEPEST})
    markdown.enable(["backticks", "emphasis", "strikethrough", "balance_pairs", "fragments_join", "newline"])
    markdown.enable(["fence", "blockquote", "list"])
    markdown.block.ruler.at("blockquote", _limited(blockquote, _QUOTED), {"alt": ["paragraph", "list"]})
    markdown.block.ruler.at("fence", _known_code(fence), {"alt": ["paragraph", "blockquote", "list"]})
    markdown.block.ruler.at("list", _limited(list_block, _ITEM), {"alt": ["paragraph", "blockquote"]})
    markdown.inline.ruler.at("text", _text)
    markdown.inline.ruler.before("emphasis", "literal", _literal)
    markdown.inline.ruler.before("emphasis", "named", _named)
    for kind, rule in _SHOWS.items():
        markdown.add_render_rule(kind, rule)
    return markdown


def _limited(rule: Any, start: re.Pattern[str]) -> Any:
    """Return a rule for blocks that ends where no line begins as its blocks do.

    In Markdown, a line right after a quote or a list goes on with it. In a chat, it is the answer to the quote.
    """

    def limited(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        if not _starts(state, first, start):
            return False
        end = first + 1
        while end < last and (_starts(state, end, start) or _goes_on(state, end)):
            end += 1
        # The lines of a paragraph in it end at `lineMax` only.
        state.lineMax, whole = end, state.lineMax
        found: bool = rule(state, first, end, silent)
        state.lineMax = whole
        return found

    def _goes_on(state: StateBlock, line: int) -> bool:
        return start is _ITEM and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent + 2)

    return limited


def _known_code(rule: Any) -> Any:
    """Return the rule for a block of code, for the languages that are known. No word beside a fence is lost."""

    def known(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        match = _FENCE.match(state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]])
        if match is None or match["language"].lower() not in LANGUAGES:
            return False
        found: bool = rule(state, first, last, silent)
        return found

    return known


def _starts(state: StateBlock, line: int, start: re.Pattern[str]) -> bool:
    return start.match(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]) is not None


def _addresses(state: StateInline) -> Mapping[int, tuple[int, str]]:
    """Return the addresses in a text: where each begins → where it ends, and what it leads to."""
    found: dict[int, tuple[int, str]] | None = state.env.get(state.src)
    if found is None:
        found, at = {}, 0
        for part in parts_of(state.src):
            if part.href is not None:
                found[at] = at + len(part.text), part.href
            at += len(part.text)
        state.env[state.src] = found
    return found


def _text(state: StateInline, silent: bool) -> bool:
    """Take an address, or the text up to the next mark or address."""
    addresses = _addresses(state)
    if state.pos in addresses and state.linkLevel == 0:
        end, href = addresses[state.pos]
        end = min(end, state.posMax)
        if not silent:
            state.push("link_open", "a", 1).attrs = {"href": href, **_LINK}
            state.push("text", "", 0).content = state.src[state.pos : end]
            state.push("link_close", "a", -1)
        state.pos = end
        return True
    mark = _MARK.search(state.src, state.pos, state.posMax)
    ends = [mark.start() if mark else state.posMax, *(at for at in addresses if at > state.pos)]
    end = min(ends)
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _literal(state: StateInline, silent: bool) -> bool:
    """Take marks that are none: between two letters or digits, as in 2*3*4, and after a backslash."""
    mark = state.src[state.pos]
    if mark not in "*_~":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == mark:
        end += 1
    before, after = state.src[state.pos - 1 : state.pos] if state.pos else "", state.src[end : end + 1]
    is_between = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
    if not is_between and before != "\\":
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _named(state: StateInline, silent: bool) -> bool:
    """Take a link with words of its own. The host that it leads to stands behind them."""
    match = _LABEL.match(state.src, state.pos, state.posMax) if state.linkLevel == 0 else None
    end, href = _addresses(state).get(match.end(), (0, "")) if match else (0, "")
    if match is None or not href.lower().startswith("http") or state.src[end : end + 1] != ")" or end >= state.posMax:
        return False
    if not silent:
        last = state.posMax
        state.push("link_open", "a", 1).attrs = {"href": href, **_LINK}
        state.pos, state.posMax = match.start("label"), match.end("label")
        state.linkLevel += 1
        state.md.inline.tokenize(state)
        state.linkLevel -= 1
        state.posMax = last
        state.push("link_close", "a", -1)
        state.push("host", "", 0).content = urlsplit(href).netloc
    state.pos = end + 1
    return True


def _shown_text(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return str(escape(tokens[index].content))


def _shown_host(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return f" <small dir=ltr>({escape(tokens[index].content)})</small>"


def _shown_break(*_: Any) -> str:
    return "<br>"


def _shown_code(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return f"<code>{escape(tokens[index].content)}</code>"


def _shown_fence(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    code = highlighted(tokens[index].content.removesuffix("\n"), tokens[index].info)
    return f"<pre dir=ltr><code>{code}</code></pre>\n"


_SHOWS: Final = {
    "text": _shown_text,
    "host": _shown_host,
    "softbreak": _shown_break,
    "hardbreak": _shown_break,
    "code_inline": _shown_code,
    "fence": _shown_fence,
}
