"""Tells the kinds of errors apart that a template can raise, and finds what the designer may have meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from jinja2 import (
    Environment,
    TemplateError,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
)

from webapp.design.template_names import Name, attributes_of, kind_of, nearest_of

_TAGS = (
    *("autoescape", "block", "call", "do", "elif", "else", "endautoescape", "endblock", "endcall", "endfilter"),
    *("endfor", "endif", "endmacro", "endset", "endwith", "extends", "filter", "for", "from", "if", "import"),
    *("include", "macro", "set", "with"),
)

_UNKNOWN = {
    "unknown_tag": re.compile(r"[Ee]ncountered unknown tag '(\w+)'"),
    "unknown_filter": re.compile(r"No filter named '([^']+)'"),
    "unknown_test": re.compile(r"No test named '([^']+)'"),
}

_UNCLOSED = re.compile(r"innermost block that needs to be closed is '(\w+)'")
_TAG = re.compile(r"\{%[-+]?\s*(\w+)")
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
_LACKING = re.compile(r"'(?P<kind>[^']+?)(?: object)?' has no (?:attribute|element) '?(?P<wrong>[^']+)'?")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake, and the name that may be meant; `TemplateProblem` explains the attributes.

    Attributes:
        template: The template with the mistake, where the traceback names another one; empty: it does not.
        line: The line in that template.
    """

    kind: str
    detail: str
    wrong: str = ""
    owner: str = ""
    owner_kind: str = ""
    opened: str = ""
    names: Sequence[Name] = ()
    nearest: str = ""
    template: str = ""
    line: int = 0

    def completed(self, statement: str, frame: FrameType | None) -> Mistake:
        """Return the same with the attributes of the object that lacks one.

        Args:
            statement: The line of the template, which shows how it names the object.
            frame: The frame of the template, which has the object.
        """
        if self.kind != "no_attribute" or frame is None:
            return self
        for owner in re.findall(rf"([A-Za-z_][\w.]*)\.{re.escape(self.wrong)}\b", statement):
            found, value = _resolved(owner, frame.f_locals)
            if found and not hasattr(value, self.wrong):
                names = attributes_of(value)
                nearest = nearest_of(self.wrong, [each.name for each in names])
                return replace(self, owner=owner, owner_kind=kind_of(value), names=names, nearest=nearest)
        return self


def mistake_of(
    error: BaseException, environment: Environment, there: Sequence[Name], static: Sequence[Path], asked: str = ""
) -> Mistake:
    """Return what is wrong.

    Args:
        error: The exception that loading or rendering a template raised.
        environment: The environment of the template.
        there: The names that the template could use.
        static: The folders of static files.
        asked: The name of the template that was asked for, if that one is missing itself.
    """
    # In a condition, Jinja looks for a filter or a test only when the condition is evaluated.
    if isinstance(error, TemplateSyntaxError) or type(error) is TemplateRuntimeError:
        return _syntax(error, environment)
    if isinstance(error, TemplateNotFound):
        wrong = asked or str(error.name or "")
        return Mistake("missing_template", str(error), wrong, nearest=nearest_of(wrong, environment.list_templates()))
    if isinstance(error, UndefinedError):
        return _undefined(error, there)
    if isinstance(error, FileNotFoundError) and (path := _below(str(error.filename), static)):
        return Mistake("missing_file", str(error), path, nearest=nearest_of(path, _files(static)))
    if isinstance(error, UnicodeDecodeError):
        return _undecodable(error, environment)
    return Mistake("failed", f"{type(error).__name__}: {error}", names=there)


def _syntax(error: TemplateError, environment: Environment) -> Mistake:
    detail = error.message or ""
    known: Mapping[str, Sequence[str]] = {
        # If a block is open, the message also names the tags that may close it, of which one may be misspelt.
        "unknown_tag": [*re.findall(r"'(\w+)'", detail)[1:], *_TAGS],
        "unknown_filter": [*environment.filters],
        "unknown_test": [*environment.tests],
    }
    unclosed = _UNCLOSED.search(detail)
    for kind, pattern in _UNKNOWN.items():
        found = pattern.search(detail)
        # A known tag in a place where another one has to end first: that one is what nothing ends.
        if found and not (unclosed and found[1] in _TAGS):
            return Mistake(kind, detail, found[1], nearest=nearest_of(found[1], known[kind]))
    is_syntax = isinstance(error, TemplateSyntaxError)
    return Mistake("syntax" if is_syntax else "failed", detail, opened=unclosed[1] if unclosed else "")


def opening_line(source: Sequence[str], tag: str) -> int:
    """Return the line of the last `tag` that no end tag closes; Jinja names the end of the file instead."""
    tags: list[tuple[int, str]] = [
        (number, each) for number, text in enumerate(source, 1) for each in _TAG.findall(text)
    ]
    closed = 0
    for number, each in reversed(tags):
        closed += (each == f"end{tag}") - (each == tag)
        if closed < 0:
            return number
    return len(source)


def _undefined(error: UndefinedError, there: Sequence[Name]) -> Mistake:
    detail = error.message or ""
    if found := _UNDEFINED.fullmatch(detail):
        nearest = nearest_of(found[1], [each.name for each in there])
        return Mistake("undefined", detail, found[1], names=there, nearest=nearest)
    if found := _LACKING.fullmatch(detail):
        return Mistake("no_attribute", detail, found["wrong"], owner_kind=found["kind"].rpartition(".")[2])
    return Mistake("failed", detail, names=there)


def _undecodable(error: UnicodeDecodeError, environment: Environment) -> Mistake:
    for name in environment.list_templates():
        for folder in getattr(environment.loader, "searchpath", ()):
            file = Path(folder) / name
            if file.is_file() and file.read_bytes() == error.object:
                line = bytes(error.object)[: error.start].count(b"\n") + 1
                return Mistake("not_utf8", str(error), template=name, line=line)
    return Mistake("not_utf8", str(error))


def _resolved(path: str, names: Mapping[str, object]) -> tuple[bool, object]:
    first, *rest = path.split(".")
    if first not in names:
        return False, None
    value = names[first]
    for each in rest:
        if isinstance(value, Mapping) and each in value:
            value = value[each]
        elif hasattr(value, each):
            value = getattr(value, each)
        else:
            return False, None
    return True, value


def _below(file: str, folders: Sequence[Path]) -> str:
    below = [Path(file).relative_to(folder).as_posix() for folder in folders if Path(file).is_relative_to(folder)]
    return below[0] if below else ""


def _files(folders: Sequence[Path]) -> Sequence[str]:
    return [file.relative_to(folder).as_posix() for folder in folders for file in folder.rglob("*") if file.is_file()]
