"""Runs all rules over the templates and style sheets of some folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from webapp.design.fixtures import Fixtures
from webapp.design.rules.finding import TemplateFinding
from webapp.design.rules.registry import RULES, Hit, Rule
from webapp.design.rules.rendering import Rendering
from webapp.design.rules.site import Site
from webapp.design.rules.switching_off import switches_of
from webapp.design.rules.text_file import TextFile
from webapp.live.templating import STATIC, TEMPLATES


def check_templates(
    folders: Sequence[Path] = (TEMPLATES,), static: Sequence[Path] = (STATIC,), fixtures: Fixtures | None = None
) -> list[TemplateFinding]:
    """Check templates and style sheets.

    Args:
        folders: The folders of templates; a file in an earlier one replaces one of the same name in a later one.
        static: The folders of static files, likewise.
        fixtures: The samples with which the templates are rendered; None: those of the folders.

    Returns:
        The findings, in the order of the files and lines.
    """
    site = Site(folders, static, fixtures)
    found = [(rule, *each) for rule in RULES.values() for each in _hits(rule, site)]
    lost = {hit.about for rule, _, hit in found if rule.name == "lost-id"}
    findings: dict[tuple[Path, int, str], TemplateFinding] = {}
    for rule, file, hit in found:
        if hit.about not in lost or not hit.about or rule.name == "lost-id":
            line = file.line(hit.at)
            if not _is_off(rule, file, line):
                finding = TemplateFinding(file.path, line, rule.name, rule.level, hit.sentence, rule.noticed, rule.mend)
                findings.setdefault((file.path, line, rule.name), finding)
    return sorted(findings.values(), key=lambda each: (str(each.file), each.line, each.rule))


def _hits(rule: Rule, site: Site) -> Iterator[tuple[TextFile, Hit]]:
    """Return what a rule finds, each with its file. Its index is then one of the file's text."""
    if rule.looks == "page":
        for page in site.renderings:
            yield from (_in_source(page, hit, site) for hit in rule.find(page, site))
    elif rule.looks == "all":
        yield from ((site.files[hit.file], hit) for hit in rule.find(site))
    else:
        files: Iterable[TextFile] = (site.sources if rule.looks == "template" else site.sheets).values()
        for file in files:
            yield from ((file, hit) for hit in rule.find(file, site))


def _in_source(page: Rendering, hit: Hit, site: Site) -> tuple[TextFile, Hit]:
    if hit.file:
        return site.files[hit.file], hit
    name, line = page.place(hit.at)
    source = site.sources[name]
    return source, hit._replace(at=source.start_of(line))


def _is_off(rule: Rule, file: TextFile, line: int) -> bool:
    return any(each.rule == rule.name and not each.wrong and line in each.lines for each in switches_of(file))
