"""docs/engine.md runs as it stands, from the installed wheel, in a folder that has nothing of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect
from websockets.sync.client import ClientConnection, connect

from tests.support.database_shell import shell
from tests.support.patience import PATIENCE, eventually_blocking
from tests.support.ports import ServerFailed
from tests.support.postgres_server import PostgresServer
from tests.support.project_copy import blocks, follow
from tests.support.redis_server import RedisServer
from tests.support.window import Window
from tests.wheel.environment import Environment, InstalledServer

DOCUMENT = "engine.md"
MIGRATE = ("python", "-m", "webapp.live", "migrate", "app:live")


class Example(NamedTuple):
    """The document's app while it runs. write: runs SQL as another program does."""

    server: InstalledServer
    write: Callable[[str], object]


def folder_of(parent: Path, *, changed: bool = False) -> Path:
    """A folder with the document's files alone; `changed` as it says for PostgreSQL."""
    folder = parent / "example"
    folder.mkdir()
    follow(folder, [block for block in blocks(DOCUMENT) if changed or block.language != "diff"])
    return folder


def serving(
    environment: Environment, folder: Path, env: dict[str, str] | None = None, *options: str
) -> InstalledServer:
    """`uvicorn app:app` in that folder, to be started."""
    command = (environment.program("uvicorn"), "app:app", *options)
    return InstalledServer(folder.parent / "server", env, command=command, root=folder, health="/todos/")


@pytest.fixture(scope="module", params=["sqlite", "postgres+redis"])
def example(
    request: pytest.FixtureRequest, environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Example]:
    """The app in two processes, on each pair of services that the document names."""
    outer = tmp_path_factory.mktemp("engine")
    env: dict[str, str] = {}
    if request.param == "sqlite":
        folder = folder_of(outer)
        write: Callable[[str], object] = lambda sql: shell(folder / "todos.sqlite3", sql)  # noqa: E731
    else:
        folder = folder_of(outer, changed=True)
        postgres: PostgresServer = request.getfixturevalue("postgres")
        redis: RedisServer = request.getfixturevalue("redis")
        name = postgres.create_database()
        env = {
            "DATABASE_URL": postgres.url(name),
            "REDIS_URL": redis.url,
            "SECRET_KEY": "a secret that only tests know",
        }
        write = lambda sql: postgres.query(name, sql)  # noqa: E731
        done = environment.run(*MIGRATE, folder=folder, env=env)
        assert done.returncode == 0, done.stdout
    with serving(environment, folder, env, "--workers", "2") as server:
        # The first one answers while the second still starts.
        eventually_blocking(lambda: server.log().count("Application startup complete") == 2, server.log)
        yield Example(server, write)
    server.check()


@pytest.fixture
def todos(example: Example) -> Example:
    """The same, with an empty list."""
    example.write("DELETE FROM todo")
    return example


def opened(window: Window, example: Example) -> tuple[Page, WebSocket]:
    """The list in that window, and its socket."""
    window.allow("favicon.ico")
    with window.page.expect_websocket() as socket:
        window.page.goto(f"{example.server.url}/todos/")
    return window.page, socket.value


def row(page: Page, text: str) -> Locator:
    """The row that says `text`."""
    return page.get_by_role("listitem").filter(has_text=text)


@contextmanager
def joined(server: InstalledServer) -> Iterator[ClientConnection]:
    """A bot's connection that has caught up."""
    url = f"{server.ws_url}/todos/live"
    with connect(url, subprotocols=["binding.json"]) as connection:  # type: ignore[list-item]
        connection.send('{"action": "resume", "seq": 0}')
        while "resumed" not in str(connection.recv(timeout=PATIENCE)):
            pass
        yield connection


def process_of(connection: ClientConnection, server: InstalledServer) -> int:
    """The id of the server's process that has the other end of this connection."""
    ends = [f"{port:04X}" for port in (server.port, connection.local_address[1])]
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = (line[9] for line in lines if [end.rpartition(":")[2] for end in line[1:3]] == ends)
    for pid in re.findall(r"Started server process \[(\d+)\]", server.log()):
        held = (path.readlink() for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink())
        if f"socket:[{inode}]" in map(str, held):
            return int(pid)
    raise AssertionError("no process of the server has it")


def test_two_windows_follow_a_form_a_button_and_another_program(todos: Example, window: Callable[..., Window]) -> None:
    (ann, socket), (bob, _) = opened(window(), todos), opened(window(), todos)
    bob.get_by_label("What is to be done?").fill("Buy milk")
    with bob.expect_websocket():
        bob.get_by_role("button", name="Add").click()
    expect(row(ann, "○ Buy milk")).to_be_visible()
    with socket.expect_event("framesent", lambda frame: '"update"' in str(frame)):
        row(ann, "Buy milk").get_by_role("button", name="Done", exact=True).click()
    for page in (ann, bob):
        expect(row(page, "✓ Buy milk")).to_be_visible()
    todos.write("INSERT INTO todo (title) VALUES ('Water the plants')")
    for page in (ann, bob):
        expect(row(page, "○ Water the plants")).to_be_visible()


def test_a_change_that_one_process_makes_is_told_by_the_other(todos: Example) -> None:
    with ExitStack() as stack:
        readers: dict[int, ClientConnection] = {}
        for _ in range(200):
            reader = stack.enter_context(joined(todos.server))
            readers.setdefault(process_of(reader, todos.server), reader)
            if len(readers) == 2:
                break
        assert len(readers) == 2, "one process took all connections"
        (one, other) = readers.values()
        create = {"action": "create", "data": {"title": "Buy milk"}}
        one.send(json.dumps({"stream": "todo", "payload": create, "id": 1}))
        for reader in (one, other):
            while "Buy milk" not in (told := str(reader.recv(timeout=PATIENCE))):
                pass
            assert json.loads(told)["payload"]["action"] == "create"


def test_without_its_tables_on_postgresql_the_start_is_refused_with_the_command(
    environment: Environment, postgres: PostgresServer, tmp_path: Path
) -> None:
    env = {"DATABASE_URL": postgres.url(postgres.create_database()), "SECRET_KEY": "a secret that only tests know"}
    said = "the database is not up to date: run `python -m webapp.live migrate MODULE:NAME`, such as app:live."
    with pytest.raises(ServerFailed) as failed:
        serving(environment, folder_of(tmp_path, changed=True), env).start()
    assert said in str(failed.value)


def test_a_template_of_the_apps_own_replaces_the_engines_and_the_rest_stays(
    environment: Environment, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path)
    (folder / "templates" / "live").mkdir()
    (folder / "templates" / "live" / "_refusal.html").write_text("So nicht: {{ refusal.reason }}.")
    with serving(environment, folder) as server:
        answer = httpx.post(f"{server.url}/todos/", data={"action": "create", "title": "x" * 101})
        assert answer.status_code == 422
        assert "So nicht: invalid." in answer.text
        # What the folder does not have itself comes from the engine still.
        assert 'id="banner"' in answer.text
    server.check()
