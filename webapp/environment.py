"""Reads one variable of the environment. An error says which values the variable may have."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import limits

from webapp.themes import Theme, ThemeError, find_theme
from webapp.web import Origin

EVERYWHERE = "0.0.0.0"  # noqa: S104 (a platform that gives a PORT routes to it from outside)

LOOPBACK_PROXIES = ("127.0.0.1", "::1")
"""Addresses of proxies on this machine."""

LOOPBACK_HOSTS = ("localhost", "*.localhost", "127.0.0.1", "[::1]")
"""Hosts by which a browser on this machine reaches a server that listens on this machine alone."""

PLATFORMS = ("DYNO",)
"""Variables of platforms on which clients reach the app only through the platform's router, which writes X-Forwarded-*.

This one is Heroku's. Other platforms with such a variable also pass TCP connections to the app, or set the variable
on a developer's machine.
"""


class SettingsError(Exception):
    """A setting has a value that cannot be used. The text names the setting, and says what to write instead."""


def text_of(environ: Mapping[str, str], name: str) -> str:
    """Return the variable `name` without white space around it; empty if it is not set."""
    return environ.get(name, "").strip()


def listening(environ: Mapping[str, str]) -> str:
    """Return the address to listen on, from HOST and PORT.

    Raises:
        SettingsError: The value cannot be used.
    """
    host = text_of(environ, "HOST") or (EVERYWHERE if text_of(environ, "PORT") else "127.0.0.1")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if is_address(bare) or _HOST_NAME.fullmatch(bare):
        return bare
    raise SettingsError(f"HOST={shown(host)}: write an address of this machine, such as 127.0.0.1 or 0.0.0.0.")


_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Return whether `text` is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server that listens on `host`."""
    return ipaddress.ip_address(host).is_loopback if is_address(host) else host.lower().rstrip(".") == "localhost"


def trusted_proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses and networks of trusted proxies, from FORWARDED_ALLOW_IPS.

    Raises:
        SettingsError: The value cannot be used.
    """
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
    """Return the origins that may post besides the app's own, from ALLOWED_ORIGINS.

    Raises:
        SettingsError: The value cannot be used.
    """
    return tuple(_origin(text) for text in names_of(environ, "ALLOWED_ORIGINS"))


def _origin(text: str) -> str:
    origin = Origin.parse(text)
    if origin is not None and not origin.name.isascii():
        # Browsers send such names in their ASCII form. If the setting kept the other one, no Origin would match it.
        with suppress(UnicodeError):
            origin = replace(origin, name=origin.name.encode("idna").decode("ascii"))
    if origin is None or not (_HOST_NAME.fullmatch(origin.name) or is_address(origin.name.strip("[]"))):
        raise SettingsError(f"ALLOWED_ORIGINS={shown(text)}: write origins like https://chat.example.com:8443.")
    return str(origin)


def names_of(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the parts of the variable `name`, a list with commas."""
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def whole_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return the whole number in a variable.

    Args:
        environ: The environment variables.
        name: The variable.
        default: The number if the variable is not set.
        least: The lowest number that the variable may have.
        most: The highest number that it may have.

    Raises:
        SettingsError: The value cannot be used.
    """
    text = text_of(environ, name) or str(default)
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise SettingsError(f"{name}={shown(text)}: write a whole number from {least} to {most}.")


def force_https(environ: Mapping[str, str]) -> bool:
    """Return whether a browser that came by http is sent to https.

    Raises:
        SettingsError: The value cannot be used.
    """
    return switch(environ, "FORCE_HTTPS", default=any(text_of(environ, name) for name in PLATFORMS))


def development(environ: Mapping[str, str]) -> bool:
    """Return whether the server is for those who work on the app.

    Raises:
        SettingsError: The value cannot be used, or visitors from elsewhere would see the source of templates.
    """
    is_on = switch(environ, "DEVELOPMENT")
    platform = next((name for name in PLATFORMS if text_of(environ, name)), None)
    if is_on and platform:
        raise SettingsError(
            f"DEVELOPMENT=on where {platform} is set: pages would show the source of templates. Unset DEVELOPMENT."
        )
    return is_on


def switch(environ: Mapping[str, str], name: str, default: bool = False) -> bool:
    """Return whether the variable `name` is switched on.

    Raises:
        SettingsError: The value cannot be used.
    """
    text = text_of(environ, name).lower()
    if not text:
        return default
    if text in ("0", "no", "off", "false"):
        return False
    if text in ("1", "yes", "on", "true"):
        return True
    raise SettingsError(f"{name}={shown(text)}: write on or off.")


def log_as_json(environ: Mapping[str, str]) -> bool:
    """Whether LOG_FORMAT asks for one JSON object a line. Raises SettingsError."""
    text = text_of(environ, "LOG_FORMAT").lower() or "text"
    if text not in ("text", "json"):
        raise SettingsError(f"LOG_FORMAT={shown(text)}: write text or json.")
    return text == "json"


def token_of(environ: Mapping[str, str], name: str) -> str:
    """Return the token `name`, which opens a page; empty: there is no such page.

    Raises:
        SettingsError: The token is unsafe. The text does not show it.
    """
    token = text_of(environ, name)
    if token and not (len(token) >= 16 and token.isascii() and token.isprintable() and " " not in token):
        raise SettingsError(
            f"{name} can be guessed, or no header can carry it: write at least 16 ASCII characters without"
            " spaces, such as what `openssl rand -hex 32` prints, or unset it."
        )
    return token


def task_place(environ: Mapping[str, str]) -> str:
    """Where background tasks run: `web`, `worker` or `off`. Raises SettingsError."""
    text = text_of(environ, "TASKS").lower() or "web"
    if text in ("web", "worker", "off"):
        return text
    raise SettingsError(f"TASKS={shown(text)}: write web, worker or off.")


def theme(text: str) -> Theme | None:
    """Return the theme that `text` names; None: the built-in design.

    Raises:
        SettingsError: The value cannot be used.
    """
    try:
        return find_theme(text)
    except ThemeError as error:
        raise SettingsError(f"THEME={shown(text)}: {error}") from error


def rate_limit(environ: Mapping[str, str], name: str, default: str) -> limits.RateLimitItem | None:
    """Return a rate limit in the notation of the `limits` package; None: no limit.

    Args:
        environ: The environment variables.
        name: The variable. RATE_LIMIT=off switches every rate limit off.
        default: Its value when it is not set.

    Raises:
        SettingsError: The value cannot be used.
    """
    text = text_of(environ, name) or default
    if "off" in (text.lower(), text_of(environ, "RATE_LIMIT").lower()):
        return None
    try:
        item = limits.parse(text)
        if item.amount < 1 or item.get_expiry() > 366 * 24 * 3600 or item.amount > 1_000_000:
            raise ValueError(text)  # noqa: TRY301
    except ValueError as error:
        raise SettingsError(f"{name}={shown(text)}: write something like '10/5 seconds', or off.") from error
    return item


def allowed_hosts(environ: Mapping[str, str], listening: str) -> tuple[str, ...]:
    """Return the host names under which the app answers, from ALLOWED_HOSTS.

    Args:
        environ: The environment variables.
        listening: The address that the server listens on. LOOPBACK_HOSTS is the default if only this machine
            reaches it.

    Raises:
        SettingsError: A name cannot be used.
    """
    hosts = names_of(environ, "ALLOWED_HOSTS")
    if not hosts:
        # Another site can give its own name the address of this machine (DNS rebinding). If the app answered under that
        # name, the site's pages could read and post here through the browser of their visitor.
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
    """Return `text` for an error message: on one line, with at most 200 characters."""
    return (text if text.isprintable() else ascii(text)[1:-1])[:200]
