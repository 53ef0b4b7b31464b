"""Which addresses are public: those of one host on the internet, and of no network that the server alone can reach.

`ipaddress.is_global` is not enough. Its answers differ between Python's versions, and an IPv6 address may hold an IPv4
address that a gateway translates back. So the networks stand here, from IANA's registries of special addresses, and
`is_global` has to agree besides.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers; one cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a public address that each machine of one cloud reaches as its own host
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; one cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112, answered by the nearest network
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # measurements
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

# IANA gives out addresses of single hosts from here only. So loopback, IPv4-mapped and IPv4-compatible addresses, both
# networks of NAT64, unique-local, link-local, site-local and multicast addresses are outside.
_UNICAST_IPV6 = IPv6Network("2000::/3")

_SPECIAL_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID and others
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: holds an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the old 6bone
        "3fff::/20",  # documentation
    )
)

# ISATAP ends an address of any network with 0:5efe or 200:5efe and an IPv4 address.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(text: str) -> bool:
    """Return whether `text` is the address of one host on the internet. A name, or an address with a zone, is not."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    is_unicast = _is_public_ipv4(address) if isinstance(address, IPv4Address) else _is_public_ipv6(address)
    return is_unicast and address.is_global


def _is_public_ipv4(address: IPv4Address) -> bool:
    return not any(address in network for network in _SPECIAL_IPV4)


def _is_public_ipv6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _UNICAST_IPV6:
        return False
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return False
    return not any(address in network for network in _SPECIAL_IPV6)
