"""Storms over rooms with real rounds: ``python -m tests.sim.room_storms 0-1000`` runs seeds by hand.

From a seed: 3 to 5 members of one room, some with two players, bots; rounds of Tron of a few seconds, one after the
other; and faults at random times, also between rounds: programs are killed and started again, wires are cut, members
leave the round or the room and come back, the leader hands over, kicks, locks, changes seats. After that all come back,
and whatever happened, all are in one room and play a round to the same end; every file is good.
"""

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.registry import Plugin
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.room_view import RoomView
from p2pgame.testing.network import SimPeer, World
from p2pgame.testing.recorded import replay_of

__all__ = ["RoomStorm"]

_TRON = Plugin("p2pgame.games.tron")
_FRAMES = 150
_CALM_AT = 40.0
"""No fault begins later."""
_KICKED = 61.0
"""Seconds until who was kicked may come back."""
_BACK_AFTER = (0.3, 2.0, 8.0)
"""Seconds after which a killed program is started again."""
_LIMIT = 60.0
"""Seconds in the calm until all have played a round together."""


class RoomStorm(World):
    """One seed."""

    def __init__(self, seed: int) -> None:
        chance = self.chance = random.Random(f"evening/{seed}")
        super().__init__(
            _TRON,
            seed,
            delay=chance.choice((0.001, 0.005, 0.03)),
            jitter=chance.choice((0.0, 0.005)),
            loss=chance.choice((0.0, 0.05)),
            frames=_FRAMES,
        )
        self.faults: list[str] = []
        self.all = [
            self.add(name) for name in ("Ann", "Ben", "Cid", "Dan", "Eve")[: chance.choice((3, 4, 5))]
        ]
        self.kicked_until = 0.0
        self.order(self.all[0], c.OpenRoom(game="tron", seats=8, bots=chance.choice((0, 0, 1, 2))))
        self.room = self.all[0].first(e.RoomJoined).room
        for peer in self.all[1:]:
            self.enter(peer, local=chance.choice((1, 1, 1, 2, 0)) if peer is not self.all[1] else 1)
            self.run(0.3)
        for peer in self.all:
            self.order(peer, c.SetReady(True))
        for _ in range(chance.choice((1, 2, 4, 8))):
            self.plan(chance.uniform(0.1, _CALM_AT))

    # --- what members do

    def order(self, peer: SimPeer, command: c.Command) -> bool:
        """Whether it can be done now."""
        if peer.dead:
            return False
        with suppress(LocalProtocolError):
            peer.do("execute", command, peer.now)
            return True
        return False

    def enter(self, peer: SimPeer, local: int = 1) -> None:
        self.order(peer, c.JoinRoom(room=self.room, local=local))

    def view(self, peer: SimPeer) -> RoomView | None:
        return None if peer.dead else peer.lobby.room_view(peer.now)

    def plan(self, when: float) -> None:
        chance, peer = self.chance, self.chance.choice(self.all)
        other = chance.choice([one for one in self.all if one is not peer])
        wait, seat = chance.choice((0.5, 3.0, 12.0)), chance.randrange(8)
        kinds: dict[str, Callable[[], object]] = {
            f"kill {peer.name}": partial(self.fell, peer),
            f"kill {peer.name} again": partial(self.fell, peer),
            "kill the host": lambda: self.fell(self.carrier() or peer),
            "kill the leader": lambda: self.fell(self.leader() or peer),
            f"cut {peer.name} from {other.name} for {wait}": partial(self.cut_for, wait, peer, other),
            f"cut off {peer.name} for {wait}": partial(self.cut_off, peer, wait),
            f"{peer.name} leaves the round": lambda: self.order(peer, c.LeaveRound()),
            f"{peer.name} leaves the room for {wait}": partial(self.leave, peer, wait),
            f"{peer.name} becomes leader": lambda: self.lead(c.HandOver(peer.id)),
            f"seat {seat} is for a bot": lambda: self.lead(c.SetSeat(seat=seat, kind="bot")),
            f"seat {seat} is closed": lambda: self.lead(c.SetSeat(seat=seat, kind="closed")),
            f"{peer.name} has {seat % 3} players": lambda: self.order(peer, c.SetLocalPlayers(seat % 3)),
            "a series": lambda: self.lead(c.SetSeries(2)),
            "the room is locked": lambda: self.lead(c.SetLocked(True)),
            f"{peer.name} holds the next round": lambda: self.order(peer, c.HoldRound(True)),
        }
        what = chance.choice(sorted(kinds))

        def happen() -> None:
            self.faults.append(f"{self.now:.2f} {what}")
            kinds[what]()

        self.at(self.now + when, happen)

    def carrier(self) -> SimPeer | None:
        alive = (peer for peer in self.all if not peer.dead)
        return next((peer for peer in alive if (m := peer.lobby.match) is not None and m.is_host), None)

    def leader(self) -> SimPeer | None:
        return next((peer for peer in self.all if (view := self.view(peer)) is not None and view.leads), None)

    def lead(self, command: c.Command) -> None:
        leader = self.leader()
        if leader is not None:
            self.order(leader, command)

    def cut_off(self, peer: SimPeer, seconds: float) -> None:
        for other in self.all:
            if other is not peer:
                self.cut_for(seconds, peer, other)

    def leave(self, peer: SimPeer, seconds: float) -> None:
        self.order(peer, c.LeaveRoom())
        self.at(self.now + seconds, partial(self.come, peer))

    def fell(self, peer: SimPeer) -> None:
        if not peer.dead:
            self.kill(peer, power=self.chance.random() < 0.7)
            self.at(self.now + self.chance.choice(_BACK_AFTER), partial(self.wake, peer))

    def wake(self, peer: SimPeer) -> None:
        """Start it again; its player goes back into the room, or first into the match that was interrupted."""
        if not peer.dead:
            return
        peer.restart()
        open_ = [match for match, records in peer.files.items() if replay_of(records).end is None]
        if open_ and peer.told(e.MatchResumable) and self.chance.random() < 0.3:
            with suppress(LocalProtocolError):
                peer.do("resume", peer.told(e.MatchResumable)[-1].match, peer.now)
        self.come(peer)

    def come(self, peer: SimPeer) -> None:
        """Into the room, as soon as somebody announces it."""
        view = self.view(peer)
        if peer.dead or (view is not None and view.room == self.room):
            return
        self.enter(peer, 1)
        self.order(peer, c.SetReady(True))
        self.at(self.now + 1.0, partial(self.come, peer))

    # --- what must be

    def pass_by(self) -> None:
        """Play it, and see that all is well."""
        self.run(_CALM_AT + _BACK_AFTER[-1] + 4.0)
        self.lead(c.SetLocked(False))
        if self.leader() is None and all(self.view(peer) is None for peer in self.all):
            return  # the last of them was killed, or left
        end, played = self.now + _LIMIT, {peer.name: len(peer.told(e.MatchEnded)) for peer in self.all}
        common: set[str] = set()
        while not common:
            for peer in self.all:
                assert not peer.dead
                self.come(peer)
                view = self.view(peer)
                if view is not None and view.held:
                    self.order(peer, c.HoldRound(False))
                mine = (
                    next((m for m in view.members if m.peer == peer.id), None) if view is not None else None
                )
                if mine is not None and not mine.ready:
                    self.order(peer, c.SetReady(True))
            self.run(1.0)
            ended = [{m.match for m in peer.told(e.MatchEnded)[played[peer.name] :]} for peer in self.all]
            common = set.intersection(*ended)
            assert self.now < end, (self.faults, self.where())
        for match in common:
            ends = [end for peer in self.all for end in peer.told(e.MatchEnded) if end.match == match]
            assert len({(end.outcome, end.frames, end.hash) for end in ends}) == 1, (self.faults, ends)
        views = [self.view(peer) for peer in self.all]
        assert len({view.leader for view in views if view is not None}) == 1, (self.faults, self.where())
        assert len({view.wins for view in views if view is not None}) == 1, (self.faults, self.where())
        for peer in self.all:
            assert not peer.told(e.MatchDesync), (self.faults, peer.name)
            for records in peer.files.values():
                replay = replay_of(records)
                verdict = verify(replay, _TRON.game, _TRON.digest)
                assert verdict.ok or replay.end is None, (self.faults, peer.name, verdict)

    def where(self) -> str:
        return "; ".join(
            f"{peer.name} room {v.phase} leader {self.called(v.leader)} round {v.round} held {v.held} "
            f"members {[(m.name, m.local, m.ready, m.connected) for m in v.members]} "
            f"match {peer.lobby.match.status.code.value if peer.lobby.match else None}"
            if (v := self.view(peer)) is not None
            else f"{peer.name} outside"
            for peer in self.all
        )

    def called(self, peer: str) -> str:
        return next((one.name for one in self.all if one.id == peer), peer)


def main() -> int:
    first, _, last = sys.argv[1].partition("-")
    bad = 0
    for seed in range(int(first), int(last or first) + 1):
        try:
            RoomStorm(seed).pass_by()
        except Exception as error:
            bad += 1
            print(seed, type(error).__name__, str(error)[:1500], flush=True)
    print(f"{bad} of {int(last or first) - int(first) + 1} failed")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
