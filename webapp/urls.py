"""The two URLs of the environment: where the rows are, and where the rings travel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


class UnusableURL(Exception):
    """A URL that cannot be used; the text says what to write instead, and never repeats a password."""


def database_url(environ: Mapping[str, str], data: Path) -> str:
    """`sqlite://…` or `postgres://…`, by DATABASE_URL; a file in `data` when it is not set. Raises UnusableURL."""
    text = environ.get("DATABASE_URL") or f"sqlite://{data / 'webapp.sqlite3'}"
    if "://" not in text:
        return f"sqlite://{text}"
    scheme, _, rest = text.partition("://")
    if rest and scheme == "sqlite":
        return text
    if rest and scheme in ("postgres", "postgresql"):
        return f"postgres://{rest}"
    raise UnusableURL(f"DATABASE_URL={scheme}://…: write sqlite:// and the path of a file, or postgres://….")


def broadcast_url(environ: Mapping[str, str], database: str) -> str:
    """Where rings travel: BROADCAST_URL, else REDIS_URL, else the database if it can, else memory.

    REDIS_TLS_VERIFY=off accepts any certificate for `rediss://`, as platforms sign their own. Raises UnusableURL.
    """
    postgres = database if database.startswith("postgres:") else ""
    text = environ.get("BROADCAST_URL") or environ.get("REDIS_URL") or postgres or "memory://"
    scheme, _, rest = text.partition("://")
    if text == "memory://" or (rest and scheme == "redis"):
        return text
    if rest and scheme in ("postgres", "postgresql"):
        return f"postgres://{rest}"
    if rest and scheme == "rediss":
        return text if _verifies(environ) else _with_query(text, ssl_cert_reqs="none", ssl_check_hostname="false")
    raise UnusableURL(f"BROADCAST_URL={scheme}://…: write memory://, redis://…, rediss://… or postgres://….")


def refusal(database: str, broadcast: str, workers: int) -> str | None:
    """Why these cannot work together, or None when they can."""
    if workers > 1 and broadcast == "memory://":
        return (
            f"WEB_CONCURRENCY={workers} with BROADCAST_URL=memory://: processes could not ring each other."
            " Set BROADCAST_URL to redis://… or postgres://…, or WEB_CONCURRENCY=1."
        )
    if database.startswith("sqlite:") and broadcast != "memory://":
        return (
            "DATABASE_URL is an SQLite file, which other machines cannot see, and BROADCAST_URL is for several."
            " Set DATABASE_URL to postgres://…, or BROADCAST_URL=memory://."
        )
    return None


def _verifies(environ: Mapping[str, str]) -> bool:
    text = environ.get("REDIS_TLS_VERIFY", "on").lower()
    if text not in ("on", "off"):
        raise UnusableURL(f"REDIS_TLS_VERIFY={text}: write on or off.")
    return text == "on"


def _with_query(url: str, **values: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | values)))
