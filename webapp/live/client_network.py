"""The network of a client's address, by which limits count."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

KNOWN_ADDRESSES = 1024
"""Parsed addresses that are kept. Parsing takes longer than everything else that is done for a new connection."""


@lru_cache(maxsize=KNOWN_ADDRESSES)
def network_of(address: str) -> str:
    """Return the addresses of one client: an IPv4 address, or the network of 64 bits that IPv6 providers assign.

    Raises:
        ValueError: The text is no address.
    """
    ip = ip_of(address)
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def ip_of(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address without its zone; an IPv4 address in an IPv6 one counts as IPv4.

    Raises:
        ValueError: The text is no address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    return (ip.version == 6 and ip.ipv4_mapped) or ip
