"""A game is played by as many as it is for."""

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.setup_check import check_players
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.tron.rules import GAME as TRON


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
