"""A LAN of `DiscoveryProtocol` objects on a virtual clock: no socket, no sleeping, every run repeats from its seed.

lan = SimulatedLan(seed=7, loss=0.3)
a, b = lan.add("Ann"), lan.add("Ben")
lan.run(1.0); assert a.sees(b)
"""

import heapq
import random
from collections.abc import Callable
from functools import partial
from math import inf

from p2pgame.discovery.events import DiscoveryEvent
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import Probe, decode
from tests.signers import Answers, Signer

PORT = 41420
GAMES = {"gomoku": "0011223344556677"}


def proof_of(data: bytes, signer: Signer) -> bytes | None:
    """What `signer` answers to a probe; None if `data` is none, or asks somebody else."""
    message = decode(data)
    return Answers([(signer.public_key, signer.exchange)]).to(message) if isinstance(message, Probe) else None


def discovery(
    number: int,
    name: str = "",
    *,
    instance: int | None = None,
    games: dict[str, str] | None = None,
    protocol: int = 1,
    first_seq: int = 1_700_000_000_000,
    port: int = 41421,
    seed: int = 0,
) -> DiscoveryProtocol:
    """A DiscoveryProtocol that has not started; `number` is its identity."""
    return DiscoveryProtocol(
        signer=Signer(number),
        instance=(number if instance is None else instance).to_bytes(8, "big"),
        profile=Profile(
            name=name or f"P{number}",
            version="1.2.3",
            games=GAMES if games is None else games,
            protocol=protocol,
        ),
        tcp_port=port,
        udp_port=port,
        first_seq=first_seq,
        random_source=random.Random(f"{seed}/{number}"),
    )


def show_all(core: DiscoveryProtocol) -> None:
    """Have the rows of all that are listed on the screen."""
    core.show_rtt([peer.peer for peer in core.peers()])


class SimulatedNode:
    """One program on the LAN."""

    def __init__(self, lan: "SimulatedLan", core: DiscoveryProtocol, address: str) -> None:
        self.lan, self.core, self.address = lan, core, address
        self.told: list[tuple[float, DiscoveryEvent]] = []
        self.dead = False
        self.started = 0.0
        self.beacons: list[float] = []
        self.deadline: float | None = None
        self._wakes_at = inf

    def sees(self, other: "SimulatedNode") -> bool:
        return self.core.get(other.core.peer) is not None

    def events(self, kind: type) -> list[tuple[float, DiscoveryEvent]]:
        return [(at, event) for at, event in self.told if isinstance(event, kind)]

    def start(self) -> None:
        self.started = self.lan.now
        self.core.start(self.lan.now)
        self.pump()

    def restart(self) -> None:
        """As after sleep, or a change of the network."""
        self.core.start(self.lan.now)
        self.pump()

    def stop(self) -> None:
        self.core.stop(self.lan.now)
        self.pump()

    def pump(self) -> None:
        """Carry out what the protocol wants, and wake it at its next deadline: by one timer, as a program does."""
        now = self.lan.now
        for out in self.core.datagrams_to_send():
            self.lan.transmit(self, out)
        self.told += [(now, event) for event in self.core.events()]
        self.deadline = self.core.next_deadline(now)
        if self.deadline is not None and not self._wakes_at <= self.deadline:
            self._wake_at(max(self.deadline, now))

    def _wake_at(self, when: float) -> None:
        self._wakes_at = when
        self.lan.at(when, partial(self._wake, when))

    def _wake(self, when: float) -> None:
        if self.dead or when != self._wakes_at:  # or another timer has taken its place
            return
        self._wakes_at = inf
        now, deadline = self.lan.now, self.core.next_deadline(self.lan.now)
        if deadline is None:
            return
        if deadline > now:
            self._wake_at(deadline)
            return
        self.core.handle_timeout(now)
        self.pump()
        assert self.deadline is None or self.deadline > now, (
            "a timeout that leaves its deadline standing spins"
        )


class SimulatedLan:
    """One link: broadcast reaches all but the sender, unicast its address and port."""

    def __init__(
        self, seed: int = 1, *, delay: float = 0.001, loss: float = 0.0, unicast_loss: float | None = None
    ) -> None:
        self.now = 1000.0
        self.delay, self.loss = delay, loss
        self.unicast_loss = loss if unicast_loss is None else unicast_loss
        self.broadcast_works = True
        self.unicast_works = True
        self.nodes: list[SimulatedNode] = []
        self.deaf: set[SimulatedNode] = set()
        """Who hears no broadcast."""
        self.routers: dict[SimulatedNode, str] = {}
        """Addresses of the routers that hide nodes, which have a network of their own."""
        self._mapped: dict[tuple[SimulatedNode, tuple[str, int]], int] = {}
        """Ports of routers, by who sent from there to where: the answers come only from there (RFC 4787)."""
        self.sent: list[tuple[float, SimulatedNode, Transmit]] = []
        self.seed = seed
        self._rng = random.Random(seed)
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, when: float, action: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._queue, (when, self._count, action))

    def add(
        self, name: str = "", *, start: bool = True, address: str = "", core: DiscoveryProtocol | None = None
    ) -> SimulatedNode:
        number = len(self.nodes) + 1
        core = core or discovery(number, name, seed=self.seed)
        node = SimulatedNode(self, core, address or f"10.0.{number // 250}.{number % 250 + 1}")
        self.nodes.append(node)
        if start:
            node.start()
        return node

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._queue and self._queue[0][0] <= end:
            when, _, action = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            action()
        self.now = end

    def run_until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Virtual seconds until `condition` holds; fails if it does not within `seconds`."""
        begin = self.now
        while not condition():
            assert self._queue, "nothing left to happen"
            assert self._queue[0][0] <= begin + seconds, f"not within {seconds} s"
            when, _, action = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            action()
        return self.now - begin

    def transmit(self, sender: SimulatedNode, out: Transmit) -> None:
        self.sent.append((self.now, sender, out))
        if out.to is None:
            if self.broadcast_works and sender not in self.routers:
                for node in self.nodes:
                    if node is not sender and node not in self.deaf and node not in self.routers:
                        self.deliver(node, out.data, (sender.address, 50000), self.loss, shared=True)
            return
        if not self.unicast_works:
            return
        source = (sender.address, PORT if out.shared else 41421)
        if sender in self.routers:
            port = self._mapped.setdefault((sender, out.to), 60_000 + len(self._mapped))
            source = (self.routers[sender], port)
        for (node, remote), port in self._mapped.items():
            if (self.routers[node], port) == out.to and remote == source:
                self.deliver(node, out.data, source, self.unicast_loss, shared=False)
                return
        for node in self.nodes:
            if node.address == out.to[0] and node not in self.routers:
                self.deliver(node, out.data, source, self.unicast_loss, shared=out.to[1] == PORT)
                return

    def deliver(
        self, node: SimulatedNode, data: bytes, source: tuple[str, int], loss: float = 0.0, *, shared: bool
    ) -> None:
        if self._rng.random() < loss:
            return

        def arrive() -> None:
            if not node.dead and node.core.receive_datagram(data, source, self.now, shared=shared):
                node.pump()

        self.at(self.now + self.delay * (0.5 + self._rng.random()), arrive)

    def publish(self, sender: SimulatedNode) -> None:
        """Everybody sees the record of `sender` by mDNS."""
        record = dict(sender.core.record())
        for node in self.nodes:
            if node is not sender:
                node.core.receive_service(record, [sender.address], self.now)
                node.pump()
