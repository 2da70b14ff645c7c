"""Programs that chat on a `SimulatedLan`: discovery and the lobby's chat of each, as `net.discovery` joins them."""

import random
from collections import Counter
from collections.abc import Mapping

from p2pgame.chat.author import Author
from p2pgame.chat.lobby import LobbyChat, Peers
from p2pgame.chat.log import Said
from p2pgame.core.errors import LocalProtocolError
from p2pgame.discovery.events import DiscoveryEvent, HeardMarks
from p2pgame.discovery.transmit import BroadcastMethod, Transmit
from p2pgame.wire.beacon import HEADER
from p2pgame.wire.chat import CHAT_LENGTHS, Kind
from tests.signers import Signer
from tests.sim.discovery_world import SimulatedLan, SimulatedNode, discovery

UNIX = 1_800_000_000.0
BEACON_AFTER = 1.0


class ChattyCore:
    """`DiscoveryProtocol` and `LobbyChat` as one: what `SimulatedNode` drives."""

    def __init__(
        self, lan: SimulatedLan, number: int, name: str, *, clock: float = 0.0, instance: int = 0
    ) -> None:
        """`clock`: seconds by which its clock is wrong."""
        self.protocol = discovery(number, name, seed=lan.seed, instance=instance or number)
        self.peer = self.protocol.peer
        self.lan, self.name, self.clock = lan, name, clock
        self.chat = LobbyChat(
            Author(Signer(number), self.protocol.instance),
            Peers(self.protocol.listed, self.protocol.listed_peer, self.protocol.all_listed),
            random.Random(f"{lan.seed}/{number}/chat"),
            lambda: UNIX + lan.now + clock,
        )
        self.protocol.set_chat_marks(lambda: self.chat.marks(lan.now))
        self.heard: list[tuple[float, Said]] = []
        self.get = self.protocol.get
        self.start, self.stop = self.protocol.start, self.protocol.stop
        self.receive_service, self.record = self.protocol.receive_service, self.protocol.record

    def receive_datagram(
        self, data: bytes, source: tuple[str, int], now: float, *, shared: bool = False
    ) -> bool:
        receive = self.chat.receivers.get(data[:6])
        if receive is None:
            return self.protocol.receive_datagram(data, source, now, shared=shared)
        return len(data) in CHAT_LENGTHS[data[:6]] and receive(data, source, now, shared)

    def next_deadline(self, now: float) -> float | None:
        deadlines = (self.protocol.next_deadline(now), self.chat.next_deadline(now))
        return min((at for at in deadlines if at is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        self.protocol.handle_timeout(now)
        self.chat.handle_timeout(now)

    def datagrams_to_send(self) -> list[Transmit]:
        return [*self.protocol.datagrams_to_send(), *self.chat.datagrams_to_send()]

    def events(self) -> list[DiscoveryEvent]:
        events = self.protocol.events()
        for event in events:
            if isinstance(event, HeardMarks):
                self.chat.heard_marks(event.peer, event.marks, self.lan.now)
        self.heard += [(self.lan.now, said) for said in self.chat.events()]
        return events


class Talker:
    """A program on the LAN and what it heard."""

    def __init__(self, lan: "ChattyLan", core: ChattyCore) -> None:
        self.core, self.lan = core, lan
        self.node: SimulatedNode = lan.lan.add(core=core, start=False)  # type: ignore[arg-type]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """(author's name, text), in the order shown."""
        return [(said.name, said.text) for _, said in self.core.heard]

    def say(self, text: str, kind: Kind = Kind.TEXT) -> str:
        """Returns why it was refused, if it was."""
        now = self.lan.lan.now
        try:
            self.core.chat.say(kind, text, self.core.name, now)
        except LocalProtocolError as error:
            return error.code
        self.core.protocol.hasten_beacon(now + BEACON_AFTER)
        self.node.pump()
        return ""


class ChattyLan:
    """A LAN on which everybody may talk."""

    def __init__(self, seed: int = 1, *, loss: float = 0.0, unicast_loss: float = 0.0) -> None:
        self.lan = SimulatedLan(seed, loss=loss, unicast_loss=unicast_loss)
        self.talkers: list[Talker] = []

    def add(self, name: str, *, number: int = 0, clock: float = 0.0, instance: int = 0) -> Talker:
        number = number or len(self.talkers) + 1
        talker = Talker(self, ChattyCore(self.lan, number, name, clock=clock, instance=instance))
        self.talkers.append(talker)
        talker.node.start()
        return talker

    def crowd(self, count: int) -> list[Talker]:
        """`count` talkers who all know each other."""
        for number in range(count):
            self.add(f"P{number}")
        self.lan.run(6.0)
        return self.talkers

    def run(self, seconds: float) -> None:
        self.lan.run(seconds)

    def chat_datagrams(self) -> Counter[str]:
        """Datagrams of chat sent so far by kind, each method of a broadcast as one."""
        count: Counter[str] = Counter()
        names: Mapping[int, str] = {16: "lines", 17: "ask", 18: "token"}
        for _, _, out in self.lan.sent:
            if out.data[:6] in CHAT_LENGTHS:
                methods = 1 if out.to is not None else sum(bool(out.methods & m) for m in BroadcastMethod)
                count[names[out.data[len(HEADER)]]] += methods
        return count
