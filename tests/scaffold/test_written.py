"""What `python -m webapp new` writes passes the checks and its own tests; what it cannot write, it does not begin."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.scaffold.conftest import NAMES
from tests.support.app_server import ROOT, AppServer
from tests.support.postgres_server import PostgresServer
from tests.support.project_copy import Copy
from webapp.scaffold.blueprint import Blueprint
from webapp.scaffold.drawing import drawn
from webapp.scaffold.writing import publish, write

FIRST = len(list((ROOT / "webapp" / "migrations").glob("0*.py"))) + 1
"""The number of the first migration that the commands made."""


def files(root: Path) -> dict[str, bytes]:
    """Everything in the folders that the command writes to, and what it may have left beside them."""
    found = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def refused(copy: Copy, *options: str) -> str:
    """Why `new` with these options is refused; nothing may have changed."""
    before = files(copy.root)
    with pytest.raises(AssertionError) as failed:
        copy.run("python", "-m", "webapp", "new", *options)
    assert files(copy.root) == before
    (line,) = str(failed.value).splitlines()[1:]
    return line


def test_what_it_writes_is_formatted_and_passes_the_linters(project: Copy) -> None:
    folders = [f"{folder}/{name}" for folder in ("webapp", "tests") for name in NAMES]
    for options in ("format --check", "check"):
        project.run("ruff", *options.split(), "webapp/features.py", "webapp/migrations", *folders)
    for check in ("--check", "--lint"):
        project.run("djlint", check, *(f"templates/{name}" for name in NAMES))


def test_what_it_writes_has_its_types(project: Copy) -> None:
    project.run(
        "mypy", "--follow-imports=silent", *(f"{folder}/{name}" for folder in ("webapp", "tests") for name in NAMES)
    )


def test_what_it_writes_imports_in_one_direction(project: Copy, tmp_path: Path) -> None:
    def broken(copy: Copy) -> list[str]:
        """The contracts that are not kept."""
        try:
            copy.run("lint-imports", "--no-logo", "--no-cache")
        except AssertionError as failed:
            return re.findall(r"^(.*) BROKEN$", str(failed), re.MULTILINE)
        return []

    assert broken(project) == broken(Copy(tmp_path))


def test_the_models_have_their_migrations(project: Copy) -> None:
    assert "No changes detected" in project.run("tortoise", "makemigrations")
    made = [path.name for path in (project.root / "webapp" / "migrations").glob("0*.py")]
    assert sorted(made)[-len(NAMES) :] == [f"{number:04d}_{name}.py" for number, name in enumerate(NAMES, FIRST)]


def test_the_tests_that_it_writes_pass_and_so_do_those_of_migrations(project: Copy) -> None:
    places = [f"tests/{name}" for name in NAMES]
    said = project.run(
        "pytest", "-q", "-p", "no:cacheprovider", *places, "tests/test_migrations.py", "-k", "not at_the_same"
    )
    assert "failed" not in said
    assert " passed" in said


def test_a_row_with_a_field_of_each_type_is_kept_by_postgresql_too(
    project: Copy, postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.url(postgres.create_database())
    env = {"DATABASE_URL": url, "BROADCAST_URL": url, "SECRET_KEY": "a secret that only tests know"}
    project.run("python", "-m", "webapp", "migrate", **env)
    values = {"title": "Harvest", "notes": "Bring baskets", "seats": "12", "urgent": "true", "day": "2026-05-14"}
    values |= {"starts_at": "2026-05-14T18:30", "price": "12.50"}
    with AppServer(tmp_path, env, root=project.root) as server:
        assert httpx.post(f"{server.url}/events/7/", data={"action": "create", **values}).status_code == 303
        text = httpx.get(f"{server.url}/events/7/").text
        for shown in ("Harvest", "Bring baskets", "12", "✓ Urgent", "2026-05-14", "2026-05-14 18:30 UTC", "12.50"):
            assert shown in text
        assert "Harvest" not in httpx.get(f"{server.url}/events/8/").text
    server.check()


def test_names_that_are_taken_are_refused_and_nothing_is_written(project: Copy) -> None:
    for name in ("chat", "event", "app", "browser", "support", "live", "intval"):
        assert refused(project, name, "title:str") == f'webapp: "{name}" is there already: choose another name'
    for name in ("value", "metric"):
        assert refused(project, name, "a:str") == f"webapp: /{name}s/ leads somewhere else already: choose another name"
    said = "webapp: there is a model IntegerValue already: choose another name"
    assert refused(project, "integer_value", "title:str") == said
    assert refused(project, "book", "title:string").startswith("webapp: title:string: write one of these types: str, ")


def test_a_dry_run_names_the_files_and_writes_none(project: Copy) -> None:
    before = files(project.root)
    said = project.run("python", "-m", "webapp", "new", "book", "title:str", "--dry-run").splitlines()
    assert files(project.root) == before
    assert sorted(said) == sorted(
        [
            *drawn(Blueprint.parse("book", ["title:str"], None)),
            "webapp/features.py",
            f"webapp/migrations/{FIRST + len(NAMES):04}_book.py",
        ]
    )


def test_a_change_without_a_migration_is_to_be_migrated_first(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.replace("webapp/chat/models.py", "class Room(Model):", "class Extra(Model):\n    pass\n\n\nclass Room(Model):")
    said = "other models have changed without a migration: run `tortoise makemigrations` for them first"
    assert refused(copy, "todo", "title:str") == f"webapp: nothing was written: {said}"


def test_what_is_in_the_way_at_the_last_moment_leaves_nothing_behind(tmp_path: Path) -> None:
    root, stage = tmp_path / "root", tmp_path / "stage"
    write(root, {"webapp/features.py": "old", "tests/x.py": "", "webapp/migrations/0004_todo.py": "another's"})
    write(stage, {"webapp/features.py": "new", "webapp/todo/a.py": "", "tests/todo/a.py": ""})
    write(stage, {"webapp/migrations/0004_todo.py": "ours"})
    before = files(root)
    with pytest.raises(FileExistsError, match=r"0004_todo\.py is there already"):
        publish(stage, root, ["webapp/todo", "tests/todo"], "webapp/migrations/0004_todo.py")
    assert files(root) == before
    assert not list(root.rglob("todo"))


def test_an_installed_package_is_no_checkout(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    (copy.root / "pyproject.toml").unlink()
    said = "webapp: `new` writes into a checkout of the project, and this is an installed package: run it in one"
    assert refused(copy, "todo", "title:str") == said
