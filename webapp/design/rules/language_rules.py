"""Rules about words: in the language of the reader, where there are translations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbohtml import TokenType, tokenize

from webapp.design.rules.finding import Level
from webapp.design.rules.markup import line_starts
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.site import Site
from webapp.design.rules.source import SOMETHING, Source
from webapp.live.templating import missing_translations

GROUP = "Words"

_TRANSLATED = re.compile(r"\{%[-+]?\s*trans\b.*?\{%[-+]?\s*endtrans\s*[-+]?%\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]*[^\W\d_A-Z][^\W\d_]+")
_TAG = re.compile(r"<[^>]*>")
_SPOKEN = ("placeholder", "aria-label", "title", "alt")
_UNSPOKEN = ("script", "style", "code", "kbd", "samp", "i", "svg")
"""Elements whose text is not prose. An <i> here is a mark that nobody sees."""


@rule(
    "untranslated",
    Level.ADVICE,
    GROUP,
    "template",
    noticed="A reader of another language finds these words in English among others in theirs.",
    mend="Write {% trans %}…{% endtrans %} around them, or {{ _('…') }} in an attribute.",
    bad="<p>{% trans %}Reconnecting…{% endtrans %} Please wait.</p>",
    good="<p>{% trans %}Reconnecting… Please wait.{% endtrans %}</p>",
)
def untranslated(source: Source, site: Site) -> Iterator[Hit]:
    """Find words that cannot be translated, in templates that have others that can."""
    html = _TRANSLATED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source.text)
    if not site.catalogs or source.error or (html == source.text and not _CALL.search(html)):
        return
    html = source.masked(html)
    yield from (Hit(at, f'"{words}" is not translated.') for at, words in _texts(html) if words != site.brand)
    for tag in source.start_tags:
        for each in tag.attributes if not tag.name.startswith("hx-") else ():
            words = (each.value or "").replace(SOMETHING, " ").strip()
            if each.name in _SPOKEN and _WORD.search(words) and words != site.brand:
                yield Hit(each.at, f'The {each.name} "{words}" is not translated.')


_CALL = re.compile(r"\{\{[^}]*\b_\(|\b[np]*gettext\(")


def _texts(html: str) -> Iterator[tuple[int, str]]:
    starts = line_starts(html)
    inside = ""
    for token in tokenize(html, resolve_references=False):
        if token.type is TokenType.START_TAG:
            inside = token.tag or ""
        elif token.type is TokenType.END_TAG:
            inside = ""
        elif token.type is TokenType.TEXT and inside not in _UNSPOKEN:
            # The parser returns the content of a <noscript> as one text with its tags.
            text = _TAG.sub(" ", token.data or "").replace(SOMETHING, " ")
            if found := _WORD.search(text):
                yield starts[token.line - 1] + token.col + found.start(), " ".join(text.split()).strip("· ")[:40]


@rule(
    "missing-translation",
    Level.ADVICE,
    GROUP,
    "all",
    noticed="Readers of that language see these words in English.",
    mend="Add the translation to the catalog of the language, below templates/locale/.",
    bad='msgid "Reload"\nmsgstr ""',
    good='msgid "Reload"\nmsgstr "Perkrauti"',
)
def missing_translation(site: Site) -> Iterator[Hit]:
    """Find words that a catalog lacks."""
    if not site.catalogs or any(source.error for source in site.sources.values()):
        return
    names = {source.path: name for name, source in site.sources.items()}
    for each in missing_translations(site.folders):
        if each.file in names:
            words = " ".join(each.msgid.split())[:60]
            source = site.sources[names[each.file]]
            yield Hit(source.start_of(each.line), f'"{words}" is not translated into {each.language}.', source.name)
