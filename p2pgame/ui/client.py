"""What the app needs from the network side, and nothing more.

`net.thread.NodeThread` is one; tests have a fake. Every method returns at once and may be called from the UI
thread only; the work happens on the network thread.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from p2pgame.core.registry import Registry
from p2pgame.discovery.peer import Peer
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.reader import Replay
from p2pgame.session.events import Event
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.view import MatchView

__all__ = ["Client", "Seat"]


class Seat(Protocol):
    """A place at one match: what the match's scene needs. A `Client` is one; solo practice is another."""

    def match(self) -> MatchView | None:
        """The match as it stands, or None. The state is immutable: a reference, never a copy."""

    def submit(self, move: Any) -> None:
        """Our input for the current frame; an illegal one becomes an `ErrorEvent` ``illegal_move``.

        Real-time: our input from now on, until the next call.
        """

    def resign(self) -> None: ...
    def leave(self) -> None:
        """Go back to the lobby; resigns if the match is still on."""

    def set_impairment(self, latency_ms: int, jitter_ms: int, loss: float) -> None:
        """Real-time: hold back and lose our own datagrams. Added latency and jitter one way; `loss` is 0 to 1."""

    def set_input_delay(self, frames: int) -> None:
        """Real-time: ask for this input delay, 0 to 10 frames; it shows in `Figures` once agreed."""


class Client(Seat, Protocol):
    """A running node as seen from the UI thread."""

    registry: Registry

    @property
    def peer_id(self) -> str: ...
    @property
    def name(self) -> str: ...

    @property
    def addresses(self) -> Sequence[str]:
        """``ADDRESS:PORT`` of this peer on each interface, to be told to somebody who does not see it."""

    def drain(self) -> Sequence[Event]:
        """Events since the last call, oldest first."""

    def peers(self) -> Sequence[Peer]:
        """The peer list now, in order of first hearing."""

    def set_name(self, name: str) -> None:
        """Take and remember a new display name."""

    def add_seed(self, address: str) -> None:
        """Try a peer at ``HOST[:PORT]`` directly; an unusable address becomes an `ErrorEvent`."""

    def invite(self, peer: str, game: str, config: Any, *, anyway: bool = False) -> None:
        """An impostor is invited only `anyway`; a blocked peer never. What cannot be becomes an `ErrorEvent`."""

    def cancel_invite(self) -> None: ...
    def accept(self, invite: str) -> None: ...
    def decline(self, invite: str) -> None: ...

    def rematch(self) -> None:
        """Invite the opponent of the finished match again, with places swapped."""

    def claim(self) -> None:
        """Win the paused match because the other side did not come back; only from `Pause.claim_at` on."""

    def resume(self, match: str) -> None:
        """Go on with an interrupted match (`MatchResumable`)."""

    def abandon(self, match: str) -> None:
        """Give an interrupted match up."""

    def history(self) -> Sequence[HistoryEntry]:
        """Matches played here, newest first."""
        ...

    def score(self, peer: str) -> Score:
        """Ours against `peer`."""
        ...

    def replay(self, match: str) -> Replay:
        """The recorded match. Raises `P2PGameError` in one line."""
        ...

    def delete_replay(self, match: str) -> None:
        """Take a match out of the history, its file too."""

    def trust(self, peer: str) -> Trust:
        """How well we know this peer; judged with the name it shows now."""
        ...

    def warning(self, peer: str) -> str:
        """For an impostor: what is wrong, in one plain sentence; else empty."""
        ...

    def known(self) -> Sequence[KnownPeer]:
        """Everybody we remember, newest meeting first."""
        ...

    def verify(self, peer: str) -> None:
        """Ask to compare codes, or agree to it if they asked; see the `Verify…` events."""

    def confirm_code(self, peer: str) -> None: ...
    def reject_code(self, peer: str) -> None: ...
    def set_blocked(self, peer: str, blocked: bool) -> None: ...
    def set_muted(self, peer: str, muted: bool) -> None: ...
    def rename(self, peer: str, name: str) -> None:
        """Call a known peer `name`; empty: as it calls itself."""

    def forget(self, peer: str) -> None: ...

    def close(self) -> None:
        """Say goodbye and stop the network thread. Waits at most 2.5 s, and that only for a slow disk."""
