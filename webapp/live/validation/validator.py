"""What somebody sends for a row, checked against the fields of its model and made ready to be stored.

It comes from a form, which sends texts, or from a program as JSON, which sends values of the right type.

Both: texts are trimmed, lose their control characters other than tab and newline, and on one line (CharField) have
spaces for newlines. An empty text is `blank`, unless the field may be null or has the default "".

Forms: a number may have any minus sign of Unicode's.
Numbers, dates and so on are read from text ("3", "2026-11-22T18:13"; without a time zone it is Tortoise's). An
empty text is None where the field may be null, the default where a new row has one, and `missing` elsewhere. A box that
is not ticked sends nothing: put `<input type="hidden" name="done" value="false">` before it. Then a ticked one sends
two values, of which the last counts; for other fields two values are `bad`. JSONField takes JSON as text. A value that
is no text, as `hx-vals` may send, is taken as in JSON.

JSON: numbers are numbers (3.0 is an integer too; decimals may be texts), true and false are not 1 and 0, dates and
times are texts as in ISO 8601, and null is for fields that may be null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from webapp.live.validation.columns import Readable, Unfit, column_of
from webapp.live.validation.texts import cleaned

NAME_LIMIT = 100
"""Characters of a field's name that is told back to a sender who made it up."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why a field cannot be what was sent, in a `reason` that templates have words for, and its `limit`.

    missing, blank, not_a_number, not_a_date (or a time), not_true_or_false, taken (another row has it),
    too_long, too_short (limit: characters), too_small, too_large (limit: the bound),
    not_a_choice (limit: the choices, with commas), not_writable, bad (all else; limit: decimal places, if too many).
    """

    field: str
    reason: str
    limit: int | str | None = None


class Invalid(Exception):
    """What was sent cannot be stored. `problems` is not empty, and in the order of the writable fields."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{problem.field}: {problem.reason}" for problem in self.problems))


class Validator:
    """Checks values for the fields `writable` of `model`; no others ever come out.

    Make it once, at the start; Tortoise.init may come later. A foreign key is named by its column, such as `room_id`;
    whether there is such a room is for the database to say. Raises TypeError, which says what to write instead, for a
    field that is not there, is a relation, is filled in by itself, or has a type that nobody can send.
    """

    def __init__(self, model: type[Model], writable: Sequence[str]) -> None:
        if isinstance(writable, str):
            raise TypeError(f"{model.__name__}: writable is a sequence: write ({writable!r},)")
        self._columns = {name: column_of(model, name) for name in writable}
        self._changeable = {name: column for name, column in self._columns.items() if not column.is_key}

    def created(self, data: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        """The values of a new row; a field that was not sent and has a default, or may be null, is left out.

        strict: data is JSON, and names nothing but writable fields; else it is a form, whose other keys are ignored.
        Raises Invalid.
        """
        return _read(self._columns, data, strict, complete=True)

    def changed(self, data: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        """The new values of those writable fields that were sent, but never of the primary key, which stays.

        strict is as in `created`. Raises Invalid.
        """
        return _read(self._changeable, data, strict, complete=False)


def _read(columns: Mapping[str, Readable], data: Mapping[str, Any], strict: bool, complete: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, column in columns.items():
        if name not in data:
            if complete and column.required:
                problems.append(FieldProblem(name, "missing"))
            continue
        try:
            values[name] = column.read(data[name], strict)
        except Unfit as unfit:
            # A new row has its default for what was not filled in.
            if unfit.reason != "missing" or strict or not complete or column.required:
                problems.append(FieldProblem(name, unfit.reason, unfit.limit))
    if strict and not data.keys() <= columns.keys():
        problems += [FieldProblem(shown(name), "not_writable") for name in data if name not in columns]
    if problems:
        raise Invalid(problems)
    return values


def shown(name: str) -> str:
    """A name that the sender made up, fit to be sent back."""
    return cleaned(name[:NAME_LIMIT], one_line=True).encode("utf-8", "replace").decode()
