"""Renders the designers' templates, and serves static files.

In: the name of a template and its context, a dataclass.
Out: HTML; and URLs that name the content behind them, so that browsers may keep it for ever.

    templates.py      renders a template as text or as a page
    fragments.py      fragments that are the same for all visitors, each at a URL of its own
    assets.py         static files
    style_sheets.py   the one style sheet that is made of all; css_part.py, what one of them becomes in it
    compression.py    what is sent shorter
    links.py          finds the links in texts that visitors write
    overlay.py        folders whose files replace those of others
    folders.py        where the engine's own templates and static files are
"""

from webapp.live.templating.assets import Assets
from webapp.live.templating.css_part import StyleSheetError
from webapp.live.templating.folders import ROOT, STATIC, TEMPLATES
from webapp.live.templating.templates import Templates

__all__ = ["ROOT", "STATIC", "TEMPLATES", "Assets", "StyleSheetError", "Templates"]
