"""The to-do list of docs/binding.md does what the document says, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from itsdangerous import URLSafeSerializer
from websockets.exceptions import ConnectionClosed

from tests.docs.todo_page import TodoPage
from tests.support.app_server import AppServer
from tests.support.databases import Databases
from tests.support.project_copy import Copy

Write = Callable[[str], list[list[str]]]
"""Runs SQL as another program, and gives its rows."""


@pytest.fixture(scope="module")
def running(
    databases: Databases, project: Copy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Write]]:
    """Where the app answers, and another program on its database."""
    url = databases.empty()
    env = {"DATABASE_URL": url, "SECRET_KEY": "a secret that only tests know"}
    if databases.kind == "postgres":
        env["BROADCAST_URL"] = url
        project.run("python", "-m", "webapp", "migrate", **env)
    with AppServer(tmp_path_factory.mktemp("todos"), env, root=project.root) as server:
        yield server.url, lambda sql: databases.query(url, sql)
    server.check()


@pytest.fixture
def served(running: tuple[str, Write]) -> tuple[str, Write]:
    """The same, with empty lists."""
    for table in ("todo", "entry", "member"):
        running[1](f"DELETE FROM {table}")
    return running


def test_two_readers_follow_what_forms_and_buttons_do(served: tuple[str, Write]) -> None:
    url, _ = served
    with TodoPage(url) as ann, TodoPage(url) as bob:
        ann.post("create", title="  Buy milk ")
        bob.until(("Buy milk", False))
        (row,) = bob.rows()
        bob.press(row.pk, "update")
        for page in (ann, bob):
            page.until(("Buy milk", True))
        bob.press(row.pk, "update")
        ann.until(("Buy milk", False))
        ann.open(f"/todos/?edit={row.pk}")
        ann.post("update", title="Buy <b>oats</b>")
        bob.until(("Buy <b>oats</b>", False))
        bob.press(row.pk, "delete")
        for page in (ann, bob):
            page.until()
        assert bob.alerts == []


def test_everything_goes_over_the_socket_too(served: tuple[str, Write]) -> None:
    url, _ = served
    with TodoPage(url) as ann, TodoPage(url) as bob:
        ann.send({"stream": "todo", "action": "create", "title": "Buy milk"})
        bob.until(("Buy milk", False))
        (row,) = bob.rows()
        ann.send({"stream": "todo", "action": "update", "pk": row.pk, "title": "Buy oats"})
        bob.until(("Buy oats", False))
        ann.send({"stream": "todo", "action": "update", "pk": row.pk, "title": "x" * 101})
        ann.until_true(lambda: ann.text_of(f"todo-{row.pk}-problem"))
        assert "100" in ann.text_of(f"todo-{row.pk}-problem")
        ann.send({"stream": "todo", "action": "delete", "pk": row.pk})
        bob.until()


def test_without_scripts_the_same_forms_do_the_same(served: tuple[str, Write]) -> None:
    url, _ = served
    with TodoPage(url, live=False) as ann:
        ann.post("create", title="Buy milk")
        (row,) = ann.rows()
        ann.press(row.pk, "update")
        assert ann.rows() == [row._replace(done=True)]
        ann.open(f"/todos/?edit={row.pk}")
        ann.post("update", title="Buy oats")
        assert ann.rows() == [row._replace(title="Buy oats", done=True)]
        ann.press(row.pk, "delete")
        assert ann.rows() == []


def test_what_cannot_be_stored_is_given_back_with_the_reason(served: tuple[str, Write]) -> None:
    url, _ = served
    with TodoPage(url, live=False) as ann:
        ann.post("create", title="x" * 101)
        assert ann.status == 422
        assert ann.fields(ann._form("create"))["title"] == "x" * 101
        assert len(ann.alerts) == 1
        assert "100" in ann.alerts[0]
        ann.post("create", title=" ")
        assert (ann.status, len(ann.alerts)) == (422, 1)
        ann.post("create", title="Buy milk", id="77", done="perhaps")
        assert ann.status == 422
        ann.post("create", title="Buy milk", id="77")
        (row,) = ann.rows()
        assert row.pk != "77"


def test_a_title_that_somebody_changed_meanwhile_is_not_overwritten_unseen(served: tuple[str, Write]) -> None:
    url, _ = served
    with TodoPage(url, live=False) as ann, TodoPage(url, live=False) as bob:
        ann.post("create", title="Buy milk")
        (row,) = ann.rows()
        for page in (ann, bob):
            page.open(f"/todos/?edit={row.pk}")
        bob.post("update", title="Buy oats")
        ann.post("update", title="Buy rice")
        assert ann.status == 422
        assert "Buy oats" in ann.alerts[0]
        assert ann.fields(ann._form("update"))["title"] == "Buy rice"
        ann.post("update")
        assert [row.title for row in ann.rows()] == ["Buy rice"]


def test_a_refused_button_without_scripts_does_not_empty_the_title(served: tuple[str, Write]) -> None:
    url, _ = served
    with TodoPage(url, live=False) as ann:
        ann.post("create", title="Buy milk")
        (row,) = ann.rows()
        answer = ann.http.post("/todos/", data={"action": "update", "pk": row.pk, "done": "perhaps"})
        assert answer.status_code == 422
        assert 'value="Buy milk"' in answer.text


def test_what_another_program_writes_appears(served: tuple[str, Write]) -> None:
    url, write = served
    with TodoPage(url) as ann:
        write("INSERT INTO todo (title) VALUES ('Water the plants')")
        ann.until(("Water the plants", False))
        write("UPDATE todo SET done = TRUE")
        ann.until(("Water the plants", True))
        ann.disconnect()
        write("INSERT INTO todo (title, done) VALUES ('Rest', TRUE)")
        write("DELETE FROM todo WHERE title = 'Water the plants'")
        ann.reconnect()
        ann.until(("Rest", True))


def test_an_action_of_ones_own_and_a_hook(served: tuple[str, Write]) -> None:
    url, write = served
    with TodoPage(url, "/ticking/", name="ticking") as ann:
        write("INSERT INTO todo (title) VALUES " + ", ".join(f"('{number}')" for number in range(19)))
        ann.until(*((str(number), False) for number in range(19)))
        first = ann.rows()[0].pk
        ann.send({"stream": "ticking", "action": "tick", "pk": first})
        ann.until_true(lambda: ann.rows()[0].done)
        ann.send({"stream": "ticking", "action": "tick", "pk": first})
        ann.until_true(lambda: not ann.rows()[0].done)
        answers = [httpx.post(f"{url}/ticking/", data={"action": "create", "title": "one more"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 422]


def test_a_list_of_many_is_its_members_and_known_by_its_path(served: tuple[str, Write]) -> None:
    url, write = served
    with httpx.Client(base_url=url) as http:
        visitor = _id_of(http)
        assert http.get("/lists/7/").status_code == 403
        assert http.post("/lists/7/", data={"action": "create", "title": "x"}).status_code == 403
        for nonsense in ("x", "007", "-0", "99999999999", "9" * 5000):
            assert http.get(f"/lists/{nonsense}/").status_code == 404
        write(f"INSERT INTO member (list_id, visitor) VALUES (7, '{visitor}')")
        data = {"action": "create", "title": "Buy milk", "list_id": "8"}
        assert http.post("/lists/7/", data=data).headers["location"] == "/lists/7/"
        ((pk, *entry),) = write("SELECT id, list_id, title FROM entry")
        assert entry == ["7", "Buy milk"]
        assert http.post("/lists/7/", data={"action": "delete", "pk": pk}).status_code == 422
        write("UPDATE member SET owner = TRUE")
        assert http.post("/lists/7/", data={"action": "delete", "pk": pk}).status_code == 303
        assert write("SELECT count(*) FROM entry") == [["0"]]


def _id_of(http: httpx.Client) -> str:
    """The visitor's id, which its cookie carries."""
    http.get("/todos/")
    _, known = URLSafeSerializer("any").loads_unsafe(http.cookies["visitor"])
    return str(known["id"])


def test_who_is_no_member_any_more_has_its_socket_closed(served: tuple[str, Write]) -> None:
    url, write = served
    with TodoPage(url, "/lists/7/", live=False, name="entry") as ann:
        write(f"INSERT INTO member (list_id, visitor) VALUES (7, '{_id_of(ann.http)}')")
        ann.open("/lists/7/")
        ann.reconnect()
        write("INSERT INTO entry (list_id, title) VALUES (8, 'not hers'), (7, 'hers')")
        ann.until(("hers", False))
        write("DELETE FROM member")
        with pytest.raises(ConnectionClosed) as closed:
            ann.until_true(lambda: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
        assert ann.http.get("/lists/7/").status_code == 403
