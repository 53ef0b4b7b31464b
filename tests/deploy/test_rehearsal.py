"""A platform's whole way: build without Node, release, three processes behind TLS, a restart, a new release."""

from __future__ import annotations

import math
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import expect

from tests.browser.rooms import message, say, take_name, texts
from tests.contract.onlookers import AWAY
from tests.deploy.connections import Connections
from tests.deploy.dyno import AS_ANYBODY, Dyno, WorkerDyno, release
from tests.deploy.load import Load
from tests.deploy.router import Router
from tests.deploy.slug import path_of, with_migration
from tests.support.app_server import ROOT
from tests.support.patience import PATIENCE, eventually_blocking, strain, within
from tests.support.postgres_server import PostgresServer
from tests.support.window import Window

READERS = 200

GAP = 3.0
"""Seconds in which a reader may see nothing new, on a machine that is not busy."""

GENEROUS = 4
"""By how much more the test lets it take: the readers share the machine's cores with all that they read."""

PLAN = 20 - 3
"""Connections that the plan has for the app."""

LATEST = max(path.stem for path in (ROOT / "webapp" / "migrations").glob("0*.py"))

MIGRATION = f"""
from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "{LATEST}")]
    initial = False
    operations = [ops.RunSQL("ALTER TABLE room ADD COLUMN rehearsal integer NOT NULL DEFAULT 7")]
"""


def test_the_slug_is_moved_and_read_only_and_has_what_the_build_fetched(app: Path) -> None:
    assert not (app.parent / "build").exists()
    touched = subprocess.run([*AS_ANYBODY, "touch", str(app / "data")], check=False, capture_output=True)
    assert touched.returncode != 0
    assert (app / "static" / "vendor" / "htmx.org" / "htmx.min.js").is_file()


def test_the_build_compiles_what_a_process_could_not_keep(app: Path) -> None:
    done = subprocess.run(
        [*AS_ANYBODY, "python", "-v", "-c", "import webapp.app, webapp.cli"],
        cwd=app,
        env={"PATH": path_of(app), "PWD": str(app)},
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    read = re.findall(r"^# code object from '?(\S+?)'?$", done.stderr, re.MULTILINE)
    ours = [path for path in read if f"{app}/webapp" in path]
    assert len(ours) > 100
    assert [path for path in ours if "__pycache__" not in path] == []


def test_a_release_without_a_database_is_refused_before_it_is_served(app: Path) -> None:
    done = release(app, {"SECRET_KEY": "a secret that only tests know"})
    assert done.returncode != 0
    assert "heroku addons:create heroku-postgresql" in done.stdout


class Formation(NamedTuple):
    """Two web processes and a worker."""

    web: Sequence[Dyno]
    worker: Dyno

    @property
    def dynos(self) -> Sequence[Dyno]:
        """All of them."""
        return [*self.web, self.worker]

    @property
    def ports(self) -> Sequence[int]:
        """Where the web processes listen."""
        return [dyno.port for dyno in self.web]


def formation(stack: ExitStack, folder: Path, app: Path, config: dict[str, str]) -> Formation:
    """The processes of a release, started and waited for."""
    web = [stack.enter_context(Dyno(folder / name, app, config)) for name in ("one", "two")]
    for dyno in web:
        # Where the relay cannot be used, the poll carries, and nothing else here would notice.
        eventually_blocking(lambda dyno=dyno: "relay: ok" in ready(dyno), lambda dyno=dyno: ready(dyno))  # type: ignore[misc]
    return Formation(web, stack.enter_context(WorkerDyno(folder / "worker", app, config)))


def ready(dyno: Dyno) -> str:
    """The process's report of its parts."""
    return httpx.get(f"{dyno.url}/readyz", timeout=PATIENCE).text


def test_nothing_is_lost_over_a_rolling_restart_and_a_new_release_with_a_migration(
    app: Path,
    config: dict[str, str],
    plan_postgres: PostgresServer,
    window: Callable[..., Window],
    tmp_path: Path,
) -> None:
    done = release(app, config)
    assert done.returncode == 0, done.stdout
    with ExitStack() as stack:
        old = formation(stack, tmp_path / "old", app, config)
        router = stack.enter_context(Router(tmp_path, old.ports))
        ann = window(ignore_https_errors=True)
        ann.allow(*AWAY, "status of 502", "status of 503", "SSL certificate error")
        with ann.page.expect_websocket() as socket:
            ann.page.goto(f"{router.url}/rehearsal/")
        assert socket.value.url.startswith("wss://")
        ann.page.evaluate("window.loadedOnce = true")
        take_name(ann.page, "Ann")
        say(ann.page, "before")

        with Connections(plan_postgres) as connections, Load(router.url, "rehearsal", READERS) as load:
            restarting = time.monotonic()
            for dyno in old.dynos:
                dyno.restart()
            deploying = time.monotonic()
            slug = with_migration(app, tmp_path / "release-2", "9999_rehearsal.py", MIGRATION)
            done = release(slug, config)
            assert done.returncode == 0, done.stdout
            # The old processes serve until the new ones do, so for a while there are twice as many.
            new = formation(stack, tmp_path / "new", slug, config)
            router.lead_to(new.ports)
            for dyno in old.dynos:
                dyno.stop()
        phases = {"restart": (restarting, deploying), "new release": (deploying, math.inf)}
        for name, (since, until) in phases.items():
            gaps = load.gaps(since, until)
            told = f"longest gap {gaps[0]:.2f} s, half of the readers {gaps[len(gaps) // 2]:.2f} s"
            print(f"{name}: {told}, writer {load.silence(since, until):.2f} s")
        print(f"{len(load.said)} messages, {READERS} readers, {load.failed} failed attempts")
        print(f"{connections.most} connections at most, {connections.refused} refused, strain {strain():.1f}")

        assert connections.most <= PLAN
        assert connections.refused == 0
        assert plan_postgres.query("app", "SELECT DISTINCT rehearsal FROM room") == [["7"]]
        stored = plan_postgres.query("app", "SELECT message FROM message WHERE handle = 'writer' ORDER BY id")
        assert [text for (text,) in stored] == load.said
        expect(message(ann.page, load.said[-1])).to_be_visible()
        say(ann.page, "after")
        expect(message(ann.page, "after")).to_be_visible()
        words = [text for text in texts(ann.page) if text.startswith("word ")]
        assert words == load.said[-len(words) :]
        assert ann.page.evaluate("window.loadedOnce") is True, "the page was loaded anew"
        # The window stays open longer than what it shows is served.
        ann.page.goto("about:blank")
        assert load.gaps()[0] < within(GENEROUS * GAP)
        the_worker_alone_runs_tasks(plan_postgres, new)
    for dyno in (*old.dynos, *new.dynos):
        dyno.check()


def the_worker_alone_runs_tasks(server: PostgresServer, running: Formation) -> None:
    """Make a task due, and look who runs it."""
    server.query("app", "UPDATE background_task SET due_at = 0 WHERE name = 'prune-change-log'")
    eventually_blocking(lambda: "task prune-change-log done" in running.worker.log(), running.worker.log)
    assert not any("task prune-change-log" in dyno.log() for dyno in running.web)
