"""Seeded storms over matches of several members: see `party_world`."""

import pytest

from tests.sim.party_world import Storm

_FOUND = (
    4,
    13,
    26,
    41,
    48,
    57,
    114,
    117,
    123,
    157,
    371,
    502,
    594,
    689,
    725,
    732,
    790,
    807,
    840,
    994,
    1042,
    1070,
)
"""Each of these found a fault."""


@pytest.mark.parametrize("seed", _FOUND)
def test_storms_that_did_harm(seed: int) -> None:
    Storm(seed).weather()


@pytest.mark.parametrize("first", range(2000, 2120, 10))
def test_whatever_happens_to_the_members_of_a_match_who_is_there_agrees(first: int) -> None:
    for seed in range(first, first + 10):
        Storm(seed).weather()
