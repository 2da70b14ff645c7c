"""Practice with several bots, teams and several players here."""

from collections.abc import Mapping

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.games.tron.rules import RIDING, UP, Config
from p2pgame.session import commands as c
from p2pgame.ui.practice import LineUp, Practice, line_ups

GOMOKU, PONG, TRON = (Plugin(f"p2pgame.games.{name}") for name in ("gomoku", "pong", "tron"))


def sit_down(line_up: LineUp, me: int = 0) -> Practice:
    return Practice(
        TRON, Config(best_of=3), peer="x" * 26, name="Anna", me=me, seed=5, clock=lambda: 0.0, line_up=line_up
    )


def test_every_number_of_bots_and_teams_are_offered() -> None:
    assert line_ups(GOMOKU.game) == [LineUp(players=2)]
    pong, tron = line_ups(PONG.game), line_ups(TRON.game)
    assert [line_up.players for line_up in pong] == [2, 3, 4, 4]
    assert [line_up.players for line_up in tron] == [2, 3, 4, 5, 6, 7, 8, 4, 6, 8]
    assert [line_up.teams for line_up in tron[7:]] == [(0, 1) * 2, (0, 1) * 3, (0, 1) * 4]


@pytest.mark.parametrize("line_up", line_ups(TRON.game))
def test_each_is_played_to_its_end(line_up: LineUp) -> None:
    practice = sit_down(line_up)
    for _ in range(20_000):
        if practice.match().outcome is not None:
            break
        practice.step(1 / 60)
    outcome = practice.match().outcome
    assert outcome is not None
    assert outcome.reason == "most rounds won"


def test_two_players_here_steer_their_own_cycles_and_no_other() -> None:
    practice = sit_down(LineUp(players=4, local=2), me=3)
    match = practice.match()
    assert (match.me, match.seats, match.bots) == (3, (3, 0), (1, 2))
    assert match.names == ("Player 2", "Bot 1", "Bot 2", "Anna")
    assert match.players == ("x" * 26, "", "", "x" * 26)
    for seat, move in ((0, 1), (None, 3), (1, 4)):
        practice.send(c.Submit(move, seat))
    assert practice._inputs == [1, 0, 0, 3]
    while practice.match().state.phase != RIDING:
        practice.step(1 / 60)
    practice.send(c.Submit(UP, 0))
    practice.send(c.Submit(UP))
    assert practice._inputs[0] == practice._inputs[3] == UP


def test_bots_are_as_strong_as_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    bot = TRON.bot

    def note(seed: int, *, chosen: Mapping[str, object]) -> object:
        made.append(chosen)
        return bot(seed, chosen=chosen)

    monkeypatch.setattr(TRON, "bot", note)
    sit_down(LineUp(players=3, level=3))
    assert made == [{"level": 3}] * 2
