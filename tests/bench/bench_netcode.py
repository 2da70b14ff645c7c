"""What the real-time engine costs a frame: ``python tests/bench/bench_netcode.py [FRAMES]``, in microseconds.

The library's part is everything from the tick to the sealed datagram and from the datagram to the queue of inputs,
and the view that is drawn; the game's `advance` is not in it.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from p2pgame.core import Setup, encode
from p2pgame.core.registry import Plugin
from p2pgame.games.tron.rules import RIDING
from p2pgame.netcode.engine import Engine
from p2pgame.netcode.timeline import Timeline
from tests.unit.session.match.duel import PORTS, Members

TRON = Plugin("p2pgame.games.tron")


def spread(samples: list[float]) -> str:
    cuts = statistics.quantiles(samples, n=100)
    return f"mean {statistics.fmean(samples):7.1f}  p50 {cuts[49]:7.1f}  p99 {cuts[98]:7.1f}"


def micro(call: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - began) / 1000


def without_rollback(frames: int) -> None:
    members = Members(TRON.game, delay=1)
    members.deliver()
    ours, theirs, now = members.host, members.guest, 1.0
    sources = [PORTS[match.core.election.players[match.me]] for match in (ours, theirs)]
    timeline = ours.core.timeline
    timeline._perf = time.perf_counter
    samples: list[float] = []
    for frame in range(frames):
        now += 1 / 60
        if not frame % 10:
            ours.submit(frame // 10 % 5)
        theirs.handle_timeout(now)
        batch = [(data, sources[1], now) for data, _ in theirs.datagrams_to_send()]

        def one_frame(batch: list[tuple[bytes, tuple[str, int], float]] = batch, now: float = now) -> None:
            ours.receive_datagrams(batch, now)
            ours.handle_timeout(now)
            ours.view()
            ours.events()

        advancing = timeline.advance_time
        took = micro(one_frame) - (timeline.advance_time - advancing) * 1e6
        samples.append(took)
        answers = [(data, sources[0], now) for data, _ in ours.datagrams_to_send()]
        theirs.receive_datagrams(answers, now)
        if not ours.running:
            break
    depths = ours.core.engine.depths
    assert depths[0] == depths.total()
    assert len(samples) > min(frames, 300)
    print(f"library, 2 players, no rollback   {spread(samples)}   (target 300)")


def rollback_of(depth: int, repeats: int) -> None:
    game = TRON.game
    still, turned = encode(0), encode(1)
    samples: list[float] = []
    for n in range(repeats):
        timeline = Timeline(game, Setup(players=2, seed=n, config=game.config_type()), perf=time.perf_counter)
        engine = Engine(timeline, (0,), window=depth)
        for _ in range(depth):
            engine.synchronize()
            engine.advance([still])
        engine.receive(1, 0, [turned] * depth)
        before = timeline.advance_time
        samples.append(micro(engine.synchronize) - (timeline.advance_time - before) * 1e6)
    print(f"library, rollback of {depth} frames     {spread(samples)}   (target 1000)")


def advance_of(players: int, frames: int) -> None:
    """While riding, since nothing moves in the countdown and after a round."""
    game = TRON.game
    first = state = game.initial(Setup(players=players, seed=1, config=game.config_type()))
    bots = [TRON.bot(player) for player in range(players)]
    samples: list[float] = []
    while len(samples) < frames:
        inputs = [bot.choose(state, player) for player, bot in enumerate(bots)]
        riding = state.phase == RIDING
        began = time.perf_counter_ns()
        state = game.advance(state, inputs)
        if riding:
            samples.append((time.perf_counter_ns() - began) / 1000)
        if state.over:
            state = first
    print(f"Tron, {players} players, advance         {spread(samples)}   (target 200)")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    without_rollback(count)
    rollback_of(8, count // 10)
    advance_of(8, count)
