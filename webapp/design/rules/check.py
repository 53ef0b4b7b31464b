"""Runs all rules over the templates and style sheets of some folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from webapp.design.rules.finding import TemplateFinding
from webapp.design.rules.registry import RULES, Hit, Rule
from webapp.design.rules.sheet import Sheet
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source
from webapp.design.rules.switching_off import switches_of
from webapp.live.templating import STATIC, TEMPLATES


def check_templates(
    folders: Sequence[Path] = (TEMPLATES,),
    static: Sequence[Path] = (STATIC,),
    changed: Mapping[str, str] | None = None,
) -> list[TemplateFinding]:
    """Check templates and style sheets.

    Args:
        folders: The folders of templates; a file in an earlier one replaces one of the same name in a later one.
        static: The folders of static files, likewise.
        changed: Texts that stand in place of files, by the names of templates or of style sheets (`css/…`).

    Returns:
        The findings, in the order of the files and lines.
    """
    site = Site(folders, static, changed)
    found = {each for rule in RULES.values() for each in _findings(rule, site)}
    return sorted(found, key=lambda each: (str(each.file), each.line, each.rule, each.sentence))


def _findings(rule: Rule, site: Site) -> Iterator[TemplateFinding]:
    texts: Mapping[str, Source | Sheet] = site.sheets if rule.looks in ("style", "styles") else site.sources
    if rule.looks in ("templates", "styles"):
        yield from _those_that_hold(rule, ((texts[hit.file], hit) for hit in rule.find(site)))
    else:
        for text in texts.values():
            yield from _those_that_hold(rule, ((text, hit) for hit in rule.find(text, site)))


def _those_that_hold(rule: Rule, hits: Iterator[tuple[Source | Sheet, Hit]]) -> Iterator[TemplateFinding]:
    for text, hit in hits:
        line = text.line(hit.at)
        if not any(each.rule == rule.name and not each.wrong and line in each.lines for each in switches_of(text)):
            yield TemplateFinding(text.path, line, rule.name, rule.level, hit.sentence, rule.noticed, rule.mend)
