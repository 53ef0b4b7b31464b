"""Reading one variable of the environment: what it may be, and what to write instead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import limits

from webapp.web.origin import Origin

EVERYWHERE = "0.0.0.0"  # noqa: S104 (a platform that gives a PORT routes to it from outside)

LOOPBACK_PROXIES = ("127.0.0.1", "::1")

LOOPBACK_HOSTS = ("localhost", "*.localhost", "127.0.0.1", "[::1]")
"""The names by which a browser on this machine reaches a server that nobody else can reach."""

PLATFORMS = ("DYNO",)
"""Variables that mark a platform where nobody reaches the app but through the router, which writes X-Forwarded-*.

Heroku's. Others that set one also let a plain TCP connection through to the app, or set it on a developer's machine.
"""


class SettingsError(Exception):
    """A setting has a value that cannot be used; the text says which, and what to write instead."""


def text_of(environ: Mapping[str, str], name: str) -> str:
    """The variable `name` without space around it, empty where it is not set."""
    return environ.get(name, "").strip()


def listening(environ: Mapping[str, str]) -> str:
    """The address to listen on. Raises SettingsError."""
    host = text_of(environ, "HOST") or (EVERYWHERE if text_of(environ, "PORT") else "127.0.0.1")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if is_address(bare) or _HOST_NAME.fullmatch(bare):
        return bare
    raise SettingsError(f"HOST={shown(host)}: write an address of this machine, such as 127.0.0.1 or 0.0.0.0.")


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


def trusted_proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses and networks of proxies that are believed. Raises SettingsError."""
    names = names_of(environ, "FORWARDED_ALLOW_IPS")
    for name in names:
        try:
            _ = name == "*" or ipaddress.ip_network(name, strict=False)
        except ValueError as error:
            raise SettingsError(
                f"FORWARDED_ALLOW_IPS={shown(name)}: write the addresses or networks of your proxies,"
                " such as 10.0.0.1 or 10.0.0.0/8, separated by commas, or * for any."
            ) from error
    if names:
        return names
    return ("*",) if any(text_of(environ, name) for name in PLATFORMS) else LOOPBACK_PROXIES


def allowed_origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The origins that may post besides our own. Raises SettingsError."""
    return tuple(_origin(text) for text in names_of(environ, "ALLOWED_ORIGINS"))


def _origin(text: str) -> str:
    origin = Origin.parse(text)
    if origin is not None and not origin.name.isascii():
        # Browsers write such names in their ASCII form.
        with suppress(UnicodeError):
            origin = replace(origin, name=origin.name.encode("idna").decode("ascii"))
    if origin is None or not (_HOST_NAME.fullmatch(origin.name) or is_address(origin.name.strip("[]"))):
        raise SettingsError(f"ALLOWED_ORIGINS={shown(text)}: write origins like https://chat.example.com:8443.")
    return str(origin)


def names_of(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The parts of a list with commas."""
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def whole_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """The whole number `name`, from `least` to `most`. Raises SettingsError."""
    text = text_of(environ, name) or str(default)
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise SettingsError(f"{name}={shown(text)}: write a whole number from {least} to {most}.")


def force_https(environ: Mapping[str, str]) -> bool:
    """Whether a browser that came by http is sent to https. Raises SettingsError."""
    return switch(environ, "FORCE_HTTPS", default=any(text_of(environ, name) for name in PLATFORMS))


def switch(environ: Mapping[str, str], name: str, default: bool = False) -> bool:
    """Whether `name` is switched on. Raises SettingsError."""
    text = text_of(environ, name).lower()
    if not text:
        return default
    if text in ("0", "no", "off", "false"):
        return False
    if text in ("1", "yes", "on", "true"):
        return True
    raise SettingsError(f"{name}={shown(text)}: write on or off.")


def theme(text: str) -> Path | None:
    """The folder of a theme, if one is named. Raises SettingsError."""
    if not text:
        return None
    folder = Path(text).resolve()
    if not any((folder / name).is_dir() for name in ("templates", "static")):
        raise SettingsError(f"THEME={shown(text)}: write a folder that has templates/ or static/, or both.")
    return folder


def rate_limit(text: str) -> limits.RateLimitItem | None:
    """The limit on what one visitor may say, or None. Raises SettingsError."""
    if text.lower() == "off":
        return None
    try:
        item = limits.parse(text)
        if item.amount < 1 or item.get_expiry() > 366 * 24 * 3600 or item.amount > 1_000_000:
            raise ValueError(text)  # noqa: TRY301
    except ValueError as error:
        raise SettingsError(f"RATE_LIMIT={shown(text)}: write something like '10/5 seconds', or off.") from error
    return item


def allowed_hosts(environ: Mapping[str, str], listening: str) -> tuple[str, ...]:
    """The host names that are answered. Raises SettingsError."""
    hosts = names_of(environ, "ALLOWED_HOSTS")
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
            f"ALLOWED_HOSTS={shown(text)}: write names without a port, like example.com or *.example.com, or *."
        )
    return f"*.{name}" if text.startswith("*.") else name


def shown(text: str) -> str:
    """On one line, and shorter than a line of the log."""
    return (text if text.isprintable() else ascii(text)[1:-1])[:200]
