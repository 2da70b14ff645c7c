"""The clock and the network of the tests: time passes when told to, and a run repeats from its seed."""

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.session import events as e
from p2pgame.testing.clock import VirtualClock
from p2pgame.testing.network import World

PLUGIN = Plugin("p2pgame.games.gomoku")


def test_things_happen_in_order_of_time_and_then_of_asking() -> None:
    clock, done = VirtualClock(), []
    clock.at(2.0, lambda: done.append(("late", clock.now)))
    clock.at(1.0, lambda: done.append(("first", clock.now)))
    clock.at(1.0, lambda: done.append(("second", clock.now)))
    clock.run(1.5)
    assert (clock.now, done) == (1.5, [("first", 1.0), ("second", 1.0)])
    clock.at(0.5, lambda: done.append(("overdue", clock.now)))
    clock.run(1.0)
    assert done[2:] == [("overdue", 1.5), ("late", 2.0)]


def test_what_happens_can_ask_for_more() -> None:
    clock, ticks = VirtualClock(10.0), []

    def tick() -> None:
        ticks.append(clock.now)
        clock.at(clock.now + 1, tick)

    clock.at(11.0, tick)
    assert clock.run_until(lambda: len(ticks) == 3, 5.0) == 3.0
    with pytest.raises(TimeoutError):
        clock.run_until(lambda: len(ticks) == 99, 5.0)
    assert ticks[-1] <= 18.0


def play(seed: int) -> list[list[e.Event]]:
    world = World(PLUGIN, seed, delay=0.01, jitter=0.02)
    a, b = world.add("Ann"), world.add("Ben")
    a.meet(b)
    assert a.lobby.match is not None
    for peer in (a, b):
        assert peer.lobby.match is not None
        view = peer.lobby.match.view()
        if view.me in view.to_move:
            peer.do("submit", PLUGIN.bot(seed).choose(view.state, view.me), world.now)
    world.run(1.0)
    return [a.events, b.events]


def test_two_peers_meet_and_play_and_the_run_repeats_from_its_seed() -> None:
    events = play(7)
    for told in events:
        assert [type(event) for event in told if isinstance(event, (e.MatchStarted, e.Move))] == [
            e.MatchStarted,
            e.Move,
        ]
    assert play(7) == events
