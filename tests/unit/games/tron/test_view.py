"""Keys of Tron, and crashes that are shown once and only when they are certain."""

from collections.abc import Callable

import msgspec

from p2pgame.core import Setup
from p2pgame.games.tron.rules import COUNTDOWN_FRAMES, DOWN, GAME, LEFT, NONE, RIGHT, UP, Config, State
from p2pgame.games.tron.view import View
from p2pgame.session.view import MatchView
from p2pgame.ui.inputs import Control

Show = Callable[..., MatchView]


def later(state: State, frames: int) -> State:
    for _ in range(frames):
        state = GAME.advance(state, (NONE,) * len(state.riders))
    return state


def start() -> State:
    return GAME.initial(Setup(players=2, seed=1, config=Config()))


def crashed() -> State:
    state = start()
    while not any(rider.out for rider in state.riders):
        state = later(state, 1)
    return state


def test_the_newest_key_counts_and_stays_wanted_when_it_is_let_go(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    match = show(GAME, later(start(), COUNTDOWN_FRAMES + 1))
    assert view.hold(frozenset(), match) == NONE
    assert view.hold(frozenset({Control.UP}), match) == UP
    assert view.hold(frozenset({Control.UP, Control.LEFT}), match) == LEFT
    assert view.hold(frozenset({Control.UP, Control.LEFT, Control.DOWN}), match) == DOWN
    assert view.hold(frozenset({Control.UP, Control.LEFT}), match) == LEFT
    assert view.hold(frozenset({Control.UP}), match) == UP
    assert view.hold(frozenset(), match) == UP


def test_what_was_wanted_in_a_round_is_not_wanted_in_the_next(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    view.hold(frozenset({Control.RIGHT}), show(GAME, later(start(), COUNTDOWN_FRAMES + 1)))
    assert view.hold(frozenset(), show(GAME, start())) == NONE
    assert view.hold(frozenset({Control.RIGHT}), show(GAME, start())) == RIGHT


def test_each_player_here_has_keys_of_its_own(show: Show) -> None:
    view = View(GAME, 0, ("Ada", "Grace"))
    state = later(start(), COUNTDOWN_FRAMES + 1)
    first, second = (show(GAME, state, me=me, seats=(0, 1)) for me in (0, 1))
    assert view.hold(frozenset({Control.UP}), first) == UP
    assert view.hold(frozenset({Control.LEFT}), second) == LEFT
    assert view.hold(frozenset(), first) == UP
    assert view.hold(frozenset(), second) == LEFT


def test_a_crash_waits_until_it_is_certain_and_then_sounds_once(show: Show) -> None:
    view, state = View(GAME, 0, ("Ada", "Grace")), crashed()
    view.update(1 / 60, show(GAME, state, confirmed=state.frame - 1))
    assert "crash" not in view.cues()
    heard: list[str] = []
    for frames in range(1, 20):
        after = later(state, frames)
        view.update(1 / 60, show(GAME, after, confirmed=after.frame - 1))
        heard += view.cues()
    assert sorted(heard) == ["crash@-0.81", "crash@0.78"], "two crashed together, one on each side"


def test_an_old_crash_makes_no_noise(show: Show) -> None:
    view, state = View(GAME, 0, ("Ada", "Grace")), later(crashed(), 60)
    view.update(1 / 60, show(GAME, state))
    assert not view.cues()


def test_the_countdown_is_heard_three_times_and_then_the_start(show: Show) -> None:
    view, state = View(GAME, 0, ("Ada", "Grace")), start()
    heard: list[str] = []
    for frame in range(COUNTDOWN_FRAMES + 40):
        state = later(state, 1)
        shown = msgspec.structs.replace(show(GAME, state), frame=frame)
        view.update(1 / 60, shown)
        heard += view.cues()
    assert heard == ["beat", "beat", "beat", "go"]
