"""One other member of a match: its state, and the messages to send to it.

Holds data only.
"""

from collections import deque

from p2pgame.netcode.hashes import HashLedger
from p2pgame.netcode.timesync import TimeSync
from p2pgame.session.match.channel import Address, Channel
from p2pgame.wire import messages as m

__all__ = ["Remote"]


class Remote:
    """The state of another member."""

    def __init__(self, member: int, peer: str, name: str) -> None:
        """`member`: its number (`MatchCore.members`). `peer`: its peer id. `name`: shown name."""
        self.member = member
        self.peer = peer
        self.name = name
        self.seats: tuple[int, ...] = ()
        """Players whose inputs arrive over our link to it ..."""
        self.told: tuple[int, ...] = ()
        """... those whose inputs we send it ..."""
        self.acked_of: tuple[int, ...] = ()
        """... those of them that it acknowledges ..."""
        self.paced: tuple[int, ...] = ()
        """... and those whose inputs show at which frame it is."""
        self.counts = True
        """False for one that only watches: nobody waits for it."""
        self.differs = False
        """For one that only watches: its states are others."""
        self.hashes = HashLedger()
        self.sync = TimeSync()
        self.channel: Channel | None = None
        """Real time: the path of its datagrams."""
        self.address: Address | None = None
        """Probable address of its unicast UDP port."""
        self.rtt: float | None = None
        """Smoothed round trip of its session, in seconds."""
        self.acked = 0
        """Frames for which it acknowledged all inputs that we send."""
        self.advantage = 0
        """Frames by which it estimates to be ahead of us."""
        self.late = 0
        """Frames by which its inputs came too late to be played at once, summed over all our frames ..."""
        self.late_there = 0
        """... and ours there, as it tells."""
        self.waits: deque[float] = deque(maxlen=16)
        """When it made all others wait, lately."""
        self.countdown = 0
        """Milliseconds that its player wants to be counted down before frames go on."""
        self.heard_at = 0.0
        self.started = False
        """True once its `Start` arrived."""
        self.resume: tuple[m.Resume, m.Resume] | None = None
        """What we and it said at the newest resumption."""
        self.outbox: list[m.Message] = []

    def send(self, message: m.Message) -> None:
        self.outbox.append(message)

    def take_messages(self) -> list[m.Message]:
        out, self.outbox = self.outbox, []
        return out

    @property
    def lost_memory(self) -> bool:
        """True if the newest resumption followed a restart of its program or ours."""
        return self.resume is not None and (self.resume[0].fresh or self.resume[1].fresh)
