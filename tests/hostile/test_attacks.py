"""One hostile client: others notice next to nothing, and the server can be stopped in the middle of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from tests.hostile.attacks import ATTACKS
from tests.hostile.beside import attacked, probed, resident, talk
from tests.support.app_server import AppServer

SECONDS = 0.8
P95, WORST = 0.25, 1.0
"""Seconds that a probe may take beside an attack, on top of the slowest without one."""
GROWTH = 30 * 1024
"""KiB that one attack may add."""
GROWTH_OF_ALL = 2 * GROWTH
"""KiB that all attacks may add, one after the other: the allocator keeps what each needed at once for the next."""
STOPPED = 10
"""Seconds."""
AT_ONCE = 7
"""Attacks under which a server is stopped."""


@pytest.fixture(scope="module")
def attacked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server that has to live through all attacks, one after the other."""
    with AppServer(tmp_path_factory.mktemp("attacked")) as running:
        asyncio.run(talk(running, "warming-up", 0.2))
        yield running
    running.check()


@pytest.fixture(scope="module")
def at_first(attacked_server: AppServer) -> int:
    """KiB of memory before any attack."""
    return resident(attacked_server.pid)


@pytest.mark.parametrize("name", ATTACKS)
async def test_others_notice_next_to_nothing(attacked_server: AppServer, at_first: int, room: str, name: str) -> None:
    before = resident(attacked_server.pid)
    with probed(attacked_server) as quiet:
        await asyncio.sleep(0.2)
    with attacked(attacked_server, ATTACKS[name]), probed(attacked_server) as probes:
        await talk(attacked_server, room, SECONDS)
    assert not probes.failed
    told = f"p95 {probes.p95:.3f}, worst {probes.worst:.3f} of {len(probes.times)}; undisturbed {quiet.worst:.3f}"
    assert probes.p95 <= P95 + quiet.worst, told
    assert probes.worst <= WORST + quiet.worst, told
    grown = probes.most_memory - before
    assert grown < GROWTH, f"{grown / 1024:.0f} MB more"
    # Of all attacks so far together, so that what one leaves behind is seen, too.
    together = probes.most_memory - at_first
    assert together < GROWTH_OF_ALL, f"{together / 1024:.0f} MB more than at first"


@pytest.mark.parametrize("start", range(0, len(ATTACKS), AT_ONCE))
async def test_a_server_stops_in_order_in_the_middle_of_attacks(
    serve: Callable[..., AppServer], room: str, start: int
) -> None:
    server = serve()
    names = list(ATTACKS)[start : start + AT_ONCE]
    with attacked(server, tuple(attack for name in names for attack in ATTACKS[name])):
        await talk(server, room, 0.5)
        began = time.monotonic()
        code = await asyncio.to_thread(server.stop, 30)
        seconds = time.monotonic() - began
    assert (code, seconds < STOPPED) == (0, True), f"exit {code} after {seconds:.1f} s"
    assert "Application shutdown complete" in server.log()
