"""What people write in a room to change its values: /set name value, /inc name, /unset name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from webapp.board.counting import add, beyond
from webapp.board.models import IntegerValue
from webapp.chat.commands import Command
from webapp.live.binding import ActionRefused, Inbound
from webapp.live.contexts import Refusal
from webapp.live.validation import numeral
from webapp.room_values.bindings import RoomValueBinding

# The last word of a line that is meant as a number. One that is no whole number after all is no part of a new name.
_LIKE_A_NUMBER = re.compile(r"[+\-.,'0-9]*[0-9][+\-.,'0-9]*")

# As in French, with spaces that do not break a line. 64 bits make six groups after the first.
_GROUPED = re.compile(r"(?<!\S)\S?\d{1,3}(?:[\u00a0\u2009\u202f]\d{3}){1,6}$")


class _Target(NamedTuple):
    """A value that a command may mean, and how it would be changed; `change` gives how many rows it changed."""

    wanted: dict[str, Any]
    change: Callable[[Any], Awaitable[int]]


def commands(values: RoomValueBinding) -> Mapping[str, Command]:
    """The commands, by the word that follows the slash."""
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
    # Names may end in a number: "/inc player 1" is for "player 1" if there is one, else "player" gets 1 more.
    by = _number(last)
    new = None if by is None else _named(values, inbound, name, by)
    whole_line = None
    with suppress(ActionRefused):  # too long to be a name
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
    """Change the first of `targets` that there is, or make `new`; a wrong use of the command where that is None."""

    async def apply() -> IntegerValue | Refusal | None:
        # All of it here, in one transaction: between two of them somebody could make or delete a value.
        for target in targets:
            outcome = await _changed(target)
            if outcome:
                return outcome if isinstance(outcome, Refusal) else None
        return await values.insert(inbound.visitor, new) if new else Refusal("", "usage")

    row = await _locked(targets)
    try:
        await values.write("create", inbound, apply, new, row=row)
    except ActionRefused as refused:
        # Somebody made it at the same moment, so by now it is there to be changed.
        if not any(problem.reason == "taken" for problem in refused.refusal.problems):
            raise
        await values.write("create", inbound, apply, new, row=row)


async def _changed(target: _Target) -> bool | Refusal:
    """Whether there is such a value, which is then changed; or why it cannot be."""
    rows = _rows(target.wanted)
    if await target.change(rows):
        return True
    if not await rows.exists():
        return False
    # Another process may have made it since the change found none.
    return bool(await target.change(rows)) or beyond("", target.wanted["value"])


async def _locked(targets: Sequence[_Target]) -> str:
    """Which row a command is going to lock: two processes lock in one order. It is seldom another by then."""
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
    """The line without its last word, and that word; a number with spaces between its thousands is one."""
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
    return _Target(wanted, lambda rows: add(rows, wanted["value"]))
