"""The links of one peer as numbers, and what is to be done with them. Shared by everything that talks in the lobby.

Collects `Effect`s and events for the floor above. Does not know what is said on a link.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.session.effects import CloseLink, Dial, Effect, RequestDial, Send
from p2pgame.session.events import Event
from p2pgame.wire.messages import Message

__all__ = ["Connection", "Connections"]

_QUIET = frozenset({"done", "idle", "moved", "left", "superseded"})
"""Ends that are no fault: the link is forgotten at once."""
_PATIENT = frozenset({"done", "moved", "left"})
"""Ends of one use of a link, which wait while it has another."""


class Connection(msgspec.Struct):
    """An open link."""

    peer: PeerId
    name: str
    idle_since: float
    address: tuple[str, int] | None = None
    """The other side's unicast UDP port, as far as it is known."""


class Connections:
    """Open links, dials under way, and the outbox."""

    def __init__(self) -> None:
        self.kept: Callable[[int], bool] = lambda _: False
        """Whether something beside invitations and matches still uses a link."""
        self.links: dict[int, Connection] = {}
        self._dials: dict[int, Any] = {}
        self._tickets = 0
        self._effects: list[Effect] = []
        self._events: list[Event] = []

    def to(self, peer: PeerId) -> int | None:
        """An open link to `peer`, if there is one."""
        return next((link for link, talk in self.links.items() if talk.peer == peer), None)

    def send(self, link: int, message: Message) -> None:
        self._effects.append(Send(link=link, message=message))

    def hang(self, link: int, code: str, message: str = "") -> None:
        """End a link. With a fault's code, report its end like any other (`Lobby.link_closed`)."""
        if code in _PATIENT and self.kept(link):
            return
        self._effects.append(CloseLink(link=link, code=code, message=message))
        if code in _QUIET:
            self.links.pop(link, None)

    def dial(self, peer: PeerId, purpose: object) -> None:
        """Open a link to `peer`; `purpose` comes back with it."""
        self._tickets += 1
        self._dials[self._tickets] = purpose
        self._effects.append(Dial(peer=peer, ticket=self._tickets))

    def dialling(self, purpose: object) -> bool:
        """True while a dial for `purpose` is under way."""
        return any(known is purpose for known in self._dials.values())

    def purpose(self, ticket: int | None) -> Any:
        """What a dial was for; None if we did not dial, or no longer know why. Each ticket is good once."""
        return self._dials.pop(ticket, None) if ticket is not None else None

    def act(self, action: Effect) -> None:
        """Ask for something that is not about links."""
        self._effects.append(action)

    def call(self, peer: PeerId) -> None:
        self._effects.append(RequestDial(peer=peer))

    def tell(self, *events: Event) -> None:
        self._events += events

    def effects(self) -> list[Effect]:
        out, self._effects = self._effects, []
        return out

    def events(self) -> list[Event]:
        out, self._events = self._events, []
        return out
