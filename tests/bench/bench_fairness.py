"""What an opponent with a modified program gains by knowing first: ``python tests/bench/bench_fairness.py``.

On a virtual clock. Seeing a move before it must be answered, breaking off an election that it does not like, and
looking at a code and hanging up. `bench_attacks` prints these figures, too.
"""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from p2pgame.session import events as e
from p2pgame.wire import messages as m
from tests.bench.table import Figure, print_table
from tests.hands.rules import BEATS, GAME, Hand
from tests.sim.reconnect_world import Play, match_of
from tests.sim.test_people import pair, verify
from tests.sim.world import World

ROUNDS = 60
PATIENCE = 0.3
"""Seconds that the opponent waits for a move to answer, before it plays any."""
TRIES = 8
SEEDS = 40


class Peeking(Play):
    """Ben answers the hand of Ann, if he can read it before he has to show his own."""

    def __init__(self, seed: int) -> None:
        super().__init__("hands", seed, frames=ROUNDS)
        self.seen: dict[int, str] = {}
        self.chance = random.Random(seed)
        self.lies["Ann"] = self.look
        self.waited: dict[int, float] = {}
        self.at(0.05, self.answer)

    def look(self, message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Input) and message.player == match_of(self.ann).me:
            with suppress(
                msgspec.DecodeError
            ):  # sealed: it is open when all have committed, which is too late
                self.seen[message.frame] = GAME.decode_input(message.data).shape
        return [message]

    def answer(self) -> None:
        self.at(self.now + 0.05, self.answer)
        match = self.ben.lobby.match
        if (
            match is None
            or not match.running
            or match.outcome is not None
            or match.me not in match.view().to_move
        ):
            return
        since = self.waited.setdefault(match.frame, self.now)
        seen = self.seen.get(match.frame)
        if seen is not None:
            self.ben.do("submit", Hand(next(s for s in BEATS if BEATS[s] == seen)), self.ben.now)  # type: ignore[arg-type]
        elif self.now - since > PATIENCE:
            self.ben.do("submit", Hand(self.chance.choice(sorted(BEATS))), self.ben.now)  # type: ignore[arg-type]

    def _sit_down(self, peer: object, inputs: object) -> None:
        if peer is self.ann:
            super()._sit_down(peer, inputs)  # type: ignore[arg-type]
        else:
            self._look_again["Ben"] = lambda: None


def moves_at_once() -> Iterator[Figure]:
    """Points of who waits, less those of its opponent, in 60 rounds of rock, paper, scissors."""
    leads = []
    for seed in range(8):
        world = Peeking(seed)
        world.invite()
        world.until(lambda world=world: all(world.over(peer) for peer in world.both), 120.0)  # type: ignore[misc]
        points = match_of(world.ben).core.timeline.state.points
        me = match_of(world.ben).me
        leads.append(float(points[me] - points[1 - me]))
    yield Figure("60 rounds by who waits to see: lead in points", 10, "", leads)


def first_seat() -> Iterator[Figure]:
    """How often an inviter that breaks off and asks again gets the first seat, within eight tries."""
    got, tries = [], []
    for seed in range(SEEDS):
        world = Play("gomoku", seed)
        held = partial(_without, m.Reveal)
        for number in range(1, TRIES + 1):
            world.lies["Ann"] = held
            world.ann.invite(world.ben)
            world.run(1.0)
            first = world.ann.told(e.HostElected)[-1].players[0] == world.ann.id
            if first or number == TRIES:
                got.append(100.0 * first)
                tries.append(float(number))
                break
            world.run(14.0)
    yield Figure("first seat by breaking off: matches of 100", 65, "%", [sum(got) / len(got)])
    needed = [number for number, won in zip(tries, got, strict=True) if won]
    yield Figure("first seat by breaking off: tries where it got it", 1, "", needed, "max")


def codes() -> Iterator[Figure]:
    """Who asks to compare codes, and goes when it could know the code: how often nobody is told."""
    unseen = []
    for seed in range(SEEDS):
        world = World(seed=seed)
        ann, ben = pair(world)
        verify(ann, ben)
        world.run(0.5)
        verify(ben, ann)
        world.run(0.0051)  # Ben's nonce arrives, and with it the code
        world.kill(ann)
        world.run(10.0)
        ended = ben.told(e.VerifyEnded)
        unseen.append(float(not ended or ended[-1].reason == "vanished"))
    yield Figure("hanging up with the code: unseen, of 100", 0, "%", [100 * sum(unseen) / len(unseen)])


def _without(kind: type[m.Message], message: m.Message) -> list[m.Message]:
    return [] if isinstance(message, kind) else [message]


FIGURES: tuple[Callable[[], Iterator[Figure]], ...] = (moves_at_once, first_seat, codes)


def main() -> int:
    print_table([figure for measure in FIGURES for figure in measure()])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
