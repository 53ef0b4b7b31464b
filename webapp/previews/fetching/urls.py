"""Which URLs may be asked for, as far as their text shows it. The address behind the name is checked by the door."""

from __future__ import annotations

import re
from collections.abc import Collection

from yarl import URL

from webapp.previews.fetching.outcome import NotFetched

URL_LIMIT = 2000
"""Characters in a URL, at most."""

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
"""A name in ASCII, or an address. So nothing that a resolver might take for two names, or for the end of one."""

_LOCAL_NAMES = (
    "localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa", "onion"
)  # fmt: skip
"""Top-level names of networks that are not the internet. To ask for one would tell a name server of it in vain."""


def checked_url(text: str, ports: Collection[int] | None, base: URL | None = None) -> URL:
    """Return the URL to ask for, without its fragment.

    Args:
        text: The URL, as somebody wrote it.
        ports: The ports that may be asked; None: all.
        base: The URL of the page that names it, for a relative one; None: it must be absolute.

    Raises:
        NotFetched: It is no URL that the server may ask for.
    """
    if len(text) > URL_LIMIT:
        raise NotFetched("URL too long")
    try:
        url = URL(text) if base is None else base.join(URL(text))
        host, port = url.raw_host, url.port
    except ValueError:
        raise NotFetched("no URL") from None
    if problem := _problem(url, host or "", port, ports):
        raise NotFetched(problem)
    return url.with_fragment(None)


def _problem(url: URL, host: str, port: int | None, ports: Collection[int] | None) -> str:
    if url.scheme not in ("http", "https"):
        return "scheme"
    if url.raw_user is not None or url.raw_password is not None:
        return "user in URL"
    if ports is not None and port not in ports:
        return "port"
    if not _HOST.fullmatch(host):
        return "no host"
    return "local name" if _is_local(host) else ""


def _is_local(host: str) -> bool:
    name = host.rstrip(".").lower()
    if ":" in name:
        return False
    return "." not in name or any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)
