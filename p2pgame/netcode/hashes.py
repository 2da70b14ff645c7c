"""Compares the state hashes of confirmed frames with those of another peer. Bounded, whatever that peer sends."""

from p2pgame.core.errors import DesyncError, RemoteProtocolError
from p2pgame.wire.bounds import HASHES_AHEAD

__all__ = ["HashLedger"]


class HashLedger:
    """Hashes of both sides until each has found its counterpart; each frame is compared once, in order."""

    def __init__(self) -> None:
        self._ours: dict[int, bytes] = {}
        self._theirs: dict[int, bytes] = {}
        self.agreed = -1
        """The newest frame known to be equal on both sides."""
        self.agreed_hash = b""

    def ours(self, frame: int, value: bytes) -> list[tuple[int, bytes]]:
        """Note our hash of a confirmed frame. Returns the frames now found equal; raises `DesyncError`."""
        self._ours[frame] = value
        return self._compare()

    def theirs(self, frame: int, value: bytes) -> list[tuple[int, bytes]]:
        """Note the other side's hash. As `ours`; raises `RemoteProtocolError("too_far_ahead")` beyond the bound."""
        if frame <= self.agreed:
            return []
        if frame > self.agreed + HASHES_AHEAD:
            raise RemoteProtocolError("too_far_ahead", f"a hash of frame {frame}, {self.agreed} is agreed")
        self._theirs.setdefault(frame, value)
        return self._compare()

    def forget_after(self, frame: int) -> None:
        """Frames after `frame` never were (the match was ended there)."""
        for side in (self._ours, self._theirs):
            for late in [f for f in side if f > frame]:
                del side[late]

    def _compare(self) -> list[tuple[int, bytes]]:
        equal = []
        while (frame := self.agreed + 1) in self._ours and frame in self._theirs:
            ours, theirs = self._ours[frame], self._theirs[frame]
            if ours != theirs:
                raise DesyncError(frame, ours.hex(), theirs.hex())
            del self._ours[frame], self._theirs[frame]
            self.agreed, self.agreed_hash = frame, ours
            equal.append((frame, ours))
        return equal
