"""What owners, moderators and the operator do to a room. Each act is one transaction, and rings the room.

The callers have checked that the visitor may do it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tortoise.expressions import F, Q

from webapp.chat.access.keys import LISTING, OPERATOR, door_group, owners_group, visitor_key
from webapp.chat.access.models import MessageReport, RoomBan, RoomMember, RoomPolicy
from webapp.chat.access.passphrase import hashed
from webapp.chat.models import Message, Room
from webapp.live.visitor import NAME_LIMIT, Visitor
from webapp.live.writing import Writer

WAITING = 100
"""Visitors who may wait at the door of a room. Nobody could choose among more."""


class RoomGone(Exception):
    """The room was deleted."""


@dataclass(frozen=True, slots=True)
class Person:
    """A visitor as a room's rows know one.

    Attributes:
        key: The visitor's key in the room.
        name: The name.
        mark: The mark.
        network: The key of the network in the room, or empty.
    """

    key: str
    name: str = ""
    mark: str = ""
    network: str = ""


class Acts:
    """The acts on one room.

    Args:
        writer: Commits them.
        room: The room.
    """

    def __init__(self, writer: Writer, room: Room) -> None:
        self._writer = writer
        self._room = room

    # The rules.

    async def set_rules(self, **values: Any) -> None:
        """Change columns of the room's policy, which is made if need be."""
        await self._run(partial(self._set, values), [self._room.group, LISTING])

    async def set_passphrase(self, passphrase: str) -> None:
        """Let in only those who know `passphrase`; empty: everybody. Whoever knew an earlier one is out."""
        stored = await hashed(passphrase) if passphrase.strip() else ""
        values = {"passphrase": stored, "epoch": F("epoch") + 1}
        await self._run(partial(self._set, values), [self._room.group, LISTING])

    async def new_owner_link(self) -> str:
        """Return the secret of a new owner link, in place of any earlier one: 192 bits, fit for a URL."""
        secret = secrets.token_urlsafe(24)
        await self.set_rules(owner_token=token_of(secret))
        return secret

    async def revoke_owner_link(self) -> None:
        """Make the owner link useless. Whoever has used it already stays an owner."""
        await self.set_rules(owner_token="")

    # Members.

    async def let_in(self, person: Person, role: str, epoch: int = 0) -> None:
        """Give a visitor a role, in place of any other."""
        await self._run(
            partial(self._let_in, person, role, epoch), [self._room.group, door_group(self._room.id, person.key)]
        )

    async def knock(self, person: Person) -> None:
        """Ask for admission, unless WAITING others do. An owner who has turned the visitor away is not asked again."""

        async def ask() -> None:
            if await RoomMember.filter(room_id=self._room.id, role="waiting").count() >= WAITING:
                return
            await RoomMember.get_or_create(
                {"role": "waiting", "name": person.name, "mark": person.mark},
                room_id=self._room.id,
                visitor=person.key,
            )
            stale = RoomMember.filter(room_id=self._room.id, visitor=person.key, role="knows")
            await stale.update(role="waiting", name=person.name, mark=person.mark)

        await self._run(ask, self._groups_of(person.key))

    async def set_role(self, member_id: int, role: str, of: tuple[str, ...]) -> bool:
        """Give a member another role.

        Args:
            member_id: The member.
            role: The role; empty: the member is one no more.
            of: The roles that the member must have now.

        Returns:
            Whether there was such a member.
        """
        groups = [self._room.group, owners_group(self._room.id)]

        async def apply() -> bool:
            chosen = RoomMember.filter(id=member_id, room_id=self._room.id, role__in=of)
            member = await chosen.select_for_update().first()
            if member is None:
                return False
            groups.append(door_group(self._room.id, member.visitor))
            await (chosen.update(role=role) if role else chosen.delete())
            return True

        return bool(await self._run(apply, groups))

    # Bans.

    async def ban(self, person: Person, until: datetime | None, *, with_network: bool, with_messages: bool) -> None:
        """Keep a visitor out.

        Args:
            person: The visitor.
            until: When the ban ends; None: never.
            with_network: Keep out everybody from the visitor's network as well, if it is known.
            with_messages: Delete what the visitor has said.
        """

        async def apply() -> None:
            network = person.network if with_network else ""
            over = Q(visitor=person.key, network=network) | Q(until__lt=datetime.now(UTC))
            await RoomBan.filter(over, room_id=self._room.id).delete()
            await RoomBan.create(
                room_id=self._room.id,
                visitor=person.key,
                network=network,
                name=person.name,
                mark=person.mark,
                until=until,
            )
            await RoomMember.filter(~Q(role="owner"), room_id=self._room.id, visitor=person.key).delete()
            if with_messages:
                await Message.filter(room_id=self._room.id, author=person.key).delete()

        await self._run(apply, self._groups_of(person.key))

    async def lift_ban(self, ban_id: int) -> None:
        """Let a visitor in again."""
        await self._run(RoomBan.filter(id=ban_id, room_id=self._room.id).delete)

    # Messages, and the room.

    async def delete_message(self, message_id: int) -> None:
        """Delete a message."""
        await self._run(Message.filter(id=message_id, room_id=self._room.id).delete)

    async def report(self, message: Message, reporter: str, note: str) -> None:
        """Tell the operator of a message; a second report of the same visitor changes nothing."""
        told = {
            "room_id": self._room.id,
            "label": self._room.label,
            "handle": message.handle,
            "text": message.message,
            "note": note,
        }
        await self._run(
            partial(MessageReport.get_or_create, told, message_id=message.id, reporter=reporter), [OPERATOR]
        )

    async def dismiss_report(self, report_id: int) -> None:
        """Take a report off the operator's list."""
        await self._run(MessageReport.filter(id=report_id, room_id=self._room.id).delete, [OPERATOR])

    async def delete_room(self) -> None:
        """Delete the room with all that is in it."""
        await self._run(Room.filter(id=self._room.id).delete, [self._room.group, LISTING])

    async def claim(self, visitor: Visitor) -> bool:
        """Make a visitor the owner of a room that nobody owns and where nothing was said.

        Returns:
            Whether the visitor owns it now.
        """

        async def apply() -> bool:
            taken = (
                await Message.filter(room_id=self._room.id).exists()
                or await RoomMember.filter(room_id=self._room.id, role="owner").exists()
                or await RoomPolicy.filter(~Q(owner_token=""), room_id=self._room.id).exists()
            )
            if not taken:
                await self._let_in(person_of(self._room.id, visitor), "owner", 0)
            return not taken

        return bool(await self._run(apply))

    def _groups_of(self, visitor: str) -> Collection[str]:
        return [self._room.group, owners_group(self._room.id), door_group(self._room.id, visitor)]

    async def _run(self, apply: Callable[[], Awaitable[Any]], groups: Collection[str] | None = None) -> Any:
        async def if_there() -> Any:
            # If rows were written for a deleted room, they would stay for ever.
            if not await Room.filter(id=self._room.id).exists():
                raise RoomGone
            return await apply()

        # Acts on one room run one after another, in all transactions.
        return await self._writer.run(if_there, groups or [self._room.group], order=("room", str(self._room.id)))

    async def _set(self, values: dict[str, Any]) -> None:
        await RoomPolicy.get_or_create(room_id=self._room.id)
        await RoomPolicy.filter(room_id=self._room.id).update(**values)

    async def _let_in(self, person: Person, role: str, epoch: int) -> None:
        told = {"role": role, "name": person.name, "mark": person.mark, "epoch": epoch}
        _, is_new = await RoomMember.get_or_create(told, room_id=self._room.id, visitor=person.key)
        if not is_new:
            await RoomMember.filter(room_id=self._room.id, visitor=person.key).update(**told)


def person_of(room_id: int, visitor: Visitor, mark: str = "") -> Person:
    """Return a visitor as the rows of a room know one."""
    return Person(visitor_key(room_id, visitor.id), (visitor.handle or visitor.guest)[:NAME_LIMIT], mark)


def token_of(secret: str) -> str:
    """Return what the database keeps of an owner link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
