"""How inputs travel between the members: what a match needs of it, whichever way it is.

`turns` sends an input when a player moves, `ticks` packets by the clock. A match has one of them from its beginning.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol

from p2pgame.session.match.channel import Address
from p2pgame.session.match.decisions import EndFrames
from p2pgame.session.match.remote import Remote
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.runs import FrameInputs

__all__ = ["Exchange", "Pace"]


class Pace(Enum):
    """What may happen when it is time."""

    RUN = "run"
    HOLD = "hold"
    """The states are being repaired: inputs travel, no frame passes."""
    IDLE = "idle"
    """Paused: a sign of life now and then."""
    SILENT = "silent"
    """Our own frames are not known yet: nothing is said."""


class Exchange(EndFrames, Protocol):
    """The inputs of one match on their way. Raises `RemoteProtocolError` for what other members do wrong."""

    rolled: bool
    """Whether the hashes that are told stand for all frames before theirs, too."""
    moved_at: float
    """When the newest frame passed, in seconds."""

    # --- the beginning

    def start(self, value: bytes) -> m.Start:
        """Our first state, with what this way of travelling needs."""

    def accept_start(self, remote: Remote, message: m.Start, now: float) -> None:
        """The first state of `remote`."""

    def play(self, now: float) -> None:
        """All hold the first state: frames may pass."""

    # --- inputs

    def submit(self, move: Any, status: StatusCode) -> None:
        """Our player's input. Raises `IllegalMoveError`; then nothing has changed or been sent."""

    def receive_input(self, remote: Remote, message: m.Input, now: float) -> None:
        """An input of a turn."""

    def receive_packet(self, remote: Remote, data: bytes, now: float) -> None:
        """A packet that came through the session."""

    def receive_datagrams(self, batch: Sequence[tuple[bytes, Address, float]]) -> bool:
        """Datagrams with their sources and times of arrival; what is not genuine is only counted.

        True if one was genuine.
        """

    def settle(self) -> None:
        """Take into account all that is known: called after every message, and before the end is judged."""

    # --- time

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""

    def handle_timeout(self, now: float, pace: Pace) -> None:
        """Let frames pass that are due, and `settle`."""

    def heard_lately(self, now: float) -> bool:
        """True if the match goes on even without its session."""

    def stalled(self, now: float) -> bool:
        """True if no frame has passed for so long that the player is told."""

    # --- interruptions

    def resume(self, ours: m.Resume) -> m.Resume:
        """`ours` with what this way of travelling needs."""

    def tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """Whether frames that one side lacks have to be told as a log."""

    def made_by_us(self, frames: Sequence[FrameInputs]) -> bool:
        """Whether we gave the inputs that these frames, confirmed elsewhere, say are ours."""

    def replay(self, inputs: FrameInputs) -> None:
        """Play a frame that was confirmed elsewhere. Raises `IllegalMoveError`."""

    def reconnected(self, remote: Remote, now: float) -> None:
        """Both have the same frames, or soon will: say again what `remote` may not have heard."""

    def rebased(self) -> None:
        """The states were repaired: frames were played again."""

    def say_since(self, remote: Remote, frame: int) -> None:
        """The states are equal again: say the inputs from `frame` on, which `remote` may have lost."""

    def moved(self, remote: Remote, address: Address | None) -> None:
        """The session of `remote` comes from there now."""

    def set_rtt(self, remote: Remote, rtt: float) -> None:
        """The round trip of its session, in seconds."""
