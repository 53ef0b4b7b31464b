"""The page of public rooms: those whose owners want them found. It is there only where LIST_ROOMS is on.

feature.py     the page as a feature of the app
bindings.py    the rooms as the page shows them, live
pages.py       the page, and its socket
"""

from webapp.listing.feature import feature

__all__ = ["feature"]
