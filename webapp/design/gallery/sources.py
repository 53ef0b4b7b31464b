"""Reads the text of a template: its first comment, and the names in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp.design.fixtures.loading import templates_in

_COMMENT = re.compile(r"\A(?:{#-? djlint:off -?#}\s*)?{#-?(.*?)-?#}", re.DOTALL)
_NAMED = re.compile(r"[\"']([\w/-]+\.html)[\"']")
_ID = re.compile(r"""\bid=(?:"([^"]+)"|([^\s">]+))""")
_EXPRESSION = re.compile(r"{{\s*(.*?)\s*}}")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a template.

    Attributes:
        template: The template's name.
        file: Its file.
        text: Its text.
    """

    template: str
    file: Path
    text: str

    @property
    def folder(self) -> str:
        """The folder that it stands in; empty: it stands in none."""
        return self.template.rpartition("/")[0]

    @property
    def is_partial(self) -> bool:
        """Whether it is no page of its own."""
        return self.template.rpartition("/")[2].startswith("_")

    @property
    def comment(self) -> str:
        """The text of its first comment; empty: it has none."""
        found = _COMMENT.match(self.text)
        return " ".join(found[1].split()) if found else ""

    @property
    def what(self) -> str:
        """The first sentence of its comment."""
        return re.split(r"(?<=[.:])\s", self.comment, maxsplit=1)[0]

    @property
    def uses(self) -> Sequence[str]:
        """The templates that it extends, includes, or has the page fetch."""
        code = re.sub(r"{#.*?#}", "", self.text, flags=re.DOTALL)
        return list(dict.fromkeys(_NAMED.findall(code)))

    @property
    def ids(self) -> Sequence[str]:
        """The ids of its elements, with `<…>` for what differs from row to row."""
        code = re.sub(r"{#.*?#}", "", self.text, flags=re.DOTALL)
        found = ["".join(each) for each in _ID.findall(code)]
        return list(dict.fromkeys(_EXPRESSION.sub(_variable_part, each) for each in found))


def sources_in(folders: Sequence[Path]) -> Mapping[str, Source]:
    """Return the texts of the templates in some folders; one in an earlier folder replaces one in a later one."""
    files = templates_in(folders)
    return {name: Source(name, file, file.read_text(encoding="utf-8")) for name, file in sorted(files.items())}


def used_by(template: str, sources: Mapping[str, Source]) -> Sequence[str]:
    """Return the templates that use another."""
    return [name for name, source in sources.items() if template in source.uses]


def _variable_part(found: re.Match[str]) -> str:
    return f"<{found[1].rpartition('.')[2]}>"
