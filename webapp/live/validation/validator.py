"""Checks the values that a client sends for a row against the fields of its model, and converts them for storing.

A form sends texts. A JSON client sends values of the right type. These rules hold for both:

- The validator trims texts and removes their control characters, except tabs and newlines. In a CharField, which has
  one line, it replaces newlines with spaces.
- An empty text is `blank`, unless the field may be null or has the default "".

These rules hold for forms:

- Numbers, dates and so on are texts, such as "3" and "2026-11-22T18:13". A number may have any minus sign of Unicode. A
  time without a zone is in Tortoise's.
- An empty text is None where the field may be null, the default where a new row has one, and `missing` elsewhere.
- A checkbox that is not ticked sends nothing. Put `<input type="hidden" name="done" value="false">` before it. Then a
  ticked one sends two values, and the last one counts. For other fields two values are `bad`.
- A JSONField takes JSON as text.
- A value that is no text, as `hx-vals` may send, follows the rules for JSON.

These rules hold for JSON:

- Numbers are numbers. 3.0 is an integer too, and a decimal may be a text.
- true and false are not 1 and 0.
- Dates and times are texts in ISO 8601.
- null is for fields that may be null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from webapp.live.validation.columns import Readable, Unfit, column_of
from webapp.live.validation.texts import cleaned

NAME_LIMIT = 100
"""Characters of an unknown field's name that the server sends back to the client, at most."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why a field cannot have the value that a client sent.

    Attributes:
        field: The field's name.
        reason: missing, blank, not_a_number, not_a_date (nor a time), not_true_or_false, taken (another row has the
            value), too_long, too_short, too_small, too_large, not_a_choice, not_writable, or bad (anything else).
            Templates have words for each.
        limit: For too_long and too_short: characters. For too_small and too_large: the bound. For not_a_choice: the
            choices, with commas. For bad: the decimal places, if the value has too many. None otherwise.
    """

    field: str
    reason: str
    limit: int | str | None = None


class Invalid(Exception):
    """The values that a client sent cannot be stored.

    Attributes:
        problems: At least one, in the order of the writable fields.
    """

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{problem.field}: {problem.reason}" for problem in self.problems))


class Validator:
    """Checks and converts values for the writable fields of a model, and drops or refuses all others.

    An app makes one at its start, before or after Tortoise.init. The validator does not check whether the row that a
    foreign key refers to exists; the database does.

    Args:
        model: The model of the rows.
        writable: The fields that clients may set. A foreign key is named by its column, such as `room_id`.

    Raises:
        TypeError: A field does not exist, is a relation, is generated, or has a type that clients cannot send. The text
            says what to write instead.
    """

    def __init__(self, model: type[Model], writable: Sequence[str]) -> None:
        if isinstance(writable, str):
            raise TypeError(f"{model.__name__}: writable is a sequence: write ({writable!r},)")
        self._columns = {name: column_of(model, name) for name in writable}
        self._changeable = {name: column for name, column in self._columns.items() if not column.is_key}

    def created(self, data: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        """Return the values of a new row, without the fields that were not sent and that have a default or may be null.

        Args:
            data: The values by field, as they were sent.
            strict: Whether `data` is JSON, in which a field that is not writable is a problem. Otherwise `data` is a
                form, and the validator ignores its other keys.

        Raises:
            Invalid: A value cannot be stored.
        """
        return _read(self._columns, data, strict, complete=True)

    def changed(self, data: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        """Return the new values of the writable fields that were sent. The primary key stays as it is.

        Args:
            data: As in `created`.
            strict: As in `created`.

        Raises:
            Invalid: A value cannot be stored.
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
            # A form sends an empty input as an empty text. For a new row that means the default, so it is no problem.
            if unfit.reason != "missing" or strict or not complete or column.required:
                problems.append(FieldProblem(name, unfit.reason, unfit.limit))
    if strict and not data.keys() <= columns.keys():
        problems += [FieldProblem(shown(name), "not_writable") for name in data if name not in columns]
    if problems:
        raise Invalid(problems)
    return values


def shown(name: str) -> str:
    """Return a field name that the client made up, shortened and cleaned so that it can be sent back."""
    return cleaned(name[:NAME_LIMIT], one_line=True).encode("utf-8", "replace").decode()
