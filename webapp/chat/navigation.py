"""Tells a person who opens a room from a program that looks at its address. Only the first one makes a room."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

_FETCHES_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")

# fmt: off
_PROBES = frozenset((
    "actuator", "api", "autodiscover", "boaform", "bitrix", "cgi-bin", "cms", "cpanel", "drupal", "ecp",
    "geoserver", "graphql", "hnap1", "jenkins", "joomla", "laravel", "magento", "manager", "mysql", "myadmin",
    "owa", "phpinfo", "phpmyadmin", "pma", "portal", "remote", "sdk", "server-info", "server-status", "solr",
    "shell", "struts", "swagger", "swagger-ui", "telescope", "typo3", "vendor", "webdav", "wordpress", "wp",
    "wp-admin", "wp-content", "wp-includes", "wp-json", "wp-login", "xmlrpc",
))
# fmt: on


def is_navigation(request: Request[Any]) -> bool:
    """Return whether a person has opened this URL in a window of a browser.

    Browsers tell by Sec-Fetch-Mode and -Dest, over TLS and on their own machine. A request without these headers may
    come from an older browser or a plain address, so it counts as a person's.
    """
    headers = request.headers
    if request.method != "GET" or any("pre" in headers.get(name, "").lower() for name in _FETCHES_AHEAD):
        return False
    told = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return told in ((None, None), ("navigate", "document"))


def is_probe(label: str) -> bool:
    """Return whether programs that look for weak servers ask for this path everywhere.

    The address still shows a room, which the first message makes.
    """
    return label in _PROBES
