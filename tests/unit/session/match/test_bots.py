"""The bots of one match: one a seat, made when it is first asked. One that thinks for long makes nobody wait."""

from typing import Any

import pytest

from p2pgame.core.errors import ForfeitError
from p2pgame.core.game import Setup
from p2pgame.core.guard import Guard, GuardedBot
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
    bots = BotPlayers(InputCodec(TOY), 0, asked.append)
    assert [bots.choose(2, None), bots.choose(2, None)] == [encode(0)] * 2
    assert asked == [2]


def test_by_turns_nobody_moves_for_a_game_without_a_bot() -> None:
    assert BotPlayers(InputCodec(ROBIN), None, lambda _: None).choose(0, None) is None


class Slow:
    """Has thought when it is asked for the third time; gives up in state 9."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = 0

    def choose(self, state: Any, player: int) -> int:
        raise AssertionError("nobody may wait for it")

    def thought(self, state: Any, player: int) -> int | None:
        if state == 9:
            raise ForfeitError("no more")
        self.asked += 1
        return 2 if self.asked == 3 else None

    def close(self) -> None:
        self.closed += 1


def guarded(bot: Any) -> GuardedBot:
    return GuardedBot(bot, ROBIN, Guard("toy"))


class Hurried(Counting):
    """Keeps the time that it is allowed."""

    seconds = 0.0

    def allow(self, seconds: float) -> None:
        self.seconds = seconds


def test_a_bot_is_told_of_its_time_if_it_wants_to_know() -> None:
    hurried = Hurried(0)
    guarded(hurried).allow(1.5)
    guarded(Slow()).allow(1.5)
    assert hurried.seconds == 1.5


def test_a_slow_bot_is_asked_again_until_it_has_thought() -> None:
    slow = Slow()
    bots = BotPlayers(InputCodec(ROBIN), None, lambda _: guarded(slow))
    state = ROBIN.initial(Setup(2, 0, ROBIN.config_type()))
    assert (bots.thought(0, state), bots.thinking) == (None, {0})
    assert (bots.thought(0, state), bots.thinking) == (None, {0})
    assert (bots.thought(0, state), bots.thinking) == (encode(2), set())


def test_a_bot_that_thinks_at_once_is_not_asked_again() -> None:
    quick = Counting(0)
    quick.asked = 0
    bots = BotPlayers(InputCodec(ROBIN), None, lambda _: guarded(quick))
    state = ROBIN.initial(Setup(2, 0, ROBIN.config_type()))
    assert (bots.thought(0, state), bots.thinking) == (encode(1), set())


def test_bots_are_closed_once_and_made_anew_if_they_are_asked_again() -> None:
    made: list[Slow] = []

    def make(seat: int) -> GuardedBot:
        made.append(Slow())
        return guarded(made[-1])

    bots = BotPlayers(InputCodec(ROBIN), None, make)
    bots.thought(0, None)
    bots.close()
    bots.close()
    assert (made[0].closed, bots.thinking) == (1, set())
    bots.thought(0, None)
    assert len(made) == 2


def test_a_bot_that_gives_up_says_so() -> None:
    bots = BotPlayers(InputCodec(ROBIN), None, lambda _: guarded(Slow()))
    with pytest.raises(ForfeitError, match="no more"):
        bots.thought(0, 9)
