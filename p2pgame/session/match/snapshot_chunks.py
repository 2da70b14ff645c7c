"""Splits a snapshot into messages, and assembles it again."""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import STATE_PART

__all__ = ["SnapshotAssembler", "split"]


def split(match: str, frame: int, state: bytes, chain: bytes, *, reproduced: bool) -> list[m.State]:
    """The messages that carry `state` (msgpack), in order. `reproduced`: see `State`."""
    return [
        m.State(
            match=match,
            frame=frame,
            size=len(state),
            offset=offset,
            data=state[offset : offset + STATE_PART],
            chain=chain,
            reproduced=reproduced,
        )
        for offset in range(0, len(state), STATE_PART)
    ]


class SnapshotAssembler:
    """Assembles the parts of one snapshot."""

    def __init__(self) -> None:
        self._first: m.State | None = None
        self._data = bytearray()

    def add(self, part: m.State) -> bytes | None:
        """Add a part; returns the whole snapshot after the last one. Raises `RemoteProtocolError("bad_state")`."""
        first = self._first = self._first or part
        if (part.frame, part.size, part.chain) != (first.frame, first.size, first.chain):
            raise RemoteProtocolError("bad_state", reason="two_snapshots")
        if part.offset != len(self._data) or part.offset + len(part.data) > part.size:
            raise RemoteProtocolError("bad_state", reason="parts")
        self._data += part.data
        return bytes(self._data) if len(self._data) == part.size else None
