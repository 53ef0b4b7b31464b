"""Explains the error of a template: in which file and line it is, what is there instead, and what may be meant.

`explain` returns data only. The words for it are in templates/design/_problem.html.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, TemplateNotFound, TemplateSyntaxError

from webapp.design.template_mistakes import Mistake, mistake_of, opening_line
from webapp.design.template_names import Name, names_in
from webapp.live.templating import BASE

AROUND = 3
"""Lines of the source that are shown before and after the line with the error."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a template.

    Attributes:
        number: Its number in the file, from 1.
        text: What stands in it, without the line break.
        is_marked: The error is in this line.
    """

    number: int
    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """The error of a template, explained.

    Attributes:
        kind: `syntax`; `unknown_tag`, `unknown_filter`, `unknown_test`; `undefined` (a name that is not there),
            `no_attribute` (an object that lacks it); `missing_template`, `missing_file` (a static one);
            `not_utf8`; or `failed`, for any other exception of an expression.
        template: The template's name: its path below the folder of templates, with slashes.
        folder: The folder of templates that it is in; None: there is no such file.
        line: The line of the error, from 1; 0: not known.
        lines: The lines around it.
        wrong: What the template asks for and does not get, such as a name or the path of a file; empty: not known.
        owner: For `no_attribute`: how the template names the object; empty: by no name.
        owner_kind: For `no_attribute`: the type of the object.
        opened: For `syntax`: the tag in that line that nothing closes, such as `if`; empty: it is another error.
        names: The names that the template may use there, or the attributes of the object.
        nearest: The spelling that may be meant, or empty.
        detail: The message of Jinja or Python, which is in English.
        included_from: The templates that lead to this one, each with its line, the outermost first.
    """

    kind: str
    template: str
    folder: Path | None
    line: int
    lines: Sequence[SourceLine]
    wrong: str = ""
    owner: str = ""
    owner_kind: str = ""
    opened: str = ""
    names: Sequence[Name] = ()
    nearest: str = ""
    detail: str = ""
    included_from: Sequence[tuple[str, int]] = ()

    @property
    def place(self) -> str:
        """The template's path from the folder that holds the folder of templates, such as `templates/about.html`."""
        return f"{self.folder.name}/{self.template}" if self.folder else self.template

    @property
    def key(self) -> tuple[str, str, int, str]:
        """Equal for the same mistake, whichever page met it."""
        return (self.kind, self.template, self.line, self.wrong or self.detail)


def explain(
    error: BaseException,
    environment: Environment,
    template: str,
    context: object = None,
    static: Sequence[Path] = (),
) -> TemplateProblem:
    """Return the explanation of the error that loading or rendering a template raised.

    Args:
        error: The exception, with its traceback.
        environment: The environment of the template. Its loader is a `FileSystemLoader`.
        template: The name of the template that was asked for.
        context: The dataclass whose fields the template was given. It names the types of the fields; None: types are
            those of the values.
        static: The folders of static files.
    """
    folders = folders_of(environment)
    path = list(_path(error, folders))
    frame, at, line = path[-1] if path else (None, _At.named(template, folders), 0)
    lacking = template if isinstance(error, TemplateNotFound) and not path else ""
    if isinstance(error, TemplateSyntaxError):
        at, line = _At.of_file(error.filename or "", folders) or at, error.lineno
    there = names_in(frame, environment, context)
    mistake = mistake_of(error, environment, there, static, lacking)
    if mistake.template:
        at, line = _At.named(mistake.template, folders), mistake.line
    folder, name = at
    source = _lines(folder / name) if folder else []
    line = opening_line(source, mistake.opened) if mistake.opened else _exact(source, line, mistake.wrong)
    mistake = mistake.completed(_statement(source, line), frame)
    return _problem(mistake, at, line, source, [(each.name, number) for _, each, number in path if each != at])


def _lines(file: Path) -> list[str]:
    # The file may have been deleted since it was read.
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def folders_of(environment: Environment) -> Sequence[Path]:
    """Return the folders of templates of an environment, in the order of the search."""
    loader = environment.loader
    return [Path(folder) for folder in loader.searchpath] if isinstance(loader, FileSystemLoader) else []


def _problem(
    mistake: Mistake,
    at: _At,
    line: int,
    source: Sequence[str],
    included_from: Sequence[tuple[str, int]],
) -> TemplateProblem:
    return TemplateProblem(
        kind=mistake.kind,
        template=at.name,
        folder=at.folder,
        line=line,
        lines=_around(source, line),
        wrong=mistake.wrong,
        owner=mistake.owner,
        owner_kind=mistake.owner_kind,
        opened=mistake.opened,
        names=mistake.names,
        nearest=mistake.nearest,
        detail=mistake.detail,
        included_from=included_from,
    )


class _At(NamedTuple):
    """A template: the folder that it is in, or None, and its path below that."""

    folder: Path | None
    name: str

    @classmethod
    def named(cls, name: str, folders: Sequence[Path]) -> _At:
        """Return the template of a name."""
        searched = folders[-1:] if name.startswith(BASE) else folders
        name = name.removeprefix(BASE)
        return cls(next((each for each in searched if (each / name).is_file()), None), name)

    @classmethod
    def of_file(cls, file: str, folders: Sequence[Path]) -> _At | None:
        """Return the template in a file; None: it is not in one of the folders."""
        path = Path(file)
        found = [cls(folder, path.relative_to(folder).as_posix()) for folder in folders if path.is_relative_to(folder)]
        return found[0] if found and path.suffix != ".py" else None


def _path(error: BaseException, folders: Sequence[Path]) -> Iterator[tuple[FrameType, _At, int]]:
    """Yield each template that was being rendered, with its line, the outermost first.

    Jinja has replaced the frames of its compiled templates by frames that name the file and the line of the template.
    """
    for frame, line in traceback.walk_tb(error.__traceback__):
        if at := _At.of_file(frame.f_code.co_filename, folders):
            yield frame, at, line


def _exact(source: Sequence[str], line: int, wrong: str) -> int:
    """Return the line on which `wrong` stands. For a statement of several lines, Jinja knows only the first one."""
    if not wrong or not 0 < line <= len(source):
        return line
    for number, text in enumerate(source[line - 1 :], line):
        if wrong in text:
            return number
        if "}}" in text or "%}" in text:
            break
    return line


def _statement(source: Sequence[str], line: int) -> str:
    return source[line - 1] if 0 < line <= len(source) else ""


def _around(source: Sequence[str], line: int) -> Sequence[SourceLine]:
    if line <= 0:
        return []
    line = min(line, len(source))
    first = max(1, line - AROUND)
    shown: Sequence[Any] = source[first - 1 : line + AROUND]
    return [SourceLine(number, text, number == line) for number, text in enumerate(shown, first)]
