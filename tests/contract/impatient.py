"""The app as `python -m webapp serve` runs it, but with a patience (in seconds, the argument) that a test can await."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.applications import Starlette

from webapp import server
from webapp.app import bindings, create_app
from webapp.db import migrate
from webapp.settings import Settings


def impatient(app: Starlette, patience: float) -> Starlette:
    """`app`, whose sockets may leave `patience` seconds unread."""
    lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def with_patience(app: Starlette) -> AsyncIterator[Any]:
        async with lifespan(app) as state:
            assert state is not None
            yield {**state, "live": replace(state["live"], stall_limit=patience)}

    app.router.lifespan_context = with_patience
    return app


def main() -> None:
    """Serve, with the settings of the environment."""
    settings = Settings.from_env(os.environ)
    asyncio.run(migrate(settings.database_url, bindings()))
    config = server.config(impatient(create_app(settings), float(sys.argv[1])), settings.host, settings.port)
    uvicorn.Server(config).run(sockets=[server.listen(config)])


if __name__ == "__main__":
    main()
