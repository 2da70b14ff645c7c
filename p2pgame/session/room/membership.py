"""What we know of the room that we are in, or on the way into."""

from msgspec import Struct, field

from p2pgame.core.ids import PeerId
from p2pgame.session.room.leader import Leader
from p2pgame.session.room_view import ListedRoom
from p2pgame.wire import messages as m

__all__ = ["Membership"]


class Membership(Struct, kw_only=True, eq=False):
    """Our place in one room. Changed by `Rooms` only."""

    id: str
    target: PeerId
    """Who leads it, or is said to."""
    local: int
    """People who want to play on our machine."""
    listed: ListedRoom | None = None
    """What was said of it before we were in ..."""
    vouched: bool = False
    """... and whether by somebody that we know: then others may announce what they want."""
    state: m.RoomState | None = None
    """The newest; None until we are in."""
    leader: Leader | None = None
    """If we lead it."""
    links: dict[PeerId, int] = field(default_factory=dict)
    """If we lead it: of each other member that is here."""
    answered: tuple[int, int] = (0, 0)
    """The newest state of another leader to which we answered with ours."""
    link: int | None = None
    """If we follow its leader: the link to it."""
    seek_until: float = 0.0
    """While we look for its leader: how long ..."""
    retry_at: float = 0.0
    """... and when next."""
    unreached: set[PeerId] = field(default_factory=set)
    """Members that could not be reached since we lost its leader."""
    until: float | None = None
    """When the countdown, or the table, ends."""
    vote_until: float = 0.0
    published_at: float = float("-inf")
    shown: m.RoomState | None = None
    """If we lead it: what we sent last."""

    @property
    def peers(self) -> tuple[PeerId, ...]:
        """All members, in order of joining."""
        return tuple(PeerId(member.peer) for member in self.state.members) if self.state is not None else ()

    @property
    def seeking(self) -> bool:
        """True while nobody leads the room for us."""
        return self.leader is None and self.link is None

    def found(self, link: int | None) -> None:
        """Somebody leads it: on that link, or we."""
        self.link = link
        self.unreached.clear()
