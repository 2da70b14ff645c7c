"""The interface of an input exchange: how the inputs of a match travel between the members.

`turns` sends an input when a player moves; `ticks` sends packets by the clock. A match uses one of them throughout.
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
    """What an exchange may do at a timeout."""

    RUN = "run"
    HOLD = "hold"
    """During a repair: exchange inputs, advance no frame."""
    IDLE = "idle"
    """Paused: send keepalives only."""
    SILENT = "silent"
    """During a catch-up: send nothing."""


class Exchange(EndFrames, Protocol):
    """Exchanges the inputs of one match. Raises `RemoteProtocolError` for violations of other members."""

    rolled: bool
    """Whether a sent hash is rolled: whether it covers all frames before its own."""
    moved_at: float
    """Time of the newest frame, in seconds."""
    goes_on_at: float
    """When frames go on, in seconds: something is counted down. In the past: they do."""

    # --- start

    def start(self, value: bytes) -> m.Start:
        """Our `Start`, with the fields that this exchange needs."""

    def accept_start(self, remote: Remote, message: m.Start, now: float) -> None:
        """Handle the `Start` of `remote`."""

    def play(self, now: float) -> None:
        """All members have the first state: frames may advance."""

    # --- inputs

    def submit(self, seat: int, move: Any, status: StatusCode) -> None:
        """Give the input of a seat of ours. Raises `IllegalMoveError` and then changes and sends nothing."""

    def give(self, seat: int, data: bytes) -> None:
        """By turns: play, and send, an encoded input for the next frame. Raises `IllegalMoveError`."""

    def set_delay(self, frames: int) -> None:
        """Our input plays so many frames after it is given."""

    def receive_input(self, remote: Remote, message: m.Input, now: float) -> None:
        """Handle an input of a turn-based match."""

    def receive_sealed(self, remote: Remote, message: m.Sealed, now: float) -> None:
        """Handle the commitment to an input of a turn-based match."""

    def receive_packet(self, remote: Remote, data: bytes, now: float) -> None:
        """Handle a packet that arrived on the session instead of by datagram."""

    def receive_countdown(self, remote: Remote, message: m.Countdown, now: float) -> None:
        """Handle what `remote` says of counting down."""

    def receive_datagrams(self, batch: Sequence[tuple[bytes, Address, float]]) -> bool:
        """Datagrams with their sources and times of arrival; what is not genuine is only counted.

        True if one was genuine.
        """

    def settle(self) -> None:
        """Advance all frames that can advance. Called after every message and before checking for the end."""

    def play_bots(self, status: StatusCode) -> None:
        """Give the inputs of the bots that play here and are to move."""

    # --- time

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""

    def handle_timeout(self, now: float, pace: Pace) -> None:
        """Let frames pass that are due, and `settle`."""

    def heard_lately(self, now: float) -> bool:
        """True if packets arrived so recently that the match runs without its session."""

    def standing_since(self, now: float) -> float | None:
        """Since when no frame has advanced, if one should have; None: they advance."""

    def stalled(self, now: float) -> bool:
        """True if no frame has advanced for so long that the player should know."""

    # --- who plays

    def slow(self, remote: Remote, now: float) -> bool:
        """For the host: whether `remote` has made everybody wait too often."""

    def waits_for(self, remote: Remote) -> bool:
        """For the host: whether everybody waits for `remote` now."""

    # --- interruptions

    def resume(self, ours: m.Resume, remote: Remote) -> m.Resume:
        """`ours` with the fields that this exchange needs."""

    def tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """Whether missing frames must be sent as a `Log`."""

    def made_by_us(self, frames: Sequence[FrameInputs]) -> bool:
        """Whether our inputs in these frames, which another member confirmed, are the ones that we gave."""

    def admit(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """The host went on without a guest, and one of them is `remote`: begin with it anew after the cut."""

    def carry_on(self, now: float) -> None:
        """We are the host from now on."""

    def replay(self, inputs: FrameInputs) -> None:
        """Play a frame that another member confirmed. Raises `IllegalMoveError`, `RemoteProtocolError`."""

    def reconnected(self, remote: Remote, now: float) -> None:
        """After a resumption: resend what `remote` may have missed."""

    def rebased(self) -> None:
        """After a repair: the timeline was replayed from another state."""

    def say_since(self, remote: Remote, frame: int) -> None:
        """After a repair: resend the inputs from `frame` on, which `remote` may have dropped."""

    def tell_rest(self, remote: Remote) -> None:
        """The match is over here: tell `remote`, on its session, all inputs that it may still lack."""

    def moved(self, remote: Remote, address: Address | None) -> None:
        """The session of `remote` has a new address."""

    def set_rtt(self, remote: Remote, rtt: float) -> None:
        """The round trip of its session, in seconds."""
