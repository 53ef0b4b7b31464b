"""A message that is not said comes back to its sender as it was typed, with the reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from webapp.chat.access import KeptRules, RoomPolicy, Rules
from webapp.chat.bindings import MessageBinding
from webapp.chat.draft import Draft
from webapp.chat.extensions import RoomExtension
from webapp.chat.refusal import MessageRefused
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.refusal import ActionRefused
from webapp.live.contexts import Refusal
from webapp.live.visitor import Visitor
from webapp.live.writing.writer import Writer
from webapp.room_values.bindings import RoomValueBinding


async def full(inbound: Inbound, line: str) -> None:
    """A command that is never done."""
    raise ActionRefused(Refusal("", "full"))


INC = RoomExtension(RoomValueBinding(), {"inc": full}, "room_values/_panel.html")


class OpenRooms(KeptRules):
    """Every room is open to everybody."""

    async def of(self, room_id: int) -> Rules:
        return Rules(room_id, RoomPolicy(room_id=room_id))


async def refused(text: str, admit: Callable[[bool], int] = lambda low_cost: 0) -> MessageRefused:
    """The refusal that the sender of `text` gets, in a room where /inc is a command."""
    inbound = Inbound(
        visitor=Visitor("ann-id", "Calm Sea"), group="room:1", writer=Writer(lambda groups: None), admit=admit
    )
    with pytest.raises(MessageRefused) as raised:
        await MessageBinding([INC], OpenRooms()).say(Draft("ann", text, "nonce", in_lines=True), inbound)
    return raised.value


@pytest.mark.parametrize("text", ["//inc " + "x" * 2000, "/ink", "/inc a", " \n"])
async def test_the_text_comes_back_as_it_was_typed(text: str) -> None:
    context = (await refused(text)).context
    assert (context.text, context.nonce, context.in_lines, context.is_kept) == (text, "nonce", True, False)


async def test_the_reply_is_the_refusals_own_for_pages_and_for_bots() -> None:
    command = await refused("/inc a")
    assert command.reply.template == "chat/_refused.html"
    assert command.reply.context == command.context
    assert command.reply.error == {"reason": "full"}
    misspelt = await refused("/ink")
    assert misspelt.reply.error == {
        "reason": "unknown_command",
        "commands": ("me", "roll", "inc", "help"),
        "nearest": "inc",
    }


async def test_a_message_counts_once_against_the_rate_limit_and_not_as_a_low_cost_action() -> None:
    counted: list[bool] = []

    def admit(low_cost: bool) -> int:
        counted.append(low_cost)
        return 7

    too_many = await refused("hi", admit)
    assert too_many.reply.error == {"reason": "flooding", "seconds": 7}
    assert counted == [False]
