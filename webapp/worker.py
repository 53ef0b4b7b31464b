"""A process that runs an app without serving it, for its background tasks."""

from __future__ import annotations

import asyncio
import logging
import signal

from starlette.applications import Starlette

logger = logging.getLogger(__name__)


async def run_until_stopped(app: Starlette) -> None:
    """Run the lifespan of `app` until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with app.router.lifespan_context(app):
        logger.info("the worker runs background tasks")
        await stopped.wait()
    logger.info("the worker has stopped")
