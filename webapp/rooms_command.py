"""`python -m webapp rooms`: lists rooms, and does to them what their owners could.

The command writes to the database beside the servers. They find its changes when they next look at the change log,
within a second.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise.functions import Count, Max

from webapp.chat import Room, label_of
from webapp.chat.access import Acts, Person, RoomMember, Rules, rules_of
from webapp.chat.models import Message
from webapp.db import connected
from webapp.environment import shown
from webapp.live.writing import Writer
from webapp.settings import Settings

LISTED = 50
"""Rooms that `list` shows, unless it is asked for more."""

Act = Callable[[argparse.Namespace, Room, Acts], Awaitable[str]]
"""Does something to a room, and returns what was done, in one line or more."""


class NoSuchRoomError(Exception):
    """The command names a room or a message that is not there; the text says so."""


def add_rooms_parser(commands: Any) -> None:
    """Add `rooms` to the subparsers `commands` of a command line."""
    rooms = commands.add_parser("rooms", help="list rooms, and lock, hand on, or delete one").add_subparsers(
        dest="action", required=True
    )
    listing = rooms.add_parser("list", help="list rooms, the one where somebody spoke last first")
    listing.add_argument("--limit", type=int, default=LISTED, help=f"rooms to list; {LISTED} without it")
    for name, does in _HELP.items():
        parser = rooms.add_parser(name, help=does)
        parser.add_argument("label", help="of the room, as in its address")
        if name == "ban":
            parser.add_argument("message", type=int, help="the number of a message of the visitor to keep out")
            parser.add_argument("--days", type=int, default=0, help="for how long; without it for good")
            parser.add_argument("--network", action="store_true", help="and everybody else from the same network")
            parser.add_argument("--messages", action="store_true", help="and delete what the visitor said in the room")
        if name == "delete":
            parser.add_argument("--yes", action="store_true", help="really, with everything that was said in it")


async def run_rooms_command(options: argparse.Namespace, settings: Settings) -> str:
    """Run `rooms` with the options of its parser.

    Returns:
        What to print.

    Raises:
        NoSuchRoomError: There is no such room or message.
    """
    async with connected(settings.database_url, pool=1):
        if options.action == "list":
            return await _list(options.limit)
        room = await _room(options.label)
        writer = Writer(lambda groups: None)
        async with writer.working():
            return await _ACTS[options.action](options, room, Acts(writer, room))


async def _room(label: str) -> Room:
    known = label_of(label, ())
    room = None if known is None else await Room.get_or_none(label=known)
    if room is None:
        raise NoSuchRoomError(f"there is no room {shown(label)}.")
    return room


async def _list(limit: int) -> str:
    rooms = Room.annotate(said=Count("messages"), last=Max("messages__id")).order_by("-last", "-id")
    lines = [_row(room, await rules_of(room.id)) for room in await rooms.limit(limit)]
    return "\n".join([_cells("messages", "owners", "rules", "room"), *lines])


def _row(room: Any, rules: Rules) -> str:
    owners = sum(one.role == "owner" for one in rules.members.values())
    return _cells(str(room.said), str(owners), ",".join(_rules(rules)) or "-", room.label)


def _cells(*cells: str) -> str:
    *first, last = cells
    return "".join(f"{cell:<18}" if number == 2 else f"{cell:<10}" for number, cell in enumerate(first)) + last


def _rules(rules: Rules) -> list[str]:
    policy = rules.policy
    names = {
        "passphrase": policy.passphrase,
        "private": policy.is_private,
        "locked": policy.is_locked,
        "slow": policy.slow_seconds,
        "no links": policy.forbids_links,
        "work": policy.asks_work,
        "listed": policy.is_listed,
        f"keeps {policy.keeps}": policy.keeps != "always",
    }
    return [name for name, holds in names.items() if holds]


async def _show(options: argparse.Namespace, room: Room, acts: Acts) -> str:
    rules = await rules_of(room.id)
    said = await Message.filter(room_id=room.id).count()
    people = [f"  {one.role:<12}{ascii(one.name)[1:-1]}" for one in rules.members.values()]
    bans = [f"  kept out    {ascii(one.name)[1:-1]}, until {one.until or 'for good'}" for one in rules.bans]
    return "\n".join([f"{room.label}: {said} messages; {', '.join(_rules(rules)) or 'no rules'}", *people, *bans])


async def _lock(options: argparse.Namespace, room: Room, acts: Acts) -> str:
    await acts.set_rules(is_locked=options.action == "lock")
    return f"{room.label} is {options.action}ed."


async def _work(options: argparse.Namespace, room: Room, acts: Acts) -> str:
    asks = options.action == "ask-work"
    await acts.set_rules(asks_work=asks)
    return f"{room.label} asks for {'a' if asks else 'no'} computation."


async def _owner_link(options: argparse.Namespace, room: Room, acts: Acts) -> str:
    return f"{room.path}own?key={await acts.new_owner_link()}"


async def _delete(options: argparse.Namespace, room: Room, acts: Acts) -> str:
    if not options.yes:
        return f"Nothing was done. To delete {room.label} with everything that was said in it, add --yes."
    await acts.delete_room()
    return f"{room.label} is deleted."


async def _ban(options: argparse.Namespace, room: Room, acts: Acts) -> str:
    message = await Message.get_or_none(id=options.message, room_id=room.id)
    if message is None or not message.author:
        raise NoSuchRoomError(f"{room.label} has no message {options.message} that a visitor sent.")
    until = datetime.now(UTC) + timedelta(days=options.days) if options.days else None
    person = Person(message.author, message.handle, message.mark, message.network)
    await acts.ban(person, until, with_network=options.network, with_messages=options.messages)
    # Whoever looks after a room cannot be kept out of it.
    await RoomMember.filter(room_id=room.id, visitor=message.author, role="owner").delete()
    return f"{ascii(message.handle)[1:-1]} is kept out of {room.label}."


_HELP = {
    "show": "say who looks after a room, and what its rules are",
    "lock": "let only those write who look after a room",
    "unlock": "let everybody write again",
    "ask-work": "have browsers do a small computation before their visitors can write",
    "ask-no-work": "let them write without one again",
    "owner-link": "make a link that makes an owner of whoever opens it; an earlier one stops working",
    "ban": "keep a visitor out of a room",
    "delete": "delete a room",
}

_ACTS: Mapping[str, Act] = {
    "show": _show,
    "lock": _lock,
    "unlock": _lock,
    "ask-work": _work,
    "ask-no-work": _work,
    "owner-link": _owner_link,
    "ban": _ban,
    "delete": _delete,
}
