"""Who looks how: the same on all machines, all players of a match different, and nobody by colour alone."""

import random

import pytest

from p2pgame.ui.avatars import COUNT, Avatar, avatar_of, of_number, of_players
from p2pgame.ui.theme import THEME
from p2pgame.wire.beacon import AVATARS


def test_every_number_is_an_avatar_and_back() -> None:
    assert COUNT * COUNT == AVATARS
    assert [of_number(number).number for number in range(AVATARS)] == list(range(AVATARS))


def test_who_chose_nothing_looks_as_its_key_says_in_one_of_the_first_colours() -> None:
    looks = {avatar_of(f"{n:026}", None) for n in range(400)}
    assert {look.colour for look in looks} == {0, 1, 2, 3}
    assert {look.shape for look in looks} == set(range(COUNT))
    assert avatar_of("a" * 26, None) == avatar_of("a" * 26, None)
    assert avatar_of("a" * 26, 63) == Avatar(7, 7)


@pytest.mark.parametrize("seed", range(20))
def test_no_two_players_of_a_match_look_alike(seed: int) -> None:
    chance = random.Random(seed)
    people = [f"{n:026}" for n in range(5)]
    seats = [chance.choice([*people, ""]) for _ in range(chance.randint(2, 8))]
    chosen = {peer: chance.randrange(AVATARS) for peer in people if chance.random() < 0.5}
    looks = of_players(seats, chosen.get)
    assert len({look.colour for look in looks}) == len({look.shape for look in looks}) == len(seats)
    assert looks == of_players(tuple(seats), dict(chosen).get)


def test_the_first_seat_gets_its_wish_and_bots_what_is_left() -> None:
    looks = of_players(["", "b", "a", "b"], {"a": Avatar(2, 3).number, "b": Avatar(2, 5).number}.get)
    assert looks == ((0, 0), (2, 5), (3, 3), (4, 6))


def test_a_look_that_is_worn_keeps_all_colours_and_shapes() -> None:
    worn = THEME.seated([5, 2], [7, 1])
    assert (worn.tint(0), worn.tint(1)) == (THEME.tint(5), THEME.tint(2))
    assert (worn.shape(0), worn.shape(1)) == (7, 1)
    assert sorted(worn.players) == sorted(THEME.players)
    assert sorted(worn.shapes) == list(range(8))
    assert worn.base is THEME
