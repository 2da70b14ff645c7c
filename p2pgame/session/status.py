"""Status of a match: whether it runs, or why not. The view, the recording and the screen use the same value."""

from enum import Enum

import msgspec

__all__ = ["RUNNING", "Status", "StatusCode"]


class StatusCode(Enum):
    """What the match is doing or waiting for."""

    STARTING = "starting"
    """Waiting for the first state of the other members."""
    RUNNING = "running"
    STALLED = "stalled"
    """Real time: the prediction window is exhausted and no input arrives."""
    CONNECTION = "connection"
    """Paused: another member is unreachable."""
    CLOSED = "closed"
    """Paused: another member closed its program, and may come back."""
    RESTARTED = "restarted"
    """Paused: our program was restarted and the other side has not returned yet."""
    ADJOURNED = "adjourned"
    """Paused: the players agreed to put the match aside, and the other side has not said yet that it goes on."""
    CATCHING_UP = "catching_up"
    """Receiving frames that we are missing."""
    DESYNC = "desync"
    """Paused: the states differ and are being repaired."""
    DISPUTED = "disputed"
    """Paused: both sides computed their own state, and the players are asked whether they play on."""
    ENDING = "ending"
    """The outcome is known; the last hash and signatures are being exchanged."""
    ENDED = "ended"

    @property
    def paused(self) -> bool:
        """True if the match is paused and the player sees the reason."""
        return self.absent or self in (StatusCode.DESYNC, StatusCode.DISPUTED)

    @property
    def absent(self) -> bool:
        """True if the match is paused because another member is not there."""
        return self in (
            StatusCode.CONNECTION,
            StatusCode.CLOSED,
            StatusCode.RESTARTED,
            StatusCode.ADJOURNED,
        )

    @property
    def accepts_moves(self) -> bool:
        return self in (StatusCode.RUNNING, StatusCode.STALLED)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A status code with its times."""

    code: StatusCode
    since: float = 0.0
    """`time.monotonic()`."""
    claim_at: float | None = None
    """Earliest time to claim the match, `time.monotonic()`; None: claiming is not possible."""

    @property
    def paused(self) -> bool:
        return self.code.paused


RUNNING = Status(code=StatusCode.RUNNING)
