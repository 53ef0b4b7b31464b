"""The commands that change a room's values: /set name value, /inc name [by], /unset name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from webapp.board import IntegerValue, add_within_bounds, beyond_bounds
from webapp.chat import Command
from webapp.live.binding import ActionRefused, Inbound
from webapp.live.contexts import Refusal
from webapp.live.validation import numeral
from webapp.room_values.bindings import RoomValueBinding

# A last word that looks like a number. If it is no whole number, it is a wrong number, and not a part of a new name.
_LIKE_A_NUMBER = re.compile(r"[+\-.,'0-9]*[0-9][+\-.,'0-9]*")

# A number with groups of thousands as in French: spaces that do not break a line, and up to six groups after the first.
_GROUPED = re.compile(r"(?<!\S)\S?\d{1,3}(?:[\u00a0\u2009\u202f]\d{3}){1,6}$")


class _Target(NamedTuple):
    """A value that a command may mean.

    Attributes:
        wanted: The columns of the value, as a new row would have them.
        change: Changes the row of a query, and returns the number of changed rows.
    """

    wanted: dict[str, Any]
    change: Callable[[Any], Awaitable[int]]


def commands(values: RoomValueBinding) -> Mapping[str, Command]:
    """Return the commands by the word after the slash."""
    return {"set": partial(_set, values), "inc": partial(_inc, values), "unset": partial(_unset, values)}


async def _set(values: RoomValueBinding, inbound: Inbound, line: str) -> None:
    name, last = _parted(line)
    number = _number(last)
    if number is None:
        raise ActionRefused(Refusal("", "usage"))
    wanted = _named(values, inbound, name, number)
    await _upsert(values, inbound, [_Target(wanted, lambda rows: rows.update(value=number))], wanted)


async def _inc(values: RoomValueBinding, inbound: Inbound, line: str) -> None:
    name, last = _parted(line)
    if not name or not _LIKE_A_NUMBER.fullmatch(numeral(last)):
        wanted = _named(values, inbound, line, 1)
        await _upsert(values, inbound, [_added_to(wanted)], wanted)
        return
    # A name may end in a number: "/inc player 1" increments "player 1" if there is such a value, and else "player".
    by = _number(last)
    new = None if by is None else _named(values, inbound, name, by)
    whole_line = None
    with suppress(ActionRefused):  # the whole line is too long for a name
        whole_line = _named(values, inbound, line, 1)
    await _upsert(values, inbound, [_added_to(each) for each in (whole_line, new) if each], new)


async def _unset(values: RoomValueBinding, inbound: Inbound, line: str) -> None:
    wanted = _named(values, inbound, line, 0)

    async def apply() -> Refusal | None:
        gone = await _rows(wanted).delete()
        return None if gone else Refusal("", "gone")

    await values.write("delete", inbound, apply, row=_key(wanted))


async def _upsert(
    values: RoomValueBinding, inbound: Inbound, targets: Sequence[_Target], new: dict[str, Any] | None
) -> None:
    """Change the first of `targets` that exists, or else make a value.

    Args:
        values: The binding.
        inbound: The request.
        targets: The values that the command may mean, the likeliest first.
        new: The columns of the value to make; None: the command is refused with its usage.

    Raises:
        ActionRefused: The command is not done.
    """

    async def apply() -> IntegerValue | Refusal | None:
        # If each step had its own transaction, another visitor could make or delete the value between two of them.
        for target in targets:
            outcome = await _changed(target)
            if outcome:
                return outcome if isinstance(outcome, Refusal) else None
        return await values.insert(inbound.visitor, new) if new else Refusal("", "usage")

    row = await _locked(targets)
    try:
        await values.write("create", inbound, apply, new, row=row)
    except ActionRefused as refused:
        # If the name is taken, another visitor has made the value at the same moment. A second try changes it.
        if not any(problem.reason == "taken" for problem in refused.refusal.problems):
            raise
        await values.write("create", inbound, apply, new, row=row)


async def _changed(target: _Target) -> bool | Refusal:
    """Change a value.

    Returns:
        True: it is changed; False: there is no such value; a refusal: it cannot be changed.
    """
    rows = _rows(target.wanted)
    if await target.change(rows):
        return True
    if not await rows.exists():
        return False
    # Another process may have made the value after the first try, so this tries again before it refuses.
    return bool(await target.change(rows)) or beyond_bounds("", target.wanted["value"])


async def _locked(targets: Sequence[_Target]) -> str:
    """Return the key of the row that a command is going to lock, so that all processes lock rows in the same order.

    Another visitor may make or delete a value before the command runs. The key is wrong then, which is rare.
    """
    if not targets:
        return ""
    first, last = targets[0].wanted, targets[-1].wanted
    return _key(first if first is not last and await _rows(first).exists() else last)


def _key(wanted: Mapping[str, Any]) -> str:
    return f"{wanted['room_id']}/{wanted['name']}"


def _rows(wanted: Mapping[str, Any]) -> Any:
    return IntegerValue.filter(room_id=wanted["room_id"], name=wanted["name"])


def _named(values: RoomValueBinding, inbound: Inbound, name: str, value: int) -> dict[str, Any]:
    if not name.strip():
        raise ActionRefused(Refusal("", "usage"))
    return values.valid("create", inbound, {"name": name, "value": value}) | dict(values.scope(inbound.group) or {})


def _parted(line: str) -> tuple[str, str]:
    """Return the line without its last word, and that word. A number with spaces between thousands is one word."""
    grouped = _GROUPED.search(line.rstrip())
    if grouped:
        return line[: grouped.start()], grouped.group()
    *before, last = line.rsplit(maxsplit=1) or [""]
    return "".join(before), last


def _number(text: str) -> int | None:
    try:
        return int(numeral(text))
    except ValueError:
        return None


def _added_to(wanted: dict[str, Any]) -> _Target:
    return _Target(wanted, lambda rows: add_within_bounds(rows, wanted["value"]))
