"""The commands that say something: /me tells what the sender does, /roll throws dice."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

DICE = 20
"""Dice of one throw, at most."""

SIDES = 1000
"""Sides of a die, at most; and what can be added to a throw."""

_THROW = re.compile(r"(?P<dice>[0-9]{0,2})[dDwW](?P<sides>[0-9]{1,4})(?:(?P<sign>[+-])(?P<more>[0-9]{1,4}))?")


class Saying(NamedTuple):
    """The message that a command makes.

    Attributes:
        kind: As in `Message`.
        text: The text of the message.
    """

    kind: str
    text: str


def _me(rest: str) -> Saying | None:
    return Saying("me", rest) if rest.strip() else None


def _roll(rest: str) -> Saying | None:
    """Throw dice: `/roll`, `/roll 20`, `/roll 2d6`, `/roll 2d6+3`."""
    asked = "".join(rest.split()) or "d6"
    found = _THROW.fullmatch(f"d{asked}" if asked.isascii() and asked.isdigit() else asked)
    if found is None:
        return None
    dice, sides, more = int(found["dice"] or 1), int(found["sides"]), int(found["more"] or 0)
    if not (0 < dice <= DICE and 1 < sides <= SIDES and more <= SIDES):
        return None
    signed = -more if found["sign"] == "-" else more
    thrown = [1 + secrets.randbelow(sides) for _ in range(dice)]
    name = f"{'' if dice == 1 else dice}d{sides}{f'{signed:+}' if signed else ''}"
    parts = " + ".join(map(str, thrown)) + (f" {'-' if signed < 0 else '+'} {more}" if signed else "")
    total = sum(thrown) + signed
    return Saying("roll", f"{name}: {total}" if parts == str(total) else f"{name}: {parts} = {total}")


SAYINGS: Mapping[str, Callable[[str], Saying | None]] = MappingProxyType({"me": _me, "roll": _roll})
"""The word after the slash → what it says, given the text behind it; None: nobody can say that."""
