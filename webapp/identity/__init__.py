"""A visitor chooses a name, goes on on another device, and is forgotten when it wants to be.

In: requests of browsers.
Out: cookies that name visitors, and pages.

    feature.py      the pages as a feature of the app
    pages.py        the pages
    contexts.py     what their templates are given
"""

from webapp.identity.feature import feature

__all__ = ["feature"]
