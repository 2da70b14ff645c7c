"""A thousand real-time matches over bad networks; `tests/sim/realtime_world.py` says what each seed must show."""

import pytest

from tests.sim.realtime_world import Crowd, World


@pytest.mark.parametrize("seed", range(1000), ids="seed-{:04}".format)
def test_a_match_on_a_bad_network(seed: int) -> None:
    World(seed).play()


@pytest.mark.parametrize("seed", range(200), ids="crowd-{:04}".format)
def test_rollback_of_two_to_eight(seed: int) -> None:
    Crowd(seed).play()


@pytest.mark.parametrize("seed", [3, 188])
def test_a_seed_plays_the_same_match_again(seed: int) -> None:
    first, second = World(seed), World(seed)
    first.play()
    second.play()
    assert first.story == second.story
    for one, again in zip(first.sides, second.sides, strict=True):
        assert one.hashes == again.hashes
        assert one.ends == again.ends
        assert one.match.core.statistics.ticks == again.match.core.statistics.ticks


def test_the_seeds_meet_what_they_are_meant_to_meet() -> None:
    """Else the thousand could pass on a network that is never bad."""
    wanted = {"frame limit", "resigned", "enough", "udp", "tcp", "toy", "pong", "tron"}
    wanted |= {"stall", "rollback", "deepest", "loss", "replayed"}
    met: set[str] = set()
    for seed in range(150):
        world = World(seed)
        world.play()
        for side in world.sides:
            channel, rollback = side.match.core.linked[0].channel, side.match.core.engine
            assert channel is not None
            met.add(side.ends[0].outcome.reason)
            met.add(channel.transport)
            met.add(world.game.name)
            met |= {name for name, value in (
                ("stall", rollback.stalls),
                ("rollback", rollback.depths.total() - rollback.depths[0]),
                ("deepest", rollback.depths[rollback.window]),
                ("loss", channel.loss > 0.1),
                ("replayed", channel.refused),
            ) if value}  # fmt: skip
        if met >= wanted:
            return
    assert met >= wanted
