"""The interface between the app and the network thread.

`net.thread.NodeThread` is one; tests have a fake. Every method returns at once and may be called from the UI
thread only; the work happens on the network thread.
"""

from collections.abc import Sequence
from typing import Protocol

from p2pgame.core.registry import Registry
from p2pgame.discovery.peer import Peer
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.reader import Replay
from p2pgame.session.commands import Command
from p2pgame.session.events import Event
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.people.trust_store import TrustWarning
from p2pgame.session.room_view import ListedRoom, RoomView
from p2pgame.session.view import MatchView

__all__ = ["Client", "Seat"]


class Seat(Protocol):
    """Access to one match, for the match scene. Implemented by `Client` and by solo practice."""

    def match(self) -> MatchView | None:
        """The current match, or None. The state is immutable: a reference, never a copy."""

    def send(self, command: Command) -> None:
        """Send a user command. A failure becomes an `ErrorEvent`."""


class Client(Seat, Protocol):
    """A running node as seen from the UI thread."""

    registry: Registry

    @property
    def peer_id(self) -> str: ...
    @property
    def name(self) -> str: ...

    @property
    def addresses(self) -> Sequence[str]:
        """``ADDRESS:PORT`` of this peer on each interface, for players that discovery does not reach."""

    @property
    def resumes(self) -> bool:
        """False under a passing identity: then a match that is left cannot be resumed by a later program."""
        ...

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or as soon as there is an event or another state of the match."""

    def drain(self) -> Sequence[Event]:
        """Events since the last call, oldest first."""

    def peers(self) -> Sequence[Peer]:
        """The peer list now, in order of first hearing."""

    @property
    def hall_count(self) -> int:
        """How many peers there are, ourselves and those that the list has no room for too: an estimate."""
        ...

    def room(self) -> RoomView | None:
        """The room that we are in, or None. Immutable; the same object while nothing changed."""
        ...

    def rooms(self) -> Sequence[ListedRoom]:
        """The rooms of others that were heard of, in order of first hearing."""
        ...

    def history(self) -> Sequence[HistoryEntry]:
        """Matches played here, newest first."""
        ...

    def score(self, peer: str) -> Score:
        """Our score against `peer`."""
        ...

    def replay(self, match: str) -> Replay:
        """The recorded match. Raises `P2PGameError`."""
        ...

    def delete_replay(self, match: str) -> None:
        """Delete a match and its file."""

    def trust(self, peer: str) -> Trust:
        """The trust in this peer under its shown name."""
        ...

    def warning(self, peer: str) -> TrustWarning:
        """The warning about an impostor; false for any other peer."""
        ...

    def known(self) -> Sequence[KnownPeer]:
        """All known peers, newest meeting first."""
        ...

    def close(self) -> None:
        """Say goodbye and stop the network thread. Waits at most 2.5 s, and that only for a slow disk."""
