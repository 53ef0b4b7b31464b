"""The SQL of the change log is what stands in `golden/`, for both databases.

`REWRITE_GOLDEN=1 python -m pytest tests/live/test_changes_sql.py` writes the files anew; their diff is what to review.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from difflib import unified_diff
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.databases import Database
from tests.support.things import BoardThings, PickedThings
from webapp.board.bindings import IntegerValueBinding
from webapp.chat.bindings import MessageBinding
from webapp.live.changelog import postgres_log, postgres_triggers, sqlite_log, sqlite_triggers
from webapp.live.changelog.watch import Reference, Watch
from webapp.live.database import unreadable_rows
from webapp.live.database.namespace import Namespace
from webapp.room_values.bindings import RoomValueBinding

GOLDEN = Path(__file__).with_name("golden")
REWRITE = "REWRITE_GOLDEN"

DIALECTS: dict[str, tuple[ModuleType, ModuleType]] = {
    "sqlite": (sqlite_log, sqlite_triggers),
    "postgres": (postgres_log, postgres_triggers),
}

SHELVED = Watch(
    stream="book",
    table="book",
    pk="isbn",
    columns=("title", "shelf", "owner_id"),
    group="house:{house}/shelf:{shelf}",
    only={"house": 7, "is_lent": False},
    unique=(("title", "shelf"),),
    references=(
        Reference("person", "id", "owner_id", is_kept=True, unique=(("name", "born"), ("mail",))),
        Reference("shelf", "number", "shelf", is_kept=False, unique=()),
    ),
)
"""Several columns decide the group and are unique together, and the rows have two kinds of parents."""

BINDINGS: dict[str, Callable[[], Watch]] = {
    "chat": lambda: Watch.of(MessageBinding()),
    "board": lambda: Watch.of(IntegerValueBinding()),
    "room_values": lambda: Watch.of(RoomValueBinding()),
    "only": lambda: Watch.of(PickedThings()),
    "several_columns": lambda: SHELVED,
}


def assert_golden(name: str, statements: Sequence[str]) -> None:
    """The statements are those of the file; the failure shows the difference."""
    path, made = GOLDEN / name, ";\n\n".join(statements) + ";\n"
    if os.environ.get(REWRITE):
        path.write_text(made)
    kept = path.read_text() if path.exists() else ""
    difference = "".join(unified_diff(kept.splitlines(True), made.splitlines(True), f"golden/{name}", "generated"))
    if difference:
        pytest.fail(f"{difference}\n{REWRITE}=1 writes the file anew.", pytrace=False)


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("binding", BINDINGS)
async def test_the_triggers_of_a_binding_are_those_of_its_golden_file(
    sqlite: Database, kind: str, binding: str
) -> None:
    _, triggers = DIALECTS[kind]
    watch = BINDINGS[binding]()
    assert_golden(f"{kind}_{binding}.sql", [*triggers.triggers(Namespace(), watch), *triggers.orphans(watch)])


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("namespace", ["live", "todo"])
def test_the_tables_are_those_of_their_golden_file(kind: str, namespace: str) -> None:
    log, _ = DIALECTS[kind]
    assert_golden(f"{kind}_tables_of_{namespace}.sql", log.tables(Namespace(namespace)))


@pytest.mark.parametrize("kind", DIALECTS)
def test_the_queries_are_those_of_their_golden_file(kind: str) -> None:
    log, _ = DIALECTS[kind]
    namespace = Namespace()
    unreadable = unreadable_rows.statements(kind, namespace)
    assert_golden(
        f"{kind}_queries.sql", [log.after(namespace), log.prunable(namespace), log.probe(namespace), *unreadable]
    )


@pytest.mark.parametrize("kind", DIALECTS)
async def test_another_namespace_changes_names_only(sqlite: Database, kind: str) -> None:
    log, triggers = DIALECTS[kind]
    watch = Watch.of(BoardThings())

    def made(name: str) -> str:
        namespace = Namespace(name)
        statements = [*log.tables(namespace), *triggers.triggers(namespace, watch), log.after(namespace)]
        return "\n".join([*statements, log.probe(namespace), *unreadable_rows.statements(kind, namespace)])

    one, other = made("live"), made("todo")
    assert "live_" not in other
    for todo, live in (("todo$", "live_"), ("todo_", "live_"), ("todo.", "live."), ("'todo'", "'live'")):
        other = other.replace(todo, live)
    assert other == one


def test_every_golden_file_is_made_by_a_test() -> None:
    names = {f"{kind}_{name}.sql" for kind in DIALECTS for name in [*BINDINGS, "tables_of_live", "tables_of_todo"]}
    names |= {f"{kind}_queries.sql" for kind in DIALECTS}
    assert {path.name for path in GOLDEN.iterdir()} == names
