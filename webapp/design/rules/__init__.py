"""`python -m webapp check templates`: looks for mistakes in templates and style sheets, and says how to mend them.

In: folders of templates and of static files.
Out: findings, each with its file and line, what readers would notice and how to mend it.

    check.py          runs all rules
    registry.py       what a rule is, and the list of them
    *_rules.py        the rules, by what they are about
    finding.py        one finding
    report.py         findings as lines and as JSON
    document.py       docs/template-rules.md, made of the registry
    switching_off.py  comments that switch a rule off
    site.py           all templates and style sheets together
    source.py         one template as it is written
    rendering.py      one template rendered with one of its samples
    line_marks.py     tells from which line each part of that comes
    names.py          the elements and attributes that there are
    text_file.py      a file with its lines and comments
    markup.py         the tags in a text
    selectors.py      ids, and who names them
    sheet.py          one style sheet
    colors.py         the colours of the tokens
    words.py          parts of sentences
"""

from webapp.design.rules import (
    contract_rules,
    form_rules,
    html_rules,
    htmx_rules,
    jinja_rules,
    language_rules,
    page_rules,
    policy_rules,
    reading_rules,
    style_rules,
)
from webapp.design.rules.check import check_templates
from webapp.design.rules.document import document
from webapp.design.rules.finding import Level, TemplateFinding
from webapp.design.rules.registry import RULES, Rule
from webapp.design.rules.report import as_json, as_lines, fails

__all__ = [
    "RULES",
    "Level",
    "Rule",
    "TemplateFinding",
    "as_json",
    "as_lines",
    "check_templates",
    "contract_rules",
    "document",
    "fails",
    "form_rules",
    "html_rules",
    "htmx_rules",
    "jinja_rules",
    "language_rules",
    "page_rules",
    "policy_rules",
    "reading_rules",
    "style_rules",
]
