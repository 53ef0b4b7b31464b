"""The whole app in the process of the test, for tests that change something in the middle of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from webapp.app import bindings, create_app
from webapp.db import migrate
from webapp.settings import Settings


@asynccontextmanager
async def asked_in_process(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, which has a new database in `folder`, and other `settings` than usual."""
    url = f"sqlite://{folder / 'webapp.sqlite3'}"
    await migrate(url, bindings())
    app = create_app(Settings(database_url=url, secret_key="a secret that only tests know", **settings))
    async with app.router.lifespan_context(app) as state:

        async def served(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://localhost") as http:
            yield http
