"""Only the addresses of single hosts on the internet are public, in whatever form an address is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.previews.fetching import is_public

PRIVATE_IPV4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
PRIVATE_IPV6 = [
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
METADATA = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001:80b::200e"]

HOSTS_OF_IPV4 = st.sampled_from(PRIVATE_IPV4).flatmap(
    lambda network: st.ip_addresses(v=4, network=IPv4Network(network))
)
HOSTS_OF_IPV6 = st.sampled_from(PRIVATE_IPV6).flatmap(
    lambda network: st.ip_addresses(v=6, network=IPv6Network(network))
)


@pytest.mark.parametrize("network", PRIVATE_IPV4 + PRIVATE_IPV6)
def test_both_ends_of_a_special_network_are_refused(network: str) -> None:
    whole = IPv6Network(network) if ":" in network else IPv4Network(network)
    assert not is_public(str(whole[0]))
    assert not is_public(str(whole[-1]))


@pytest.mark.parametrize("address", METADATA)
def test_the_metadata_of_clouds_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_hosts_on_the_internet_are_public(address: str) -> None:
    assert is_public(address)


NO_ADDRESSES = [
    "",
    "localhost",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.1",
    "1.1.1.1.",
    "2606:4700::1%eth0",
    "1.1.1.1/8",
]
HOLDERS = ["::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "2002:", "2001:0:"]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert not is_public(text)


@given(HOSTS_OF_IPV4)
def test_no_address_of_a_special_ipv4_network_is_public(address: IPv4Address) -> None:
    assert not is_public(str(address))


@given(HOSTS_OF_IPV6)
def test_no_address_of_a_special_ipv6_network_is_public(address: IPv6Address) -> None:
    assert not is_public(str(address))


@given(
    st.ip_addresses(v=4),
    st.sampled_from(HOLDERS),
)
def test_an_ipv6_address_that_holds_an_ipv4_address_is_refused(address: IPv4Address, prefix: str) -> None:
    high, low = int(address) >> 16, int(address) & 0xFFFF
    holder = f"{prefix}{high:x}:{low:x}" + ("::" if prefix[:3] == "200" else "")
    assert not is_public(holder), holder


@given(st.ip_addresses(v=4), st.sampled_from(["0:5efe", "200:5efe"]))
def test_an_isatap_address_of_a_public_network_is_refused(address: IPv4Address, mark: str) -> None:
    assert not is_public(f"2606:4700::{mark}:{address}")


@given(st.ip_addresses())
def test_what_is_public_here_is_global_and_unicast_for_python_too(address: IPv4Address | IPv6Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private
        assert not address.is_reserved
