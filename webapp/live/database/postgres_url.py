"""Reads PostgreSQL URLs as platforms write them, for all that connect: the pool, the migration lock, the relay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from webapp.live.database.postgres_options import Options, UnusablePostgresURL

_FORM = re.compile(
    r"postgres(?:ql)?(?:\+\w+)?://"
    # The last @ before the path ends the password. If the first one did, a password with an @ would break the URL.
    r"(?:(?P<user>[^/?:]*?)(?::(?P<password>[^/?]*))?@)?"
    r"(?P<hosts>[^/?@]*)"
    r"(?:/(?P<database>[^?]*))?"
    r"(?:\?(?P<query>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_HOST = re.compile(r"(?P<name>\[[^\]]+\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")


@dataclass(frozen=True, slots=True)
class PostgresURL:
    """The address of a PostgreSQL, and the options for connecting to it.

    Attributes:
        connecting: Keyword arguments for `asyncpg.connect` and `asyncpg.create_pool`.
        pooled: Whether the URL says that a pooler such as pgbouncer gives each transaction another connection.
        limit: Connections that one process may open; None: the URL does not say.
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
            UnusablePostgresURL: The text is no PostgreSQL URL, or it asks for something that this app cannot do.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise UnusablePostgresURL(
                "write postgres://user:password@host:port/database; in the password,"
                " write %2F for a slash, %3F for a question mark and %40 for an @"
            )
        options = {name: value for name, value in parse_qsl(found["query"] or "", keep_blank_values=True) if value}
        _require_storable([*options, *options.values(), unquote(text)])
        return _read(found, Options(options))


def is_postgres(url: str) -> bool:
    """Return whether `url` names a PostgreSQL."""
    return re.match(r"postgres(ql)?(\+\w+)?://", url, re.IGNORECASE) is not None


def _read(found: re.Match[str], options: Options) -> PostgresURL:
    pooled = options.flag("pgbouncer")
    limit = options.limit()
    cache = options.cache()
    connecting = {
        **_address(found, options),
        **options.tls(),
        "server_settings": options.server_settings(pooled),
        "timeout": options.timeout(),
        **({} if cache is None else {"statement_cache_size": cache}),
    }
    return PostgresURL(connecting, pooled, limit, options.left)


def _address(found: re.Match[str], options: Options) -> dict[str, Any]:
    names, numbers = _hosts(options.take("host") or unquote(found["hosts"]), options.take("port") or "")
    address = {
        "host": names,
        "port": numbers,
        "user": options.take("user") or unquote(found["user"] or ""),
        "password": options.take("password") or unquote(found["password"] or ""),
        "database": options.take("dbname", "database") or unquote(found["database"] or ""),
        "target_session_attrs": options.session(),
    }
    return {name: value for name, value in address.items() if value}


def _hosts(hosts: str, ports: str) -> tuple[list[str], list[int]]:
    """Return the hosts and their ports, from `one:5432,two` or from `one,two` and `5432`."""
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
        # If the password has an unencoded slash, `text` is a part of the password. So the message does not repeat it.
        raise UnusablePostgresURL("a port is a number from 1 to 65535; in a password, write %2F for a slash")
    return int(text)


def _require_storable(texts: list[str]) -> None:
    if any("\0" in text for text in texts):
        raise UnusablePostgresURL("the URL contains %00, a character that PostgreSQL cannot store")
