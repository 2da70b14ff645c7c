"""A bot in a room that thinks for long: the network goes on, and its move comes when it has thought."""

from typing import Any

import pytest

from p2pgame.games.gomoku.rules import Move, State, legal_inputs
from p2pgame.session import commands as c
from tests.sim.party import Party

THINKS = 30
"""How often it is asked before it has thought."""


class Slow:
    """Implements `SlowBot`; keeps the states that it is asked about."""

    asked: list[State]
    closed = 0

    def __init__(self, seed: int) -> None:
        del seed

    def choose(self, state: State, player: int) -> Any:
        raise AssertionError("nobody may wait for it")

    def thought(self, state: State, player: int) -> Any:
        type(self).asked.append(state)
        return next(legal_inputs(state)) if type(self).asked.count(state) == THINKS else None

    def close(self) -> None:
        type(self).closed += 1


class Quiet(Party):
    """Nobody moves by itself."""

    def move(self) -> None:
        pass


def test_nobody_waits_for_a_bot_that_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pgame.games.gomoku.bot.Bot", Slow)
    monkeypatch.setattr(Slow, "asked", [], raising=False)
    monkeypatch.setattr(Slow, "closed", 0)
    party = Quiet("gomoku", (0, None))
    host = party.host
    view = party.match(host).view()
    assert view.to_move == (0,)
    host.lobby.execute(c.Submit(move=Move(112), seat=0), host.now)
    party.world.pump(host)
    assert party.match(host).view().frame == 1
    party.world.run(0.5)
    asked = len(Slow.asked)
    assert 5 < asked < THINKS, "it is asked some times a second, and not all the time"
    assert party.match(host).view().frame == 1
    party.world.run(2.0)
    assert party.match(host).view().frame == 2
    assert len(Slow.asked) == THINKS, "and not once more after it has thought"
    host.lobby.execute(c.Resign(), host.now)
    party.world.run(1.0)
    assert Slow.closed == 1
