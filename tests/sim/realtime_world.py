"""Two real-time matches over a network that exists in memory, made bad from a seed; time is a number.

``python tests/sim/realtime_world.py 17`` plays seed 17 and tells how it went, ``0-20000`` plays them all. Every seed
draws its own network, faults, clocks, game, inputs and end, and `World.play` checks what must hold in each:
same hash of every confirmed frame, no input lost or changed, no false alarm, an end that both sides call the same.
"""

import heapq
import random
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from p2pgame.core import Setup
from p2pgame.core.game import AnyGame
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.pong.rules import GAME as PONG
from p2pgame.games.tron.rules import GAME as TRON
from p2pgame.netcode.engine import Engine
from p2pgame.netcode.timeline import Timeline
from p2pgame.session import events as e
from p2pgame.session.election import Election
from p2pgame.session.match import Match, Phase
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.delay import InputDelay
from p2pgame.session.match.ticks import Ticks
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD
from tests.toy import TOY, ToyConfig

HOST, GUEST = (peer_id_of(bytes([n]) * 32) for n in (1, 2))
MATCH = "0123456789abcdef"
PORTS = (("10.0.0.1", 41421), ("10.0.0.2", 41421))


class Path(msgspec.Struct):
    """One direction between two peers: what it does to datagrams and to the session."""

    delay: float
    jitter: float = 0.0
    loss: float = 0.0
    copies: float = 0.0
    stray: float = 0.0
    """Share of datagrams that come very late."""
    burst: float = 0.0
    """Chance that a datagram begins a burst of losses."""
    cut: list[tuple[float, float]] = msgspec.field(default_factory=list)
    """When no datagram passes."""
    paused: list[tuple[float, float]] = msgspec.field(default_factory=list)
    """When the session stands still; what it carries waits."""
    losing: int = 0
    session_at: float = 0.0


class Side:
    """One peer: a match, a clock of its own, and what it did."""

    def __init__(self, match: Match, name: str, drift: float, offset: float) -> None:
        self.match = match
        self.other = match.core.others[0]
        """The other player."""
        self.name = name
        self.drift = drift
        self.offset = offset
        self.late = 0.0
        """Seconds, at most, by which each of its ticks is late."""
        self.blocked: list[tuple[float, float]] = []
        """When it does nothing at all."""
        self.timer = -1.0
        """The deadline it waits for; -1: none."""
        self.given: list[bytes] = []
        """Its inputs, a frame each, by the rule of the input delay."""
        self.hashes: dict[int, bytes] = {0: match.core.timeline.hash}
        self.ends: list[e.MatchEnded] = []
        self.progress = 0.0
        self._watch()

    def clock(self, t: float) -> float:
        return t * self.drift + self.offset

    def time_of(self, now: float) -> float:
        return (now - self.offset) / self.drift

    def _watch(self) -> None:
        rollback, ledger = self.match.core.engine, self.match.core.linked[0].hashes
        advance, ours = rollback.advance, ledger.ours

        def watched_advance(moves: Sequence[bytes]) -> bool:
            (move,) = moves
            frame, first = rollback.frame, not self.given
            passed = advance(moves)
            if passed:
                end = frame + rollback.delay + 1
                if rollback.stop_at is not None:
                    end = min(end, rollback.stop_at)
                while len(self.given) < end:
                    early = first and len(self.given) < rollback.delay
                    self.given.append(encode(self.match.core.game.neutral) if early else move)
            return passed

        def watched_ours(frame: int, value: bytes) -> list[tuple[int, bytes]]:
            assert self.hashes.setdefault(frame, value) == value
            return ours(frame, value)

        vars(rollback)["advance"] = watched_advance
        vars(ledger)["ours"] = watched_ours


class World:
    """Everything that follows from one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = chance = random.Random(seed)
        self.t = 0.0
        self.story: list[str] = []
        self._events: list[tuple[float, int, Side, Callable[[], None]]] = []
        self._count = 0
        self.frames = chance.randint(60, 160)
        self.game, self.config = self._choose_game()
        self._make_sides()
        self._make_paths()
        self.calm_at = 0.0
        """When the last fault that passes has passed."""
        self._make_faults()
        self._make_inputs()

    def tell(self, *words: object) -> None:
        self.story.append(" ".join(str(word) for word in words))

    # --- what the seed draws

    def _choose_game(self) -> tuple[AnyGame, Any]:
        kind = self.chance.random()
        if kind < 0.04:
            game: AnyGame = PONG
        elif kind < 0.08:
            game = TRON
        else:
            mask = self.chance.choice((0, 0, 31, 127))
            self.tell("toy", mask, "frames", self.frames)
            return TOY, ToyConfig(mask)
        self.tell(game.name, "frames", self.frames)
        return game, game.config_type()

    def _make_sides(self) -> None:
        chance = self.chance
        players = (HOST, GUEST) if chance.random() < 0.5 else (GUEST, HOST)
        election = Election(
            match=MATCH,
            host=HOST,
            succession=(HOST, GUEST),
            players=players,
            seed=chance.getrandbits(64),
            token=b"t" * 16,
        )
        delay = chance.choice((None, None, 0, 0, 1, 2, 3))
        known = chance.random() < 0.9
        self.sides: list[Side] = []
        for n, me in enumerate((HOST, GUEST)):
            salt, address = chance.randbytes(32), PORTS[1 - n] if known or n else None
            match = self._make_match(election, me, salt, address, delay)
            drift = 1 + chance.choice((0, 0, 0.0001, 0.01)) * chance.uniform(-1, 1)
            self.sides.append(Side(match, ("host", "guest")[n], drift, chance.uniform(0, 1e5)))
        self.tell("delay", delay, "address known", known)

    def _make_match(
        self, election: Election, me: str, salt: bytes, address: tuple[str, int] | None, delay: int | None
    ) -> Match:
        core = MatchCore(
            election,
            self.game,
            self.config,
            me,
            ("Ann", "Ben"),
            window=8,
            frame_limit=self.frames,
            perf=lambda: 0.0,
            recorder=None,
        )
        input_delay = InputDelay(configured=delay, tick_rate=self.game.tick_rate, window=8)
        match = Match(core, Ticks(core, input_delay, salt, b"secret" + salt))
        for remote in core.linked:
            match.moved(remote.member, address)
        return match

    def _make_paths(self) -> None:
        chance = self.chance
        delay = chance.choice((0.0002, 0.002, 0.002, 0.01, 0.025, 0.05, 0.09))
        self.paths = [
            Path(
                delay=delay * chance.choice((1, 1, 1, 2)),
                jitter=chance.choice((0, 0.002, 0.01, 0.03)),
                loss=chance.choice((0, 0, 0.01, 0.05, 0.2)),
                copies=chance.choice((0, 0, 0.02, 0.3)),
                stray=chance.choice((0, 0, 0.02)),
                burst=chance.choice((0, 0, 0.01)),
            )
            for _ in self.sides
        ]
        if chance.random() < 0.8:
            for side in self.sides:
                side.match.set_rtt(side.other, self.paths[0].delay + self.paths[1].delay)
        self.tell(*self.paths)

    def _window(self, longest: float) -> tuple[float, float]:
        begin = self.chance.uniform(0, self.frames / 60)
        end = begin + self.chance.uniform(0.02, longest)
        self.calm_at = max(self.calm_at, end)
        return begin, end

    def _make_faults(self) -> None:
        chance, both = self.chance, self.paths
        for path in both:
            if chance.random() < 0.1:
                path.cut.append(self._window(1.5))
            if chance.random() < 0.1:
                path.paused.append(self._window(1.0))
        if chance.random() < 0.1:
            window = self._window(1.5)  # a partition: nothing passes
            for path in both:
                path.cut.append(window)
                path.paused.append(window)
        kind = chance.random()
        dying = chance.choice((both, both[:1], both[1:]))
        if kind < 0.1:
            since = 0.0 if kind < 0.05 else chance.uniform(0, self.frames / 60)
            for path in dying:
                path.cut.append((since, 1e9))
        for side in self.sides:
            if chance.random() < 0.1:
                side.late = chance.choice((0.004, 0.015, 0.05))
            if chance.random() < 0.1:
                side.blocked.append(self._window(0.8))
        self.tell("cut", [p.cut for p in both], "paused", [p.paused for p in both])
        self.tell("late", [s.late for s in self.sides], "blocked", [s.blocked for s in self.sides])

    def _make_inputs(self) -> None:
        chance, length = self.chance, self.frames / 60
        for side in self.sides:
            t = 0.0
            while t < 4 * length:
                t += chance.expovariate(6.0)
                self._at(t, side, partial(self._press, side))
            if chance.random() < 0.15:
                self._at(
                    chance.uniform(0, length), side, partial(self._set_delay, side, chance.randint(0, 4))
                )
        resigning = chance.choice(((), (), (), (0,), (1,), (0, 1)))
        t = chance.uniform(0, length * 1.1)
        for n in resigning:
            side = self.sides[n]
            later = t + (chance.choice((0, 0, 0.005, 0.05)) if n else 0)
            self.tell(side.name, "resigns at", round(later, 4))
            self._at(later, side, partial(self._resign, side))

    # --- what happens

    def _press(self, side: Side) -> None:
        if side.match.phase is Phase.PLAYING:
            top = {"toy": 3, "tron": 4, "pong": 1}[self.game.name]
            side.match.submit(self.chance.randint(-1 if self.game is PONG else 0, top))

    def _set_delay(self, side: Side, frames: int) -> None:
        self.tell(round(self.t, 3), side.name, "sets the delay", frames)
        side.match.set_delay(frames)

    def _resign(self, side: Side) -> None:
        side.match.resign()
        side.match.settle(side.clock(self.t))

    def _at(self, t: float, side: Side, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (t, self._count, side, act))

    def _run_next(self) -> None:
        t, _, side, act = heapq.heappop(self._events)
        for begin, end in side.blocked:
            if begin <= t < end:
                self._at(end, side, act)
                return
        self.t = max(self.t, t)
        act()
        self._pump(side)

    def _pump(self, side: Side) -> None:
        match, n = side.match, int(side is self.sides[1])
        other, path = self.sides[1 - n], self.paths[n]
        for message in match.messages_to_send(side.other):
            self._send_session(other, path, m.encode_message(message))
        for data, to in match.datagrams_to_send():
            assert to == PORTS[1 - n]
            self._send_datagram(other, path, data, PORTS[n])
        for event in match.events():
            if isinstance(event, e.MatchEnded):
                side.ends.append(event)
        deadline = match.next_deadline()
        if deadline is not None and deadline != side.timer:
            side.timer = deadline
            t = max(self.t, side.time_of(deadline)) + side.late * self.chance.random()
            self._at(t, side, lambda: self._tick(side, deadline))

    def _tick(self, side: Side, deadline: float) -> None:
        if side.timer != deadline:
            return
        side.timer = -1.0
        frame = side.match.core.timeline.frame
        side.match.handle_timeout(max(deadline, side.clock(self.t)))
        if side.match.core.timeline.frame > frame or side.match.phase is not Phase.PLAYING:
            side.progress = self.t
        elif self.t > self.calm_at + 1.5:
            assert self.t - side.progress < 2.0, f"{side.name} stands still at frame {frame}"
        if not side.match.core.statistics.ticks % 8:
            self._check_memory(side.match)

    def _send_session(self, to: Side, path: Path, data: bytes) -> None:
        t = max(self.t + path.delay, path.session_at)
        for begin, end in path.paused:
            if begin <= t < end:
                t = end
        path.session_at = t
        self._at(t, to, lambda: to.match.receive(to.other, m.decode_message(data), to.clock(self.t)))

    def _send_datagram(self, to: Side, path: Path, data: bytes, source: tuple[str, int]) -> None:
        chance = self.chance
        if path.burst and chance.random() < path.burst:
            path.losing = chance.randint(2, 15)
        if path.losing:
            path.losing -= 1
            return
        if any(begin <= self.t < end for begin, end in path.cut) or chance.random() < path.loss:
            return
        for _ in range(2 if chance.random() < path.copies else 1):
            t = self.t + path.delay + path.jitter * chance.random()
            if chance.random() < path.stray:
                t += chance.uniform(0, 0.5)
            self._at(t, to, lambda: self._datagram(to, data, source))

    def _datagram(self, to: Side, data: bytes, source: tuple[str, int]) -> None:
        now = to.clock(self.t)
        to.match.receive_datagrams([(data, source, now)], now)
        to.match.settle(now)

    # --- what must hold

    def play(self) -> None:
        """The whole match. Raises `AssertionError`, or whatever the match raised."""
        for side in self.sides:
            side.match.begin(side.clock(self.t))
            self._pump(side)
        slowness = max(
            1.2, *(15.0 * (p.delay + p.jitter) for p in self.paths), *(40 * s.late for s in self.sides)
        )
        latest = self.calm_at + slowness * self.frames / 60 + 4.0
        one, other = (side.match for side in self.sides)
        while not (one.over and other.over):
            assert self._events, "nothing moves any more"
            self._run_next()
            assert self.t < latest, f"not over after {latest:.1f} s: {self._where()}"
        self._check_end()

    def _where(self) -> list[tuple[str, int, int]]:
        return [
            (s.match.phase.value, s.match.core.timeline.frame, s.match.core.engine.frame) for s in self.sides
        ]

    def _check_memory(self, match: Match) -> None:
        rollback, channel, ledger = (
            match.core.engine,
            match.core.linked[0].channel,
            match.core.linked[0].hashes,
        )
        assert len(rollback._states) == len(rollback._used) <= rollback.window
        assert all(len(queue) <= 64 for queue in rollback._queues)
        assert len(ledger._ours) <= 600
        assert len(ledger._theirs) <= 64
        assert channel is not None
        assert len(channel._sent) <= 256
        assert len(match.core.timeline.codec._values) <= 8

    def _check_end(self) -> None:
        one, other = self.sides
        assert [len(side.ends) for side in self.sides] == [1, 1]
        told = [(s.ends[0].outcome, s.ends[0].frames, s.ends[0].hash) for s in self.sides]
        assert told[0] == told[1]
        assert one.match.core.timeline.log == other.match.core.timeline.log
        assert one.hashes == other.hashes
        frames = one.match.core.timeline.frame
        assert set(one.hashes) == set(range(frames + 1))
        for side in self.sides:
            column = [inputs[side.match.me] for inputs in side.match.core.timeline.log]
            assert column == side.given[:frames], f"inputs of {side.name}"
        setup = one.match.core.timeline.setup
        again = Timeline(self.game, setup)
        for inputs in one.match.core.timeline.log:
            assert again.outcome is None
            again.adopt(inputs, again.simulate(again.state, inputs))
        assert again.hash == one.hashes[frames]
        outcome = one.ends[0].outcome
        if again.outcome is not None:
            assert outcome == again.outcome
        else:
            assert outcome.reason == ("frame limit" if frames == self.frames else "resigned")


class Crowd:
    """`Engine` alone, 2 to 8 players: each sends to each what that one does not have yet."""

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        self.players = players = chance.randint(2, 8)
        self.frames = chance.randint(30, 60)
        self.loss = chance.choice((0, 0.1, 0.4))
        self.delay = chance.choice((1, 3, 10))
        self.pace = [chance.choice((1.0, 1.0, 0.7)) for _ in range(players)]
        setup = Setup(players=players, seed=seed, config=ToyConfig())
        self.peers = []
        for me in range(players):
            window, delay = chance.choice((0, 1, 4, 8)), chance.randint(0, 4)
            if not window:
                delay = max(1, delay)
            rollback = Engine(Timeline(TOY, setup), (me,), window=max(1, window), delay=delay)
            rollback.stop_at = self.frames
            self.peers.append(rollback)
        self.acked = [[0] * players for _ in range(players)]
        self.held = [0] * players
        self.first: list[dict[int, bytes]] = [{} for _ in range(players)]
        """Each player's inputs as first sent."""
        self.wires: list[tuple[int, int, int, int, list[bytes], int]] = []

    def play(self) -> None:
        step = 0
        while any(peer.timeline.frame < self.frames for peer in self.peers):
            step += 1
            assert step < 60 * self.frames, "no progress"
            self._deliver(step)
            for me, peer in enumerate(self.peers):
                if self.chance.random() < self.pace[me]:
                    self._tick(me, peer, step)
        self._check()

    def _tick(self, me: int, peer: Engine, step: int) -> None:
        chance = self.chance
        if chance.random() < 0.15:
            self.held[me] = chance.randint(0, 3)
        peer.synchronize()
        peer.advance([encode(self.held[me])])
        for other in range(self.players):
            if other == me or chance.random() < self.loss:
                continue
            since = self.acked[me][other]
            inputs = peer.inputs_since(me, since)
            for frame, move in enumerate(inputs, since):
                assert self.first[me].setdefault(frame, move) == move
            at = step + chance.randint(1, self.delay)
            heapq.heappush(self.wires, (at, len(self.wires) + step * 1000, me, other, inputs, since))

    def _deliver(self, step: int) -> None:
        while self.wires and self.wires[0][0] <= step:
            _, _, source, to, inputs, since = heapq.heappop(self.wires)
            self.peers[to].receive(source, since, inputs)
            if self.chance.random() >= self.loss:
                known = self.peers[to].known(source)
                self.acked[source][to] = max(self.acked[source][to], known)

    def _check(self) -> None:
        logs = [peer.timeline.log for peer in self.peers]
        assert all(log == logs[0] for log in logs)
        assert len({state_hash(peer.timeline.state) for peer in self.peers}) == 1
        told = [[value for _, value in peer.take_confirmed()] for peer in self.peers]
        assert all(hashes == told[0] for hashes in told)
        assert len(told[0]) == self.frames
        for player in range(self.players):
            assert [inputs[player] for inputs in logs[0]] == [
                self.first[player][f] for f in range(self.frames)
            ]
        assert all(len(queue) <= INPUTS_AHEAD for peer in self.peers for queue in peer._queues)


def main() -> None:
    for part in sys.argv[1:]:
        first, _, last = part.partition("-")
        failed = 0
        for seed in range(int(first), int(last or first) + 1):
            world = World(seed)
            try:
                world.play()
                Crowd(seed).play()
            except Exception as error:
                failed += 1
                print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
                if not last:
                    print(*world.story, sep="\n")
                    raise
        print(f"{part}: {failed} failed")


if __name__ == "__main__":
    main()
