"""The sealed inputs of the frame in which several players move at once: who committed, and who opened.

    everybody asked commits --> all commitments are known --> everybody asked opens --> the frame passes

Nobody opens before all have committed, so who moves last sees nothing. Does not know messages or time.
"""

from collections.abc import Mapping, Sequence

from p2pgame.wire.commitment import commitment, is_sealed, opens

__all__ = ["Seals"]


class Seals:
    """The newest frame of one match. Empty for a frame whose inputs are not sealed."""

    def __init__(self, match: str) -> None:
        self.frame = -1
        self.asked: tuple[int, ...] = ()
        """Players whose inputs of this frame are sealed."""
        self.commitments: dict[int, bytes] = {}
        self.openings: dict[int, bytes] = {}
        """Those of others, once they are here; our own from the commitment on."""
        self.changes = 0
        """Commitments that replaced another one."""
        self._match = match

    def begin(self, frame: int, asked: Sequence[int]) -> None:
        """The next frame is `frame`. `asked`: whose inputs it seals; empty if it needs that of one player only."""
        self.frame, self.asked = frame, tuple(asked)
        self.changes = 0
        self.commitments.clear()
        self.openings.clear()

    def restore(self, frame: int, asked: Sequence[int], known: Mapping[int, tuple[bytes, bytes]]) -> None:
        """As `begin`, with what is on the disk. `known`: by player the commitment, and our own opening or nothing."""
        self.begin(frame, asked)
        for player in self.asked:
            committed, opening = known.get(player, (b"", b""))
            if committed:
                self.commitments[player] = committed
            if opening:
                self.openings[player] = opening

    @property
    def complete(self) -> bool:
        """True if all have committed: it is time to open."""
        return bool(self.asked) and all(player in self.commitments for player in self.asked)

    @property
    def owing(self) -> list[int]:
        """Players who have to open."""
        return [player for player in self.asked if player not in self.openings] if self.complete else []

    @property
    def opened(self) -> bool:
        """True if all have opened: the frame can pass."""
        return self.complete and not self.owing

    def commit(self, player: int, opening: bytes) -> bytes:
        """Keep our own `opening`. Returns the commitment to it."""
        self.openings[player] = opening
        self.commitments[player] = commitment(self._match, self.frame, player, opening)
        return self.commitments[player]

    def withdraw(self, player: int) -> None:
        """Somebody else plays for `player` and cannot open what it committed to, unless it is open already."""
        if not self.opened and player not in self.openings:
            self.commitments.pop(player, None)

    def fits(self, player: int, data: bytes) -> bool:
        """Whether `data` is the opening of what `player` committed to."""
        committed = self.commitments.get(player)
        return (
            committed is not None
            and is_sealed(data)
            and opens(committed, self._match, self.frame, player, data)
        )
