"""A match of several members on the virtual network, begun without a room: as the members would agree on it."""

import random
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.replay.verify import Verdict, verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement
from p2pgame.session.election import Election
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.testing.network import LinkEnd, SimPeer, World
from p2pgame.testing.recorded import replay_of

__all__ = ["Party"]

ROOM = "feedfacecafebeef"
NAMES = ("Ann", "Ben", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal")


class Party:
    """`seats`: the number of the member that plays on each seat, None for a bot of the host, which is member 0."""

    def __init__(
        self,
        game: str,
        seats: Sequence[int | None],
        *,
        watchers: int = 0,
        config: Any = None,
        teams: tuple[int, ...] = (),
        seconds: int = 0,
        far: Mapping[int, float] = MappingProxyType({}),
        **network: Any,
    ) -> None:
        """`seconds`: the frame limit in another unit. `far`: members whose words take so many seconds longer.

        `network`: as for `World`.
        """
        self.plugin = Plugin(f"tests.{game}" if game in ("hands", "steps") else f"p2pgame.games.{game}")
        frames = {"frames": seconds * self.plugin.game.tick_rate} if seconds else {}
        self.world = World(self.plugin, **frames, **network)
        members = 1 + max(seat for seat in seats if seat is not None)
        self.peers = [self.world.add(name) for name in NAMES[: members + watchers]]
        self.members = self.peers[:members]
        self.host = self.members[0]
        self.config = self.plugin.game.config_type() if config is None else config
        owners = tuple(self.peers[seat or 0].id for seat in seats)
        self.agreement = Agreement(
            election=Election(
                match="0123456789abcdef",
                host=self.host.id,
                succession=tuple(peer.id for peer in self.members),
                players=owners,
                seed=7,
                token=b"t" * 16,
            ),
            plugin=self.plugin,
            config=self.config,
            config_bytes=encode(self.config),
            names=tuple(
                "" if seat is None else f"{self.peers[seat].name}{n}" for n, seat in enumerate(seats)
            ),
            bots=tuple("medium" if seat is None else "" for seat in seats),
            teams=teams,
            frames=self.world.frames,
            room=ROOM,
        )
        self.chance = random.Random(self.world.seed)
        for peer in self.peers:
            self.let_in(peer)
        for peer in self.members[1:]:
            self.world._dial(peer, self.host.id, None)
        for member, way in far.items():
            self.move_away(self.members[member], way)
        ways = self.world.delay + self.world.jitter + max(far.values(), default=0.0)
        self.world.run(8 * ways + 0.1)
        for peer in self.members:
            others = self.members[1:] if peer is self.host else [self.host]
            links = {other.id: link_of(peer, other) for other in others}
            peer.lobby.matches.begin(self.agreement, links, peer.now)
            self.world.pump(peer)
        self.move()

    def move_away(self, peer: SimPeer, seconds: float, loss: float = 0.0) -> None:
        """Everything that `peer` says takes so many seconds longer, and that share of its datagrams is lost."""
        world, send, deliver = self.world, self.world._send_datagram, self.world._deliver

        def send_late(source: SimPeer, data: bytes, to: Address) -> None:
            if source is not peer:
                send(source, data, to)
            elif self.chance.random() >= loss:
                world.at(world.now + seconds, lambda: send(source, data, to))

        def deliver_late(end: LinkEnd, data: bytes) -> None:
            if end.other is None or end.other.owner is not peer:
                deliver(end, data)
            else:
                world.at(world.now + seconds, lambda: deliver(end, data))

        world._send_datagram, world._deliver = send_late, deliver_late  # type: ignore[method-assign]

    def let_in(self, peer: SimPeer) -> None:
        """All peers are in the room."""
        peer.lobby.matches._may_watch = lambda *_: True

    def move(self) -> None:
        """Every quarter of a second each person does something."""
        for peer in self.peers:
            match = peer.lobby.match
            if peer.dead or match is None or not match.running:
                continue
            for seat in match.core.seats:
                peer.lobby.execute(c.Submit(move=self.choose(match, seat), seat=seat), peer.now)
                self.world.pump(peer)
        self.world.at(self.world.now + 0.25, self.move)

    def choose(self, match: Match, seat: int) -> Any:
        del match, seat
        return self.chance.randrange(5)

    def run(self, seconds: float) -> None:
        self.world.run(seconds)

    def match(self, peer: SimPeer) -> Match:
        match = peer.lobby.match
        assert match is not None
        return match

    def play_out(self, limit: float = 120.0) -> None:
        """Until the match is over for all who live."""
        end = self.world.now + limit
        while not all(peer.dead or self.match(peer).over for peer in self.alive):
            self.run(0.5)
            assert self.world.now < end, self.where()

    @property
    def alive(self) -> list[SimPeer]:
        return [peer for peer in self.peers if not peer.dead and peer.lobby.match is not None]

    def where(self) -> str:
        return "; ".join(
            f"{p.name} {m.frame}/{m.core.engine.frame} {m.status.code.value} seats {m.core.seats} "
            f"linked {[r.name for r in m.core.linked]}"
            for p in self.alive
            if (m := p.lobby.match) is not None
        )

    def ended(self, peer: SimPeer) -> e.MatchEnded:
        return peer.told(e.MatchEnded)[-1]

    def check(self, peers: Sequence[SimPeer] | None = None) -> None:
        """The same end for all, equal hashes on the way, and files that verify and say the same."""
        ends = [self.ended(peer) for peer in peers or self.alive]
        assert len({(end.outcome, end.frames, end.hash) for end in ends}) == 1, ends
        for peer in self.alive:
            assert not peer.told(e.MatchDesync), peer.name
        verdicts = {peer.name: self.verdict(peer) for peer in self.alive if peer.files}
        assert all(verdict.ok for verdict in verdicts.values()), verdicts
        files = [replay_of(peer.files[self.agreement.election.match]) for peer in self.alive if peer.files]
        assert len({tuple(file.inputs) for file in files}) == 1
        assert len({tuple(file.decisions.entries) for file in files}) == 1

    def verdict(self, peer: SimPeer) -> Verdict:
        replay = replay_of(peer.files[self.agreement.election.match])
        return verify(replay, self.plugin.game, self.plugin.digest)

    def watch(self, peer: SimPeer, seats: int = 0, host: SimPeer | None = None) -> None:
        to: PeerId = (host or self.host).id
        peer.lobby.matches.watch(self.agreement.election.match, to, seats, peer.now)
        self.world.pump(peer)


def link_of(peer: SimPeer, other: SimPeer) -> int:
    link = peer.lobby._connections.link_to(other.id)
    assert link is not None, (peer.name, other.name)
    return link
