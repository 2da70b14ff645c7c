"""A peer that says anything in the form of protocol 2: nothing raises, nothing grows, and everybody is free afterwards.

``python -m tests.sim.test_protocol_fuzz 0-2000`` goes through many seeds, and tells the slowest message.
"""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import inspect

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.testing.network import LinkEnd
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD
from p2pgame.wire.decisions import Decision, DecisionBody, encode_decision
from p2pgame.wire.packet import Block, Packet, encode_packet
from tests.sim.reconnect_world import Storm

_KINDS = tuple(m._AnyMessage.__args__)
_OF_A_MATCH = tuple(kind for kind in _KINDS if "match" in kind.__struct_fields__)
_CODES = (
    "bye",
    "left",
    "over",
    "no_seat",
    "resigned",
    "claimed",
    "desync",
    "blocked",
    "superseded",
    "x",
    "done",
)
_EVENTS_MOST = 2000


class Fuzzer:
    """Makes up messages about one match."""

    def __init__(self, world: Storm, seed: int) -> None:
        self.world = world
        self.chance = random.Random(f"fuzz {seed}")
        self.share = self.chance.choice((0.0, 0.02, 0.1, 0.5))
        self.heard: list[m.Message] = []
        self.kinds = self.chance.choice(
            (_KINDS, _OF_A_MATCH, _OF_A_MATCH, (m.Decided, m.Request, m.EndSignature))
        )

    def __call__(self, message: m.Message) -> list[m.Message]:
        """What is said instead of `message`."""
        chance = self.chance
        self.heard = [*self.heard[-40:], message]
        if chance.random() >= self.share:
            return [message]
        return chance.choice(
            (
                list,
                lambda: [message, message],
                lambda: [chance.choice(self.heard)],
                lambda: [self._twisted(message)],
                lambda: [message, self.made_up()],
                lambda: [self.made_up(), message],
            )
        )()

    def made_up(self) -> m.Message:
        chance = self.chance
        if self.heard and chance.random() < 0.2:
            return self._twisted(chance.choice(self.heard))
        kind = chance.choice(self.kinds)
        return kind(**{f.name: self._value(f.name, f.type) for f in inspect.type_info(kind).fields})

    def _twisted(self, message: m.Message) -> m.Message:
        """One field is another one."""
        kind = type(message)
        fields = inspect.type_info(kind).fields
        if not fields:
            return message
        field = self.chance.choice(fields)
        changed = {f.name: getattr(message, f.name) for f in fields}
        return kind(**{**changed, field.name: self._value(field.name, field.type)})

    def _value(self, name: str, kind: Any) -> Any:
        chance = self.chance
        special: dict[str, Callable[[], Any]] = {
            "match": lambda: self.world.match_id if chance.random() < 0.97 else "f" * 16,
            "frame": self._frame,
            "first": self._frame,
            "session": lambda: chance.choice((1, 2, 3, chance.randint(1, 40), 2**32 - 1)),
            "decisions": lambda: chance.choice((0, 1, 2, 3, 1000, 2**32 - 1)),
            "player": lambda: chance.choice((0, 1, 2, 7)),
            "seat": lambda: chance.choice((0, 1, 2, 7)),
            "epoch": lambda: chance.choice((1, 1, 1, 2, 2**32 - 1)),
            "index": lambda: chance.choice((*self._next_indices(), 1, 2, 2**32 - 1)),
            "code": lambda: chance.choice(_CODES),
            "entry": self._entry,
            "hash": self._hash,
            "data": self._data,
            "runs": self._runs,
            "value": lambda: chance.choice((0, 1, 5, self._frame(), 2**32 - 1)),
        }
        return special[name]() if name in special else self._of(kind)

    def _of(self, kind: Any) -> Any:
        chance = self.chance
        match kind:
            case inspect.Metadata():
                return self._of(kind.type)
            case inspect.UnionType():
                return self._of(chance.choice(kind.types))
            case inspect.NoneType():
                return None
            case inspect.BoolType():
                return chance.random() < 0.5
            case inspect.IntType():
                low = kind.ge if kind.ge is not None else 0 if kind.gt is None else kind.gt + 1
                high = kind.le if kind.le is not None else kind.lt - 1 if kind.lt is not None else 2**32 - 1
                return chance.choice(
                    (low, high, chance.randint(low, high), min(high, max(low, chance.randint(0, 99))))
                )
            case inspect.StrType():
                length = min(kind.max_length or 16, 16)
                return chance.choice(("", "a", "0" * 16, "\u202e\x1b[2J", "z" * length))[:length]
            case inspect.BytesType():
                length = kind.min_length or chance.choice((0, 1, 16, 160, min(kind.max_length or 99, 4096)))
                return chance.randbytes(length)
            case inspect.DictType():
                names = ("code", "self", "name", "link", "now", "text", "params", "reason")
                return {chance.choice(names): self._of(kind.value_type) for _ in range(chance.randint(0, 3))}
            case inspect.VarTupleType():
                return tuple(self._of(kind.item_type) for _ in range(chance.randint(0, 3)))
            case inspect.TupleType():
                return tuple(self._of(item) for item in kind.item_types)
            case inspect.LiteralType():
                return chance.choice(kind.values)
            case inspect.EnumType():
                return chance.choice(list(kind.cls))
            case inspect.StructType():
                return kind.cls(**{f.name: self._value(f.name, f.type) for f in kind.fields})
        raise NotImplementedError(kind)

    # --- what is nearly right

    def _frame(self) -> int:
        chance = self.chance
        frame = max(self.world.frame_of(peer) for peer in self.world.both)
        return max(
            0,
            chance.choice((frame, frame, frame + chance.randint(-9, 9), frame + INPUTS_AHEAD, 0, 2**32 - 1)),
        )

    def _hash(self) -> bytes:
        match = self.world.ann.lobby.match
        if match is None or self.chance.random() < 0.3:
            return self.chance.randbytes(16)
        return match.core.timeline.hash_at(max(0, match.frame - self.chance.randint(0, 2))) or bytes(16)

    def _next_indices(self) -> tuple[int, ...]:
        match = self.world.ann.lobby.match
        return (len(match.core.log.entries) + 1,) * 5 if match is not None else ()

    def _entry(self) -> bytes:
        chance = self.chance
        match = self.world.ann.lobby.match
        if chance.random() < 0.1:
            return chance.randbytes(chance.randint(1, 60))
        if match is not None and match.core.log.entries and chance.random() < 0.2:
            return chance.choice(match.core.log.entries)
        kind = chance.choice(DecisionBody.__args__)  # type: ignore[attr-defined]
        if "outcome" in kind.__struct_fields__:
            what: Any = kind(outcome=self._outcome())
        else:
            what = kind(**{f.name: self._value(f.name, f.type) for f in inspect.type_info(kind).fields})
        return encode_decision(
            Decision(
                epoch=self._value("epoch", None),
                index=self._value("index", None),
                frame=self._frame(),
                what=what,
            )
        )

    def _outcome(self) -> Outcome:
        chance = self.chance
        winners = chance.choice(((), (0,), (1,), (0, 1), (7,), (1, 1), (2**60,)))
        return Outcome.by(
            chance.choice(list(EndedBy)), winners, chance.choice(("", "", "\x1b[2J", "x" * 400))
        )

    def _data(self) -> bytes:
        chance = self.chance
        match chance.randrange(4):
            case 0:
                return chance.randbytes(chance.choice((1, 6, 30, 1024)))
            case 1:
                return encode(chance.choice((0, 1, 2, 10**12, None, [112], "x")))
            case 2:
                return self._packet()
        game = self.world.plugin.game
        return encode([chance.randrange(225)]) if game.name == "gomoku" else encode(game.neutral)

    def _packet(self) -> bytes:
        chance = self.chance
        neutral = encode(self.world.plugin.game.neutral)
        inputs = (chance.choice((neutral, neutral, b"\x01", b"\xc1", chance.randbytes(9))),) * chance.randint(
            0, 128
        )
        blocks = tuple(
            Block(chance.choice((0, 1, 2, 255)), self._frame() & 0xFFFFF, inputs[:9] or (neutral,))
            for _ in range(chance.choice((0, 0, 1, 8)))
        )
        packet = encode_packet(
            Packet(
                first=self._frame(),
                inputs=inputs,
                ack=self._frame(),
                advantage=chance.randint(-128, 127),
                echo=chance.choice((None, (chance.randrange(256), chance.randrange(256)))),
                hash=chance.choice((None, (self._frame(), self._hash()))),
                blocks=blocks or None,
            )
        )
        return packet if chance.random() < 0.8 else packet[: chance.randrange(len(packet))] + b"\x07"

    def _runs(self) -> Any:
        chance = self.chance
        move = self._data()[:64]
        run = chance.choice(((move, None), (None, move), (move, move), (move,), (None, None)))
        return ((chance.choice((1, 2, 9, 20_000, 65_535)), run),) * chance.choice((0, 1, 1, 1, 9, 400))


class FuzzWorld(Storm):
    """A storm, in which Ben lies from some time on."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.fuzzer = Fuzzer(self, seed)
        self.slowest = (0.0, "")
        """Seconds that the slowest piece of a stream took, and its beginning."""

    def go(self) -> None:
        chance = self.fuzzer.chance
        self.invite()
        self.run(chance.uniform(0.2, 2.0))
        self.lies["Ben"] = self.fuzzer
        for _ in range(chance.choice((0, 1, 3, 30))):
            self.at(self.now + chance.uniform(0.0, 10.0), self._burst)
        for _ in range(4):
            peer = chance.choice(self.both)
            self.at(self.now + chance.uniform(0.0, 10.0), lambda peer=peer: self._ask(peer))
        if chance.random() < 0.3:
            self._spoil(chance.choice(self.both), chance.randint(1, 60))
        self.run(30.0)
        self.check_bounded()
        self.check_free()

    def check_bounded(self) -> None:
        for peer in self.both:
            assert len(peer.events) < _EVENTS_MOST, peer.events[-5:]
            match = peer.lobby.match
            if match is None or peer.dead:
                continue
            assert len(match._waiting_decisions) <= 64
            assert not any(remote.outbox for remote in match.core.remotes.values())
            assert not match.core.outbox
            assert not match.core.datagrams
            assert len(match.core.log.entries) <= 4096

    def _spoil(self, peer: Any, later: int) -> None:
        """The states of `peer` differ from some frame on."""
        match = peer.lobby.match
        if match is not None and not peer.dead:
            wrong, game = match.frame + later, match.core.game
            setup = match.core.timeline.setup
            match.core.timeline.tamper = lambda frame, state: game.initial(setup) if frame == wrong else state

    def _burst(self) -> None:
        """Ben says many things at once, on every link that he has, and in datagrams."""
        chance = self.fuzzer.chance
        match = self.ben.lobby.match
        for remote in match.core.linked if match is not None and not self.ben.dead else ():
            for _ in range(20):
                if remote.channel is not None:
                    remote.channel._datagram(self.fuzzer._packet(), self.ben.now)
        self.pump(self.ben)
        for end in list(self.ben.ends.values()):
            one = self.fuzzer.made_up()
            for _ in range(chance.choice((1, 5, 100, 300))):
                if not self.ben.dead and end.link.peer_hello is not None and not end.link.closed:
                    end.link.send(one if chance.random() < 0.5 else self.fuzzer.made_up())
                    self._flush(end)

    def _ask(self, peer: Any) -> None:
        match = peer.lobby.match
        if not peer.dead and match is not None and match.running:
            command = self.fuzzer.chance.choice((c.OfferDraw(), c.SetInputDelay(frames=3)))
            peer.lobby.execute(command, peer.now)
            self.pump(peer)

    def _take(self, end: LinkEnd, data: bytes) -> None:
        began = time.perf_counter()
        super()._take(end, data)
        took = time.perf_counter() - began
        if took > self.slowest[0]:
            self.slowest = (took, repr(data[5:45]))


@pytest.mark.parametrize("seed", range(40), ids="seed-{:04}".format)
def test_nothing_that_a_peer_says_raises_or_stays(seed: int) -> None:
    FuzzWorld(seed).go()


def main() -> None:
    first, _, last = sys.argv[1].partition("-")
    slowest = []
    for seed in range(int(first), int(last or first) + 1):
        world = FuzzWorld(seed)
        try:
            world.go()
        except Exception as error:
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}", flush=True)
            if not last:
                raise
        ended = {v.code for v in world.ann.told(e.ErrorEvent)}
        slowest.append((*world.slowest, seed, ended))
    print(sys.argv[1], *sorted(slowest, key=lambda one: -one[0])[:3], sep="\n")


if __name__ == "__main__":
    main()
