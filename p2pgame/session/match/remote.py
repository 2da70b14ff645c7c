"""One other member of a match: everything that is known of it, and what is to be said to it.

Does not know what is done with any of it.
"""

from collections.abc import Sequence

from p2pgame.netcode.hashes import HashLedger
from p2pgame.netcode.timesync import TimeSync
from p2pgame.session.match.channel import Address, Channel
from p2pgame.wire import messages as m

__all__ = ["Remote"]


class Remote:
    """A member other than ourselves."""

    def __init__(self, player: int, seats: Sequence[int], name: str) -> None:
        """`seats`: players whose inputs come to us over our link to this member; empty if we have no link to it.
        `name`: as it is shown.
        """
        self.player = player
        self.seats = tuple(seats)
        self.name = name
        self.hashes = HashLedger()
        self.sync = TimeSync()
        self.channel: Channel | None = None
        """Real time: the path of its datagrams."""
        self.address: Address | None = None
        """Where its unicast UDP port is thought to be."""
        self.rtt: float | None = None
        """Of its session, in seconds."""
        self.acked = 0
        """Frames of which it has all inputs that go through us."""
        self.advantage = 0
        """Frames by which it believes to be ahead of us."""
        self.heard_at = 0.0
        self.started = False
        """True once it told its first state."""
        self.signature: m.EndSignature | None = None
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
        """True if its program or ours was started anew, and the newest resumption was about that."""
        return self.resume is not None and (self.resume[0].fresh or self.resume[1].fresh)
