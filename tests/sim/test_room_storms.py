"""Seeded storms over rooms with real rounds: see `room_storms`."""

import pytest

from tests.sim.room_storms import RoomStorm


@pytest.mark.parametrize("seed", [14, *range(10)])
def test_whatever_happens_in_a_room_all_play_a_round_to_the_same_end(seed: int) -> None:
    RoomStorm(seed).pass_by()
