"""Renders the designers' templates, and serves static files.

In: the name of a template and its context, a dataclass.
Out: HTML; and URLs that name the content behind them, so that browsers may keep it for ever.

    templates.py      renders a template as text or as a page
    environments.py   Jinja's environments, one for each language; environment.py, what is ours in one
    words.py          the words of one language, for templates; words_in_templates.py, which templates have any
    catalogs.py       reads the catalogs of translators
    messages.py       what there is to translate, what is missing, and what is wrong
    languages.py      times, numbers and lists as a language writes them
    fragments.py      fragments that are the same for all visitors, each at a URL of its own
    assets.py         static files
    style_sheets.py   the one style sheet that is made of all; css_part.py, what one of them becomes in it
    compression.py    what is sent shorter
    links.py          finds the links in texts that visitors write
    overlay.py        folders whose files replace those of others
    folders.py        where the engine's own templates and static files are
"""

from webapp.live.templating.assets import Assets
from webapp.live.templating.catalogs import languages_in
from webapp.live.templating.css_part import StyleSheetError
from webapp.live.templating.folders import ROOT, STATIC, TEMPLATES
from webapp.live.templating.fragments import IMMUTABLE
from webapp.live.templating.links import parts_of
from webapp.live.templating.messages import missing_translations, wrong_translations
from webapp.live.templating.overlay import BASE
from webapp.live.templating.style_sheets import BUNDLE
from webapp.live.templating.templates import Templates

__all__ = [
    "BASE",
    "BUNDLE",
    "IMMUTABLE",
    "ROOT",
    "STATIC",
    "TEMPLATES",
    "Assets",
    "StyleSheetError",
    "Templates",
    "languages_in",
    "missing_translations",
    "parts_of",
    "wrong_translations",
]
