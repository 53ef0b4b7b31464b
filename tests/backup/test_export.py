"""A room's messages as lines of JSON, and as one page that needs no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import Done, webapp
from tests.support.database_shell import shell


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with 2,500 messages in a room, and one in another."""
    file = tmp_path / "webapp.sqlite3"
    assert webapp("migrate", DATABASE_URL=f"sqlite://{file}").returncode == 0
    shell(
        file,
        """
        INSERT INTO room (id, name, label) VALUES (1, 'Tea & <b>', 'tea'), (2, 'Other', 'other'), (3, 'Quiet', 'quiet');
        INSERT INTO message (room_id, handle, message) VALUES (2, 'bob', 'elsewhere');
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2499)
        INSERT INTO message (room_id, handle, message) SELECT 1, 'ann', 'word ' || i FROM n;
        INSERT INTO message (room_id, handle, message)
        VALUES (1, 'ann', '<script>alert(1)</script>' || char(10) || 'é https://a.example/');
        """,
    )
    return f"sqlite://{file}"


def exported(url: str, *arguments: str) -> Done:
    return webapp("export", *arguments, DATABASE_URL=url, PYTHONUTF8="1")


def test_every_message_is_a_line_of_json_in_its_order(url: str) -> None:
    done = exported(url, "Tea")
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["message"] for each in said[:-1]] == [f"word {number}" for number in range(1, 2500)]
    assert said[-1].keys() == {"id", "at", "handle", "message"}
    assert said[-1]["message"] == "<script>alert(1)</script>\né https://a.example/"
    assert said[-1]["at"].endswith("+00:00")


def test_the_page_has_every_message_and_asks_no_server_for_anything(url: str) -> None:
    done = exported(url, "tea", "--html")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("<li>") == 2500
    assert "<h1>Tea &amp; &lt;b&gt;</h1>" in done.stdout
    assert "<script" not in done.stdout
    assert "elsewhere" not in done.stdout
    assert "src=" not in done.stdout
    assert "<link" not in done.stdout


def test_an_empty_room_says_so(url: str) -> None:
    assert "Nothing was said here yet." in exported(url, "quiet", "--html").stdout
    assert exported(url, "quiet").stdout == ""


@pytest.mark.parametrize("label", ["nowhere", "", "a b", "'; DROP TABLE room; --"])
def test_a_room_that_is_not_there_is_told_in_one_line(url: str, label: str) -> None:
    done = exported(url, label)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "there is no room" in line
