"""Visitors get nothing of the live preview: no route, no element, no import."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from tests.support.app_server import ROOT, AppServer
from tests.support.patience import PATIENCE
from webapp.settings import Settings, SettingsError


@pytest.mark.parametrize("path", ["/", "/studio/", "/studio/messages", "/values/", "/no/such/page"])
def test_no_page_has_anything_of_it(server: AppServer, path: str) -> None:
    html = httpx.get(f"{server.url}{path}").text
    assert "</body>" in html
    assert "preview" not in html
    assert "morph" not in html


def test_there_are_no_routes(server: AppServer) -> None:
    assert httpx.post(f"{server.url}/design/preview/page").status_code == 404
    assert httpx.get(f"{server.url}/design/preview/live").status_code == 404


def test_a_process_of_a_deployment_does_not_import_it() -> None:
    code = (
        "import sys; from webapp.app import create_app; from webapp.settings import Settings;"
        "create_app(Settings('sqlite:///nowhere.sqlite3'));"
        "print(*(name for name in sys.modules if 'watchfiles' in name or 'design.preview' in name))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.strip() == ""


def test_a_platform_refuses_it() -> None:
    environ = {"DEVELOPMENT": "on", "DYNO": "web.1", "SECRET_KEY": "x", "DATABASE_URL": "postgres://h/d"}
    with pytest.raises(SettingsError, match="DEVELOPMENT=on where DYNO is set"):
        Settings.from_env(environ)
