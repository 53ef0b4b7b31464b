"""DATABASE_URL and BROADCAST_URL as platforms and people write them: honoured, named, or refused in one line."""

from __future__ import annotations

import os
import sqlite3
import ssl
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.app_server import ROOT, SERVE, AppServer
from tests.support.commands import webapp
from tests.support.postgres_server import PostgresServer
from webapp.db import tortoise_config
from webapp.live.database import PostgresURL, UnusablePostgresURL
from webapp.live.database.migration_lock import migrating
from webapp.live.database.service_urls import SqliteURL
from webapp.live.database.sqlite_file import keep_private
from webapp.settings import Settings, SettingsError

KEY = {"SECRET_KEY": "a secret that only tests know"}

PLACES = [
    ("postgres://ann:p%40ss%2Fw%23%3F@db.example:6000/chat", (["db.example"], [6000], "ann", "p@ss/w#?", "chat")),
    ("postgresql://ann:p@ss#w@db.example/chat", (["db.example"], [5432], "ann", "p@ss#w", "chat")),
    ("postgresql+asyncpg://ann@[::1]:6000/chat", (["::1"], [6000], "ann", None, "chat")),
    ("POSTGRES://ann@one:1,two,[::2]:3/chat", (["one", "two", "::2"], [1, 5432, 3], "ann", None, "chat")),
    ("postgres://ann@one,two/chat?port=6000", (["one", "two"], [6000, 6000], "ann", None, "chat")),
    ("postgres:///chat?host=/var/run/postgresql&user=ann", (["/var/run/postgresql"], [5432], "ann", None, "chat")),
    ("postgres://%2Fvar%2Frun%2Fpostgresql/chat", (["/var/run/postgresql"], [5432], None, None, "chat")),
    ("postgres://db/?dbname=chat%20room&password=x", (["db"], [5432], None, "x", "chat room")),
    ("postgres://ann:%E2%98%83@db/ch%C3%A4t", (["db"], [5432], "ann", "☃", "chät")),
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_a_place_is_read_as_it_was_meant(text: str, place: tuple[object, ...]) -> None:
    found = PostgresURL.parse(text)
    got = tuple(found.connecting.get(name) for name in ("host", "port", "user", "password", "database"))
    assert got == place
    assert found.ignored == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sslmode=require", {"dsn": "postgres://?sslmode=require"}),
        ("sslmode=no-verify", {"dsn": "postgres://?sslmode=require"}),
        ("ssl=true", {"dsn": "postgres://?sslmode=require"}),
        ("ssl=false", {"dsn": "postgres://?sslmode=disable"}),
        ("connect_timeout=3", {"timeout": 3.0}),
        ("connect_timeout=0", {"timeout": 5.0}),
        ("statement_cache_size=0", {"statement_cache_size": 0}),
        ("prepared_statement_cache_size=7", {"statement_cache_size": 7}),
        ("prepareThreshold=0", {"statement_cache_size": 0}),
        ("application_name=chat", {"server_settings": {"application_name": "chat"}}),
        ("options=-c%20search_path%3Dx", {"server_settings": {"options": "-c search_path=x"}}),
        ("options=endpoint%3Dep-shy-moon", {"server_settings": {"options": "endpoint=ep-shy-moon"}}),
        ("schema=rooms", {"server_settings": {"search_path": "rooms"}}),
        ("schema=public", {"server_settings": {}}),
        ("statement_timeout=3000", {"server_settings": {"statement_timeout": "3000"}}),
        ("target_session_attrs=read-write", {"target_session_attrs": "read-write"}),
        ("sslmode=&application_name=", {"server_settings": {}}),
    ],
)
def test_what_is_known_is_honoured(query: str, expected: dict[str, object]) -> None:
    found = PostgresURL.parse(f"postgres://db/chat?{query}")
    assert {name: found.connecting[name] for name in expected} == expected
    assert found.ignored == ()


def test_pooling_and_limits_are_honoured_and_the_rest_is_named() -> None:
    found = PostgresURL.parse(
        "postgres://db/chat?pgbouncer=true&connection_limit=3&sslmode=require&channel_binding=require"
        "&pool_timeout=5&keepalives=1&gssencmode=disable&whatever"
    )
    assert (found.pooled, found.limit) == (True, 3)
    assert found.ignored == ("channel_binding", "gssencmode", "keepalives", "pool_timeout")


def test_the_systems_certificates_are_checked_where_that_is_asked_for() -> None:
    context = PostgresURL.parse("postgres://db/chat?sslmode=verify-full&sslrootcert=system").connecting["ssl"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


REFUSED = [
    *("postgres://db:http/chat", "postgres://db:0/chat", "postgres://db:70000/chat", "postgres://a:1,b:2/x?port=1,2,3"),
    *("postgres://ann:hu/sh@db/chat", "postgres://ann:hu?sh@db/chat", "postgres://[::1/chat", "postgres://d%00b/chat"),
    *("postgres://db/chat?sslmode=please", "postgres://db/chat?connect_timeout=soon", "postgres://db/?ssl=perhaps"),
    *("postgres://db/chat?sslrootcert=/no/such/file", "postgres://db/chat?sslmode=require&sslrootcert=system"),
    *("postgres://db/chat?require_auth=scram-sha-256", "postgres://db/chat?target_session_attrs=read-only"),
    *("postgres://db/chat?gssencmode=require", "postgres://db/chat?sslaccept=strict", "postgres://db/?pgbouncer=x"),
    *("postgres://db/chat?schema=rooms&pgbouncer=true", "postgres://db/chat?connection_limit=0", "postgres://"),
    *("postgres://db/chat?statement_cache_size=-1",),
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_line_without_the_password(url: str, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "BROADCAST_URL"):
        with pytest.raises(SettingsError) as caught:
            Settings.from_env({**KEY, "DATABASE_URL": "postgres://db/chat", name: url}, data=tmp_path)
        told = str(caught.value)
        assert told.startswith(f"{name}=postgres://")
        assert "\n" not in told
        assert "hu" not in told


@given(st.text(), st.sampled_from(["postgres://", "postgres://ann:pw@db:5432/chat?", "postgres://db/x?sslmode=", ""]))
def test_any_url_is_read_or_refused_in_one_line(text: str, start: str) -> None:
    with suppress(UnusablePostgresURL):
        PostgresURL.parse(start + text)
    told = []
    for name in ("DATABASE_URL", "BROADCAST_URL", "REDIS_URL"):
        try:
            Settings.from_env({**KEY, name: start + text}, data=Path("unused"), serving=False)
        except SettingsError as error:
            told.append(str(error))
    assert all(len(line.splitlines()) == 1 for line in told)


async def test_the_same_url_does_for_the_lock_the_pool_and_the_relay(postgres: PostgresServer, tmp_path: Path) -> None:
    name = postgres.create_database()
    url = f"{postgres.url(name)}?sslmode=prefer&channel_binding=prefer&application_name=everywhere&connect_timeout=9"
    done = webapp("migrate", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "ignoring" in line and "channel_binding" in line]
    assert "Traceback" not in done.stderr
    url = PostgresURL.parse(url)  # type: ignore[assignment]
    connection = await asyncpg.connect(**url.connecting)  # type: ignore[attr-defined]
    try:
        assert await connection.fetchval("SHOW application_name") == "everywhere"
    finally:
        await connection.close()


def test_a_server_without_tls_is_told_in_one_line_where_tls_is_required(postgres: PostgresServer) -> None:
    for mode in ("require", "verify-full&sslrootcert=system"):
        done = webapp("migrate", DATABASE_URL=f"{postgres.url('postgres')}?sslmode={mode}")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "SSL" in line


NAMES = ["plain", "what?", "a?b=c d", "sharp#1", "100%", "a%20b", "ünï cödé", "☃", "a&b;c", "semi:colon", "two  spaces"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoded", [True, False], ids=["encoded", "as it is"])
async def test_the_file_that_was_meant_is_opened_and_belongs_to_its_owner(
    name: str, encoded: bool, tmp_path: Path
) -> None:
    path = tmp_path / "folder" / f"{name}.sqlite3"
    if not encoded and "%20" in name:
        # As it is, it could be meant either way; a file that is there decides.
        path.parent.mkdir(mode=0o700)
        path.touch(mode=0o600)
    text = quote(str(path)) if encoded else str(path)
    url = Settings.from_env({**KEY, "DATABASE_URL": f"sqlite://{text}"}, data=tmp_path).database_url
    assert tortoise_config(url)["connections"]["default"]["credentials"]["file_path"] == str(path)
    async with migrating(url):
        assert {file.name for file in path.parent.iterdir()} == {path.name, f"{path.name}.migrate-lock"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in [path.parent, *path.parent.iterdir()])


def test_what_the_commands_make_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "new" / "odd #1 ?.sqlite3"
    with AppServer(tmp_path / "server", database=path) as server:
        assert httpx.post(f"{server.url}/new/").status_code == 303
        made = list(path.parent.iterdir())
        assert {file.name for file in made} >= {path.name, f"{path.name}-wal"}
        assert all(file.stat().st_mode & 0o077 == 0 for file in [path.parent, *made])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM room").fetchone() == (1,)


def test_the_folder_of_our_own_is_closed_and_anothers_is_only_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, path = tmp_path / "data", tmp_path / "data" / "x.sqlite3"
    for own in (False, True):
        folder.mkdir(mode=0o755, exist_ok=True)
        path.touch(mode=0o644)
        keep_private(path, folder if own else tmp_path)
        assert (path.stat().st_mode & 0o077 == 0) is (folder.stat().st_mode & 0o077 == 0) is own
    (line,) = caplog.messages
    assert "chmod 600" in line


def test_a_path_without_a_scheme_and_a_relative_one_are_files_too(tmp_path: Path) -> None:
    for text, expected in (
        (f"{tmp_path}/a%20?b.db", f"{tmp_path}/a%20?b.db"),
        ("sqlite://data/x.db", "data/x.db"),
        ("sqlite:////srv/x.db?busy_timeout=5", "//srv/x.db"),
        ("'sqlite://x.db'", "x.db"),
    ):
        url = Settings.from_env({**KEY, "DATABASE_URL": text}, data=tmp_path).database_url
        assert SqliteURL.parse(url).path == Path(expected)


def test_options_of_a_file_are_honoured_or_named(tmp_path: Path) -> None:
    found = SqliteURL.parse("sqlite:///x.db?synchronous=NORMAL&check_same_thread=false&busy_timeout=1")
    assert found.path == Path("/x.db")
    assert found.pragmas == {"synchronous": "NORMAL", "busy_timeout": "1"}
    assert found.ignored == ("check_same_thread",)
    done = webapp("migrate", DATABASE_URL=f"sqlite://{tmp_path}/x.db?uri=true")
    assert done.returncode == 0
    assert "DATABASE_URL: ignoring what has no effect here: uri" in done.stderr


@pytest.mark.parametrize("place", ["folder", "folder/", "file/x.db", "locked/x.db", "locked/deeper/x.db", "x" * 300])
def test_a_file_that_cannot_be_is_refused_in_one_line(place: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    # Nobody can create anything there, root included.
    locked = "/proc/locked" if place.startswith("locked") else str(tmp_path)
    done = webapp("migrate", DATABASE_URL=f"sqlite://{locked}/{place}")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "DATABASE_URL" in line


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, and long enough to be taken for one" * 30)
    done = webapp("migrate", DATABASE_URL=f"sqlite://{tmp_path}/x.db")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "not a database" in line


@pytest.mark.parametrize(
    "key",
    [None, "", " ", "x", "secret", "changeme-changeme", "your-secret-key-here", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
)
def test_on_postgresql_a_secret_that_is_missing_or_weak_is_refused(key: str | None, tmp_path: Path) -> None:
    env = {"DATABASE_URL": "postgres://db/chat"} | ({} if key is None else {"SECRET_KEY": key})
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_env(env, data=tmp_path)
    assert not list(tmp_path.iterdir())
    # What migrates signs nothing.
    assert Settings.from_env(env, data=tmp_path, serving=False).secret_key == ""


def test_serving_without_a_secret_on_postgresql_ends_with_one_line(postgres: PostgresServer, migrated: str) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": postgres.url(migrated), "PORT": "0"}
    done = subprocess.run(SERVE, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "SECRET_KEY" in line


@given(st.binary(min_size=16, max_size=32))
def test_a_random_secret_is_never_called_weak(key: bytes) -> None:
    if len(set(key.hex())) >= 10:
        Settings.from_env({"DATABASE_URL": "postgres://db/x", "SECRET_KEY": key.hex()}, data=Path("unused"))
