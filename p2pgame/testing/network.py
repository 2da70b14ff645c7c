"""Peers in one process: real lobbies, links and matches on a virtual clock and a seeded network.

    world = World(Plugin("my_package.my_game"), seed=7, delay=0.005)
    a, b = world.add("Ann"), world.add("Ben")
    a.meet(b)
    world.run(5.0)

No socket, no sleeping; same seed, same run. Connections are streams, as TCP's are: they delay and reset, and what is
sent while the wire is out arrives when it is back, at the next retransmission. Datagrams are lost and overtake each
other; those that arrive wait for the next tick, as in a real program (`DatagramBatch`). A peer has an address that
can change, a clock that can jump, and files from which it goes on when it is killed and started again.
"""

import random
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.chat.author import Author
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import Plugin, Registry
from p2pgame.replay.records import End, Header, Record
from p2pgame.session import events as e
from p2pgame.session.datagram_batch import BATCH_WAIT, SEEN_WAIT, DatagramBatch
from p2pgame.session.effects import CloseLink, Dial, KeepLots, RequestDial, Send, Write, WriteReport
from p2pgame.session.link import (
    Link,
    LinkClosed,
    LinkEvent,
    LinkHeard,
    LinkOpened,
    LinkQuiet,
    MessageReceived,
    RttMeasured,
)
from p2pgame.session.lobby import Lobby
from p2pgame.session.lot import Lot
from p2pgame.session.match.channel import Address
from p2pgame.session.match_factory import RecordingContext
from p2pgame.session.room_view import ListedRoom
from p2pgame.testing.clock import VirtualClock
from p2pgame.testing.recorded import replay_of, saved_from
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_TIMEOUT, PROTOCOL

__all__ = ["LinkEnd", "SimPeer", "World"]

_RETRANSMIT = 0.2
"""Seconds until what did not pass is sent again; each time twice as many (RFC 6298, and Linux's least)."""
_RETRANSMIT_MOST = 60.0
_SYN_AGAIN = 1.0
"""The same for the first packet of a connection."""
_TICKS_AT_ONCE = 10_000
"""A peer that wants to be woken so often at one time would use up a processor."""


class LinkEnd:
    """One side of a connection."""

    def __init__(self, owner: "SimPeer", number: int, link: Link, ticket: int | None) -> None:
        self.owner = owner
        self.number = number
        self.link = link
        self.ticket = ticket
        self.other: LinkEnd | None = None
        self.gone = False
        self.stranded = False
        """Its owner's address is another one now: nothing comes any more."""
        self.held: list[bytes] = []
        """What waits for the wire to be back."""


class SimPeer:
    """A lobby with its links; `events` has all events that it emitted."""

    def __init__(self, world: "World", name: str, index: int, candidate: m.Candidate) -> None:
        self.world = world
        self.name = name
        self.id = PeerId("")
        self.events: list[e.Event] = []
        self.ends: dict[int, LinkEnd] = {}
        self.address: Address = (f"10.0.0.{index + 1}", 41421)
        """Of its unicast UDP port; see `World.move`."""
        self.skew = 0.0
        """Seconds by which its clock is ahead of the world's: add to it for a jump."""
        self.dead = False
        self.killed_at = 0.0
        self.lots: tuple[Lot, ...] = ()
        """As on its disk."""
        self.deadline: float | None = None
        """By its own clock, of its lobby, its links and the datagrams that wait; None: to be asked again."""
        self.batch = DatagramBatch(self.world.wait)
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
        recording = RecordingContext(
            public_key=key.public_key().public_bytes_raw(), sign=key.sign, version="0", platform="test"
        )
        self.id = peer_id_of(recording.public_key)
        lobby = Lobby(
            self.id,
            self.name,
            Registry([world.plugin]),
            rng.randbytes,
            candidate=self._candidate,
            frames=world.frames,
            input_delay=world.input_delay,
            countdown=world.countdown,
            recording=recording,
            author=Author(recording, self._starts.to_bytes(8, "big")),
            unix=lambda: self.now,
        )
        lobby.set_rooms(world.find_room)
        return lobby

    @property
    def now(self) -> float:
        """Its own clock, in seconds."""
        return self.world.now + self.skew

    def restart(self, lost: int = 0) -> None:
        """The program of a killed peer is started again: its lobby knows only the files; `events` goes on.

        `lost`: so many of the newest records of each open match were not on the disk yet. The newest match that is
        open is offered (`MatchResumable`), as at a real start. Discovery tells the others.
        """
        self.dead = False
        self.batch = DatagramBatch(self.world.wait)
        self.lobby = self._make_lobby()
        self.lobby.restore_lots(self.lots)
        for match, records in list(self.files.items()):
            if lost and replay_of(records).end is None:
                del records[max(0, len(records) - lost) :]
                if not records:
                    del self.files[match]
        for match, records in self.files.items():
            replay = replay_of(records)
            if replay.end is not None:
                outcome = replay.end.outcome
                self.lobby.matches.remember(match, outcome.ended_by, won=replay.header.me in outcome.winners)
        saved = [saved_from(records, self.world.plugin) for records in self.files.values()]
        if saved and saved[-1] is not None:
            self.lobby.matches.offer(saved[-1], self.killed_at + self.skew)
        self.world.pump(self)
        self.world.announce(self)

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

    def invite(self, other: "SimPeer", config: Any = None) -> None:
        """Invite `other` to the game of this world; without `config`, to its default."""
        plugin = self.world.plugin
        config = plugin.game.config_type() if config is None else config
        self.lobby.invite(other.id, other.name, plugin, config, self.now)
        self.world.pump(self)

    def meet(self, other: "SimPeer", config: Any = None) -> None:
        """Invite `other`, who accepts; half a virtual second later the match has begun, if the network lets it."""
        self.invite(other, config)
        self.world.run(0.5)
        other.do("accept", other.told(e.InviteReceived)[-1].invite, other.now)
        self.world.run(0.5)

    def do(self, name: str, *arguments: Any) -> None:
        """RequestDial a method of the lobby, or of its table, and carry out what follows."""
        where = self.lobby if hasattr(self.lobby, name) else self.lobby.matches
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

    def __init__(
        self,
        plugin: Plugin,
        seed: int = 1,
        delay: float = 0.005,
        jitter: float = 0.0,
        loss: float = 0.0,
        frames: int = 0,
        input_delay: int | None = None,
        countdown: int = 0,
        *,
        seen: bool = False,
    ) -> None:
        """`loss`: share of the datagrams. `frames`: the frame limit that everybody asks for; 0: none.

        `input_delay`: of everybody, in frames; None: as measured. `countdown`: see `Lobby`. `seen`: a window shows
        everybody's matches.
        """
        self.wait = SEEN_WAIT if seen else BATCH_WAIT
        """See `DatagramBatch`."""
        self.input_delay = input_delay
        self.countdown = countdown
        self.plugin = plugin
        self.loss = loss
        self.frames = frames
        self.seed = seed
        self.clock = VirtualClock()
        self.delay = delay
        self.jitter = jitter
        self.rng = random.Random(seed)
        self.peers: list[SimPeer] = []
        self._number = 0
        self._arrivals: dict[LinkEnd, float] = {}
        self.cut: set[frozenset[PeerId]] = set()
        """Pairs between which nothing passes."""
        self.dead: set[tuple[PeerId, PeerId, str]] = set()
        """``(from, to, "tcp" or "udp")``: what does not pass in that direction."""

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.clock.now

    def add(self, name: str, candidate: m.Candidate | None = None) -> SimPeer:
        """A new peer, which knows nobody yet."""
        peer = SimPeer(self, name, len(self.peers), candidate or m.Candidate())
        self.peers.append(peer)
        return peer

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Do `what` at virtual time `when`."""
        self.clock.at(when, what)

    def run(self, seconds: float) -> None:
        """Let virtual time pass."""
        end = self.now + seconds
        for peer in self.peers:
            peer.deadline = None  # a test may have changed anything since
        clock = self.clock
        ticks, before = 0, -inf
        while True:
            when, first = inf, None
            for peer in self.peers:
                if not peer.dead:
                    deadline = peer.deadline
                    if deadline is None:
                        deadline = self._deadline(peer)
                    if deadline - peer.skew < when:
                        when, first = deadline - peer.skew, peer
            if first is None or when > end:
                if not clock.step(end):
                    clock.now = end
                    return
            elif not clock.step(when):
                clock.now = max(clock.now, when)
                ticks, before = (ticks + 1 if clock.now == before else 0), clock.now
                if ticks > _TICKS_AT_ONCE:
                    raise RuntimeError(f"{first.name} wants to be woken without end at {clock.now}")
                self._tick(first, max(self._deadline(first), first.now))

    def kill(self, peer: SimPeer, *, power: bool = True) -> None:
        """As kill -9: the kernel ends its connections, the peer says nothing. Without `power` nobody does."""
        peer.dead, peer.killed_at = True, self.now
        for end in list(peer.ends.values()):
            if power:
                self._drop(end)
            end.gone = True
        peer.ends.clear()

    def reset(self, one: SimPeer, other: SimPeer) -> None:
        """Every connection between the two ends at once, and what was under way on it is lost."""
        for end in [*one.ends.values()]:
            if end.other is not None and end.other.owner is other:
                for side in (end, end.other):
                    if not side.gone:
                        self.at(self.now, partial(self._end_of_stream, side))

    def cut_for(self, seconds: float, one: SimPeer, other: SimPeer) -> None:
        """Pull the wire between the two, and put it back later."""
        pair = frozenset((one.id, other.id))
        self.cut.add(pair)
        self.at(self.now + seconds, lambda: self.cut.discard(pair))

    def move(self, peer: SimPeer, address: Address) -> None:
        """`peer` is at another address now; what was sent to the old one is lost, and discovery tells."""
        peer.address = address
        for end in peer.ends.values():
            end.stranded = True
            if end.other is not None:
                end.other.stranded = True
        self.announce(peer)

    def announce(self, peer: SimPeer) -> None:
        """Discovery: whoever a packet of `peer` reaches knows that it is there, and where."""
        for other in self.peers:
            if other is not peer and not other.dead and self._passes(peer.id, other.id, "udp"):
                self.at(self.now + self._lag(), partial(self._see, other, peer.id))

    def find_room(self, room: str) -> ListedRoom | None:
        """The room of that id, as beacons would announce it."""
        listed = (peer.lobby.listed_room for peer in self.peers if not peer.dead)
        return next((one for one in listed if one is not None and one.room == room), None)

    def pump(self, peer: SimPeer) -> None:
        """Carry out what the lobby wants."""
        peer.deadline = None
        lobby = peer.lobby
        while not peer.dead:
            for data, to in lobby.matches.datagrams():
                self._send_datagram(peer, data, to)
            actions, events = lobby.effects(), lobby.events()
            if not actions and not events:
                return
            for event in events:
                peer.events.append(event)
                peer.on_event(event)
            for action in actions:
                self._act(peer, action)

    # --- inside

    def _act(self, peer: SimPeer, action: Any) -> None:
        match action:
            case Send(link=number, message=message, payload=payload):
                end = peer.ends.get(number)
                if end is not None and end.link.peer_hello is not None and not end.link.closed:
                    end.link.send_payload(message, payload)
                    self._flush(end)
            case CloseLink(link=number, code=code, params=params):
                end = peer.ends.pop(number, None)
                if end is not None:
                    end.link.close(code, params)
                    self._flush(end)
                    self._drop(end)
            case Dial(peer=target, ticket=ticket):
                self._dial(peer, target, ticket)
            case Write(match=match, records=records):
                file = peer.files.get(match, [])
                again = isinstance(records[0], Header) and any(isinstance(one, End) for one in file)
                peer.files[match] = [*([] if again else file), *records]
            case KeepLots(lots=lots):
                peer.lots = lots
            case WriteReport(records=records):
                peer.reports.append(records)
            case RequestDial(peer=target):
                other = next((p for p in self.peers if p.id == target), None)
                if other is not None and not other.dead:
                    self.at(self.now + self._lag(), lambda: self._dial(other, peer.id, None))

    def _dial(self, peer: SimPeer, target: PeerId, ticket: int | None) -> None:
        other = next((p for p in self.peers if p.id == target), None)
        lobby, end_at = peer.lobby, self.now + DIAL_TIMEOUT

        def call() -> None:
            if other is not None and self._reachable(peer, other):
                self.at(self.now + 3 * self._lag(), connect)
            elif self.now + _SYN_AGAIN < end_at:
                self.at(self.now + _SYN_AGAIN, call)
            else:
                self.at(end_at, fail)

        def connect() -> None:
            if other is None or peer.dead or peer.lobby is not lobby:
                return
            if not self._reachable(peer, other):
                self.at(end_at, fail)
                return
            ours, theirs = self._end(peer, ticket), self._end(other, None)
            ours.other, theirs.other = theirs, ours
            self._flush(ours)
            self._flush(theirs)

        def fail() -> None:
            if ticket is not None and not peer.dead and peer.lobby is lobby:
                peer.lobby.dial_failed(ticket, peer.now)
                self.pump(peer)

        call()

    def _reachable(self, peer: SimPeer, other: SimPeer) -> bool:
        there, back = (self._passes(*pair, "tcp") for pair in ((peer.id, other.id), (other.id, peer.id)))
        return there and back and other.dialable and not other.dead

    def _see(self, peer: SimPeer, other: PeerId) -> None:
        if not peer.dead:
            peer.lobby.matches.seen(other, peer.now)
            self.pump(peer)

    def _send_datagram(self, peer: SimPeer, data: bytes, to: Address) -> None:
        for other in self.peers:  # for each datagram
            if other.address == to:
                break
        else:
            return
        if not self._passes(peer.id, other.id, "udp") or self.rng.random() < self.loss:
            return
        source = peer.address

        def arrive() -> None:
            if other.dead or other.address != to:
                return
            if other.batch.add(data, source, other.now):
                self._move(other, other.now)
            elif other.deadline is not None:
                other.deadline = other.batch.deadline(other.deadline)

        self.at(self.now + self._lag(), arrive)

    def _end(self, peer: SimPeer, ticket: int | None) -> LinkEnd:
        self._number += 1
        end = LinkEnd(peer, self._number, Link(peer.hello(), peer.now), ticket)
        peer.ends[end.number] = end
        return end

    def _flush(self, end: LinkEnd) -> None:
        end.owner.deadline = None
        data = end.link.data_to_send()
        other = end.other
        if data and other is not None:
            self._deliver(other, data)

    def _deliver(self, end: LinkEnd, data: bytes) -> None:
        arrival = max(self.now + self._lag(), self._arrivals.get(end, 0.0))
        self._arrivals[end] = arrival
        self.at(arrival, lambda: self._receive(end, data))

    def _drop(self, end: LinkEnd) -> None:
        """Our side of the connection is gone; the other side reads the end of the stream."""
        end.gone = True
        if end.other is not None:
            self._deliver(end.other, b"")

    def _receive(self, end: LinkEnd, data: bytes) -> None:
        if end.held:
            end.held.append(data)
        elif not self._arrives(end):
            end.held.append(data)
            self.at(self.now + _RETRANSMIT, partial(self._retransmit, end, 2 * _RETRANSMIT))
        else:
            self._take(end, data)

    def _retransmit(self, end: LinkEnd, wait: float) -> None:
        if not self._arrives(end):
            if not end.gone:
                self.at(self.now + wait, partial(self._retransmit, end, min(2 * wait, _RETRANSMIT_MOST)))
            return
        held, end.held = end.held, []
        for data in held:
            self._take(end, data)

    def _arrives(self, end: LinkEnd) -> bool:
        if end.stranded or end.other is None:
            return False
        return self._passes(end.other.owner.id, end.owner.id, "tcp")

    def _take(self, end: LinkEnd, data: bytes) -> None:
        peer = end.owner
        if peer.dead or end.gone:
            return
        for event in end.link.receive_data(data, peer.now):
            self._report(peer, end, event)
        self._flush(end)
        self.pump(peer)

    def _end_of_stream(self, end: LinkEnd) -> None:
        end.held.clear()
        self._take(end, b"")
        end.gone = True

    def _report(self, peer: SimPeer, end: LinkEnd, event: LinkEvent) -> None:
        match event:
            case LinkOpened(hello=hello) if end.other is not None:
                peer.lobby.link_opened(
                    end.number, end.other.owner.id, hello.name, end.ticket, peer.now, end.other.owner.address
                )
            case MessageReceived(message=message, size=size):
                peer.lobby.link_message(end.number, message, peer.now, size)
            case RttMeasured(rtt=rtt):
                peer.lobby.link_rtt(end.number, rtt)
            case LinkQuiet():
                peer.lobby.matches.quiet(end.number, peer.now)
            case LinkHeard():
                peer.lobby.matches.heard(end.number, peer.now)
            case LinkClosed(code=code, params=params, remote=remote):
                if peer.ends.pop(end.number, None) is not None:
                    self._flush(end)
                    self._drop(end)
                    if end.link.peer_hello is None and end.ticket is not None:
                        peer.lobby.dial_failed(end.ticket, peer.now)
                    else:
                        peer.lobby.link_closed(end.number, code, params, peer.now, remote=remote)

    def _tick(self, peer: SimPeer, now: float) -> None:
        for end in list(peer.ends.values()):
            due = end.link.next_deadline()
            if due is not None and now >= due:
                for event in end.link.handle_timeout(now):
                    self._report(peer, end, event)
                self._flush(end)
        self._move(peer, now)

    def _move(self, peer: SimPeer, now: float) -> None:
        peer.lobby.handle_timeout(now, peer.batch.take())
        self.pump(peer)

    def _deadline(self, peer: SimPeer) -> float:
        if peer.deadline is None:
            earliest = peer.lobby.next_deadline()
            for end in peer.ends.values():  # after each datagram
                due = end.link.next_deadline()
                if due is not None and (earliest is None or due < earliest):
                    earliest = due
            deadline = peer.batch.deadline(earliest)
            peer.deadline = inf if deadline is None else deadline
        return peer.deadline

    def _passes(self, source: PeerId, target: PeerId, transport: str) -> bool:
        if self.cut and frozenset((source, target)) in self.cut:
            return False
        return not self.dead or (source, target, transport) not in self.dead

    def _lag(self) -> float:
        return self.delay + self.rng.random() * self.jitter
