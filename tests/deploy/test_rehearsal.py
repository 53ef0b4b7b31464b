"""A platform's whole way: build without Node, release, two processes behind TLS, a restart and a new release."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.rooms import message, say, take_name, texts
from tests.contract.onlookers import AWAY
from tests.deploy.dyno import AS_ANYBODY, Dyno, release
from tests.deploy.load import Load
from tests.deploy.router import Router
from tests.deploy.slug import with_migration
from tests.support.patience import within
from tests.support.postgres_server import PostgresServer
from tests.support.window import Window

READERS = 20

GAP = 10.0
"""Seconds in which a reader may see nothing new while both processes are replaced, one after the other."""

MIGRATION = """
from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0005_room_visited_at")]
    initial = False
    operations = [ops.RunSQL("ALTER TABLE room ADD COLUMN rehearsal integer NOT NULL DEFAULT 7")]
"""


def test_the_slug_is_moved_and_read_only_and_has_what_the_build_fetched(app: Path) -> None:
    assert not (app.parent / "build").exists()
    touched = subprocess.run([*AS_ANYBODY, "touch", str(app / "data")], check=False, capture_output=True)
    assert touched.returncode != 0
    assert (app / "static" / "vendor" / "htmx.org" / "htmx.min.js").is_file()


def test_a_release_without_a_database_is_refused_before_it_is_served(app: Path) -> None:
    done = release(app, {"SECRET_KEY": "a secret that only tests know"})
    assert done.returncode != 0
    assert "heroku addons:create heroku-postgresql" in done.stdout


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
        dynos = [stack.enter_context(Dyno(tmp_path / name, app, config)) for name in ("one", "two")]
        router = stack.enter_context(Router(tmp_path, [dyno.port for dyno in dynos]))
        ann = window(ignore_https_errors=True)
        ann.allow(*AWAY, "status of 502", "status of 503", "SSL certificate error")
        with ann.page.expect_websocket() as socket:
            ann.page.goto(f"{router.url}/rehearsal/")
        assert socket.value.url.startswith("wss://")
        ann.page.evaluate("window.loadedOnce = true")
        take_name(ann.page, "Ann")
        say(ann.page, "before")

        with Load(router.url, "rehearsal", READERS) as load:
            for dyno in dynos:
                dyno.restart()
            new = with_migration(app, tmp_path / "release-2", "0006_rehearsal.py", MIGRATION)
            done = release(new, config)
            assert done.returncode == 0, done.stdout
            for dyno in dynos:
                dyno.deploy(new)
            most = int(plan_postgres.query("app", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")[0][0])
        print(f"{len(load.said)} messages, {READERS} readers, {most} connections, longest gap {load.gap:.2f} s")

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
        assert load.gap < within(GAP)
    for dyno in dynos:
        dyno.check()
