"""What the app needs from the network side, and nothing more.

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
from p2pgame.session.view import MatchView

__all__ = ["Client", "Seat"]


class Seat(Protocol):
    """A place at one match: what the match's scene needs. A `Client` is one; solo practice is another."""

    def match(self) -> MatchView | None:
        """The match as it stands, or None. The state is immutable: a reference, never a copy."""

    def send(self, command: Command) -> None:
        """Do what the user asks. What cannot be done becomes an `ErrorEvent`."""


class Client(Seat, Protocol):
    """A running node as seen from the UI thread."""

    registry: Registry

    @property
    def peer_id(self) -> str: ...
    @property
    def name(self) -> str: ...

    @property
    def addresses(self) -> Sequence[str]:
        """``ADDRESS:PORT`` of this peer on each interface, for a player whose peer does not see it."""

    def drain(self) -> Sequence[Event]:
        """Events since the last call, oldest first."""

    def peers(self) -> Sequence[Peer]:
        """The peer list now, in order of first hearing."""

    def history(self) -> Sequence[HistoryEntry]:
        """Matches played here, newest first."""
        ...

    def score(self, peer: str) -> Score:
        """Ours against `peer`."""
        ...

    def replay(self, match: str) -> Replay:
        """The recorded match. Raises `P2PGameError`."""
        ...

    def delete_replay(self, match: str) -> None:
        """Take a match out of the history, its file too."""

    def trust(self, peer: str) -> Trust:
        """How well we know this peer; judged with the name it shows now."""
        ...

    def warning(self, peer: str) -> TrustWarning:
        """For an impostor: what is wrong; else false."""
        ...

    def known(self) -> Sequence[KnownPeer]:
        """All known peers, newest meeting first."""
        ...

    def close(self) -> None:
        """Say goodbye and stop the network thread. Waits at most 2.5 s, and that only for a slow disk."""
