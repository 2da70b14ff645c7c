"""Peers in one process: real lobbies, links and matches on a virtual clock and a seeded network.

    world = World(Plugin("my_package.my_game"), seed=7, delay=0.005)
    a, b = world.add("Ann"), world.add("Ben")
    a.meet(b)
    world.run(5.0)

No socket, no sleeping; same seed, same run. Connections are streams, as TCP's are: they delay, and are cut; they do
not lose or reorder.
"""

import random
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import Plugin, Registry
from p2pgame.replay.records import Record
from p2pgame.session import events as e
from p2pgame.session.actions import Call, Dial, Hang, Report, Send, Write
from p2pgame.session.link import (
    Link,
    LinkClosed,
    LinkEvent,
    LinkHeard,
    LinkOpened,
    LinkQuiet,
    MessageReceived,
)
from p2pgame.session.lobby import Lobby
from p2pgame.session.matchmaker import Scribe
from p2pgame.testing.clock import VirtualClock
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_TIMEOUT, PROTOCOL

__all__ = ["End", "Peer", "World"]


class End:
    """One side of a connection."""

    def __init__(self, owner: "Peer", number: int, link: Link, ticket: int | None) -> None:
        self.owner = owner
        self.number = number
        self.link = link
        self.ticket = ticket
        self.other: End | None = None
        self.gone = False


class Peer:
    """A lobby with its links; `events` keeps all that it told its user."""

    def __init__(self, world: "World", name: str, index: int, candidate: m.Candidate) -> None:
        self.world = world
        self.name = name
        self.id = PeerId("")
        self.events: list[e.Event] = []
        self.ends: dict[int, End] = {}
        self.dead = False
        self.dialable = True
        self.on_event: Callable[[e.Event], None] = lambda _: None
        self.files: dict[str, list[Record]] = {}
        """What the lobby wanted to be written, by match."""
        self.reports: list[tuple[Record, ...]] = []
        self._candidate = candidate
        self._index = index
        self._starts = 0
        self.lobby = self._make_lobby()

    def _make_lobby(self) -> Lobby:
        world, key = self.world, Ed25519PrivateKey.from_private_bytes(bytes([self._index]) * 32)
        self._starts += 1
        rng = random.Random(f"{world.seed}/{self._index}/{self._starts}")
        scribe = Scribe(
            public_key=key.public_key().public_bytes_raw(), sign=key.sign, version="0", platform="test"
        )
        self.id = peer_id_of(scribe.public_key)
        return Lobby(
            self.id,
            self.name,
            Registry([world.plugin]),
            rng.randbytes,
            candidate=self._candidate,
            scribe=scribe,
        )

    def restart(self) -> None:
        """The program of a killed peer is started again: a lobby that knows nothing; `events` goes on."""
        self.dead = False
        self.lobby = self._make_lobby()

    def hello(self) -> m.Hello:
        """What this peer says first on every link."""
        return m.Hello(
            protocol=PROTOCOL,
            version="0",
            instance="00" * 8,
            name=self.name,
            tcp_port=1,
            games=self.lobby.registry.digests(),
        )

    def invite(self, other: "Peer", config: Any = None) -> None:
        """Invite `other` to the game of this world; without `config`, to its default."""
        plugin = self.world.plugin
        config = plugin.game.config_type() if config is None else config
        self.lobby.invite(other.id, other.name, plugin, config, self.world.now)
        self.world.pump(self)

    def meet(self, other: "Peer", config: Any = None) -> None:
        """Invite `other`, who accepts; half a virtual second later the match has begun, if the network lets it."""
        self.invite(other, config)
        self.world.run(0.5)
        other.do("accept", other.told(e.InviteReceived)[-1].invite, self.world.now)
        self.world.run(0.5)

    def do(self, name: str, *arguments: Any) -> None:
        """Call a method of the lobby, or of its table, and carry out what follows."""
        where = self.lobby if hasattr(self.lobby, name) else self.lobby.table
        getattr(where, name)(*arguments)
        self.world.pump(self)

    def told(self, kind: type[Any]) -> list[Any]:
        """All events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def first(self, kind: type[Any]) -> Any:
        """The first event of a kind. Raises `IndexError` if there was none."""
        return self.told(kind)[0]


class World:
    """A network with one-way `delay` and `jitter` in seconds; order within a connection is kept, as in TCP."""

    def __init__(self, plugin: Plugin, seed: int = 1, delay: float = 0.005, jitter: float = 0.0) -> None:
        self.plugin = plugin
        self.seed = seed
        self.clock = VirtualClock()
        self.delay = delay
        self.jitter = jitter
        self.rng = random.Random(seed)
        self.peers: list[Peer] = []
        self._number = 0
        self._arrivals: dict[End, float] = {}
        self.cut: set[frozenset[PeerId]] = set()
        """Pairs between which nothing passes."""

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.clock.now

    def add(self, name: str, candidate: m.Candidate | None = None) -> Peer:
        """A new peer, which knows nobody yet."""
        peer = Peer(self, name, len(self.peers), candidate or m.Candidate())
        self.peers.append(peer)
        return peer

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Do `what` at virtual time `when`."""
        self.clock.at(when, what)

    def run(self, seconds: float) -> None:
        """Let virtual time pass."""
        end = self.now + seconds
        while True:
            deadline = min((d for p in self.peers if not p.dead for d in self._deadlines(p)), default=None)
            if deadline is None or deadline > end:
                if not self.clock.step(end):
                    self.clock.now = end
                    return
            elif not self.clock.step(deadline):
                self.clock.now = max(self.now, deadline)
                for peer in self.peers:
                    if not peer.dead and any(d <= self.now for d in self._deadlines(peer)):
                        self._tick(peer)

    def kill(self, peer: Peer) -> None:
        """As kill -9: the kernel ends its connections, the peer says nothing."""
        peer.dead = True
        for end in list(peer.ends.values()):
            self._drop(end)

    def pump(self, peer: Peer) -> None:
        """Carry out what the lobby wants."""
        while not peer.dead:
            actions, events = peer.lobby.actions(), peer.lobby.events()
            if not actions and not events:
                return
            for event in events:
                peer.events.append(event)
                peer.on_event(event)
            for action in actions:
                self._act(peer, action)

    # --- inside

    def _act(self, peer: Peer, action: Any) -> None:
        match action:
            case Send(link=number, message=message):
                end = peer.ends.get(number)
                if end is not None and end.link.peer_hello is not None and not end.link.closed:
                    end.link.send(message)
                    self._flush(end)
            case Hang(link=number, code=code, message=text):
                end = peer.ends.pop(number, None)
                if end is not None:
                    end.link.close(code, text)
                    self._flush(end)
                    self._drop(end)
            case Dial(peer=target, ticket=ticket):
                self._dial(peer, target, ticket)
            case Write(match=match, records=records):
                peer.files.setdefault(match, []).extend(records)
            case Report(records=records):
                peer.reports.append(records)
            case Call(peer=target):
                other = next((p for p in self.peers if p.id == target), None)
                if other is not None and not other.dead:
                    self.at(self.now + self._lag(), lambda: self._dial(other, peer.id, None))

    def _dial(self, peer: Peer, target: PeerId, ticket: int | None) -> None:
        other = next((p for p in self.peers if p.id == target), None)
        reachable = (
            other is not None and not other.dead and other.dialable and not self._is_cut(peer.id, target)
        )
        if other is None or not reachable:
            if ticket is not None:
                self.at(self.now + DIAL_TIMEOUT, lambda: self._fail(peer, ticket))
            return

        def connect() -> None:
            ours, theirs = self._end(peer, ticket), self._end(other, None)
            ours.other, theirs.other = theirs, ours
            self._flush(ours)
            self._flush(theirs)

        self.at(self.now + 3 * self._lag(), connect)

    def _fail(self, peer: Peer, ticket: int) -> None:
        if not peer.dead:
            peer.lobby.dial_failed(ticket, self.now)
            self.pump(peer)

    def _end(self, peer: Peer, ticket: int | None) -> End:
        self._number += 1
        end = End(peer, self._number, Link(peer.hello(), self.now), ticket)
        peer.ends[end.number] = end
        return end

    def _flush(self, end: End) -> None:
        data = end.link.data_to_send()
        other = end.other
        if data and other is not None:
            self._deliver(other, data)

    def _deliver(self, end: End, data: bytes) -> None:
        arrival = max(self.now + self._lag(), self._arrivals.get(end, 0.0))
        self._arrivals[end] = arrival
        self.at(arrival, lambda: self._receive(end, data))

    def _drop(self, end: End) -> None:
        """Our side of the connection is gone; the other side reads the end of the stream."""
        end.gone = True
        if end.other is not None:
            self._deliver(end.other, b"")

    def _receive(self, end: End, data: bytes) -> None:
        peer = end.owner
        if peer.dead or end.gone or (end.other is not None and self._is_cut(peer.id, end.other.owner.id)):
            return
        for event in end.link.receive_data(data, self.now):
            self._report(peer, end, event)
        self._flush(end)
        self.pump(peer)

    def _report(self, peer: Peer, end: End, event: LinkEvent) -> None:
        match event:
            case LinkOpened(hello=hello) if end.other is not None:
                peer.lobby.link_opened(end.number, end.other.owner.id, hello.name, end.ticket, self.now)
            case MessageReceived(message=message):
                peer.lobby.link_message(end.number, message, self.now)
            case LinkQuiet():
                peer.lobby.table.quiet(end.number, self.now)
            case LinkHeard():
                peer.lobby.table.heard(end.number, self.now)
            case LinkClosed(code=code, message=text):
                if peer.ends.pop(end.number, None) is not None:
                    self._flush(end)
                    self._drop(end)
                    peer.lobby.link_closed(end.number, code, text, self.now)

    def _tick(self, peer: Peer) -> None:
        for end in list(peer.ends.values()):
            for event in end.link.handle_timeout(self.now):
                self._report(peer, end, event)
            self._flush(end)
        peer.lobby.handle_timeout(self.now)
        self.pump(peer)

    def _deadlines(self, peer: Peer) -> list[float]:
        found = [end.link.next_deadline() for end in peer.ends.values()]
        found.append(peer.lobby.next_deadline())
        return [d for d in found if d is not None]

    def _is_cut(self, one: PeerId, other: PeerId) -> bool:
        return frozenset((one, other)) in self.cut

    def _lag(self) -> float:
        return self.delay + self.rng.random() * self.jitter
