"""A game is played by as many as it is for."""

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.setup_check import check_players, check_teams
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.tron.rules import GAME as TRON
from tests.hands.rules import Hands


@pytest.mark.parametrize("players", [-1, 0, 1, 3, 8])
def test_a_game_for_two_is_not_for_others(players: int) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        check_players(GOMOKU, players)
    assert caught.value.code == "wrong_number_of_players"
    assert caught.value.params == {"game": "gomoku", "players": players, "least": 2, "most": 2}


def test_all_numbers_from_the_least_to_the_most_are_right() -> None:
    check_players(GOMOKU, 2)
    for players in range(2, 9):
        check_players(TRON, players)
    for players in (1, 9):
        with pytest.raises(LocalProtocolError):
            check_players(TRON, players)


class Pairs(Hands):
    teams = True


@pytest.mark.parametrize(
    "teams", [(), (0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 2, 2, 1, 0), (3, 2, 1, 0, 3, 2, 1, 0)]
)
def test_teams_of_one_size_are_right(teams: tuple[int, ...]) -> None:
    check_teams(Pairs(), len(teams) or 5, teams)


@pytest.mark.parametrize(
    ("players", "teams"),
    [
        (2, (0, 0)),
        (2, (1, 2)),
        (3, (0, 0, 1)),
        (4, (0, 1)),
        (2, (0, 1, 0, 1)),
        (2, (-1, 0)),
        (4, (0, 0, 2, 2)),
    ],
)
def test_other_teams_are_refused(players: int, teams: tuple[int, ...]) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        check_teams(Pairs(), players, teams)
    assert (caught.value.code, caught.value.params) == ("wrong_teams", {"game": "hands"})


def test_a_game_that_knows_no_teams_is_played_without() -> None:
    check_teams(GOMOKU, 2, ())
    with pytest.raises(LocalProtocolError, match="wrong_teams"):
        check_teams(GOMOKU, 2, (0, 1))
