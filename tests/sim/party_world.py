"""Storms over matches of several members: ``python -m tests.sim.party_world 0-100000`` runs seeds by hand.

From a seed: 3 to 8 members, some with two players, bots, watchers, a bad network; and faults at random times: programs
are killed and started again, wires are cut and split, members leave the round, others come to watch or to play.
Whatever happens, who is there at the end agrees on it, and every file is good.
"""

import random
import sys
from functools import partial

from p2pgame.session import events as e
from p2pgame.session.match import Match
from p2pgame.testing.network import SimPeer
from p2pgame.testing.recorded import replay_of
from tests.sim.party import Party

__all__ = ["Storm"]

_CALM_AT = 9.0
"""No fault begins later."""
_BACK_AFTER = (0.3, 2.0, 5.0)
"""Seconds after which a killed program is started again."""


class Storm(Party):
    """One seed."""

    def __init__(self, seed: int, game: str = "steps") -> None:
        chance = random.Random(f"storm/{seed}")
        members = chance.choice((3, 3, 3, 4, 4, 5, 8))
        seats: list[int | None] = list(range(members))
        for _ in range(chance.choice((0, 0, 1, 2))):
            if len(seats) < 8:
                seats.append(chance.choice((None, chance.randrange(members))))
        self.faults: list[str] = []
        super().__init__(
            game,
            seats,
            watchers=chance.choice((0, 0, 1, 2)),
            seed=seed,
            delay=chance.choice((0.001, 0.002, 0.01, 0.03)),
            jitter=chance.choice((0.0, 0.002, 0.01)),
            loss=chance.choice((0.0, 0.02, 0.1)),
            seconds=chance.choice((15, 20)),
        )
        self.storm = chance
        for watcher in self.peers[members:]:
            self.at(chance.uniform(0.5, _CALM_AT), f"{watcher.name} watches", partial(self.come, watcher))
        for _ in range(chance.choice((1, 2, 3, 5))):
            self.plan(chance.uniform(0.05, _CALM_AT))

    def at(self, when: float, what: str, act: object) -> None:
        def happen() -> None:
            self.faults.append(f"{self.world.now:.2f} {what}")
            act()  # type: ignore[operator]

        self.world.at(self.world.now + when, happen)

    def plan(self, when: float) -> None:
        chance, peer = self.storm, self.storm.choice(self.members)
        kind = chance.choice(("kill", "kill", "kill host", "cut", "split", "leave", "freeze"))
        if kind == "kill":
            self.at(when, f"kill {peer.name}", partial(self.kill, peer))
        elif kind == "kill host":
            self.at(when, "kill the host", lambda: self.kill(self.carrier() or peer))
        elif kind == "cut":
            other = chance.choice([one for one in self.members if one is not peer])
            for_ = chance.choice((0.5, 3.0, 7.0))
            cut = partial(self.world.cut_for, for_, peer, other)
            self.at(when, f"cut {peer.name} from {other.name} for {for_}", cut)
        elif kind == "split":
            here = chance.sample(self.members, chance.randrange(1, len(self.members)))
            names, for_ = [one.name for one in here], chance.choice((1.0, 6.0))
            self.at(when, f"split {names} for {for_}", partial(self.split, here, for_))
        elif kind == "freeze":
            for_ = chance.choice((1.0, 5.0))
            self.at(when, f"{peer.name} hears nothing for {for_}", partial(self.split, [peer], for_))
        else:
            self.at(when, f"{peer.name} leaves the round", partial(self.leave, peer))

    def carrier(self) -> SimPeer | None:
        return next((peer for peer in self.alive if self.match(peer).is_host), None)

    def kill(self, peer: SimPeer) -> None:
        if peer.dead:
            return
        self.world.kill(peer, power=self.storm.random() < 0.7)
        self.world.at(self.world.now + self.storm.choice(_BACK_AFTER), partial(self.restart, peer))

    def restart(self, peer: SimPeer) -> None:
        peer.restart()
        self.let_in(peer)
        if peer.told(e.MatchResumable) and any(replay_of(f).end is None for f in peer.files.values()):
            peer.do("resume", self.agreement.election.match, peer.now)

    def split(self, here: list[SimPeer], seconds: float) -> None:
        for one in here:
            for other in self.peers:
                if other not in here:
                    self.world.cut_for(seconds, one, other)

    def leave(self, peer: SimPeer) -> None:
        if not peer.dead and peer.lobby.match is not None:
            peer.lobby.matches._with_match(Match.leave, peer.now)
            self.world.pump(peer)

    def come(self, peer: SimPeer) -> None:
        host = self.carrier()
        if host is not None and not peer.dead:
            self.watch(peer, self.storm.choice((0, 1)), host)

    def weather(self) -> None:
        """Play it, and see that all is well: who is there in the end has the same end, and a good file."""
        self.run(_CALM_AT + _BACK_AFTER[-1])
        self.play_out(90.0)
        ends = {peer.name: peer.told(e.MatchEnded) for peer in self.peers if peer.lobby.match is not None}
        assert len({(end.outcome, end.frames, end.hash) for told in ends.values() for end in told}) == 1, (
            self.faults,
            ends,
        )
        for peer in self.peers:
            assert not peer.told(e.MatchDesync), (self.faults, peer.name)
            if peer.files and ends[peer.name]:
                verdict = self.verdict(peer)
                assert verdict.ok, (self.faults, peer.name, verdict)


def main() -> int:
    first, _, last = sys.argv[1].partition("-")
    bad = 0
    for seed in range(int(first), int(last or first) + 1):
        try:
            Storm(seed).weather()
        except Exception as error:
            bad += 1
            print(seed, type(error).__name__, str(error)[:600], flush=True)
    print(f"{bad} of {int(last or first) - int(first) + 1} failed")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
