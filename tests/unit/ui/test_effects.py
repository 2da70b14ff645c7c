"""Effects: once for a key, bounded, over in time; and how far a moment is between two states."""

import pygame
import pytest

from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.effects import Effects, between, glow


def match(tick_rate: int = 60) -> MatchView:
    return MatchView(
        match="m", game="g", host="a", players=("a", "b"), names=("A", "B"), me=0, config=None, state=1,
        frame=1, to_move=(0, 1), outcome=None, rtt_ms=None, hash="", tick_rate=tick_rate, previous=0, at=10.0,
    )  # fmt: skip


def test_an_effect_starts_once_for_its_key() -> None:
    effects = Effects()
    assert effects.start((1, "hit"), "hit", (3, 4), life=0.2, sparks=5, cue="paddle")
    assert not effects.start((1, "hit"), "hit", (9, 9), cue="paddle")
    assert [effect.at for effect in effects] == [(3, 4)]
    assert effects.cues() == ("paddle",)
    assert effects.cues() == ()
    effects.update(0.3)
    assert not effects.start((1, "hit"), "hit", (3, 4)), "not even after it is over"
    assert len(effects) == 0


def test_it_runs_by_the_clock_and_ends() -> None:
    effects = Effects()
    effects.start("a", "hit", (0, 0), life=1.0)
    seen = []
    for _ in range(4):
        effects.update(0.3)
        seen += [effect.done for effect in effects]
    assert seen == pytest.approx([0.3, 0.6, 0.9])


def test_the_same_sound_at_the_same_time_is_one_sound() -> None:
    effects = Effects()
    for player in range(3):
        effects.start(player, "crash", (0, 0), cue="crash")
    assert effects.cues() == ("crash",)


def test_what_is_skipped_never_starts() -> None:
    effects = Effects()
    effects.skip("old")
    assert "old" in effects
    assert not effects.start("old", "hit", (0, 0), cue="paddle")
    assert not effects.cues()


def test_numbers_are_bounded() -> None:
    effects = Effects()
    for key in range(5000):
        effects.start(key, "hit", (0, 0), life=60)
    assert len(effects) <= 48
    assert sum(key in effects for key in range(5000)) <= 256
    assert 4999 in effects


def test_sparks_follow_from_the_key() -> None:
    def sparks(key: str) -> object:
        effects = Effects()
        effects.start(key, "hit", (0, 0), sparks=8)
        return next(iter(effects)).sparks

    assert sparks("a") == sparks("a") != sparks("b")


@pytest.mark.parametrize(("now", "part"), [(9.0, 0.0), (10.0, 0.0), (10 + 1 / 120, 0.5), (11.0, 1.0)])
def test_between_two_states(now: float, part: float) -> None:
    assert between(match(), now) == pytest.approx(part)
    assert between(match(tick_rate=0), now) == 1.0


def test_light_is_added_and_fades_outwards() -> None:
    surface = pygame.Surface((100, 100))
    surface.fill((10, 10, 10))
    glow(surface, Canvas(), (50, 50), 30, (0, 100, 200), 0.0)
    assert surface.get_at((50, 50))[:3] == (10, 10, 10)
    glow(surface, Canvas(), (50, 50), 30, (0, 100, 200))
    levels = [surface.get_at((50 + away, 50))[2] for away in (0, 10, 20, 40)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 150
    assert levels[-1] == 10
