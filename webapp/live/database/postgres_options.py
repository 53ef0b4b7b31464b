"""The options of a PostgreSQL URL, as the libraries of several languages write them, in the words of asyncpg."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

CONNECT_TIMEOUT = 5.0
"""Seconds that opening a connection may take, unless the URL says otherwise."""

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
# If the app ignored one of these, the connection would lack a protection that the URL asks for, so it refuses the URL.
# The listed values ask for no protection.
_UNSAFE_TO_IGNORE = {
    "require_auth": ("",),
    "gssencmode": ("", "disable", "prefer"),
    "sslaccept": ("", "accept_invalid_certs"),
}
_CACHES = ("statement_cache_size", "prepared_statement_cache_size")
_LIMITS = ("connection_limit", "max_size", "maxsize", "pool_size", "pool_max_conns")


class UnusablePostgresURL(ValueError):
    """A URL that cannot be used. The text says why in one line, without the password."""


class Options:
    """Takes one option after the other out of a URL's query.

    Args:
        options: The options by name, without empty values.

    Raises:
        UnusablePostgresURL: An option asks for a protection that this app cannot give. The methods raise it for values
            that the app cannot use.
    """

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options
        for name, harmless in _UNSAFE_TO_IGNORE.items():
            if options.get(name, "") not in harmless:
                raise UnusablePostgresURL(f"{name}={options[name]}: this app cannot do that; leave it out")

    @property
    def left(self) -> tuple[str, ...]:
        """The names of the options that nothing has taken."""
        return tuple(sorted(self._options))

    def take(self, *names: str) -> str | None:
        """Return the value of the first option of these names, if the URL has one."""
        return next((value for name in names if (value := self._options.pop(name, None))), None)

    def session(self) -> str | None:
        """Return asyncpg's `target_session_attrs`."""
        wanted = self._options.pop("target_session_attrs", None)
        if wanted is not None and wanted not in _WRITABLE:
            raise UnusablePostgresURL(f"target_session_attrs={wanted}: write read-write, since this app writes")
        return wanted

    def tls(self) -> dict[str, Any]:
        """Return asyncpg's keyword arguments for TLS: `ssl`, `dsn` or none."""
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
        # If these were ignored, URLs that are written for other drivers, with ssl=true, would connect without TLS.
        asked = self._options.pop("ssl", None) or self._options.pop("requiressl", None)
        if mode is None and asked is not None:
            mode = "require" if _is_true("ssl", asked) else "disable"
        mode = {"no-verify": "require", "verify_ca": "verify-ca", "verify_full": "verify-full"}.get(mode or "", mode)
        if mode is not None and mode not in _SSLMODES:
            raise UnusablePostgresURL(f"sslmode={mode}: write one of {', '.join(_SSLMODES)}")
        return mode

    def server_settings(self, pooled: bool) -> dict[str, str]:
        """Return the settings that each connection sends to the server.

        Args:
            pooled: Whether a pooler in transaction mode is in between.
        """
        found = {to: self._options.pop(name) for name, to in _SERVER_SETTINGS.items() if name in self._options}
        if found.get("search_path") == "public":
            del found["search_path"]
        if pooled and "search_path" in found:
            raise UnusablePostgresURL(
                f"schema={found['search_path']} with pgbouncer=true: pgbouncer does not pass it on;"
                " set it in the database instead: ALTER ROLE … SET search_path"
            )
        return found

    def timeout(self) -> float:
        """Return the seconds that opening a connection may take."""
        text = self._options.pop("connect_timeout", None)
        if text is None:
            return CONNECT_TIMEOUT
        if not re.fullmatch(r"-?\d{1,6}", text, re.ASCII):
            raise UnusablePostgresURL(f"connect_timeout={text}: write a whole number of seconds")
        # libpq takes 0 for no limit. If this did, a connection that never opens would hold up a page for ever.
        return float(text) if int(text) > 0 else CONNECT_TIMEOUT

    def cache(self) -> int | None:
        """Return how many prepared statements a connection keeps; None: the URL does not say."""
        if self._options.pop("prepareThreshold", None) == "0" or not self.flag("prepared_statements", True):
            return 0
        return self._number(_CACHES, 0, 100_000)

    def limit(self) -> int | None:
        """Return how many connections one process may open; None: the URL does not say."""
        return self._number(_LIMITS, 1, 1000)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return the option `name` as true or false."""
        return _is_true(name, self._options.pop(name)) if name in self._options else default

    def _number(self, names: tuple[str, ...], least: int, most: int) -> int | None:
        for name in names:
            text = self._options.pop(name, None)
            if text is None:
                continue
            if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not least <= int(text) <= most:
                raise UnusablePostgresURL(f"{name}={text}: write a whole number from {least} to {most}")
            return int(text)
        return None


def _is_true(name: str, text: str) -> bool:
    known = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
    if text.lower() not in known:
        raise UnusablePostgresURL(f"{name}={text}: write true or false")
    return known[text.lower()]


def _is_readable(path: Path) -> bool:
    try:
        with path.expanduser().open("rb"):
            return True
    except (OSError, ValueError, RuntimeError):
        return False
