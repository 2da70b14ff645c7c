"""People are counted in, all at once, before a real-time match goes on that stood still, whatever it stood for."""

import itertools
from collections.abc import Callable, Sequence

import pytest

from p2pgame.session.match import Match
from p2pgame.testing.network import SimPeer, World
from tests.sim.party import Party
from tests.sim.reconnect_world import Play

COUNTDOWN = 1800
NEAR = 0.06
"""Seconds within which all go on: a few frames, of which prediction hides more."""


def matches(peers: Sequence[SimPeer]) -> list[Match]:
    return [match for peer in peers if (match := peer.lobby.match) is not None]


def go_on(world: World, peers: Sequence[SimPeer], within: float) -> dict[str, tuple[float, float]]:
    """Let time pass until all counted and go on; by name: when the countdown came, and the first frame after it."""
    counted: dict[str, float] = {}
    went: dict[str, tuple[float, float]] = {}
    standing: dict[str, int] = {}
    end = world.now + within
    while len(went) < len(peers):
        assert world.now < end, (counted, went)
        world.run(1 / 120)
        for peer in peers:
            match = peer.lobby.match
            if match is None or peer.dead:
                continue
            frame = match.core.engine.frame
            if match.view().goes_on_at > peer.now and peer.name not in counted:
                counted[peer.name], standing[peer.name] = world.now, frame
            elif peer.name in counted and peer.name not in went and frame > standing[peer.name]:
                went[peer.name] = counted[peer.name], world.now
    return went


def check(went: dict[str, tuple[float, float]]) -> None:
    for name, (counted, at) in went.items():
        assert COUNTDOWN / 1000 - NEAR <= at - counted <= COUNTDOWN / 1000 + NEAR, (name, counted, at)
    first = [at for _, at in went.values()]
    assert max(first) - min(first) <= NEAR, went


def cut(seconds: float) -> Callable[[Play], None]:
    def act(world: Play) -> None:
        world.cut_for(seconds, *world.both)
        world.run(seconds)

    return act


@pytest.mark.parametrize(
    "fault", [cut(1.5), cut(4.0), cut(12.0), lambda world: world.wreck(world.ben, after=2.0)]
)
@pytest.mark.parametrize("game", ["pong", "tron"])
def test_both_sides_begin_together_again(game: str, fault: Callable[[Play], None]) -> None:
    world = Play(game, 3, frames=1200, delay=0.01, jitter=0.005, countdown=COUNTDOWN)
    world.start()
    world.run(1.0)
    fault(world)
    check(go_on(world, world.both, 15.0))
    world.play_to_the_end()
    world.check_agreed()


def test_a_hiccup_is_not_counted() -> None:
    world = Play("pong", 3, frames=600, delay=0.01, countdown=COUNTDOWN)
    world.start()
    world.run(1.0)
    world.cut_for(0.7, *world.both)
    world.run(0.7)
    assert world.playing_again(5.0) <= 0.4
    assert [match.view().goes_on_at for match in matches(world.both)] == [0.0, 0.0]


def test_of_several_all_begin_together_again() -> None:
    party = Party("tron", (0, 1, 2), delay=0.005, frames=900, countdown=COUNTDOWN)
    party.run(2.0)
    for one, other in itertools.combinations(party.members, 2):
        party.world.cut_for(3.0, one, other)
    party.run(3.0)
    check(go_on(party.world, party.members, 10.0))
    party.play_out()
    party.check()
