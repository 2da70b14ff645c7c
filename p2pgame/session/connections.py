"""Open links and pending dials of one peer. Shared by all users of links in the lobby.

Collects `Effect`s and events for the layer above. Does not know the meaning of messages.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId
from p2pgame.session.effects import CloseLink, Dial, Effect, RequestDial, Send
from p2pgame.session.events import Event
from p2pgame.wire.bounds import DIAL_TIMEOUT
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.messages import Message, encode_message

__all__ = ["DIAL_BACK_ROUND_TRIPS", "DIAL_BACK_TIMEOUT", "Connection", "Connections"]

DIAL_BACK_TIMEOUT: Final = DIAL_TIMEOUT + 1.0
"""Seconds for a peer that we asked to dial us, beyond the round trips ..."""
DIAL_BACK_ROUND_TRIPS: Final = 6
"""... for the request, the check that we are where it came from, the connection, its prologue, TLS and hello."""


class Connection(msgspec.Struct):
    """An open link."""

    peer: PeerId
    name: str
    idle_since: float | None
    """None while a user of links needs the link."""
    address: tuple[str, int] | None = None
    """Address of the other side's unicast UDP port, if known."""
    rtt: float | None = None
    """Smoothed round trip in seconds; None before the first measurement."""


class Connections:
    """Open links, pending dials, and the outbox of effects and events."""

    def __init__(self) -> None:
        self.used: Callable[[int], bool] = lambda _: False
        """Whether any user of links still needs a link."""
        self.round_trip: Callable[[PeerId], float] = lambda _: 0.0
        """Seconds to a peer and back, as far as known before there is a link."""
        self.links: dict[int, Connection] = {}
        self.message_size = 0
        """Bytes on the wire of the message that is being handled."""
        self._dials: dict[int, Any] = {}
        self._tickets = 0
        self.pending_effects: list[Effect] = []
        self.pending_events: list[Event] = []

    def link_to(self, peer: PeerId) -> int | None:
        """An open link to `peer`, if there is one."""
        return next((link for link, connection in self.links.items() if connection.peer == peer), None)

    def send(self, link: int, message: Message) -> int:
        """Send `message`; returns its size in bytes. This is the only place that encodes messages."""
        payload = encode_message(message)
        self.pending_effects.append(Send(link, message, payload))
        return len(payload)

    def close(self, link: int, code: str, params: Mapping[str, Param] | None = None) -> None:
        """Close a link. With a deferred code it stays open while another user needs it.

        With a quiet code the link is removed at once. After any other code, call `Lobby.link_closed` as for a link
        that the other side closed.
        """
        known = CloseCode.of(code)
        if known.deferred and self.used(link):
            return
        self.pending_effects.append(CloseLink(link, code, params or {}))
        if known.quiet:
            self.links.pop(link, None)

    def dial(self, peer: PeerId, purpose: object) -> None:
        """Open a link to `peer`. `purpose` is passed to `LinkUser.link_opened` or `dial_failed`."""
        self._tickets += 1
        self._dials[self._tickets] = purpose
        self.pending_effects.append(Dial(peer=peer, ticket=self._tickets))

    def dialling(self, purpose: object) -> bool:
        """True while a dial for `purpose` is pending."""
        return any(known is purpose for known in self._dials.values())

    def take_purpose(self, ticket: int | None) -> Any:
        """Remove and return the purpose of a dial; None if `ticket` is None or unknown."""
        return self._dials.pop(ticket, None) if ticket is not None else None

    def request_dial(self, peer: PeerId) -> float:
        """Ask `peer` to dial us, because we cannot reach it. Returns the seconds that this takes at most."""
        self.pending_effects.append(RequestDial(peer=peer))
        return DIAL_BACK_TIMEOUT + DIAL_BACK_ROUND_TRIPS * min(self.round_trip(peer), 1.0)

    def add_effect(self, effect: Effect) -> None:
        """Add an effect that does not concern links."""
        self.pending_effects.append(effect)

    def emit(self, *events: Event) -> None:
        self.pending_events += events

    def effects(self) -> list[Effect]:
        out, self.pending_effects = self.pending_effects, []
        return out

    def events(self) -> list[Event]:
        out, self.pending_events = self.pending_events, []
        return out
