"""What people write in a room to change its values: /set name value, /inc name, /unset name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from webapp.board.bindings import RoomValueBinding
from webapp.board.counting import beyond, whole
from webapp.board.models import IntegerValue
from webapp.live.contexts import Denial
from webapp.live.inbound import Denied, Inbound, Refused

Command = Callable[[Inbound, str], Awaitable[None]]
"""Does what the rest of the line says, in the room's group. Raises Denied."""


def commands(values: RoomValueBinding) -> Mapping[str, Command]:
    """The commands, by the word that follows the slash."""
    return {"set": partial(_set, values), "inc": partial(_inc, values), "unset": partial(_unset, values)}


async def _set(values: RoomValueBinding, inbound: Inbound, line: str) -> None:
    name, _, number = line.strip().rpartition(" ")
    wanted = _named(values, inbound, name, _number(number))
    await _upsert(values, inbound, wanted, lambda rows: rows.update(value=wanted["value"]))


async def _inc(values: RoomValueBinding, inbound: Inbound, line: str) -> None:
    name, by = line.strip(), 1
    head, _, last = name.rpartition(" ")
    if head and last.lstrip("+-").isdecimal():
        name, by = head, _number(last)
    wanted = _named(values, inbound, name, by)
    await _upsert(values, inbound, wanted, lambda rows: values.add(rows, by))


async def _unset(values: RoomValueBinding, inbound: Inbound, line: str) -> None:
    wanted = _named(values, inbound, line, 0)

    async def apply() -> Denial | None:
        gone = await _rows(wanted).delete()
        return None if gone else Denial("", "gone")

    await values.write("delete", inbound, apply, row=_key(wanted))


async def _upsert(
    values: RoomValueBinding, inbound: Inbound, wanted: dict[str, Any], change: Callable[[Any], Awaitable[int]]
) -> None:
    async def apply() -> IntegerValue | Denial | None:
        if await change(_rows(wanted)):
            return None
        if await _rows(wanted).exists():
            return beyond("", wanted["value"])
        return await values.insert(inbound.visitor, wanted)

    try:
        await values.write("create", inbound, apply, wanted, row=_key(wanted))
    except Denied as denied:
        # Somebody made it at the same moment, so by now it is there to be changed.
        if not any(problem.reason == "taken" for problem in denied.denial.problems):
            raise
        await values.write("create", inbound, apply, wanted, row=_key(wanted))


def _key(wanted: Mapping[str, Any]) -> str:
    return f"{wanted['room_id']}/{wanted['name']}"


def _rows(wanted: Mapping[str, Any]) -> Any:
    return IntegerValue.filter(room_id=wanted["room_id"], name=wanted["name"])


def _named(values: RoomValueBinding, inbound: Inbound, name: str, value: int) -> dict[str, Any]:
    if not name.strip():
        raise Denied(Denial("", "usage"))
    return values.valid("create", inbound, {"name": name, "value": value}) | dict(values.scope(inbound.group) or {})


def _number(text: str) -> int:
    try:
        return whole(text)
    except Refused as refused:
        raise Denied(Denial("", "usage")) from refused
