"""The migration of a new feature, made by Tortoise from models that are not yet where the app finds them.

`python -m webapp.scaffold.migration FOLDER NAME MODEL` prints it. FOLDER holds `webapp/features.py` with the new line,
and `webapp/NAME/`. They are looked for there before the checkout, in a process of its own: this one has loaded
the list of features as it was.
"""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path

PATIENCE = 120.0
"""Seconds that the process may take."""


class NotMade(Exception):
    """There is no migration for the new models alone; the text says why."""


def made(folder: Path, name: str, model: str, root: Path) -> tuple[str, str]:
    """The migration's file name and its text, for the feature `name` in `folder`. Raises NotMade."""
    command = [sys.executable, "-m", "webapp.scaffold.migration", str(folder), name, model]
    try:
        done = subprocess.run(  # noqa: S603 - this module itself, with names that were checked
            command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as error:
        raise NotMade(f"Tortoise made no migration within {PATIENCE:.0f} s") from error
    if done.returncode:
        raise NotMade((done.stderr.strip().splitlines() or ["Tortoise made no migration"])[-1])
    file, text = json.loads(done.stdout)
    return file, text


def tidy(text: str) -> str:
    """The text that Tortoise writes, as ruff lays it out."""
    lines: list[str] = []
    for line in _requoted(text).splitlines():
        if line.startswith("class "):
            lines.append("")
        lines += [line] if len(line) <= 120 else _spread(line)
    return "\n".join(lines) + "\n"


def _requoted(text: str) -> str:
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and token.string.startswith("'"):
            token = token._replace(string=json.dumps(token.string[1:-1]))
        tokens.append(token)
    lines = text.splitlines(keepends=True)
    for token in reversed(tokens):
        if token.type == tokenize.STRING:
            (row, start), (_, end) = token.start, token.end
            lines[row - 1] = lines[row - 1][:start] + token.string + lines[row - 1][end:]
    return "".join(lines)


def _spread(line: str) -> list[str]:
    """A dictionary that is too long for a line, with a line for each of its entries."""
    head, brace, rest = line.partition("{")
    if not brace or not rest.endswith("},"):
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return [f"{head}{{", *(f"{indent}    {entry}," for entry in rest[:-2].split(", ")), f"{indent}}},"]


async def _migration(name: str, model: str) -> tuple[str, str]:
    from tortoise.context import TortoiseContext
    from tortoise.migrations.autodetector import MigrationAutodetector
    from tortoise.migrations.operations import CreateModel
    from tortoise.migrations.writer import format_migration_name

    from webapp.app import bindings
    from webapp.db import TORTOISE
    from webapp.live.binding.declaration_check import distinct

    distinct(bindings())
    async with TortoiseContext() as context:
        await context.init(config=TORTOISE, init_connections=False)
        if (apps := context.apps) is None:
            raise NotMade("Tortoise found no models")
        writers = await MigrationAutodetector(apps, TORTOISE["apps"]).changes()
    operations = [operation for writer in writers for operation in writer.operations]
    if not all(isinstance(each, CreateModel) and each.name == model for each in operations):
        raise NotMade("other models have changed without a migration: run `tortoise makemigrations` for them first")
    (writer,) = writers
    writer.name = format_migration_name(int(writer.name.split("_", 1)[0]), name)
    return f"{writer.name}.py", tidy(writer.as_string())


def main() -> None:
    """Print the migration as JSON: its file name, and its text. Exits with the reason where there is none."""
    import webapp

    folder, name, model = sys.argv[1:]
    webapp.__path__.insert(0, str(Path(folder) / "webapp"))
    try:
        print(json.dumps(asyncio.run(_migration(name, model))))
    except (NotMade, TypeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
