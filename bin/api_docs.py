"""Writes docs/api.md from the docstrings of the public names of `webapp.live` and `webapp.web.feature`.

`bin/docs` runs this module. tests/docs/test_api_docs.py fails if the file is outdated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "api.md"

HEAD = """# Public names

Made by `bin/docs` from the docstrings; do not edit it. These names, their parameters and their attributes are what a
minor release keeps. Everything else in the package may change with any release.
"""

PUBLIC = {
    "webapp.live": "The engine, for any Starlette app: [engine.md](engine.md) builds one.",
    "webapp.web.feature": "What a folder of this app exports: [binding.md](binding.md) builds one.",
}
"""Module → its introduction."""


def text() -> str:
    """Return the whole document."""
    loader = griffe.GriffeLoader(search_paths=[ROOT], docstring_parser="google")
    parts = [HEAD]
    for module, introduction in PUBLIC.items():
        found = loader.load(module)
        loader.resolve_aliases(external=False)
        parts += [f"\n## `{module}`\n\n{introduction}\n", *(_object(found[name]) for name in sorted(_names(found)))]
    return _single_spaced("".join(parts))


def _single_spaced(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _names(module: griffe.Object | griffe.Alias) -> list[str]:
    if module.exports is not None:
        return [str(name) for name in module.exports]
    return [name for name, one in module.members.items() if one.is_public and not one.is_alias]


def _object(found: griffe.Object | griffe.Alias) -> str:
    heading = f"\n### `{found.name}`\n\n"
    if not found.is_class:
        return heading + _docstring(found)
    methods = [one for one in found.all_members.values() if _is_documented(one)]
    return (
        heading
        + _code(f"class {found.name}{_bases(found)}{_parameters(found)}")
        + _docstring(found)
        + "".join(f"\n#### `{found.name}.{one.name}`\n\n{_signature(one)}{_docstring(one)}" for one in methods)
    )


def _is_documented(one: griffe.Object | griffe.Alias) -> bool:
    if one.name.startswith("_") or one.docstring is None:
        return False
    return (one.is_function or "property" in one.labels) and one.path.startswith("webapp.")


def _bases(found: griffe.Object | griffe.Alias) -> str:
    bases = ", ".join(str(base) for base in getattr(found, "bases", ()))
    return f"({bases})" if bases else ""


def _parameters(found: griffe.Object | griffe.Alias) -> str:
    constructor = found.all_members.get("__init__")
    return "" if constructor is None or not constructor.is_function else f"\n{_call(constructor, found.name)}"


def _signature(one: griffe.Object | griffe.Alias) -> str:
    if not one.is_function:
        return ""
    prefix = "async " if "async" in one.labels else ""
    return _code(f"{prefix}{_call(one, one.name)} -> {one.returns}")


def _call(function: griffe.Object | griffe.Alias, name: str) -> str:
    return f"{name}({', '.join(_written(function))})"


def _written(function: griffe.Object | griffe.Alias) -> Iterator[str]:
    seen_star = False
    for one in function.parameters:
        if one.name in ("self", "cls"):
            continue
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(one.kind, "")
        if one.kind is griffe.ParameterKind.keyword_only and not seen_star:
            seen_star = True
            yield "*"
        seen_star |= star == "*"
        kind = f": {one.annotation}" if one.annotation is not None else ""
        default = f" = {one.default}" if one.default is not None and not star else ""
        yield f"{star}{one.name}{kind}{default}"


def _code(text: str) -> str:
    return f"```python\n{text}\n```\n\n"


def _docstring(found: griffe.Object | griffe.Alias) -> str:
    if found.docstring is None:
        return ""
    return "".join(_section(section) for section in found.docstring.parse("google"))


def _section(section: griffe.DocstringSection) -> str:
    if section.kind is griffe.DocstringSectionKind.text:
        return f"{section.value.strip()}\n\n"
    title = section.title or section.kind.value.capitalize()
    lines = (f"- {_label(item)}{' '.join(item.description.split())}\n" for item in section.value)
    return f"**{title}**\n\n{''.join(lines)}\n"


def _label(item: object) -> str:
    name = getattr(item, "name", "") or str(getattr(item, "annotation", "") or "")
    return f"`{name}`: " if name else ""


def main() -> None:
    """Write the file."""
    TARGET.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
