"""The links of one peer as numbers, and what is to be done with them. Shared by all users of links in the lobby.

Collects `Effect`s and events for the floor above. Does not know what is said on a link.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId
from p2pgame.session.effects import CloseLink, Dial, Effect, RequestDial, Send
from p2pgame.session.events import Event
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.messages import Message, encode_message

__all__ = ["Connection", "Connections"]


class Connection(msgspec.Struct):
    """An open link."""

    peer: PeerId
    name: str
    idle_since: float | None
    """None while a user of links needs it."""
    address: tuple[str, int] | None = None
    """The other side's unicast UDP port, as far as it is known."""
    rtt: float | None = None
    """Smoothed round trip in seconds, once it is measured."""


class Connections:
    """Open links, dials under way, and the outbox."""

    def __init__(self) -> None:
        self.used: Callable[[int], bool] = lambda _: False
        """Whether any user of links still needs a link."""
        self.links: dict[int, Connection] = {}
        self.message_size = 0
        """Bytes of the message that is being handled, as it travelled."""
        self._dials: dict[int, Any] = {}
        self._tickets = 0
        self._effects: list[Effect] = []
        self._events: list[Event] = []

    def link_to(self, peer: PeerId) -> int | None:
        """An open link to `peer`, if there is one."""
        return next((link for link, connection in self.links.items() if connection.peer == peer), None)

    def send(self, link: int, message: Message) -> int:
        """Send `message`; returns its size in bytes. It is encoded here, and nowhere else."""
        payload = encode_message(message)
        self._effects.append(Send(link, message, payload))
        return len(payload)

    def close(self, link: int, code: str, params: Mapping[str, Param] | None = None) -> None:
        """End a link, or one use of it (`CloseCode.deferred`): then it stays open while it has another.

        A quiet end makes the link forgotten at once; report any other like one that came from outside
        (`Lobby.link_closed`).
        """
        known = CloseCode.of(code)
        if known.deferred and self.used(link):
            return
        self._effects.append(CloseLink(link, code, params or {}))
        if known.quiet:
            self.links.pop(link, None)

    def dial(self, peer: PeerId, purpose: object) -> None:
        """Open a link to `peer`; `purpose` comes back with it."""
        self._tickets += 1
        self._dials[self._tickets] = purpose
        self._effects.append(Dial(peer=peer, ticket=self._tickets))

    def dialling(self, purpose: object) -> bool:
        """True while a dial for `purpose` is under way."""
        return any(known is purpose for known in self._dials.values())

    def take_purpose(self, ticket: int | None) -> Any:
        """What a dial was for; None if we did not dial, or no longer know why. Each ticket is good once."""
        return self._dials.pop(ticket, None) if ticket is not None else None

    def request_dial(self, peer: PeerId) -> None:
        """Ask `peer`, whom we cannot reach, to dial us."""
        self._effects.append(RequestDial(peer=peer))

    def add_effect(self, effect: Effect) -> None:
        """Ask for something that is not about links."""
        self._effects.append(effect)

    def emit(self, *events: Event) -> None:
        self._events += events

    def effects(self) -> list[Effect]:
        out, self._effects = self._effects, []
        return out

    def events(self) -> list[Event]:
        out, self._events = self._events, []
        return out
