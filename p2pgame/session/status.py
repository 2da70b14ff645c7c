"""Why a match does not run: one value, which the view, the file and the screen all read."""

from enum import Enum

import msgspec

__all__ = ["RUNNING", "Status", "StatusCode"]


class StatusCode(Enum):
    """What the match does, or waits for."""

    STARTING = "starting"
    """The other members have not answered with their first state yet."""
    RUNNING = "running"
    STALLED = "stalled"
    """Real time: the prediction window is used up, and no input comes."""
    CONNECTION = "connection"
    """Another member is not heard."""
    RESTARTED = "restarted"
    """Our program was started anew; the other side is not here yet."""
    CATCHING_UP = "catching_up"
    """What the other side has more is on its way."""
    DESYNC = "desync"
    """The states differ, and are being repaired."""
    ENDING = "ending"
    """The outcome is known; the last hash and the signatures are being exchanged."""
    ENDED = "ended"

    @property
    def paused(self) -> bool:
        """True where the match waits for the network and the player is told so."""
        return self in (StatusCode.CONNECTION, StatusCode.RESTARTED, StatusCode.DESYNC)

    @property
    def accepts_moves(self) -> bool:
        return self in (StatusCode.RUNNING, StatusCode.STALLED)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Since when, and until when."""

    code: StatusCode
    since: float = 0.0
    """`time.monotonic()`."""
    claim_at: float | None = None
    """From when on the player may claim the match, `time.monotonic()`; None: not now."""

    @property
    def paused(self) -> bool:
        return self.code.paused


RUNNING = Status(code=StatusCode.RUNNING)
