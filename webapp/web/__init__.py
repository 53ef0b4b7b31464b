"""The parts that all pages of this app share.

In: requests, as the proxies in front pass them on.
Out: requests that may pass, with the browser's address; pages that belong to no feature; and the type of a feature.

    feature.py      the object that each feature exports
    pages.py        the pages that belong to no feature, and the error page
    security.py     middleware: response headers, allowed hosts, same origin
    proxies.py      middleware: the client's address, scheme and host as trusted proxies report them
    origin.py       compares origins and host names
    links.py        links that people send to each other
    https.py        middleware: sends browsers that came by http to https
    refusal.py      the answer of a middleware that refuses a request
    rate_limit.py   bounds what a visitor, and what a network, may do in a time
    shared_counts.py   counts across processes, through a Redis
    well_known.py   leads to the files that browsers and crawlers ask every site for
    slashes.py      redirects URLs with a missing or a needless slash
"""

from webapp.web.feature import Feature
from webapp.web.https import RequireHttps
from webapp.web.links import absolute_url
from webapp.web.origin import Origin
from webapp.web.pages import error_page, health
from webapp.web.proxies import ProxyHeaders, proxies_in
from webapp.web.rate_limit import Flood, NetworkLimit, RateLimit, in_low_cost_actions
from webapp.web.security import AllowedHosts, SameOrigin, SecurityHeaders
from webapp.web.shared_counts import SharedCounts
from webapp.web.slashes import redirect_slashes_by_path

__all__ = [
    "AllowedHosts",
    "Feature",
    "Flood",
    "NetworkLimit",
    "Origin",
    "ProxyHeaders",
    "RateLimit",
    "RequireHttps",
    "SameOrigin",
    "SecurityHeaders",
    "SharedCounts",
    "absolute_url",
    "error_page",
    "health",
    "in_low_cost_actions",
    "proxies_in",
    "redirect_slashes_by_path",
]
