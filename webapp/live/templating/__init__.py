"""Renders the designers' templates, and serves static files.

In: the name of a template and its context, a dataclass.
Out: HTML; and URLs that name the content behind them, so that browsers may keep it for ever.

    templates.py   renders a template as text or as a page
    fragments.py   fragments that are the same for all visitors, each at a URL of its own
    assets.py      static files
    links.py       finds the links in texts that visitors write
    environment.py         Jinja's environment for one language
    words.py               the words of one language, for templates
    words_in_templates.py  which templates have words at all
    catalogs.py            reads the catalogs of translators
    messages.py            what there is to translate, what is missing, and what is wrong
    languages.py           times, numbers and lists as a language writes them
    folders.py     where the engine's own templates and static files are
"""

from webapp.live.templating.assets import Assets
from webapp.live.templating.catalogs import languages_in
from webapp.live.templating.folders import ROOT, STATIC, TEMPLATES
from webapp.live.templating.messages import missing_translations, wrong_translations
from webapp.live.templating.templates import Templates

__all__ = [
    "ROOT",
    "STATIC",
    "TEMPLATES",
    "Assets",
    "Templates",
    "languages_in",
    "missing_translations",
    "wrong_translations",
]
