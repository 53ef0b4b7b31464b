"""Which URLs may be asked for, as far as their text shows it. The address behind the name is checked by the door."""

from __future__ import annotations

from collections.abc import Collection

from yarl import URL

from webapp.previews.fetching.outcome import NotFetched

URL_LIMIT = 2000
"""Characters in a URL, at most."""

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
    except ValueError as error:
        raise NotFetched("no URL") from error
    if url.scheme not in ("http", "https") or not host:
        raise NotFetched("scheme")
    if url.raw_user is not None or url.raw_password is not None:
        raise NotFetched("user in URL")
    if ports is not None and port not in ports:
        raise NotFetched("port")
    if _is_local(host):
        raise NotFetched("local name")
    return url.with_fragment(None)


def _is_local(host: str) -> bool:
    name = host.rstrip(".").lower()
    if ":" in name:
        # An IPv6 address. One with a zone means an interface of this machine.
        return "%" in name
    return "." not in name or any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)
