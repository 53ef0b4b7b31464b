"""Frames that write nothing are bounded for each socket, and for all sockets of one network together."""

from __future__ import annotations

import pytest

from webapp.live.protocol import network_budget, socket_budget, token_bucket
from webapp.live.protocol.network_budget import NetworkBudget
from webapp.live.protocol.socket_budget import SocketBudget

HOME, OFFICE = "192.0.2.7", "198.51.100.9"


class Clock:
    """The time, which passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    for module in (token_bucket, network_budget):
        monkeypatch.setattr(module, "time", found)
    return found


def spend(socket: SocketBudget, count: int) -> None:
    for _ in range(count):
        socket.spend()


def test_a_socket_that_asks_much_waits_and_another_one_does_not(clock: Clock) -> None:
    networks = NetworkBudget()
    busy, quiet = SocketBudget(networks, HOME), SocketBudget(networks, HOME)
    spend(busy, socket_budget.USELESS.burst + 20)
    spend(quiet, 1)
    assert busy.debt == pytest.approx(1.0, abs=0.1)
    assert quiet.debt == 0
    clock.now += 2
    assert busy.debt == 0


def test_many_sockets_of_one_network_share_a_bound(clock: Clock) -> None:
    networks = NetworkBudget()
    each = socket_budget.USELESS.burst - 10
    sockets = [SocketBudget(networks, HOME) for _ in range(2 * network_budget.USELESS.burst // each)]
    elsewhere, unknown = SocketBudget(networks, OFFICE), SocketBudget(networks, "")
    for socket in (*sockets, elsewhere, unknown):
        spend(socket, each)
    assert min(socket.debt for socket in sockets) > 1
    assert elsewhere.debt == unknown.debt == 0
    clock.now += 3
    assert max(socket.debt for socket in sockets) == 0


def test_a_socket_that_writes_messages_only_waits_for_nobody(clock: Clock) -> None:
    networks = NetworkBudget()
    flood = SocketBudget(networks, HOME)
    spend(flood, 3 * network_budget.USELESS.burst)
    assert SocketBudget(networks, HOME).debt == 0


def test_networks_that_were_quiet_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_budget, "_KNOWN", 10)
    networks = NetworkBudget()
    for number in range(100):
        networks.spend(f"192.0.2.{number}")
        clock.now += 1
    assert len(networks._spent) <= 10
