"""The environment, read once into one typed object; nothing else in the package reads it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import limits

from webapp import urls

EVERYWHERE = "0.0.0.0"  # noqa: S104 (a platform that gives a PORT routes to it from outside)

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting has a value that cannot be used; the text says which, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the deployment decides.

    database_url: `sqlite:///path` of a file (created when missing), or `postgres://…`.
    broadcast_url: where rings travel between processes: `memory://`, `redis://…`, `rediss://…` or `postgres://…`.
    secret_key: signs the visitor cookie; changing it makes every visitor a new one.
    allowed_hosts: host names that are answered, `*` for all.
    allowed_origins: origins besides the page's own that may open sockets and post forms.
    rate_limit: messages a visitor may say in a time, in the notation of the `limits` package, or None.
    max_connections: connections of one process at most; 0 for as many as its file descriptors allow.
    max_connections_per_address: those of one client address, proxies apart; 0 for no cap.
    host, port: where to listen. workers: processes, 1 or more.
    reload_templates: read templates again at each use, for whoever edits them.
    """

    database_url: str
    broadcast_url: str = "memory://"
    secret_key: str = ""
    allowed_hosts: tuple[str, ...] = ("*",)
    allowed_origins: tuple[str, ...] = ()
    rate_limit: limits.RateLimitItem | None = None
    max_connections: int = 0
    max_connections_per_address: int = 1000
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    reload_templates: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str], data: Path = ROOT / "data") -> Settings:
        """Read the environment; `data` is the folder for what is kept when nothing else is said.

        Raises SettingsError for a value that cannot be used.
        """
        try:
            database = urls.database_url(environ, data)
            broadcast = urls.broadcast_url(environ, database)
        except urls.UnusableURL as error:
            raise SettingsError(str(error)) from error
        settings = cls(
            database_url=database,
            broadcast_url=broadcast,
            secret_key=environ.get("SECRET_KEY") or _kept_secret(data / "secret_key"),
            allowed_hosts=_hosts(environ),
            allowed_origins=_names(environ, "ALLOWED_ORIGINS"),
            rate_limit=_rate_limit(environ.get("RATE_LIMIT") or "10/5 seconds"),
            max_connections=_whole_number(environ, "MAX_CONNECTIONS", 0, 0, 1_000_000),
            max_connections_per_address=_whole_number(environ, "MAX_CONNECTIONS_PER_ADDRESS", 1000, 0, 1_000_000),
            host=environ.get("HOST") or (EVERYWHERE if environ.get("PORT") else "127.0.0.1"),
            port=_whole_number(environ, "PORT", 8000, 0, 65535),
            workers=_whole_number(environ, "WEB_CONCURRENCY", 1, 1, 1000),
            reload_templates=_switch(environ, "RELOAD_TEMPLATES"),
        )
        if reason := urls.refusal(database, broadcast, settings.workers):
            raise SettingsError(reason)
        return settings


def _names(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in environ.get(name, "").split(",") if part.strip())


def _whole_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise SettingsError(f"{name}={text}: write a whole number from {least} to {most}.")


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "").lower()
    if text in ("", "0", "no", "off", "false"):
        return False
    if text in ("1", "yes", "on", "true"):
        return True
    raise SettingsError(f"{name}={text}: write on or off.")


def _rate_limit(text: str) -> limits.RateLimitItem | None:
    if text.lower() == "off":
        return None
    try:
        return limits.parse(text)
    except ValueError as error:
        raise SettingsError(f"RATE_LIMIT={text}: write something like '10/5 seconds', or off.") from error


def _hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    hosts = _names(environ, "ALLOWED_HOSTS") or ("*",)
    for host in hosts:
        if "*" in host.removeprefix("*.") and host != "*":
            raise SettingsError(f"ALLOWED_HOSTS={host}: write names like example.com or *.example.com, or *.")
    return hosts


def _kept_secret(path: Path) -> str:
    """A random key, made at the first start and kept, so that a restart makes nobody a stranger."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            # A link is made whole or not at all, so that of two first starts both read the same key.
            with suppress(FileExistsError):
                path.hardlink_to(file.name)
    key = path.read_text(encoding="ascii")
    if not key:
        raise SettingsError(f"SECRET_KEY is not set, and {path} is empty: set it, or remove the file.")
    return key
