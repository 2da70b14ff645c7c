"""Keys of Pong, and effects that a rollback neither doubles nor takes away."""

from collections.abc import Callable

import msgspec

from p2pgame.core import Setup
from p2pgame.games.pong.rules import FACE, GAME, HEIGHT, RADIUS, UNIT, Ball, Config, State
from p2pgame.games.pong.view import View
from p2pgame.session.view import MatchView
from p2pgame.ui.inputs import Control

Show = Callable[..., MatchView]


def start(ball: Ball) -> State:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    return msgspec.structs.replace(state, ball=ball, pause=0, frame=100)


def later(state: State, frames: int) -> State:
    for _ in range(frames):
        state = GAME.advance(state, (0, 0))
    return state


def test_held_keys_are_inputs(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    match = show(GAME, start(Ball(0, 0, 0, 0)))
    assert view.hold(frozenset({Control.UP}), match) == -1
    assert view.hold(frozenset({Control.DOWN}), match) == 1
    assert view.hold(frozenset({Control.UP, Control.DOWN}), match) == 0
    assert view.hold(frozenset({Control.FIRE}), match) == 0


def test_a_hit_sounds_once_though_a_rollback_takes_it_back_and_brings_it_later(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    soon, late = (start(Ball(FACE + RADIUS + gap * UNIT, HEIGHT // 2, -2 * UNIT, 0)) for gap in (4, 8))
    heard = []
    for state in (later(soon, 3), later(soon, 4), later(late, 3), later(late, 4), later(late, 6)):
        view.update(1 / 60, show(GAME, state))
        heard += view.cues()
        assert len(view.effects) == 1, "no flicker"
    assert [name.partition("@")[0] for name in heard] == ["paddle"]
    assert float(heard[0].partition("@")[2]) < -0.5, "from the left"


def test_a_point_is_not_cheered_before_it_is_certain(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    state = later(start(Ball(UNIT, HEIGHT // 2, -4 * UNIT, 0)), 3)
    scored = state.events[-1].frame
    assert state.score == (0, 1)
    view.update(1 / 60, show(GAME, state, confirmed=scored - 1))
    assert not view.cues()
    view.update(1 / 60, show(GAME, later(state, 4), confirmed=scored))
    assert view.cues() == ("score@-0.8",)


def test_what_happened_before_the_view_came_makes_no_noise(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    state = later(start(Ball(UNIT, HEIGHT // 2, -4 * UNIT, 0)), 45)
    assert state.events
    assert view.update(1 / 60, show(GAME, state))
    assert not view.cues()
    assert not len(view.effects)
