"""Loads the rows that decide about a room, and keeps them for as long as this process hears of their changes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

from tortoise.expressions import Q

from webapp.chat.access.keys import network_key, visitor_key
from webapp.chat.access.models import RoomBan, RoomMember, RoomPolicy
from webapp.chat.access.standing import Rules, Standing
from webapp.live.database import left_out
from webapp.live.visitor import Visitor


async def rules_of(room_id: int) -> Rules:
    """Return all the rows that decide about a room."""
    policy = await _policy_of(room_id)
    members = {one.visitor: one for one in await RoomMember.filter(room_id=room_id)}
    bans = await RoomBan.filter(room_id=room_id)
    return Rules(room_id, policy, members, bans)


async def standing_of(visitor: Visitor, room_id: int) -> Standing:
    """Return what `visitor` may do in a room, from the rows about this visitor alone; a room with id 0 is open."""
    if not room_id:
        return Standing(RoomPolicy(room_id=0))
    key, network = visitor_key(room_id, visitor.id), network_key(room_id, visitor)
    policy = await _policy_of(room_id)
    member = await RoomMember.get_or_none(room_id=room_id, visitor=key)
    about = Q(visitor=key) | Q(network=network) if network else Q(visitor=key)
    bans = await RoomBan.filter(about, room_id=room_id)
    members = {key: member} if member else {}
    return Rules(room_id, policy, members, bans).standing_of(visitor)


async def _policy_of(room_id: int) -> RoomPolicy:
    found: Sequence[RoomPolicy] = await RoomPolicy.filter(room_id=room_id)
    # If a policy that cannot be read counted as none, a broken value would open the room to everybody.
    without = RoomPolicy(room_id=room_id, is_private=bool(left_out(found)))
    return found[0] if found else without


class KeptRules:
    """Keeps the rules of rooms that this process follows, so a message in such a room costs no query.

    A process has one. `RoomRights` tells it of changes, before the room's feed sends anything that came after them.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Rules] = {}
        self._count = itertools.count(1)
        self._versions: dict[int, int] = {}
        self._loading: dict[tuple[int, int], asyncio.Task[Rules]] = {}

    async def of(self, room_id: int) -> Rules:
        """Return the rules of a room. Those who ask at the same time get them in the order in which they asked."""
        kept = self._kept.get(room_id)
        if kept is not None:
            return kept
        version = self._versions.get(room_id)
        if version is None:
            return await rules_of(room_id)
        # If each loaded them for itself, a visitor's second message could overtake the first one.
        loading = self._loading.get((room_id, version))
        if loading is None:
            loading = self._loading[room_id, version] = asyncio.create_task(self._load(room_id, version))
        return await asyncio.shield(loading)

    async def _load(self, room_id: int, version: int) -> Rules:
        try:
            rules = await rules_of(room_id)
            # If a change came while the rows were read, they may be older than it.
            if version == self._versions.get(room_id):
                self._kept[room_id] = rules
            return rules
        finally:
            del self._loading[room_id, version]

    def follow(self, room_id: int) -> None:
        """Keep the rules from now on."""
        self._versions[room_id] = next(self._count)
        self._kept.pop(room_id, None)

    def forget(self, room_id: int) -> None:
        """Load the rules again when they are asked for next."""
        if room_id in self._versions:
            self.follow(room_id)

    def unfollow(self, room_id: int) -> None:
        """Keep the rules no more."""
        self._versions.pop(room_id, None)
        self._kept.pop(room_id, None)
