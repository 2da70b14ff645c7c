"""Rules of a real-time game that refuse an input in some states: nobody is accused, and all sides see the same."""

from pathlib import Path

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer, World
from p2pgame.testing.recorded import replay_of
from tests.plugin import plugin

REAL_TIME = ("rules.py", "tick_rate = 0", "tick_rate = 60")
BY_STATE = (
    "rules.py",
    'if move == 2:\n            raise IllegalMoveError("two is too much")',
    'if move and (state.total + player) % 3:\n            raise IllegalMoveError("not now")',
)
FRAMES = 200


def play(game: Plugin, seed: int) -> tuple[SimPeer, SimPeer]:
    """A match in which both change their input every few frames, each in states the other has not seen yet."""
    world = World(game, seed, delay=0.03, jitter=0.02, loss=0.1, frames=FRAMES)
    a, b = world.add("Ann"), world.add("Ben")
    a.meet(b)
    for tick in range(70):
        for number, peer in enumerate((a, b)):
            move = (tick + number) % 3
            world.at(world.now + tick * 0.05, lambda peer=peer, move=move: peer.do("submit", move, peer.now))
    world.run(8)
    return a, b


@pytest.mark.parametrize("seed", range(5))
def test_what_the_state_refuses_is_neutral_for_everybody_and_no_broken_rule(
    seed: int, tmp_path: Path
) -> None:
    with plugin(tmp_path / f"refusing_game_{seed}", REAL_TIME, BY_STATE) as game:
        a, b = play(game, seed)
        assert [peer.told(e.ErrorEvent) for peer in (a, b)] == [[], []]
        ends = [peer.first(e.MatchEnded) for peer in (a, b)]
        assert [(end.frames, end.outcome.reason) for end in ends] == [(FRAMES, "frame limit")] * 2
        assert ends[0].hash == ends[1].hash
        (records,) = a.files.values()
        replay = replay_of(records)
        given = [inputs for inputs in replay.inputs if any(data != b"\0" for data in inputs)]
        assert len(given) > FRAMES // 2
        assert verify(replay, game.game, game.digest).ok, "the file plays the same refusals"
        state = game.game.initial(None)  # type: ignore[arg-type]
        assert a.lobby.match is not None
        final = a.lobby.match.core.timeline.state
        assert (
            state.total < final.total < sum(data[0] for inputs in replay.inputs for data in inputs if data)
        ), "some inputs counted and some did not"


def test_what_is_no_input_at_all_is_still_refused(tmp_path: Path) -> None:
    with plugin(tmp_path / "refusing_game", REAL_TIME, BY_STATE) as game:
        world = World(game)
        a, b = world.add("Ann"), world.add("Ben")
        a.meet(b)
        match = b.lobby.match
        assert match is not None
        match.set_delay(4)  # so that it is there before our own program plays it
        world.run(0.2)
        match.exchange._local[match.me] = b"\x09"  # type: ignore[attr-defined]
        world.run(1)
        assert a.first(e.ErrorEvent).code == "illegal_input"
