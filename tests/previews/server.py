"""The app as its commands run it, but with servers on this machine as the sites that messages link to.

`python -m tests.previews.server` migrates the database and serves. What differs is given to the app as an argument:
no setting of a deployment can permit it.
"""

from __future__ import annotations

import asyncio
import os
import sys

from starlette.applications import Starlette

from webapp import server
from webapp.app import bindings, create_app
from webapp.db import migrate
from webapp.previews.fetching import Bounds, Fetcher
from webapp.previews.previewing import Pace, Previewing
from webapp.previews.task import task
from webapp.settings import Settings

COMMAND = (sys.executable, "-m", "tests.previews.server")
"""Runs it, for an `AppServer`."""

MANY = 100_000
"""Requests in a minute: all sites of the tests have one address."""


def app() -> Starlette:
    """The app, which may ask servers on 127.0.0.1, at any port."""
    bounds = Bounds(ports=None, per_name=MANY, per_network=MANY)
    fetcher = Fetcher(bounds, allows=lambda address: address == "127.0.0.1")
    return create_app(Settings.from_env(os.environ), tasks=[task(Previewing(fetcher, Pace(per_minute=MANY)).run)])


def main() -> None:
    """Migrate, and serve."""
    settings = Settings.from_env(os.environ)
    asyncio.run(migrate(settings.database_url, bindings()))
    server.run("tests.previews.server:app", settings.host, settings.port, settings.workers)


if __name__ == "__main__":
    main()
