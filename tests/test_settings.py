"""The environment: a wrong value stops the start with one clear line."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.app_server import ROOT, SERVE
from tests.support.patience import PATIENCE
from webapp.settings import Settings, SettingsError

WRONG = [
    *(("PORT", "http"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "٣"), ("PORT", "8000.0")),
    *(("WEB_CONCURRENCY", "0"), ("WEB_CONCURRENCY", "2"), ("WEB_CONCURRENCY", "many")),
    *(("RATE_LIMIT", "often"), ("RATE_LIMIT", "10/5 parsecs"), ("RATE_LIMIT", "-1/second")),
    *(("DATABASE_URL", "mysql://root@localhost/x"), ("DATABASE_URL", "sqlite://")),
    *(("BROADCAST_URL", "carrier-pigeon://coop"), ("BROADCAST_URL", "memory")),
    *(("MAX_CONNECTIONS", "-1"), ("MAX_CONNECTIONS", "many"), ("MAX_CONNECTIONS_PER_ADDRESS", "1e3")),
    *(("RELOAD_TEMPLATES", "perhaps"), ("DEVELOPMENT", "perhaps")),
    *(("THEME", "no such theme"), ("THEME", "/etc/passwd"), ("THEME", "a" * 5000)),
    *(("TASKS", "sometimes"), ("ROOM_TTL_DAYS", "a year"), ("MESSAGE_TTL_DAYS", "-1")),
    *(("FORWARDED_ALLOW_IPS", "proxy.example"), ("FORWARDED_ALLOW_IPS", "10.0.0.0/33"), ("DATABASE_POOL", "0")),
    *(("ALLOWED_ORIGINS", "chat.example"), ("ALLOWED_ORIGINS", "https://a.example/path"), ("ALLOWED_ORIGINS", "*")),
    *(("ALLOWED_HOSTS", "a.example:80"), ("ALLOWED_HOSTS", "https://a.example"), ("ALLOWED_HOSTS", "*.*.example")),
    *(("ROOT_PATH", "/chat"), ("SCRIPT_NAME", "/chat"), ("UVICORN_ROOT_PATH", "chat"), ("HOST", "not a host")),
    *(("REDIS_URL", "redis://:x@h:port/0"), ("REDIS_URL", "rediss://["), ("RATE_LIMIT", "1/999999999 years")),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_in_one_line(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value, "SECRET_KEY": "x"}, data=tmp_path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PORT", "http"), ("RATE_LIMIT", "often"), ("DATABASE_URL", "mysql://root:secret@localhost/x")),
        ("ALLOWED_HOSTS", "foo*bar"),
    ],
)
def test_serve_ends_with_status_2_and_one_line(name: str, value: str, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SECRET_KEY": "x", "PORT": "0", "HOST": "127.0.0.1"}
    env |= {"DATABASE_URL": f"sqlite://{tmp_path / 'x.sqlite3'}", name: value}
    done = subprocess.run(SERVE, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert name in done.stderr
    assert "secret" not in done.stderr


@given(st.dictionaries(st.sampled_from([name for name, _ in WRONG] + ["REDIS_TLS_VERIFY", "DYNO"]), st.text()))
def test_any_environment_gives_settings_or_a_clear_error(environ: dict[str, str]) -> None:
    try:
        settings = Settings.from_env({**environ, "SECRET_KEY": "x"}, data=Path("unused"))
    except SettingsError as error:
        told = str(error)
    else:
        told = "" if 0 <= settings.port <= 65535 else "a wrong port"
    assert not told or any(name in told for name in environ)


def test_the_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    first = Settings.from_env({}, data=tmp_path).secret_key
    assert len(first) >= 32
    assert Settings.from_env({}, data=tmp_path).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_secret_that_another_start_is_still_writing_is_never_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(SettingsError, match="secret_key"):
        Settings.from_env({}, data=tmp_path)


@pytest.mark.parametrize(
    ("environ", "trusted"),
    [
        ({}, ("127.0.0.1", "::1")),
        ({"PORT": "80"}, ("127.0.0.1", "::1")),
        ({"DYNO": "web.1"}, ("*",)),
        ({"DYNO": "web.1", "FORWARDED_ALLOW_IPS": "10.0.0.0/8, ::1"}, ("10.0.0.0/8", "::1")),
    ],
)
def test_a_proxy_is_trusted_on_this_machine_and_on_a_platform(
    environ: dict[str, str], trusted: tuple[str, ...], tmp_path: Path
) -> None:
    assert Settings.from_env(environ, data=tmp_path).trusted_proxies == trusted


@pytest.mark.parametrize("workers", range(1, 8))
@pytest.mark.parametrize("broadcast", ["", "redis://127.0.0.1"])
def test_all_processes_together_leave_room_on_a_plan_of_twenty_connections(workers: int, broadcast: str) -> None:
    environ = {"DATABASE_URL": "postgres://db/chat", "BROADCAST_URL": broadcast, "WEB_CONCURRENCY": str(workers)}
    settings = Settings.from_env({**environ, "SECRET_KEY": "a secret that only tests know"}, data=Path("unused"))
    relay = 0 if broadcast else 1
    # Three are kept for administrators, and a migration takes two.
    assert workers * (settings.database_pool + relay) <= 20 - 3 - 2


def test_an_empty_path_is_no_subpath(tmp_path: Path) -> None:
    assert Settings.from_env({"ROOT_PATH": "/", "SCRIPT_NAME": ""}, data=tmp_path).port == 8000


@pytest.mark.parametrize("folder", ["file", "file/deeper", "/proc/none"])
def test_a_secret_that_cannot_be_kept_is_told_in_one_line(folder: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_env({}, data=tmp_path / folder)


def test_names_of_any_script_are_compared_as_browsers_write_them(tmp_path: Path) -> None:
    environ = {"ALLOWED_HOSTS": "bücher.example,*.гном.example", "ALLOWED_ORIGINS": "HTTPS://Bücher.example:443/"}
    settings = Settings.from_env(environ, data=tmp_path)
    assert settings.allowed_hosts == ("xn--bcher-kva.example", "*.xn--c1asce.example")
    assert settings.allowed_origins == ("https://xn--bcher-kva.example",)


def test_every_variable_that_is_read_is_in_the_documents_table() -> None:
    read = {
        name
        for module in ("settings.py", "environment.py", "live/database/service_urls.py")
        for name in re.findall(r'"([A-Z][A-Z_]{3,})"', (ROOT / "webapp" / module).read_text(encoding="utf-8"))
    }
    shown = set(re.findall(r"`([A-Z][A-Z_]{3,})`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    assert read - {"DATA", "UVICORN_ROOT_PATH"} <= shown
