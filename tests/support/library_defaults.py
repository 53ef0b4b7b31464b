"""The bounds of the libraries that the tests use as clients, made as generous as the tests' own."""

from __future__ import annotations

import inspect

import httpx
import websockets.asyncio.client
import websockets.sync.client
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect

from tests.support.patience import PATIENCE


def make_patient() -> None:
    """Have them wait for PATIENCE where a test says nothing else.

    Their own bounds (5 s for an answer, 10 s for a handshake, 5 s for an element, 200 ms for an example) are for quiet
    machines. A test that forgot to raise them would fail on a busy one, so the defaults themselves are changed.
    """
    default = inspect.signature(httpx.get).parameters["timeout"].default
    default.connect = default.read = default.write = default.pool = PATIENCE
    for connect in (websockets.asyncio.client.connect.__init__, websockets.sync.client.connect):
        assert connect.__kwdefaults__ is not None
        # A test process that does not run for 20 seconds must not take its own sockets for dead.
        connect.__kwdefaults__.update(open_timeout=PATIENCE, ping_timeout=PATIENCE)
    expect.set_options(timeout=PATIENCE * 1000)
    settings.register_profile(
        "patient",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        print_blob=True,
    )
    settings.load_profile("patient")
