"""Origins and host names, compared as browsers and proxies write them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\[\]:/?#@\\\s\x00-\x1f]+)(?::(?P<port>[0-9]{0,5}))?")


@dataclass(frozen=True, slots=True)
class Host:
    """The host in a Host header.

    Attributes:
        name: The name in lower case; an IPv6 address is in brackets.
        port: The port; None: the header has none.
    """

    name: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str | None) -> Host | None:
        """Return the host in a Host header; None: the text is no host."""
        found = _HOST.fullmatch((text or "").strip())
        if found is None:
            return None
        port = int(found["port"]) if found["port"] else None
        if port is not None and not 0 < port < 65536:
            return None
        return cls(_name(found["name"]), port)

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The IP address; None: the host is a name."""
        try:
            return ipaddress.ip_address(self.name.strip("[]"))
        except ValueError:
            return None

    @property
    def is_loopback(self) -> bool:
        """Whether browsers reach their own machine by this host without asking a name server."""
        if self.address is not None:
            return self.address.is_loopback
        return self.name == "localhost" or self.name.endswith(".localhost")

    def origin(self, scheme: str) -> Origin:
        """Return the origin of pages from this host by `scheme`, http or https."""
        return Origin(scheme, self.name, self.port or _PORTS[scheme])

    def matches(self, pattern: str) -> bool:
        """Return whether `pattern` is this host's name, `*`, or `*.` and a domain above it."""
        return pattern in ("*", self.name) or (pattern.startswith("*.") and self.name.endswith(pattern[1:]))

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a page. Two pages trust each other only if all three are the same.

    Attributes:
        scheme: http or https.
        name: The host's name in lower case.
        port: The port.
    """

    scheme: str
    name: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Origin | None:
        """Return the origin in an Origin header; None: the text is `null`, or no web page's origin."""
        try:
            parts = urlsplit(text.strip())
        except ValueError:
            return None
        host = Host.parse(parts.netloc)
        if parts.scheme.lower() not in _PORTS or host is None or parts.path not in ("", "/"):
            return None
        return None if parts.query or parts.fragment else host.origin(parts.scheme.lower())

    def __str__(self) -> str:
        usual = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{self.name}" if usual else f"{self.scheme}://{self.name}:{self.port}"


def _name(text: str) -> str:
    if text.startswith("["):
        try:
            return f"[{ipaddress.ip_address(text[1:-1])}]"
        except ValueError:
            return text.lower()
    name = text.lower()
    # A full name may end in a dot. If the dot stayed, the same host would not match the setting.
    return name.removesuffix(".") or name
