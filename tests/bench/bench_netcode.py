"""What the real-time engine costs a frame: ``python tests/bench/bench_netcode.py [FRAMES]``, in microseconds.

The library's part is everything from the tick to the sealed datagram and from the datagram to the queue of inputs,
and the view that is drawn; the game's `advance` is not in it.
"""

import statistics
import sys
import time
from collections.abc import Callable

from p2pgame.netcode.rollback import Rollback
from p2pgame.session.match.realtime import RealtimeMatch

from p2pgame.core import Setup
from p2pgame.core.registry import Plugin
from p2pgame.games.tron.rules import RIDING
from p2pgame.netcode.timeline import Timeline
from p2pgame.session.invite.election import Election
from tests.sim.realtime_world import GUEST, HOST, MATCH, PORTS

TRON = Plugin("p2pgame.games.tron")


def spread(samples: list[float]) -> str:
    cuts = statistics.quantiles(samples, n=100)
    return f"mean {statistics.fmean(samples):7.1f}  p50 {cuts[49]:7.1f}  p99 {cuts[98]:7.1f}"


def micro(call: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - began) / 1000


def pair() -> list[RealtimeMatch]:
    election = Election(
        match=MATCH, host=HOST, succession=(HOST, GUEST), players=(HOST, GUEST), seed=7, token=b"t" * 16
    )
    game = TRON.game
    sides = [
        RealtimeMatch(
            election,
            game,
            game.config_type(),
            me,
            ("Ann", "Ben"),
            salt=bytes([n]) * 32,
            address=PORTS[1 - n],
            input_delay=1,
            perf=time.perf_counter,
        )
        for n, me in enumerate((HOST, GUEST))
    ]
    sides[0].begin()
    for one, other in (sides, sides[::-1], sides):
        for message in one.messages_to_send():
            other.receive(message, 1.0)
    return sides


def without_rollback(frames: int) -> None:
    sides, now = pair(), 1.0
    samples: list[float] = []
    for frame in range(frames):
        now += 1 / 60
        if not frame % 10:
            sides[0].submit(frame // 10 % 5)
        advancing = sides[0]._timeline.advance_time
        sides[1].handle_timeout(now)
        theirs = sides[1].datagrams_to_send()

        def one_frame(theirs: list[tuple[bytes, tuple[str, int]]] = theirs, now: float = now) -> None:
            for data, _ in theirs:
                sides[0].receive_datagram(data, PORTS[1], now)
            sides[0].handle_timeout(now)
            sides[0].view()
            sides[0].events()

        took = micro(one_frame) - (sides[0]._timeline.advance_time - advancing) * 1e6
        samples.append(took)
        for data, _ in sides[0].datagrams_to_send():
            sides[1].receive_datagram(data, PORTS[0], now)
        if sides[0].over:
            break
    assert not sides[0]._rollback.depths.total() - sides[0]._rollback.depths[0]
    print(f"library, 2 players, no rollback   {spread(samples)}   (target 300)")


def rollback_of(depth: int, repeats: int) -> None:
    game = TRON.game
    samples: list[float] = []
    for n in range(repeats):
        timeline = Timeline(game, Setup(players=2, seed=n, config=game.config_type()), perf=time.perf_counter)
        side = Rollback(timeline, 0, window=depth)
        for _ in range(depth):
            side.synchronize()
            side.advance(0)
        side.receive(1, 0, [1] * depth)
        before = timeline.advance_time
        samples.append(micro(side.synchronize) - (timeline.advance_time - before) * 1e6)
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
