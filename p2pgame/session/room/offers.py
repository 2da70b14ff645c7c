"""Offers to come into a room: those of others that wait for our player, and ours that wait for a link. Bounded."""

from collections.abc import Callable

from msgspec import Struct

from p2pgame.core.ids import PeerId, tag_of
from p2pgame.core.registry import Registry
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.session.invite.slots import Slots
from p2pgame.session.room_view import ListedRoom
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_LIMIT, HELLO_TIMEOUT, INVITE_TIMEOUT, OFFERS_MAX
from p2pgame.wire.names import safe_name

__all__ = ["Offers"]


class _Received(Struct):
    listed: ListedRoom
    link: int
    peer: PeerId
    until: float


class _Sent(Struct, eq=False):
    """An offer that waits for a link."""

    peer: PeerId
    message: m.RoomOffer
    until: float


class Offers:
    """All offers of one peer."""

    def __init__(
        self,
        registry: Registry,
        connections: Connections,
        muted: Callable[[PeerId], bool],
        knows: Callable[[PeerId], bool],
    ) -> None:
        """`muted(peer)`: its offers are declined without asking the player. `knows(peer)`: we met or verified it."""
        self._registry = registry
        self._connections = connections
        self._muted = muted
        self._knows = knows
        self._slots = Slots(OFFERS_MAX, connections, knows)
        self._limiter = RequestLimiter()
        self._received: dict[str, _Received] = {}
        """By room, the newest last."""
        self._waiting: list[_Sent] = []
        self._sent: dict[int, tuple[str, float]] = {}
        """Links on which an answer may come, the rooms that we offered, and until when they are."""

    # --- ours

    def send(self, peer: PeerId, message: m.RoomOffer, now: float) -> None:
        """Offer our room to `peer`."""
        self._limiter.reset(peer)
        link = self._connections.link_to(peer)
        if link is not None:
            self._say(link, message, now)
            return
        offer = _Sent(peer, message, now + DIAL_LIMIT + HELLO_TIMEOUT)
        self._waiting = [*self._waiting[-OFFERS_MAX + 1 :], offer]
        self._connections.dial(peer, offer)

    # --- theirs

    def get(self, room: str) -> ListedRoom | None:
        """What was offered under that id."""
        offer = self._received.get(room)
        return offer.listed if offer is not None else None

    def vouched(self, room: str) -> bool:
        """Whether somebody that we know offers it. Anybody else may offer a room that is another's."""
        offer = self._received.get(room)
        return offer is not None and self._knows(offer.peer)

    def take(self, room: str) -> None:
        """We go there."""
        offer = self._received.pop(room, None)
        if offer is not None:
            self._limiter.reset(offer.peer)

    def decline(self, room: str, now: float) -> None:
        """Say no. Does nothing if it is no longer offered."""
        offer = self._received.pop(room, None)
        if offer is not None:
            self._limiter.note_decline(offer.peer, now)
            if offer.link in self._connections.links:
                self._connections.send(offer.link, m.RoomLeave(room=room, reason="declined"))

    def received(self, link: int, message: m.RoomOffer, now: float) -> None:
        """A peer offers a room."""
        connection = self._connections.links[link]
        plugin = self._registry.get(message.game)
        if plugin is None or plugin.digest != message.digest or self._muted(connection.peer):
            self._connections.send(link, m.RoomLeave(room=message.room, reason="declined"))
            return
        if self._limiter.refusal(connection.peer, now):
            return
        leader = PeerId(message.leader)
        before = self._received.get(message.room)
        if before is not None and not self._may_replace(before, connection.peer, leader):
            self._connections.send(link, m.RoomLeave(room=message.room, reason="declined"))
            return
        waiting = [offer for room, offer in self._received.items() if room != message.room]
        if not self._slots.has_room(link, waiting):
            self._connections.send(link, m.RoomLeave(room=message.room, reason="declined"))
            return
        if (displaced := self._slots.displaced(waiting)) is not None:
            self._drop(displaced)
        name = connection.name if leader == connection.peer else safe_name("", f"Player-{tag_of(leader)}")
        listed = ListedRoom(room=message.room, leader=leader, name=name, game=message.game)
        self._received.pop(message.room, None)
        self._received[message.room] = _Received(listed, link, connection.peer, now + INVITE_TIMEOUT)
        self._connections.emit(
            e.RoomOffered(room=message.room, peer=connection.peer, name=connection.name, game=message.game)
        )

    def declined(self, link: int, room: str) -> bool:
        """Whether that is the answer to an offer of ours."""
        if link not in self._sent or self._sent[link][0] != room:
            return False
        del self._sent[link]
        self._connections.emit(
            e.ErrorEvent(code="room_declined", params={"name": self._connections.links[link].name})
        )
        return True

    def _may_replace(self, before: _Received, peer: PeerId, leader: PeerId) -> bool:
        """Whether `peer` may offer a room that another one offers, too: a stranger may not name another leader."""
        return (
            peer == before.peer
            or leader == before.listed.leader
            or (self._knows(peer) and not self._knows(before.peer))
        )

    def _drop(self, offer: _Received) -> None:
        """Another one has its place."""
        del self._received[offer.listed.room]
        if offer.link in self._connections.links:
            self._connections.send(offer.link, m.RoomLeave(room=offer.listed.room, reason="declined"))

    # --- links and time

    def uses(self, link: int) -> bool:
        return link in self._sent or any(offer.link == link for offer in self._received.values())

    def link_opened(self, link: int, peer: PeerId, now: float) -> None:
        for offer in [one for one in self._waiting if one.peer == peer]:
            self._waiting.remove(offer)
            self._say(link, offer.message, now)

    def link_closed(self, link: int) -> None:
        self._sent.pop(link, None)

    def dial_failed(self, purpose: object, now: float) -> None:
        """Ask to be dialled."""
        if isinstance(purpose, _Sent) and purpose in self._waiting:
            purpose.until = now + self._connections.request_dial(purpose.peer)

    def next_deadline(self) -> float | None:
        times = [one.until for one in self._waiting] + [one.until for one in self._received.values()]
        return min([*times, *(until for _, until in self._sent.values())], default=None)

    def handle_timeout(self, now: float) -> None:
        self._received = {room: one for room, one in self._received.items() if now < one.until}
        self._sent = {link: (room, until) for link, (room, until) in self._sent.items() if now < until}
        for offer in [one for one in self._waiting if now >= one.until]:
            self._waiting.remove(offer)
            name = safe_name("", f"Player-{tag_of(offer.peer)}")
            self._connections.emit(e.ErrorEvent(code="connect_failed", params={"name": name}))

    def _say(self, link: int, message: m.RoomOffer, now: float) -> None:
        self._sent[link] = message.room, now + INVITE_TIMEOUT
        self._connections.send(link, message)
