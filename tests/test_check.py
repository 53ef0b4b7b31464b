"""`python -m webapp check` names what would keep a deployment from working, before anybody meets it."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.app_server import SERVE
from tests.support.commands import Done, webapp
from tests.support.patience import PATIENCE
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.test_processes import NOWHERE, secure_redis
from webapp.check.places import check_disk, check_folder, is_on_mount
from webapp.check.run import check_all, check_libraries
from webapp.check.services import SKEW, clock_findings
from webapp.settings import Settings

__all__ = ["secure_redis"]

KEY = "a secret that only tests know"


def said(done: Done) -> list[str]:
    """The lines of the answer."""
    return done.stdout.splitlines()


def of(url: str) -> Settings:
    """Settings for that database."""
    return Settings.from_env({"DATABASE_URL": url, "SECRET_KEY": KEY}, data=Path("unused"))


@pytest.fixture(params=["sqlite", "postgres"])
def ready(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that is up to date."""
    if request.param == "postgres":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        yield postgres.url(postgres.create_database(request.getfixturevalue("migrated")))
    else:
        url = f"sqlite://{tmp_path / 'ready.sqlite3'}"
        assert webapp("migrate", DATABASE_URL=url).returncode == 0
        yield url


def test_a_deployment_in_order_is_told_so(ready: str) -> None:
    done = webapp("check", DATABASE_URL=ready)
    assert (done.returncode, said(done)) == (0, ["Everything is in order."]), done.stderr


def test_settings_that_cannot_work_together_are_an_error(ready: str) -> None:
    done = webapp("check", DATABASE_URL=ready, WEB_CONCURRENCY="2", BROADCAST_URL="memory://")
    assert done.returncode == 1
    (line,) = said(done)
    assert line.startswith("error: WEB_CONCURRENCY=2")


def test_a_database_that_is_not_up_to_date_is_an_error_unless_migrate_comes_next(postgres: PostgresServer) -> None:
    url = postgres.url(postgres.create_database())
    done = webapp("check", DATABASE_URL=url)
    assert done.returncode == 1
    (line,) = said(done)
    assert "python -m webapp migrate" in line
    assert webapp("check", "--release", DATABASE_URL=url).returncode == 0
    assert postgres.query(url.rpartition("/")[2], "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [
        ["0"]
    ], "the check left a table"
    assert webapp("migrate", DATABASE_URL=url).returncode == 0
    assert webapp("check", DATABASE_URL=url).returncode == 0


def test_triggers_of_another_release_are_missing_ones(postgres: PostgresServer, migrated: str) -> None:
    name = postgres.create_database(migrated)
    postgres.query(name, "UPDATE live_schema SET fingerprint = 'another'")
    assert webapp("check", DATABASE_URL=postgres.url(name)).returncode == 1


def test_a_database_where_no_table_may_be_made_is_an_error_at_release(postgres: PostgresServer) -> None:
    name = postgres.create_database()
    postgres.query(name, "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN")
    url = postgres.url(name).replace("postgres@", "guest@")
    done = webapp("check", "--release", DATABASE_URL=url)
    assert done.returncode == 1
    assert "permission denied" in done.stdout


def test_a_database_that_is_away_is_an_error() -> None:
    done = webapp("check", "--release", DATABASE_URL=NOWHERE)
    assert done.returncode == 1
    assert said(done)[0].startswith("error: The database cannot be used")
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "full.sqlite3"
    assert webapp("migrate", DATABASE_URL=f"sqlite://{file}").returncode == 0
    done = subprocess.run(
        (*SERVE[:-1], "check"),
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": f"sqlite://{file}", "SECRET_KEY": KEY},
        # No file of this process's may hold a byte, as on a full disk.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert any(line.startswith("error: ") for line in said(done)), done


def test_a_database_that_refuses_writes_is_an_error(postgres: PostgresServer, migrated: str) -> None:
    name = postgres.create_database(migrated)
    postgres.query("postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    done = webapp("check", DATABASE_URL=postgres.url(name))
    assert done.returncode == 1
    assert said(done)[0].startswith("error: No write to the database can succeed"), done.stdout


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite3").write_text("this is no database " * 100)
    done = webapp("check", DATABASE_URL=f"sqlite://{tmp_path / 'text.sqlite3'}")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_first_deployment_on_sqlite_is_in_order_and_makes_no_database(tmp_path: Path) -> None:
    file = tmp_path / "new" / "first.sqlite3"
    done = webapp("check", DATABASE_URL=f"sqlite://{file}")
    assert done.returncode == 0, done
    assert not file.parent.exists()


def test_a_file_on_herokus_disk_is_refused_with_what_to_attach(tmp_path: Path) -> None:
    for env in ({}, {"DATABASE_URL": f"sqlite://{tmp_path / 'x.sqlite3'}"}):
        done = webapp("check", "--release", DYNO="release.1", **env)
        assert done.returncode == 1
        (line,) = said(done)
        assert "heroku addons:create heroku-postgresql" in line


def test_a_file_on_render_needs_a_disk() -> None:
    settings = of("sqlite:///var/data/webapp.sqlite3")
    assert check_disk(settings, {"RENDER": "true"}, lambda folder: folder == Path("/var/data")) == []
    (found,) = check_disk(settings, {"RENDER": "true"}, lambda folder: folder == Path("/"))
    assert found.fatal
    assert "add a disk" in found.text
    assert check_disk(settings, {}) == []
    assert check_disk(of("postgres://db/chat"), {"RENDER": "true", "DYNO": "web.1"}) == []
    assert is_on_mount(Path("/proc/self/status"))


def test_a_file_in_a_folder_that_dokku_mounts_is_in_order() -> None:
    settings = of("sqlite:///app/data/webapp.sqlite3")
    assert check_disk(settings, {"DYNO": "web.1"}, lambda folder: folder == Path("/app/data")) == []
    assert check_disk(settings, {"DYNO": "web.1"}, lambda folder: folder in (Path("/"), Path("/app"))) != []


def test_a_folder_that_cannot_be_made_is_an_error() -> None:
    (found,) = check_folder(of("sqlite:///proc/version/data/webapp.sqlite3"))
    assert found.fatal
    assert "/proc/version" in found.text


def test_a_secret_that_can_be_guessed_is_an_error_where_others_reach_the_app(ready: str) -> None:
    done = webapp("check", DATABASE_URL=ready, SECRET_KEY="changeme", PORT="5000")
    assert done.returncode == 1
    assert "SECRET_KEY can be guessed" in said(done)[0]


def test_a_weak_secret_is_no_finding_in_development(tmp_path: Path) -> None:
    assert webapp("check", DATABASE_URL=f"sqlite://{tmp_path / 'x.sqlite3'}", SECRET_KEY="changeme").returncode == 0


def test_a_clock_that_is_wrong_is_a_warning() -> None:
    assert clock_findings(100.0, 100.5, 101.0) == []
    assert clock_findings(100.0, 101.0 + SKEW, 101.0) == []
    (fast,) = clock_findings(100.0, 160.0, 101.0)
    (slow,) = clock_findings(100.0, 40.0, 101.0)
    assert "59 s ahead of" in fast.text
    assert "60 s behind" in slow.text
    assert (fast.fatal, slow.fatal) == (False, False)


def test_a_redis_with_a_certificate_of_its_own_is_an_error_with_the_setting(
    postgres: PostgresServer, migrated: str, secure_redis: RedisServer
) -> None:
    env = {"DATABASE_URL": postgres.url(postgres.create_database(migrated)), "REDIS_URL": secure_redis.url}
    done = webapp("check", **env)
    assert done.returncode == 1
    assert "REDIS_TLS_VERIFY=off" in said(done)[0]
    assert webapp("check", **env, REDIS_TLS_VERIFY="off").returncode == 0


def test_a_redis_that_is_away_is_a_warning(postgres: PostgresServer, migrated: str) -> None:
    url = postgres.url(postgres.create_database(migrated))
    done = webapp("check", DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1")
    assert done.returncode == 0
    assert said(done)[0].startswith("warning: The Redis cannot be reached")


def test_missing_browser_libraries_are_an_error(tmp_path: Path) -> None:
    (found,) = check_libraries(tmp_path)
    assert found.fatal


async def test_a_check_changes_no_row(tmp_path: Path) -> None:
    file = tmp_path / "same.sqlite3"
    assert webapp("migrate", DATABASE_URL=f"sqlite://{file}").returncode == 0
    assert await check_all({"DATABASE_URL": f"sqlite://{file}", "SECRET_KEY": KEY}, data=tmp_path) == []
    with closing(sqlite3.connect(file)) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("room", "live_change")]
    assert counts == [(0,), (0,)]
