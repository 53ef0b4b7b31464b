"""Requests to other sites, for URLs that strangers wrote: bounded in all that they take, and to public addresses only.

In: a URL that a visitor posted. Out: the bytes of a page or of an image, or why there are none.

    addresses.py   which addresses are public
    urls.py        which URLs may be asked for
    lookup.py      names to addresses, on threads that nobody waits for
    door.py        the only way to an address: each is checked at the moment of the connection
    pace.py        how often one site may be asked
    body.py        reads a response, unpacked, up to a bound
    fetcher.py     one request with its redirects
"""

from webapp.previews.fetching.addresses import is_public
from webapp.previews.fetching.fetcher import Bounds, Fetched, Fetcher, Wanted
from webapp.previews.fetching.outcome import NotFetched, TryLater
from webapp.previews.fetching.pace import Pace
from webapp.previews.fetching.urls import checked_url

__all__ = ["Bounds", "Fetched", "Fetcher", "NotFetched", "Pace", "TryLater", "Wanted", "checked_url", "is_public"]
