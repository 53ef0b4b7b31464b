"""Fills in the files of a new feature, laid out as ruff and djlint want them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.scaffold.blueprint import Blueprint, Field

FILES = Path(__file__).parent / "files"

LINE = 120
"""Characters in a line, at most."""

ATTRIBUTES = 70
"""Characters of attributes that djlint leaves in one line."""


def drawn(blueprint: Blueprint) -> Mapping[str, str]:
    """The new files by their paths in a checkout, without the migration."""
    name = blueprint.name
    places = {
        "__init__.py.jinja": f"webapp/{name}/__init__.py",
        "models.py.jinja": f"webapp/{name}/models.py",
        "bindings.py.jinja": f"webapp/{name}/bindings.py",
        "feature.py.jinja": f"webapp/{name}/feature.py",
        "page.html.jinja": f"templates/{name}/page.html",
        "row.html.jinja": f"templates/{name}/_{name}.html",
        "test.py.jinja": f"tests/{name}/test_{name}.py",
    }
    environment = _environment()
    filled = {place: environment.get_template(file).render(it=blueprint) for file, place in places.items()}
    return {f"tests/{name}/__init__.py": "", **filled}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FILES),
        # The templates that are written are full of braces.
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="[#",
        comment_end_string="#]",
        autoescape=False,  # noqa: S701 - names alone are filled in, and they are checked
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"call": call, "imports": imports, "names": names, "samples": samples, "tag": tag}
    return environment


def tag(start: str, indent: int, attributes: Sequence[str], rest: str = "") -> str:
    """A tag and the `rest` of its line; its attributes in one line, or with a line for each."""
    given = [attribute for attribute in attributes if attribute]
    line = f"<{start} {' '.join(given)}>{rest}"
    if len(" ".join(given)) < ATTRIBUTES and indent + len(line) < LINE:
        return line
    return f"<{start} " + f"\n{' ' * (indent + len(start) + 2)}".join(given) + f">{rest}"


def imports(*lines: str) -> str:
    """Lines that import from this app, in the order of their modules."""
    return "\n".join(sorted(lines, key=lambda line: line.split()[1]))


def names(fields: Sequence[Field], attribute: str) -> str:
    """The tuple of the fields' names, as the value of an attribute of a class."""
    quoted = [f'"{field.name}"' for field in fields]
    inside = ", ".join(quoted) + ("," if len(quoted) == 1 else "")
    if len(f"    {attribute} = ({inside})") <= LINE:
        return f"({inside})"
    return "(\n" + "".join(f"        {each},\n" for each in quoted) + "    )"


def call(head: str, arguments: Sequence[str], tail: str) -> str:
    """A call of texts, on a line that is indented once, or with a line for each of its arguments."""
    quoted = [f'"{argument}"' for argument in arguments]
    line = f"{head}({', '.join(quoted)}){tail}"
    if len(f"    {line}") <= LINE:
        return line
    return f"{head}(\n" + "".join(f"        {each},\n" for each in quoted) + f"    ){tail}"


def samples(fields: Sequence[Field], indent: int, *, left_out: str = "") -> str:
    """What a form sends to make a row, as a dictionary in Python."""
    pairs = {"action": "create"} | {field.name: field.kind.sample for field in fields if field.name != left_out}
    quoted = [f"{json.dumps(name)}: {json.dumps(text)}" for name, text in pairs.items()]
    line = f"data = {{{', '.join(quoted)}}}"
    if indent + len(line) <= LINE:
        return line
    return "data = {\n" + "".join(f"{' ' * (indent + 4)}{each},\n" for each in quoted) + f"{' ' * indent}}}"
