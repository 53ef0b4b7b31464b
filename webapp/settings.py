"""Reads the environment once, into one typed object. Other modules use the object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import limits

from webapp.environment import (
    LOOPBACK_HOSTS,
    LOOPBACK_PROXIES,
    SettingsError,
    allowed_hosts,
    allowed_origins,
    development,
    force_https,
    listening,
    log_as_json,
    rate_limit,
    shown,
    switch,
    task_place,
    text_of,
    theme,
    token_of,
    trusted_proxies,
    whole_number,
)
from webapp.live.database import PRIVATE_FOLDER, PostgresURL, close_to_others, is_postgres, service_urls
from webapp.live.http import is_weak, read_secret
from webapp.live.templating import ROOT, TEMPLATES
from webapp.offered_languages import offered_languages
from webapp.tasks import FOR_EVER, Retention
from webapp.themes import Theme

__all__ = ["DATA", "Settings", "SettingsError"]

CONNECTIONS = 15
"""Connections to PostgreSQL that all the processes of one machine share.

Small plans have 20. A server may keep three of them for its administrators, and `migrate` takes two.
"""

MOST_DAYS = 36_500
"""Days in ROOM_TTL_DAYS and MESSAGE_TTL_DAYS, at most."""

DATA = (ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()) / "data"
"""The folder of the database and the key, unless settings say otherwise: in the checkout, or in the current folder."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a deployment.

    Attributes:
        database_url: `sqlite://` and the path of a file (created when missing), or `postgres://…`.
        broadcast_url: The relay between processes: `memory://`, `redis://…`, `rediss://…` or `postgres://…`.
        secret_key: Signs the visitor cookie. If it changes, the server recognises no visitor. Empty for a command that
            does not serve.
        allowed_hosts: Host names under which the app answers; `*`: all. LOOPBACK_HOSTS: those of this machine alone.
        allowed_origins: Origins besides the page's own that may open sockets and post forms.
        trusted_proxies: Addresses and networks whose X-Forwarded headers the app trusts; `*`: any.
        force_https: Whether a browser that came by http, as a trusted proxy says, is sent to https.
        rate_limit: Messages that a visitor may send in a time, in the notation of the `limits` package; None: no limit.
        rate_limit_per_address: Messages that all visitors of one address, proxies apart, may send in a time; None: no
            limit. An IPv6 address counts with its network of 64 bits.
        rooms_per_address: Rooms that they may make in a time; None: no limit.
        max_connections: Connections of one process, at most; 0: as many as its file descriptors allow.
        max_connections_per_address: Connections of one client address, proxies apart, at most; 0: no cap.
        host: The address to listen on.
        port: The port to listen on; 0: any free one.
        workers: Processes, 1 or more.
        database_pool: Connections to PostgreSQL that one process may open, besides the relay's.
        reload_templates: Read a template again when its file has changed.
        dev: Show each saved template and style sheet in the pages that are open, and what is wrong with it.
        admin_token: The token that opens /admin/; empty: there is no such page.
        metrics_token: The token that a request for /metrics has to carry; empty: there is no such page.
        log_as_json: Whether each line of the log is a JSON object.
        languages: Tags of the languages that pages may be in; the first one is for readers who ask for none of them.
        theme: Its files replace the built-in ones of the same names; None: the built-in design.
        tasks: Where background tasks run: in the `web` processes, in a `worker` process alone, or nowhere (`off`).
        front_room: The label of the room that the first page shows; empty: it shows a made-up conversation.
        retention: How long rooms and messages are kept.
        edit_minutes: Minutes after a message in which its author may change it; 0: for ever.
        lists_rooms: Whether there is a page of the rooms whose owners want them found.
        link_previews: Whether the server fetches the pages that messages link to.
    """

    database_url: str
    broadcast_url: str = "memory://"
    secret_key: str = ""
    allowed_hosts: tuple[str, ...] = ("*",)
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = LOOPBACK_PROXIES
    force_https: bool = False
    rate_limit: limits.RateLimitItem | None = None
    rate_limit_per_address: limits.RateLimitItem | None = None
    rooms_per_address: limits.RateLimitItem | None = None
    max_connections: int = 0
    max_connections_per_address: int = 1000
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    database_pool: int = 10
    reload_templates: bool = False
    dev: bool = False
    languages: tuple[str, ...] = ("en",)
    theme: Theme | None = None
    metrics_token: str = ""
    admin_token: str = ""
    log_as_json: bool = False
    tasks: str = "web"
    front_room: str = ""
    retention: Retention = FOR_EVER
    edit_minutes: int = 0
    lists_rooms: bool = False
    link_previews: bool = True

    @property
    def templates(self) -> Sequence[Path]:
        """The folders whose templates replace the built-in ones."""
        return [] if self.theme is None else self.theme.templates

    @property
    def static(self) -> Sequence[Path]:
        """The folders whose static files replace the built-in ones."""
        return [] if self.theme is None else self.theme.static

    @property
    def limits(self) -> Sequence[tuple[str, str]]:
        """The limits in force, by the names of their settings; an empty text: no limit."""
        return [
            ("RATE_LIMIT", str(self.rate_limit or "")),
            ("RATE_LIMIT_PER_ADDRESS", str(self.rate_limit_per_address or "")),
            ("ROOMS_PER_ADDRESS", str(self.rooms_per_address or "")),
            ("MAX_CONNECTIONS_PER_ADDRESS", str(self.max_connections_per_address or "")),
        ]

    @property
    def local_hosts_only(self) -> bool:
        """Whether ALLOWED_HOSTS is not set, and the server listens on this machine alone."""
        return self.allowed_hosts == LOOPBACK_HOSTS

    @classmethod
    def from_env(cls, environ: Mapping[str, str], data: Path = DATA, serving: bool = True) -> Settings:
        """Read the environment.

        Args:
            environ: The environment variables.
            data: The folder of the database and the key if no setting names another.
            serving: The settings are for serving the app, which needs a secret key.

        Raises:
            SettingsError: A value cannot be used.
        """
        _require_no_subpath(environ)
        workers = whole_number(environ, "WEB_CONCURRENCY", 1, 1, 1000)
        try:
            database = service_urls.database_url(environ, data)
            broadcast = service_urls.broadcast_url(environ, database)
        except service_urls.UnusableURL as error:
            raise SettingsError(str(error)) from error
        host = listening(environ)
        settings = cls(
            database_url=database,
            broadcast_url=broadcast,
            allowed_hosts=allowed_hosts(environ, host),
            allowed_origins=allowed_origins(environ),
            trusted_proxies=trusted_proxies(environ),
            force_https=force_https(environ),
            rate_limit=rate_limit(environ, "RATE_LIMIT", "10/5 seconds"),
            rate_limit_per_address=rate_limit(environ, "RATE_LIMIT_PER_ADDRESS", "600/minute"),
            rooms_per_address=rate_limit(environ, "ROOMS_PER_ADDRESS", "200/hour"),
            max_connections=whole_number(environ, "MAX_CONNECTIONS", 0, 0, 1_000_000),
            max_connections_per_address=whole_number(environ, "MAX_CONNECTIONS_PER_ADDRESS", 1000, 0, 1_000_000),
            host=host,
            port=whole_number(environ, "PORT", 8000, 0, 65535),
            workers=workers,
            database_pool=whole_number(environ, "DATABASE_POOL", _pool(database, broadcast, workers), 1, 1000),
            reload_templates=switch(environ, "RELOAD_TEMPLATES") or development(environ),
            dev=development(environ),
            theme=theme(text_of(environ, "THEME")),
            metrics_token=token_of(environ, "METRICS_TOKEN"),
            admin_token=token_of(environ, "ADMIN_TOKEN"),
            log_as_json=log_as_json(environ),
            tasks=task_place(environ),
            front_room=text_of(environ, "FRONT_ROOM"),
            retention=Retention(
                rooms=whole_number(environ, "ROOM_TTL_DAYS", 0, 0, MOST_DAYS),
                messages=whole_number(environ, "MESSAGE_TTL_DAYS", 0, 0, MOST_DAYS),
            ),
            edit_minutes=whole_number(environ, "EDIT_MINUTES", 0, 0, 525_600),
            lists_rooms=switch(environ, "LIST_ROOMS"),
            link_previews=switch(environ, "LINK_PREVIEWS", default=True),
        )
        if reason := service_urls.refusal(database, broadcast, settings.workers):
            raise SettingsError(reason)
        settings = replace(settings, languages=offered_languages(environ, [*settings.templates, TEMPLATES]))
        return replace(settings, secret_key=_secret(environ, settings, data)) if serving else settings


def _require_no_subpath(environ: Mapping[str, str]) -> None:
    for name in ("ROOT_PATH", "SCRIPT_NAME", "UVICORN_ROOT_PATH"):
        if text_of(environ, name).strip("/"):
            raise SettingsError(
                f"{name}={shown(text_of(environ, name))}: the app's pages cannot live below a path."
                f" Give it a host name of its own, such as chat.example.com, and unset {name}."
            )


def _secret(environ: Mapping[str, str], settings: Settings, data: Path) -> str:
    key = text_of(environ, "SECRET_KEY")
    if not is_postgres(settings.database_url):
        return key or _kept_secret(data / "secret_key")
    # If each machine made a key for itself, none would recognise the visitors of another.
    if not key:
        raise SettingsError(f"SECRET_KEY is not set, and every process on the PostgreSQL needs the same. {_NEW_KEY}")
    if is_weak(key):
        raise SettingsError(f"SECRET_KEY can be guessed, and who knows it can pass for any visitor. {_NEW_KEY}")
    return key


_NEW_KEY = "Set it to a long random text, such as what `openssl rand -hex 32` prints."


def _kept_secret(path: Path) -> str:
    try:
        key = read_secret(path)
        close_to_others(path.parent, PRIVATE_FOLDER)
    except (OSError, ValueError) as error:
        raise SettingsError(f"SECRET_KEY is not set, and {path} cannot be kept ({error!r}): set it.") from error
    if not key:
        raise SettingsError(f"SECRET_KEY is not set, and {path} is empty: set it, or remove the file.")
    return key


def _pool(database: str, broadcast: str, workers: int) -> int:
    """Return the connections of each process, so that all of them together leave some on a small plan."""
    if not is_postgres(database):
        return 1
    if limit := PostgresURL.parse(database).limit:
        return limit
    relay = 1 if is_postgres(broadcast) else 0
    return max(1, min(10, CONNECTIONS // workers - relay))
