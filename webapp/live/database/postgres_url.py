"""PostgreSQL URLs as platforms write them, read once for everything that connects: the pool, the lock, the relay."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

CONNECT_TIMEOUT = 5.0
"""Seconds that opening a connection may take, unless the URL says otherwise."""

_FORM = re.compile(
    r"postgres(?:ql)?(?:\+\w+)?://"
    # The last @ before the path ends the password, so that one inside of it does no harm.
    r"(?:(?P<user>[^/?:]*?)(?::(?P<password>[^/?]*))?@)?"
    r"(?P<hosts>[^/?@]*)"
    r"(?:/(?P<database>[^?]*))?"
    r"(?:\?(?P<query>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"(?P<name>\[[^\]]+\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")

# asyncpg reads these from a URL itself, with libpq's meaning.
_TLS = (
    *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib", "passfile", "service"),
)
_SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_FILES = ("sslcert", "sslkey", "sslrootcert", "sslcrl")

# Settings of the server that a URL may set for its connections.
_SERVER_SETTINGS = {
    **{name: name for name in ("application_name", "options", "search_path", "timezone", "jit")},
    **{name: name for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")},
    "fallback_application_name": "application_name",
    "schema": "search_path",
    "currentSchema": "search_path",
}
_WRITABLE = ("any", "read-write", "primary", "prefer-standby")
# Options that protect a connection, with the values that ask for no more than there is. Without the protection that
# somebody asked for, the connection must not be opened.
_UNSAFE_TO_IGNORE = {
    "require_auth": ("",),
    "gssencmode": ("", "disable", "prefer"),
    "sslaccept": ("", "accept_invalid_certs"),
}
_CACHES = ("statement_cache_size", "prepared_statement_cache_size")
_LIMITS = ("connection_limit", "max_size", "maxsize", "pool_size", "pool_max_conns")


class UnusablePostgresURL(ValueError):
    """A URL that cannot be used; the text says why in one line, without the password."""


@dataclass(frozen=True, slots=True)
class PostgresURL:
    """Where a PostgreSQL is, and how to connect to it.

    Attributes:
        connecting: Keyword arguments for `asyncpg.connect` and `asyncpg.create_pool`.
        pooled: The URL says that a pooler such as pgbouncer gives each transaction another connection.
        limit: Connections that one process may open, where the URL says so.
        ignored: Options of the URL that have no effect.
    """

    connecting: Mapping[str, Any] = field(repr=False)
    pooled: bool = False
    limit: int | None = None
    ignored: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> PostgresURL:
        """Read a URL.

        Raises:
            UnusablePostgresURL: It is no URL of a PostgreSQL, or it asks for something that this app cannot do.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise UnusablePostgresURL(
                "write postgres://user:password@host:port/database; in the password,"
                " write %2F for a slash, %3F for a question mark and %40 for an @"
            )
        options = {name: value for name, value in parse_qsl(found["query"] or "", keep_blank_values=True) if value}
        _require_storable([*options, *options.values(), unquote(text)])
        return _Reader(options).read(found)


def is_postgres(url: str) -> bool:
    """Whether `url` names a PostgreSQL."""
    return re.match(r"postgres(ql)?(\+\w+)?://", url, re.IGNORECASE) is not None


class _Reader:
    """Takes one option after the other out of a URL's query; those that are left are ignored."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options

    def read(self, found: re.Match[str]) -> PostgresURL:
        self._check_safety()
        pooled = self._flag("pgbouncer")
        limit = self._number(_LIMITS, 1, 1000)
        cache = self._cache()
        connecting = {
            **self._place(found),
            **self._tls(),
            "server_settings": self._server_settings(pooled),
            "timeout": self._timeout(),
            **({} if cache is None else {"statement_cache_size": cache}),
        }
        return PostgresURL(connecting, pooled, limit, tuple(sorted(self._options)))

    def _place(self, found: re.Match[str]) -> dict[str, Any]:
        hosts = self._options.pop("host", None) or unquote(found["hosts"])
        ports = self._options.pop("port", "")
        names, numbers = _addresses(hosts, ports)
        database = self._options.pop("dbname", None) or self._options.pop("database", None)
        place = {
            "host": names,
            "port": numbers,
            "user": self._options.pop("user", None) or unquote(found["user"] or ""),
            "password": self._options.pop("password", None) or unquote(found["password"] or ""),
            "database": database or unquote(found["database"] or ""),
            "target_session_attrs": self._session(),
        }
        return {name: value for name, value in place.items() if value}

    def _session(self) -> str | None:
        wanted = self._options.pop("target_session_attrs", None)
        if wanted is not None and wanted not in _WRITABLE:
            raise UnusablePostgresURL(f"target_session_attrs={wanted}: write read-write, since this app writes")
        return wanted

    def _tls(self) -> dict[str, Any]:
        mode = self._sslmode()
        if self._options.get("sslrootcert") == "system":
            del self._options["sslrootcert"]
            if mode not in (None, "verify-full"):
                raise UnusablePostgresURL(f"sslmode={mode} with sslrootcert=system: write sslmode=verify-full")
            return {"ssl": ssl.create_default_context()}
        given = {name: self._options.pop(name) for name in _TLS if name in self._options}
        for name in _FILES:
            if name in given and not _is_readable(Path(given[name])):
                raise UnusablePostgresURL(f"{name}={given[name]}: there is no such file that can be read")
        query = given | ({"sslmode": mode} if mode else {})
        return {"dsn": f"postgres://?{urlencode(query)}"} if query else {}

    def _sslmode(self) -> str | None:
        mode = self._options.pop("sslmode", None)
        # As other drivers write it.
        asked = self._options.pop("ssl", None) or self._options.pop("requiressl", None)
        if mode is None and asked is not None:
            mode = "require" if _is_true("ssl", asked) else "disable"
        mode = {"no-verify": "require", "verify_ca": "verify-ca", "verify_full": "verify-full"}.get(mode or "", mode)
        if mode is not None and mode not in _SSLMODES:
            raise UnusablePostgresURL(f"sslmode={mode}: write one of {', '.join(_SSLMODES)}")
        return mode

    def _server_settings(self, pooled: bool) -> dict[str, str]:
        found = {to: self._options.pop(name) for name, to in _SERVER_SETTINGS.items() if name in self._options}
        if found.get("search_path") == "public":
            del found["search_path"]
        if pooled and "search_path" in found:
            raise UnusablePostgresURL(
                f"schema={found['search_path']} with pgbouncer=true: pgbouncer does not pass it on;"
                " set it in the database instead: ALTER ROLE … SET search_path"
            )
        return found

    def _timeout(self) -> float:
        text = self._options.pop("connect_timeout", None)
        if text is None:
            return CONNECT_TIMEOUT
        if not re.fullmatch(r"-?\d{1,6}", text, re.ASCII):
            raise UnusablePostgresURL(f"connect_timeout={text}: write a whole number of seconds")
        # libpq's 0 is no limit; here a connection that never opens would hold up a page.
        return float(text) if int(text) > 0 else CONNECT_TIMEOUT

    def _cache(self) -> int | None:
        if self._options.pop("prepareThreshold", None) == "0" or not self._flag("prepared_statements", True):
            return 0
        return self._number(_CACHES, 0, 100_000)

    def _number(self, names: tuple[str, ...], least: int, most: int) -> int | None:
        for name in names:
            text = self._options.pop(name, None)
            if text is None:
                continue
            if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not least <= int(text) <= most:
                raise UnusablePostgresURL(f"{name}={text}: write a whole number from {least} to {most}")
            return int(text)
        return None

    def _flag(self, name: str, default: bool = False) -> bool:
        return _is_true(name, self._options.pop(name)) if name in self._options else default

    def _check_safety(self) -> None:
        for name, harmless in _UNSAFE_TO_IGNORE.items():
            if self._options.get(name, "") not in harmless:
                raise UnusablePostgresURL(f"{name}={self._options[name]}: this app cannot do that; leave it out")


def _is_true(name: str, text: str) -> bool:
    known = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
    if text.lower() not in known:
        raise UnusablePostgresURL(f"{name}={text}: write true or false")
    return known[text.lower()]


def _addresses(hosts: str, ports: str) -> tuple[list[str], list[int]]:
    """Hosts and their ports, from `one:5432,two` or `one,two` and `5432`."""
    names: list[str] = []
    numbers: list[str] = []
    for part in hosts.split(",") if hosts else []:
        found = _HOST.fullmatch(part) if not part.startswith("/") else None
        if found is None and not part.startswith("/"):
            raise UnusablePostgresURL("a host is written name:port, an IPv6 address [address]:port")
        names.append(found["name"].strip("[]") if found else part)
        numbers.append((found["port"] if found else None) or "")
    given = ports.split(",") if ports else []
    if len(given) > 1 and len(given) != len(names):
        raise UnusablePostgresURL(f"{len(given)} ports for {len(names)} hosts")
    if given:
        numbers = given * len(names) if len(given) == 1 else given
    return names, [_port(text) for text in numbers]


def _port(text: str) -> int:
    if not text:
        return 5432
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or not 0 < int(text) < 65536:
        # Without the text: where a password has a slash, this is a part of it.
        raise UnusablePostgresURL("a port is a number from 1 to 65535; in a password, write %2F for a slash")
    return int(text)


def _require_storable(texts: list[str]) -> None:
    if any("\0" in text for text in texts):
        raise UnusablePostgresURL("it holds a character that PostgreSQL takes nowhere, %00")


def _is_readable(path: Path) -> bool:
    try:
        with path.expanduser().open("rb"):
            return True
    except (OSError, ValueError, RuntimeError):
        return False
