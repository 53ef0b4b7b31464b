"""Reads the two URLs of the environment: that of the database, and that of the relay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from webapp.live.database.postgres_options import UnusablePostgresURL
from webapp.live.database.postgres_url import PostgresURL, is_postgres

# If any text after a question mark counted as options, a file with a question mark in its name could not be opened.
_OPTIONS = re.compile(r"[a-z_]+=[\w.-]*(&[a-z_]+=[\w.-]*)*", re.ASCII)

SQLITE_OPTIONS = ("busy_timeout", "cache_size", "journal_mode", "journal_size_limit", "mmap_size", "synchronous")
"""Pragmas that a DATABASE_URL may set."""


class UnusableURL(Exception):
    """A URL that cannot be used. The text says what to write instead, and never repeats a password."""


@dataclass(frozen=True, slots=True)
class SqliteURL:
    """The file of an SQLite database.

    Attributes:
        path: The file, with its name on the disk.
        pragmas: The pragmas of SQLITE_OPTIONS that the URL sets, by name.
        ignored: Options of the URL that have no effect.
    """

    path: Path
    pragmas: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    @classmethod
    def parse(cls, url: str) -> SqliteURL:
        """Read a URL: `sqlite://`, a path, percent-encoded or not, and optionally `?name=value`."""
        whole = url.partition("://")[2]
        path, mark, query = whole.rpartition("?")
        if not mark or not _OPTIONS.fullmatch(query):
            path, query = whole, ""
        if not _exists(_decoded(path)) and _exists(whole):
            # The name of an existing file looks percent-encoded, or as if it had options. If this decoded it, the app
            # would open another file.
            return cls(Path(whole), {})
        options = dict(parse_qsl(query, keep_blank_values=True))
        pragmas = {name: value for name, value in options.items() if name in SQLITE_OPTIONS and value}
        return cls(Path(_decoded(path)), pragmas, tuple(sorted(options.keys() - set(SQLITE_OPTIONS))))


def sqlite_path(url: str) -> Path:
    """Return the file of a `sqlite://` URL."""
    return SqliteURL.parse(url).path


def database_url(environ: Mapping[str, str], data: Path) -> str:
    """Return the URL of the database, `sqlite://…` or `postgres://…`.

    Args:
        environ: The environment. DATABASE_URL may be a URL or the path of a file.
        data: The folder of the default, an SQLite file.

    Raises:
        UnusableURL: DATABASE_URL cannot be used.
    """
    text = _bare(environ.get("DATABASE_URL", ""))
    if not text:
        return f"sqlite://{_encoded(str(data / 'webapp.sqlite3'))}"
    if "://" not in text:
        # A path is the file's name on the disk. If it stayed unencoded, a % in it would be decoded later.
        return _usable_sqlite(f"sqlite://{_encoded(text)}")
    scheme, rest = _split(text)
    if rest and scheme == "sqlite":
        return _usable_sqlite(f"sqlite://{rest}")
    if rest and is_postgres(f"{scheme}://"):
        return _usable_postgres("DATABASE_URL", rest)
    raise UnusableURL(f"DATABASE_URL={scheme}://…: write sqlite:// and the path of a file, or postgres://….")


def broadcast_url(environ: Mapping[str, str], database: str) -> str:
    """Return the URL of the relay: BROADCAST_URL, or REDIS_URL, or the database if it has LISTEN, or memory.

    Args:
        environ: The environment. REDIS_TLS_VERIFY=off accepts any certificate for `rediss://`, because some platforms
            sign their own.
        database: The URL of the database.

    Raises:
        UnusableURL: A variable of the environment cannot be used.
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
"""Advice for a URL that leads through a pooler, where LISTEN receives nothing."""


def refusal(database: str, broadcast: str, workers: int) -> str | None:
    """Return why these settings cannot work together; None when they can.

    Args:
        database: The URL of the database.
        broadcast: The URL of the relay.
        workers: Number of processes.
    """
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
    """Return the options of a database's URL that have no effect."""
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
    """Return a value without the spaces and quotes that settings files leave around it."""
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
    # If the path is not UTF-8, `surrogateescape` keeps its bytes, as Python does for the names of files.
    return unquote(path, errors="surrogateescape")


def _encoded(path: str) -> str:
    return quote(path, errors="surrogateescape")


def _shown(value: object) -> str:
    """Return `value` as text on one line, at most 200 characters."""
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
