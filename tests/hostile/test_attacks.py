"""One hostile client: others notice next to nothing, and the server can be stopped in the middle of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.hostile.attacks import ATTACKS
from tests.hostile.beside import Probes, attacked, probed, resident, talk
from tests.servers import AppServer

SECONDS = 1.2
P95, WORST = 0.25, 1.0
"""Seconds that a probe may take beside an attack, on top of what it takes on a busy machine without one."""
GROWTH = 30 * 1024
"""KiB."""
STOPPED = 10
"""Seconds."""


@pytest.mark.parametrize("name", ATTACKS)
async def test_others_notice_next_to_nothing_and_the_server_stops_in_order(
    serve: Callable[..., AppServer], room: str, name: str
) -> None:
    server = serve()
    await talk(server, room, 0)
    with probed(server) as quiet:
        await asyncio.sleep(0.4)
    before = resident(server.pid)
    with attacked(server, ATTACKS[name]):
        with probed(server) as probes:
            await talk(server, room, SECONDS)
        began = time.monotonic()
        code = await asyncio.to_thread(server.stop, 30)
        seconds = time.monotonic() - began
    assert not probes.failed
    assert_quick(probes, quiet)
    assert probes.most_memory - before < GROWTH, f"{(probes.most_memory - before) / 1024:.0f} MB more"
    assert (code, seconds < STOPPED) == (0, True), f"exit {code} after {seconds:.1f} s"


def assert_quick(probes: Probes, quiet: Probes) -> None:
    # Twice the slowest of the undisturbed ones: the attacker itself takes one of the cores.
    slack = 2 * quiet.worst
    told = f"p95 {probes.p95:.3f}, worst {probes.worst:.3f} of {len(probes.times)}; undisturbed {quiet.worst:.3f}"
    assert probes.p95 <= P95 + slack, told
    assert probes.worst <= WORST + slack, told
