"""Renders the designers' templates, and serves static files.

In: the name of a template and its context, a dataclass.
Out: HTML; and URLs that name the content behind them, so that browsers may keep it for ever.

    templates.py   renders a template as text or as a page
    fragments.py   fragments that are the same for all visitors, each at a URL of its own
    assets.py      static files
    links.py       finds the links in texts that visitors write
    folders.py     where the engine's own templates and static files are
"""

from webapp.live.templating.assets import Assets
from webapp.live.templating.folders import ROOT, STATIC, TEMPLATES
from webapp.live.templating.fragments import IMMUTABLE
from webapp.live.templating.links import parts_of
from webapp.live.templating.templates import Templates

__all__ = ["IMMUTABLE", "ROOT", "STATIC", "TEMPLATES", "Assets", "Templates", "parts_of"]
