"""The operator's page: reports of messages, rooms, bans and background tasks, live. There is none without ADMIN_TOKEN.

In: the token, and forms of the page.
Out: the page, and frames of the group `operator`.

    feature.py     the feature: its bindings and routes
    session.py     who has given the token
    bindings.py    reports and bans, as the page shows them
    pages.py       the page, and its forms
    contexts.py    the contexts of the templates in templates/admin/
"""

from webapp.admin.feature import feature
from webapp.admin.session import AdminSession

__all__ = ["AdminSession", "feature"]
