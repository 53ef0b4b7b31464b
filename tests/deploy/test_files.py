"""The files that platforms read say the same as the app, and nginx takes its example."""

from __future__ import annotations

import configparser
import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_server import ROOT
from tests.support.patience import PATIENCE
from webapp.settings import Settings

KEY = "a secret that only tests know"


def procfile() -> dict[str, str]:
    """The lines of the Procfile by the names of their processes."""
    return dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def parsed_yaml(name: str) -> Any:
    """A file of the checkout, read as YAML. djlint brings the library, which has no types."""
    return importlib.import_module("yaml").safe_load((ROOT / name).read_text())


def known_settings() -> set[str]:
    """The variables that the settings' page explains."""
    return set(re.findall(r"`([A-Z][A-Z_]{3,})`", (ROOT / "docs" / "settings.md").read_text()))


def test_the_python_is_one_that_the_project_and_the_image_take() -> None:
    version = (ROOT / ".python-version").read_text().strip()
    assert re.fullmatch(r"3\.\d+", version), "a platform takes the newest patch release of this"
    images = re.findall(r"^FROM python:(\S+)-slim", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert images == [version, version]


def test_heroku_is_given_a_secret_a_database_and_a_relay() -> None:
    app = json.loads((ROOT / "app.json").read_text())
    assert app["env"]["SECRET_KEY"]["generator"] == "secret"
    assert app["env"]["REDIS_TLS_VERIFY"]["value"] == "off"
    assert {addon["plan"].partition(":")[0] for addon in app["addons"]} == {"heroku-postgresql", "heroku-redis"}
    assert app["env"].keys() <= known_settings()
    assert app["formation"].keys() <= procfile().keys()


def test_dokku_looks_whether_the_new_process_is_healthy() -> None:
    (check,) = json.loads((ROOT / "app.json").read_text())["healthchecks"]["web"]
    # Dokku asks before it sends visitors to a new process, and never again.
    assert (check["type"], check["path"]) == ("startup", "/readyz")


def test_what_restarts_processes_asks_whether_they_are_alive_and_what_waits_for_them_whether_they_are_ready() -> None:
    assert parsed_yaml("render.yaml")["services"][0]["healthCheckPath"] == "/livez"
    (image,) = re.findall(r"^HEALTHCHECK .*\\\n.*CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert "/livez" in image
    services = parsed_yaml("compose.yaml")["services"]
    assert "/readyz" in services["web"]["healthcheck"]["test"][-1]
    for name in ("release", "worker"):
        assert services[name]["healthcheck"] == {"disable": True}, "nothing listens there, and the image has a check"
    for name in ("nginx.conf", "Caddyfile"):
        assert "readyz" not in (ROOT / "deploy" / name).read_text()


def test_the_plan_of_app_json_holds_two_web_dynos_and_a_worker_twice() -> None:
    env = json.loads((ROOT / "app.json").read_text())["env"]
    pool, processes = (int(env[name]["value"]) for name in ("DATABASE_POOL", "WEB_CONCURRENCY"))
    # `work` opens one, and `release:` two at most; a deploy has old and new processes at once.
    assert 2 * (2 * processes * pool + 1) + 2 <= 20 - 3


def test_render_does_what_the_procfile_says() -> None:
    blueprint = parsed_yaml("render.yaml")
    web, relay = blueprint["services"]
    (database,) = blueprint["databases"]
    assert web["preDeployCommand"] == procfile()["release"]
    assert web["startCommand"] == procfile()["web"]
    variables = {variable["key"]: variable for variable in web["envVars"]}
    assert variables.keys() <= known_settings()
    assert variables["DATABASE_URL"]["fromDatabase"]["name"] == database["name"]
    assert variables["REDIS_URL"]["fromService"]["name"] == relay["name"]
    assert variables["SECRET_KEY"]["generateValue"] is True


def test_the_image_is_built_of_files_that_are_there_and_not_ignored_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for name in line.split()]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"webapp", "templates", "static", "browser", "hatch_build.py"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name
    last = text.rpartition("FROM ")[2]
    assert re.search(r"^USER app$", last, re.MULTILINE)
    assert json.loads(re.findall(r"^CMD (.+)$", last, re.MULTILINE)[-1]) == procfile()["web"].split()


def test_compose_migrates_before_it_serves_with_settings_that_the_app_takes() -> None:
    services = parsed_yaml("compose.yaml")["services"]
    assert services["release"]["command"][-1] == procfile()["release"]
    assert services["worker"]["command"] == procfile()["worker"].split()
    assert services["web"]["depends_on"]["release"]["condition"] == "service_completed_successfully"
    environment = {
        name: re.sub(r"\$\{\w+(:[-?][^}]*)?\}", lambda found: KEY if ":?" in found[0] else "", value)
        for name, value in services["web"]["environment"].items()
    }
    assert environment.keys() <= known_settings()
    settings = Settings.from_env({**environment, "PORT": "8000"})
    assert settings.broadcast_url == "redis://redis"
    assert settings.database_url.startswith("postgres://chat:")


def test_the_unit_runs_the_procfiles_commands() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    text = (ROOT / "deploy" / "haiku-rooms.service").read_text()
    unit.read_string(text)
    started = re.findall(r"^ExecStart(?:Pre)?=\S+/\.venv/bin/(.+)$", text, re.MULTILINE)
    assert started == [*procfile()["release"].split(" && "), procfile()["web"]]
    variables = dict(
        part.split("=", 1) for line in re.findall(r"^Environment=(.+)$", text, re.MULTILINE) for part in line.split()
    )
    assert Settings.from_env({**variables, "SECRET_KEY": KEY}, data=Path("unused")).port == 8000


def test_nginx_takes_its_example(tmp_path: Path) -> None:
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=chat.example.com",
            ),
            *("-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
    example = (ROOT / "deploy" / "nginx.conf").read_text()
    (tmp_path / "example.conf").write_text(example.replace("/etc/letsencrypt/live/chat.example.com", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(
        f"events {{}}\npid {tmp_path}/pid;\nhttp {{ include {tmp_path}/example.conf; }}"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    done = subprocess.run(
        [program, "-t", "-e", str(tmp_path / "log"), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxys_example_leads_to_the_units_port(name: str) -> None:
    assert "127.0.0.1:8000" in (ROOT / "deploy" / name).read_text()
