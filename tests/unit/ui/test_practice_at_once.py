"""Practice of a game by turns in which all move at once."""

from p2pgame.core.game import EndedBy
from p2pgame.core.registry import Plugin
from p2pgame.session import commands as c
from p2pgame.ui.practice import Practice
from tests.hands.rules import Config, Hand, Score

PLUGIN = Plugin("tests.hands")
ROCK = Hand("rock")


def sit_down(plugin: Plugin = PLUGIN, me: int = 0) -> Practice:
    return Practice(plugin, Config(points=3), peer="x" * 26, name="Anna", me=me, seed=5, clock=lambda: 0.0)


def think(practice: Practice) -> None:
    """The bot finishes its thought, which takes real time, and answers."""
    practice.step(0.01)
    thought = practice._thought
    assert thought is not None
    thought._thread.join(10.0)
    practice.step(1.0)


def test_a_frame_passes_when_the_person_and_the_bot_have_moved() -> None:
    practice = sit_down()
    assert practice.match().to_move == (0, 1)
    practice.send(c.Submit(move=ROCK))
    assert (practice.match().to_move, practice.match().frame) == ((1,), 0)
    think(practice)
    assert (practice.match().to_move, practice.match().frame) == ((0, 1), 1)
    shown = practice.match().state.shown
    assert shown[0] == "rock"
    assert shown[1] in ("rock", "paper", "scissors")


def test_the_bot_may_move_first_and_its_move_is_not_shown() -> None:
    practice = sit_down(me=1)
    think(practice)
    assert (practice.match().to_move, practice.match().frame) == ((1,), 0)
    assert practice.match().state == Score(3, (0, 0))
    practice.send(c.Submit(move=ROCK))
    assert practice.match().frame == 1
    assert practice.match().state.shown[1] == "rock"


def test_a_move_is_made_once() -> None:
    practice = sit_down()
    practice.send(c.Submit(move=ROCK))
    practice.send(c.Submit(move=Hand("paper")))
    think(practice)
    assert practice.match().state.shown[0] == "rock"


def test_to_the_end() -> None:
    practice = sit_down()
    for _ in range(100):
        if practice.match().outcome is not None:
            break
        practice.send(c.Submit(move=ROCK))
        think(practice)
    outcome = practice.match().outcome
    assert outcome is not None
    assert (outcome.ended_by, outcome.reason) == (EndedBy.RULES, "enough points")
    assert max(practice.match().state.points) == 3
