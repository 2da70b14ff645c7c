"""The bots of one match: one a seat, made when it is first asked."""

from typing import Any

from p2pgame.core.snapshot import encode
from p2pgame.netcode.inputs import InputCodec
from p2pgame.session.match.bots import BotPlayers
from tests.toy import ROBIN, TOY


class Counting:
    """Says how often it was asked, from 0 on, up to 3."""

    def __init__(self, seat: int) -> None:
        self.seat, self.asked = seat, -1

    def choose(self, state: Any, player: int) -> int:
        assert player == self.seat
        self.asked = min(3, self.asked + 1)
        return self.asked


def test_each_seat_has_a_bot_of_its_own_made_when_it_is_asked() -> None:
    made: list[int] = []

    def make(seat: int) -> Counting:
        made.append(seat)
        return Counting(seat)

    bots = BotPlayers(InputCodec(TOY), 0, make)
    assert made == []
    assert [bots.choose(seat, None) for seat in (1, 1, 4, 1)] == [encode(n) for n in (0, 1, 0, 2)]
    assert made == [1, 4]


def test_a_game_without_a_bot_is_asked_once_and_plays_neutral() -> None:
    asked: list[int] = []
    bots = BotPlayers(InputCodec(TOY), 0, lambda seat: asked.append(seat))
    assert [bots.choose(2, None), bots.choose(2, None)] == [encode(0)] * 2
    assert asked == [2]


def test_by_turns_nobody_moves_for_a_game_without_a_bot() -> None:
    assert BotPlayers(InputCodec(ROBIN), None, lambda _: None).choose(0, None) is None
