"""The two URLs of the environment: where the rows are, and where the rings travel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from webapp.live.database.postgres_options import UnusablePostgresURL
from webapp.live.database.postgres_url import PostgresURL, is_postgres

# A file's name may have a question mark; what follows the last one is options only if it looks like them.
_OPTIONS = re.compile(r"[a-z_]+=[\w.-]*(&[a-z_]+=[\w.-]*)*", re.ASCII)

SQLITE_OPTIONS = ("busy_timeout", "cache_size", "journal_mode", "journal_size_limit", "mmap_size", "synchronous")
"""Pragmas that a DATABASE_URL may set."""


class UnusableURL(Exception):
    """A URL that cannot be used; the text says what to write instead, and never repeats a password."""


@dataclass(frozen=True, slots=True)
class SqliteURL:
    """The file of an SQLite database.

    Attributes:
        path: The file, as it is called on the disk.
        pragmas: Those of SQLITE_OPTIONS that the URL sets.
        ignored: Options of the URL that have no effect.
    """

    path: Path
    pragmas: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    @classmethod
    def parse(cls, url: str) -> SqliteURL:
        """Read `sqlite://` and a path, percent-encoded or not, and perhaps `?name=value`."""
        whole = url.partition("://")[2]
        path, mark, query = whole.rpartition("?")
        if not mark or not _OPTIONS.fullmatch(query):
            path, query = whole, ""
        if not _exists(_decoded(path)) and _exists(whole):
            # A file whose name looks encoded, or as if it had options.
            return cls(Path(whole), {})
        options = dict(parse_qsl(query, keep_blank_values=True))
        pragmas = {name: value for name, value in options.items() if name in SQLITE_OPTIONS and value}
        return cls(Path(_decoded(path)), pragmas, tuple(sorted(options.keys() - set(SQLITE_OPTIONS))))


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite://` URL."""
    return SqliteURL.parse(url).path


def database_url(environ: Mapping[str, str], data: Path) -> str:
    """`sqlite://…` or `postgres://…`, by DATABASE_URL; a file in `data` when it is not set. Raises UnusableURL."""
    text = _bare(environ.get("DATABASE_URL", ""))
    if not text:
        return f"sqlite://{_encoded(str(data / 'webapp.sqlite3'))}"
    if "://" not in text:
        # A path, as it is called on the disk.
        return _usable_sqlite(f"sqlite://{_encoded(text)}")
    scheme, rest = _split(text)
    if rest and scheme == "sqlite":
        return _usable_sqlite(f"sqlite://{rest}")
    if rest and is_postgres(f"{scheme}://"):
        return _usable_postgres("DATABASE_URL", rest)
    raise UnusableURL(f"DATABASE_URL={scheme}://…: write sqlite:// and the path of a file, or postgres://….")


def broadcast_url(environ: Mapping[str, str], database: str) -> str:
    """Where rings travel: BROADCAST_URL, else REDIS_URL, else the database if it can, else memory.

    REDIS_TLS_VERIFY=off accepts any certificate for `rediss://`, as platforms sign their own. Raises UnusableURL.
    """
    name = next((name for name in ("BROADCAST_URL", "REDIS_URL") if environ.get(name)), None)
    if name is None:
        return database if is_postgres(database) and not PostgresURL.parse(database).pooled else "memory://"
    text = _bare(environ[name])
    scheme, rest = _split(text)
    if text == "memory://":
        return text
    if rest and is_postgres(f"{scheme}://"):
        url = _usable_postgres(name, rest)
        if PostgresURL.parse(url).pooled:
            raise UnusableURL(f"{name} has pgbouncer=true, where LISTEN hears nothing: {RELAYS}.")
        return url
    if rest and scheme in ("redis", "rediss"):
        return _usable_redis(name, f"{scheme}://{rest}", verified=scheme == "redis" or _verifies(environ))
    raise UnusableURL(f"{name}={scheme}://…: write memory://, redis://…, rediss://… or postgres://….")


RELAYS = "set BROADCAST_URL to redis://…, or to the database's own postgres://… address without the pooler"
"""What to do where LISTEN is of no use."""


def refusal(database: str, broadcast: str, workers: int) -> str | None:
    """Why these cannot work together, or None when they can."""
    if workers > 1 and broadcast == "memory://":
        if is_postgres(database) and PostgresURL.parse(database).pooled:
            return f"WEB_CONCURRENCY={workers} with pgbouncer=true, where LISTEN hears nothing: {RELAYS}."
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


def without_effect(url: str) -> Sequence[str]:
    """The options of a database's URL that are ignored."""
    return PostgresURL.parse(url).ignored if is_postgres(url) else SqliteURL.parse(url).ignored


def _usable_sqlite(url: str) -> str:
    path = sqlite_path(url)
    if "\0" in str(path) or str(path) == ":memory:":
        raise UnusableURL("DATABASE_URL=sqlite://…: write the path of a file; memory alone would not last.")
    if not path.name or url.endswith("/") or _is_folder(path):
        raise UnusableURL(f"DATABASE_URL=sqlite://{_shown(path)}: that is a folder; write the path of a file in it.")
    return url


def _usable_postgres(name: str, rest: str) -> str:
    url = f"postgres://{rest}"
    try:
        PostgresURL.parse(url)
    except UnusablePostgresURL as error:
        raise UnusableURL(f"{name}=postgres://…: {_shown(str(error))}.") from error
    return url


def _usable_redis(name: str, url: str, verified: bool) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnusableURL(f"{name}={url.partition(':')[0]}://…: write it as redis://:password@host:port/0.") from error
    if not (parts.hostname or parts.path) or port == 0:
        raise UnusableURL(f"{name}={parts.scheme}://…: write it as redis://:password@host:port/0.")
    return url if verified else _with_query(url, ssl_cert_reqs="none", ssl_check_hostname="false")


def _bare(text: str) -> str:
    """Without the spaces and the quotes that files of settings leave around a value."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _split(text: str) -> tuple[str, str]:
    scheme, _, rest = text.partition("://")
    return _shown(scheme.lower()), rest


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _decoded(path: str) -> str:
    # What is no UTF-8 is kept byte for byte, as names of files are.
    return unquote(path, errors="surrogateescape")


def _encoded(path: str) -> str:
    return quote(path, errors="surrogateescape")


def _shown(value: object) -> str:
    """On one line, and shorter than a line of the log."""
    text = str(value)
    return ascii(text)[1:-1][:200] if not text.isprintable() else text[:200]


def _verifies(environ: Mapping[str, str]) -> bool:
    text = environ.get("REDIS_TLS_VERIFY", "on").strip().lower() or "on"
    known = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    if text not in known:
        raise UnusableURL(f"REDIS_TLS_VERIFY={_shown(text)}: write on or off.")
    return known[text]


def _with_query(url: str, **values: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | values)))
