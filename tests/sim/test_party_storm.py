"""Seeded storms over matches of several members: see `party_world`."""

import pytest

from tests.sim.party_world import Storm

_EACH = 25
"""Seeds of one test."""
_TRON = (
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
_STEPS = (
    *(
        168,
        210,
        224,
        303,
        710,
        802,
        1077,
        1103,
        1191,
        1237,
        1276,
        1414,
        1773,
        1798,
        1966,
        2660,
        4108,
        4205,
        4225,
    ),
    *(10272, 11176, 10530, 11011, 11021, 11601, 11804),
)


@pytest.mark.parametrize(
    ("game", "seed"), [*(("tron", seed) for seed in _TRON), *(("steps", seed) for seed in _STEPS)]
)
def test_storms_that_did_harm(game: str, seed: int) -> None:
    Storm(seed, game).weather()


@pytest.mark.parametrize("first", range(10_000, 10_300, _EACH))
def test_whatever_happens_to_the_members_of_a_match_who_is_there_agrees(first: int) -> None:
    for seed in range(first, first + _EACH):
        Storm(seed).weather()
