"""Who plays with late inputs, by choice or by line, is seen to: by both sides, and in the file."""

import statistics

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.games.pong.rules import Config
from p2pgame.testing.network import SimPeer, World
from p2pgame.testing.recorded import replay_of
from tests.sim.reconnect_world import Play, match_of


@pytest.mark.parametrize("game", ["pong", "tron"])
def test_inputs_that_are_held_back_are_seen_by_both_sides_and_in_both_files(game: str) -> None:
    world = Play(game, frames=600, delay=0.005)
    world.start()
    ann, ben = world.both
    held = {}

    def send(data: bytes, to: tuple[str, int]) -> None:
        world.at(world.now + 0.1, lambda: held["send"](ben, data, to))

    held["send"] = world._send_datagram
    vars(world)["_send_datagram"] = lambda peer, data, to: (
        send(data, to) if peer is ben else held["send"](peer, data, to)
    )
    world.run(5.0)
    for peer, held_back in ((ann, True), (ben, False)):
        view = peer.lobby.view(peer.now)
        assert view is not None
        assert view.figures is not None
        late, there = view.figures.late_ms, view.figures.late_there_ms
        assert late > there + 20 if held_back else there > late + 20, (
            "the way there and back is shared, this is not"
        )
    world.run(4.5)
    vars(world).pop("_send_datagram")
    world.play_to_the_end()
    player = match_of(ben).me
    for peer in world.both:
        end = replay_of(peer.files[world.match_id]).end
        assert end is not None
        assert end.late_ms[player] > end.late_ms[1 - player] + 10


def latencies(world: World, presser: SimPeer, other: SimPeer, presses: int) -> list[float]:
    """Milliseconds from a press to the first state of the other side in which that paddle moves so."""
    found: list[float] = []
    for number in range(presses):
        push = -1 if number % 2 else 1
        world.run(0.2 + number / presses / 60)  # anywhere between two ticks
        match_of(presser).submit(push)
        began, seat = world.now, match_of(presser).me
        before = match_of(other).view().state.paddles[seat].speed
        while (match_of(other).view().state.paddles[seat].speed - before) * push <= 0:
            world.run(0.0005)
        found.append(1000 * (world.now - began))
        world.run(0.1)
        match_of(presser).submit(0)
    return found


@pytest.mark.parametrize("way", [0.0005, 0.010, 0.050])
def test_what_one_side_presses_is_seen_by_the_other_when_it_comes_and_not_at_its_next_frame(
    way: float,
) -> None:
    """Both are within half a frame, for the moment of the tick, and a few milliseconds of the time on the wire."""
    medians: dict[bool, list[float]] = {}
    depths: dict[bool, list[int]] = {}
    for seen in (False, True):
        world = World(Plugin("p2pgame.games.pong"), seed=2, delay=way, seen=seen)
        ann, ben = world.add("Ann"), world.add("Ben")
        ann.meet(ben, Config(points=11))
        world.run(3)
        medians[seen] = [
            statistics.median(latencies(world, a, b, 12)) - 1000 * way for a, b in ((ann, ben), (ben, ann))
        ]
        depths[seen] = [max(match_of(peer).core.engine.depths) for peer in (ann, ben)]
    assert max(medians[True]) < 13
    assert sum(medians[True]) + 8 < sum(medians[False])
    assert depths[True] == depths[False], "and no more is taken back"
