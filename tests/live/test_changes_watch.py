"""What triggers are made of, and what is refused before there are any."""

from __future__ import annotations

import pytest

from tests.support.databases import Database
from tests.support.things import BoardThings, PickedThings, RoomThings
from webapp.live.changelog.watch import Watch


async def test_the_columns_that_decide_are_those_of_the_group_and_of_only(sqlite: Database) -> None:
    assert Watch.of(BoardThings()).group_columns == ("room_id",)
    assert Watch.of(RoomThings()).group_columns == ("room_id",)
    assert Watch.of(PickedThings()).group_columns == ("shown", "value", "sort", "note")
    both = Watch(stream="s", table="t", pk="id", columns=("a",), group="{b}:{c}", only={"c": 1, "d": 2})
    assert both.group_columns == ("b", "c", "d")


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ({"rom_id": 1}, "'rom_id'.*room_id"),
        ({"room": 1}, "'room'.*room_id"),
        ({"value": "7"}, "Thing.value has values of type int"),
        ({"value": True}, "type int"),
        ({"shown": 1}, "type bool"),
        ({"kind": 1}, "type str"),
    ],
)
async def test_what_can_hold_for_no_row_is_refused(
    sqlite: Database, only: dict[str, int | str | None], said: str
) -> None:
    class Wrong(BoardThings):
        pass

    Wrong.only = only
    with pytest.raises(ValueError, match=said):
        Watch.of(Wrong())


@pytest.mark.parametrize("column", ["a,b", "a'b", 'a"b'])
def test_a_column_whose_name_would_be_ambiguous_in_the_log_is_refused(column: str) -> None:
    with pytest.raises(ValueError, match="needs a name without"):
        Watch(stream="s", table="t", pk="id", columns=("fine", column), group="g")
