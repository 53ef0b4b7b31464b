"""The environment: a wrong value stops the start with one clear line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import ROOT, SERVE
from webapp.settings import Settings, SettingsError

WRONG = [
    *(("PORT", "http"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "٣"), ("PORT", "8000.0")),
    *(("WEB_CONCURRENCY", "0"), ("WEB_CONCURRENCY", "2"), ("WEB_CONCURRENCY", "many")),
    *(("RATE_LIMIT", "often"), ("RATE_LIMIT", "10/5 parsecs"), ("RATE_LIMIT", "-1/second")),
    *(("DATABASE_URL", "mysql://root@localhost/x"), ("DATABASE_URL", "sqlite://")),
    *(("BROADCAST_URL", "carrier-pigeon://coop"), ("BROADCAST_URL", "memory")),
    *(("MAX_CONNECTIONS", "-1"), ("MAX_CONNECTIONS", "many"), ("MAX_CONNECTIONS_PER_ADDRESS", "1e3")),
    ("RELOAD_TEMPLATES", "perhaps"),
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
    done = subprocess.run(SERVE, env=env, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert name in done.stderr
    assert "secret" not in done.stderr


@given(st.dictionaries(st.sampled_from([name for name, _ in WRONG] + ["HOST", "ALLOWED_ORIGINS"]), st.text()))
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
