"""Compares the state hashes of confirmed frames with those of another peer. Bounded, whatever that peer sends.

Where not every frame's hash is told, what is told is rolled: it stands for the states of all frames up to that one,
so that a difference that lasted for a single frame is found as well.
"""

from functools import lru_cache

from p2pgame.core.digest import short_digest
from p2pgame.core.errors import DesyncError, RemoteProtocolError
from p2pgame.wire.bounds import HASHES_AHEAD

__all__ = ["HashLedger"]

_KEPT = 1024
"""Of our hashes that wait for theirs; a side that tells none is found out at the end of the match."""


class HashLedger:
    """Our hash of every confirmed frame until a newer one is known to be equal; theirs of any frames they tell.

    Only confirmed frames are ever compared: a prediction that differs is no desync.
    """

    def __init__(self) -> None:
        self._ours: dict[int, tuple[bytes, bytes]] = {}
        """The hash, and rolled; empty until that is worked out."""
        self._unrolled: list[int] = []
        """Frames of `_ours`: many at once cost less."""
        self._rolled = b""
        self._theirs: dict[int, tuple[bytes, bool]] = {}
        """What they told, and whether it is rolled."""
        self._confirmed = -1
        self._deaf_until = -1
        self.agreed = -1
        """The newest frame known to be equal on both sides."""
        self.agreed_hash = b""

    @property
    def blank(self) -> bool:
        """True while nothing is known of any frame, so that nothing can be told either."""
        return not self._ours and not self._rolled

    @property
    def rolled(self) -> bytes:
        """Our newest hash, rolled: to be told with the number of that frame."""
        self._roll()
        return self._rolled

    def ours(self, frame: int, value: bytes) -> list[tuple[int, bytes]]:
        """Note our hash of a confirmed frame. Returns the frames now found equal; raises `DesyncError`."""
        if frame not in self._ours:
            self._ours[frame] = (value, b"")
            self._unrolled.append(frame)
            if len(self._ours) > _KEPT:
                self._drop([next(iter(self._ours))])
        if frame > self._confirmed:
            self._confirmed = frame
        return self._compare(frame) if frame in self._theirs else []

    def theirs(
        self, frame: int, value: bytes, *, rolled: bool = False, late: bool = True
    ) -> list[tuple[int, bytes]]:
        """Note the other side's hash, or its first bytes. As `ours`; raises `RemoteProtocolError("too_far_ahead")`.

        `rolled`: it is. `late`: it may have been under way since before the last `reset`.
        """
        if frame <= max(self.agreed, self._confirmed - _KEPT):  # known, or no longer to be found out
            return []
        if late and frame <= self._deaf_until:
            return []
        if frame > self._confirmed + HASHES_AHEAD:
            raise RemoteProtocolError("too_far_ahead", frame=frame, confirmed=self._confirmed)
        self._theirs.setdefault(frame, (value, rolled))
        return self._compare(frame)

    def forget_after(self, frame: int) -> None:
        """Frames after `frame` never were (the match was ended there)."""
        self._drop([f for f in {*self._ours, *self._theirs} if f > frame])
        self._confirmed = min(self._confirmed, frame)
        if frame in self._ours:
            self._rolled = self._ours[frame][1]

    def reset(self, agreed: int, value: bytes, deaf_until: int) -> None:
        """The states were mended: all frames up to `agreed`, whose hash is `value`, are equal.

        Our hashes of later frames are to be noted again. What the other side told of them counts no more, and what
        it told of frames up to `deaf_until` and is still under way does not either.
        """
        self._forget()
        self._confirmed = self.agreed = agreed
        self.agreed_hash = self._rolled = value
        self._deaf_until = deaf_until

    def restart(self, frame: int, value: bytes) -> None:
        """Both sides go on from `frame`, whose hash is `value`, and know nothing else of each other's hashes."""
        self._forget()
        self._rolled = value
        self._ours[frame] = (value, value)
        self._confirmed = frame

    def _forget(self) -> None:
        self._ours.clear()
        self._unrolled.clear()
        self._theirs.clear()

    def _compare(self, frame: int) -> list[tuple[int, bytes]]:
        if frame not in self._ours or frame not in self._theirs:
            return []
        self._roll()
        (value, rolled), (told, is_rolled) = self._ours[frame], self._theirs[frame]
        expected = rolled if is_rolled else value
        if not told or not expected.startswith(told):
            raise DesyncError(frame, expected.hex(), told.hex())
        self.agreed, self.agreed_hash = frame, value
        for known in (self._ours, self._theirs):
            for old in [f for f in known if f <= frame]:
                del known[old]
        return [(frame, value)]

    def _drop(self, frames: list[int]) -> None:
        self._roll()
        for frame in frames:
            self._ours.pop(frame, None)
            self._theirs.pop(frame, None)

    def _roll(self) -> None:
        """Make one value for all states up to each of our frames."""
        for frame in self._unrolled:
            value = self._ours[frame][0]
            self._rolled = _roll(self._rolled, value) if self._rolled else value
            self._ours[frame] = (value, self._rolled)
        self._unrolled.clear()


@lru_cache(maxsize=64)
def _roll(rolled: bytes, value: bytes) -> bytes:
    """One value for all states up to the one of this hash. A host makes it for every guest, and most are the same."""
    return short_digest("roll", rolled, value)
