"""Who may see a room, and who may do what in it. A room without rows here is open to everybody.

In: a visitor, and a room's id. Acts of owners, moderators and the operator.
Out: the standing of the visitor, and rows whose changes every process hears of: pages of whoever may not stay close.

    models.py      the rows: RoomPolicy, RoomMember and RoomBan
    keys.py        the names under which the rows know visitors and networks
    standing.py    what the rows say about a visitor
    loading.py     loads the rows, and keeps those of the rooms that this process follows
    rights.py      the rows as the engine's `Rights`
    passphrase.py  hashes passphrases, and checks them
    bindings.py    the rows as pages show them
    acts.py        changes the rows
"""

from webapp.chat.access.acts import Acts, Person, RoomGone, person_of, token_of
from webapp.chat.access.bindings import DoorBinding, KnockBinding, ModeratorRights, PolicyBinding
from webapp.chat.access.keys import LISTING, OPERATOR, door_group, network_key, owners_group, visitor_key
from webapp.chat.access.loading import KeptRules, rules_of, standing_of
from webapp.chat.access.models import (
    KEEPS,
    NOTE_LIMIT,
    TOPIC_LIMIT,
    WELCOME_LIMIT,
    MessageReport,
    RoomBan,
    RoomMember,
    RoomPolicy,
)
from webapp.chat.access.passphrase import PASSPHRASE_LIMIT, is_right
from webapp.chat.access.rights import BanRights, MemberRights, PolicyRights
from webapp.chat.access.standing import Rules, Standing

__all__ = [
    "KEEPS",
    "LISTING",
    "NOTE_LIMIT",
    "OPERATOR",
    "PASSPHRASE_LIMIT",
    "TOPIC_LIMIT",
    "WELCOME_LIMIT",
    "Acts",
    "BanRights",
    "DoorBinding",
    "KeptRules",
    "KnockBinding",
    "MemberRights",
    "MessageReport",
    "ModeratorRights",
    "Person",
    "PolicyBinding",
    "PolicyRights",
    "RoomBan",
    "RoomGone",
    "RoomMember",
    "RoomPolicy",
    "Rules",
    "Standing",
    "door_group",
    "is_right",
    "network_key",
    "owners_group",
    "person_of",
    "rules_of",
    "standing_of",
    "token_of",
    "visitor_key",
]
