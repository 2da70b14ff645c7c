"""One of two lies at random while matches are adjourned and go on; the other one is honest.

A `Lies` draws game, network, liar and lies from its seed; ``python -m tests.sim.adjourn_liars 0-1000`` goes through
them, one alone tells how it went.
"""

import random
import sys
from collections import Counter
from typing import Any

import msgspec

from p2pgame.core.game import EndedBy
from p2pgame.replay.reader import Replay
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import Adjourned, Decision, Paused, encode_decision
from tests.sim.reconnect_world import Play

_GAMES = ("gomoku", "hands", "tally")
_CODES = [code.text for code in CloseCode] + ["bad_log", "of another version"]


class Lies(Play):
    """Both adjourn and go on now and then; one of them says what it likes."""

    def __init__(self, seed: int) -> None:
        chance = self.chance = random.Random(seed)
        super().__init__(
            chance.choice(_GAMES), seed, frames=40, delay=chance.choice((0.0005, 0.005, 0.05)), jitter=0.002
        )
        self.adjourning = True
        self.liar, self.honest = chance.sample(self.both, 2)
        self.share = chance.choice((0.02, 0.1, 0.3))
        self.story: list[str] = []
        self._confirmed: list[Any] = []
        self.aside_until = 0.0

    def weather(self) -> str:
        """Let it all happen; says how it went for the honest one."""
        self.invite()
        self.run(0.5)
        self.lies[self.liar.name] = self._lie
        for _ in range(60):
            self.run(0.5)
            self._check()
            if self.chance.random() < 0.1:
                self.reset(*self.both)
            if self.chance.random() < 0.05:
                self._strike()
        self.lies.clear()
        self.run(5.0)
        self._check()
        return self._verdict()

    def _strike(self) -> None:
        one = self.chance.choice(self.both)
        if self.match_id in one.files and not one.dead:
            self.story.append(f"{self.now:.2f} kill {one.name}")
            self.wreck(one, lost=self.chance.choice((0, 0, 1)), after=0.3)

    def _lie(self, message: m.Message) -> list[m.Message]:
        chance = self.chance
        share = (
            self.share if isinstance(message, m.Resume | m.Decided | m.Request | m.Close) else self.share / 20
        )
        if isinstance(message, m.Hello) or chance.random() >= share:
            return [message]
        match = self.liar.lobby.match
        lies: list[m.Message] = []
        kind = chance.randrange(7)
        if match is not None:
            frame, log = match.frame + chance.choice((-1, 0, 0, 1, 5)), match.core.log
            index = (log.decisions[-1].index + 1 if log.decisions else 1) + chance.choice((0, 0, 0, 1))
            thought = chance.choice(((), (0, 0), (10**6, 10**6), match.clock.thought()))
            what = chance.choice((Adjourned(thought=thought), Paused(reason="adjourned", milliseconds=1)))
            entry = encode_decision(Decision(epoch=log.epoch, index=index, frame=max(0, frame), what=what))
            request = m.Request(
                match=match.id, player=chance.randrange(2), value=max(0, frame),
                what=chance.choice((m.RequestKind.ADJOURN, m.RequestKind.REFUSE_ADJOURN)),
            )  # fmt: skip
            lies = [m.Decided(match=match.id, entry=entry), request]
        if isinstance(message, m.Resume):
            changes: dict[str, Any] = chance.choice(
                (
                    {"epochs": ()},
                    {"epochs": ((1, 10**4),)},
                    {"frame": max(0, message.frame + chance.choice((-2, -1, 1, 2)))},
                    {"hash": bytes(16)},
                    {"fresh": not message.fresh},
                    {"session": message.session + chance.choice((-1, 5))},
                )
            )
            lies.append(msgspec.structs.replace(message, **changes))
        self.story.append(f"{self.now:.2f} lie {kind} about {type(message).__name__}")
        match kind:
            case 0:
                return []
            case 1:
                return [message] * 3
            case 2:
                return [m.Close(code=chance.choice(_CODES))]
            case 3 | 4 if lies:
                return [message, chance.choice(lies)]
            case _ if lies:
                return [chance.choice(lies)]
        return [message]

    # --- what must hold

    def _file(self) -> Replay | None:
        records = self.honest.files.get(self.match_id)
        return replay_of(records) if records else None

    def _check(self) -> None:
        """The honest one keeps what it had, and its file is true and whole; nothing grows."""
        peer, replay = self.honest, self._file()
        assert len(peer.ends) <= 24
        assert len(peer.lobby._connections.links) <= 24
        if replay is None or peer.dead:
            return
        verdict = verify(replay, self.plugin.game, self.plugin.digest)
        problems = {problem.code for problem in verdict.problems}
        assert problems <= {"no_end", "not_signed"}, problems
        assert verdict.adjourned == (replay.adjourned and replay.end is None)

    def _verdict(self) -> str:
        peer, replay = self.honest, self._file()
        if replay is None:
            return "never began"
        for event in peer.told(e.MatchAdjourned):
            if event.reason == "agreed":
                asked = any(note.what == m.RequestKind.ADJOURN.value for note in replay.notes)
                assert asked, "adjourned without a word of the honest one"
        asides = sum(isinstance(what, Adjourned) for what in replay.decisions.bodies)
        wishes = sum(note.what == m.RequestKind.ADJOURN.value for note in replay.notes)
        assert asides <= wishes
        if replay.end is None:
            return "adjourned" if replay.adjourned else "open"
        outcome, me = replay.end.outcome, replay.header.me
        if outcome.winners == (1 - me,) and outcome.ended_by is not EndedBy.RULES:
            assert outcome.ended_by in (EndedBy.TIME, EndedBy.CLAIMED), outcome
            assert self.killed or outcome.ended_by is EndedBy.TIME, outcome
        return f"{outcome.ended_by.value}, {'won' if me in outcome.winners else 'not won'}"

    def free(self) -> None:
        """Whatever was, the honest one can leave, and nothing of it is left."""
        self.thinking = self.adjourning = False
        peer: Peer = self.honest
        self.kill(self.liar)
        self.run(3.5)  # what its player had in mind
        if peer.lobby.match is not None and not peer.dead:
            if peer.lobby.match.adjourned:
                peer.lobby.execute(c.NotNow(self.match_id), peer.now)
                self.pump(peer)
            else:
                peer.do("leave", peer.now)
        self.run(40.0)
        assert not peer.lobby.busy
        assert not peer.ends


def main() -> None:
    for part in sys.argv[1:]:
        first, _, last = part.partition("-")
        ends: Counter[str] = Counter()
        for seed in range(int(first), int(last or first) + 1):
            world = Lies(seed)
            try:
                ends[world.weather()] += 1
                world.free()
            except Exception as error:
                ends["failed"] += 1
                print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
                if not last:
                    print(*world.story, *world.told.items(), sep="\n")
                    raise
        print(part, dict(ends))


if __name__ == "__main__":
    main()
