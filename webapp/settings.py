"""The environment, read once into one typed object; nothing else in the package reads it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import limits

from webapp.live.database import service_urls
from webapp.live.database.postgres_url import PostgresURL, is_postgres
from webapp.live.database.sqlite_file import PRIVATE_FOLDER, close_to_others
from webapp.live.http.secret_key import is_weak, read_secret
from webapp.live.templating.folders import ROOT
from webapp.web.origin import Origin

EVERYWHERE = "0.0.0.0"  # noqa: S104 (a platform that gives a PORT routes to it from outside)

LOOPBACK_PROXIES = ("127.0.0.1", "::1")

LOOPBACK_HOSTS = ("localhost", "*.localhost", "127.0.0.1", "[::1]")
"""The names by which a browser on this machine reaches a server that nobody else can reach."""

PLATFORMS = ("DYNO",)
"""Variables that mark a platform where nobody reaches the app but through the router, which writes X-Forwarded-*.

Heroku's. Others that set one also let a plain TCP connection through to the app, or set it on a developer's machine.
"""

CONNECTIONS = 15
"""Connections to PostgreSQL that all the processes of one machine share.

Small plans have 20. A server may keep three of them for its administrators, and `migrate` takes two.
"""

DATA = (ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()) / "data"
"""Where what is kept goes when nothing else is said: into the checkout, or else the current folder."""


class SettingsError(Exception):
    """A setting has a value that cannot be used; the text says which, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the deployment decides.

    Attributes:
        database_url: `sqlite://` and the path of a file (created when missing), or `postgres://…`.
        broadcast_url: Where rings travel between processes: `memory://`, `redis://…`, `rediss://…` or `postgres://…`.
        secret_key: Signs the visitor cookie; changing it makes every visitor a new one. Empty for a command that
            serves nobody.
        allowed_hosts: Host names that are answered, `*` for all; LOOPBACK_HOSTS for those of this machine alone.
        allowed_origins: Origins besides the page's own that may open sockets and post forms.
        trusted_proxies: Addresses and networks whose X-Forwarded headers are believed, `*` for any.
        rate_limit: Messages a visitor may say in a time, in the notation of the `limits` package, or None.
        max_connections: Connections of one process at most; 0 for as many as its file descriptors allow.
        max_connections_per_address: Those of one client address, proxies apart; 0 for no cap.
        host, port: Where to listen.
        workers: Processes, 1 or more.
        database_pool: Connections to PostgreSQL that one process may open, besides the relay's.
        reload_templates: Read templates again at each use, for whoever edits them.
        theme: A folder with `templates` and `static`, whose files replace the built-in ones of the same names.
    """

    database_url: str
    broadcast_url: str = "memory://"
    secret_key: str = ""
    allowed_hosts: tuple[str, ...] = ("*",)
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = LOOPBACK_PROXIES
    rate_limit: limits.RateLimitItem | None = None
    max_connections: int = 0
    max_connections_per_address: int = 1000
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    database_pool: int = 10
    reload_templates: bool = False
    theme: Path | None = None

    @property
    def templates(self) -> Sequence[Path]:
        """The folders whose templates replace the built-in ones."""
        return [] if self.theme is None else [self.theme / "templates"]

    @property
    def static(self) -> Sequence[Path]:
        """The folders whose static files replace the built-in ones."""
        return [] if self.theme is None else [self.theme / "static"]

    @property
    def local_hosts_only(self) -> bool:
        """Whether nobody said under which names to answer, and the server listens on this machine alone."""
        return self.allowed_hosts == LOOPBACK_HOSTS

    @classmethod
    def from_env(cls, environ: Mapping[str, str], data: Path = DATA, serving: bool = True) -> Settings:
        """Read the environment.

        Args:
            environ: The environment variables.
            data: The folder for what is kept when nothing else is said.
            serving: The app is going to be served, and needs a key to sign with.

        Raises:
            SettingsError: A value cannot be used.
        """
        _require_no_subpath(environ)
        workers = _whole_number(environ, "WEB_CONCURRENCY", 1, 1, 1000)
        try:
            database = service_urls.database_url(environ, data)
            broadcast = service_urls.broadcast_url(environ, database)
        except service_urls.UnusableURL as error:
            raise SettingsError(str(error)) from error
        host = _listening(environ)
        settings = cls(
            database_url=database,
            broadcast_url=broadcast,
            allowed_hosts=_hosts(environ, host),
            allowed_origins=_origins(environ),
            trusted_proxies=_proxies(environ),
            rate_limit=_rate_limit(_text(environ, "RATE_LIMIT") or "10/5 seconds"),
            max_connections=_whole_number(environ, "MAX_CONNECTIONS", 0, 0, 1_000_000),
            max_connections_per_address=_whole_number(environ, "MAX_CONNECTIONS_PER_ADDRESS", 1000, 0, 1_000_000),
            host=host,
            port=_whole_number(environ, "PORT", 8000, 0, 65535),
            workers=workers,
            database_pool=_whole_number(environ, "DATABASE_POOL", _pool(database, broadcast, workers), 1, 1000),
            reload_templates=_switch(environ, "RELOAD_TEMPLATES"),
            theme=_theme(_text(environ, "THEME")),
        )
        if reason := service_urls.refusal(database, broadcast, settings.workers):
            raise SettingsError(reason)
        return replace(settings, secret_key=_secret(environ, settings, data)) if serving else settings


def _secret(environ: Mapping[str, str], settings: Settings, data: Path) -> str:
    key = _text(environ, "SECRET_KEY")
    if not is_postgres(settings.database_url):
        return key or _kept_secret(data / "secret_key")
    # What one machine made for itself, the next one would not know: each would take the other's visitors for strangers.
    if not key:
        raise SettingsError(f"SECRET_KEY is not set, and every process on the PostgreSQL needs the same. {_NEW_KEY}")
    if is_weak(key):
        raise SettingsError(f"SECRET_KEY can be guessed, and who knows it can pass for any visitor. {_NEW_KEY}")
    return key


_NEW_KEY = "Set it to a long random text, such as what `openssl rand -hex 32` prints."


def _pool(database: str, broadcast: str, workers: int) -> int:
    """Connections for each process, so that all of them together leave room on a small plan."""
    if not is_postgres(database):
        return 1
    if limit := PostgresURL.parse(database).limit:
        return limit
    relay = 1 if is_postgres(broadcast) else 0
    return max(1, min(10, CONNECTIONS // workers - relay))


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _require_no_subpath(environ: Mapping[str, str]) -> None:
    for name in ("ROOT_PATH", "SCRIPT_NAME", "UVICORN_ROOT_PATH"):
        if _text(environ, name).strip("/"):
            raise SettingsError(
                f"{name}={_shown(_text(environ, name))}: the app's pages cannot live below a path."
                f" Give it a host name of its own, such as chat.example.com, and unset {name}."
            )


def _listening(environ: Mapping[str, str]) -> str:
    host = _text(environ, "HOST") or (EVERYWHERE if _text(environ, "PORT") else "127.0.0.1")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if is_address(bare) or _HOST_NAME.fullmatch(bare):
        return bare
    raise SettingsError(f"HOST={_shown(host)}: write an address of this machine, such as 127.0.0.1 or 0.0.0.0.")


_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether `text` is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on `host`."""
    return ipaddress.ip_address(host).is_loopback if is_address(host) else host.lower().rstrip(".") == "localhost"


def _proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = _names(environ, "FORWARDED_ALLOW_IPS")
    for name in names:
        try:
            _ = name == "*" or ipaddress.ip_network(name, strict=False)
        except ValueError as error:
            raise SettingsError(
                f"FORWARDED_ALLOW_IPS={_shown(name)}: write the addresses or networks of your proxies,"
                " such as 10.0.0.1 or 10.0.0.0/8, separated by commas, or * for any."
            ) from error
    if names:
        return names
    return ("*",) if any(_text(environ, name) for name in PLATFORMS) else LOOPBACK_PROXIES


def _origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_origin(text) for text in _names(environ, "ALLOWED_ORIGINS"))


def _origin(text: str) -> str:
    origin = Origin.parse(text)
    if origin is not None and not origin.name.isascii():
        # Browsers write such names in their ASCII form.
        with suppress(UnicodeError):
            origin = replace(origin, name=origin.name.encode("idna").decode("ascii"))
    if origin is None or not (_HOST_NAME.fullmatch(origin.name) or is_address(origin.name.strip("[]"))):
        raise SettingsError(f"ALLOWED_ORIGINS={_shown(text)}: write origins like https://chat.example.com:8443.")
    return str(origin)


def _names(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def _whole_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = _text(environ, name) or str(default)
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise SettingsError(f"{name}={_shown(text)}: write a whole number from {least} to {most}.")


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = _text(environ, name).lower()
    if text in ("", "0", "no", "off", "false"):
        return False
    if text in ("1", "yes", "on", "true"):
        return True
    raise SettingsError(f"{name}={_shown(text)}: write on or off.")


def _theme(text: str) -> Path | None:
    if not text:
        return None
    folder = Path(text).resolve()
    if not any((folder / name).is_dir() for name in ("templates", "static")):
        raise SettingsError(f"THEME={_shown(text)}: write a folder that has templates/ or static/, or both.")
    return folder


def _rate_limit(text: str) -> limits.RateLimitItem | None:
    if text.lower() == "off":
        return None
    try:
        item = limits.parse(text)
        if item.amount < 1 or item.get_expiry() > 366 * 24 * 3600 or item.amount > 1_000_000:
            raise ValueError(text)  # noqa: TRY301
    except ValueError as error:
        raise SettingsError(f"RATE_LIMIT={_shown(text)}: write something like '10/5 seconds', or off.") from error
    return item


def _hosts(environ: Mapping[str, str], listening: str) -> tuple[str, ...]:
    hosts = _names(environ, "ALLOWED_HOSTS")
    if not hosts:
        # Another site can give its own name this machine's address (DNS rebinding). Its pages would then be of one
        # origin with ours, and read and post here through the browser of whoever looks at them.
        return LOOPBACK_HOSTS if is_loopback(listening) else ("*",)
    return tuple(_host_pattern(host) for host in hosts)


def _host_pattern(text: str) -> str:
    if text == "*":
        return text
    name = text.removeprefix("*.").lower()
    if is_address(name.strip("[]")):
        return f"[{ipaddress.ip_address(name.strip('[]'))}]" if ":" in name else name
    with suppress(UnicodeError):
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    if not _HOST_NAME.fullmatch(name):
        raise SettingsError(
            f"ALLOWED_HOSTS={_shown(text)}: write names without a port, like example.com or *.example.com, or *."
        )
    return f"*.{name}" if text.startswith("*.") else name


def _kept_secret(path: Path) -> str:
    try:
        key = read_secret(path)
        close_to_others(path.parent, PRIVATE_FOLDER)
    except (OSError, ValueError) as error:
        raise SettingsError(f"SECRET_KEY is not set, and {path} cannot be kept ({error!r}): set it.") from error
    if not key:
        raise SettingsError(f"SECRET_KEY is not set, and {path} is empty: set it, or remove the file.")
    return key


def _shown(text: str) -> str:
    """On one line, and shorter than a line of the log."""
    return (text if text.isprintable() else ascii(text)[1:-1])[:200]
