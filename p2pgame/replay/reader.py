"""The records of one match as a whole."""

import msgspec

from p2pgame.replay.records import Desync, End, Header, Mended, Note, Signature
from p2pgame.wire.runs import FrameInputs

__all__ = ["Replay"]


class Replay(msgspec.Struct, kw_only=True):
    """A match as its file tells it. Nothing in here has been checked by the rules."""

    header: Header
    inputs: list[FrameInputs]
    """Confirmed inputs, one entry a frame."""
    links: list[bytes]
    """For each of them, the beginning of the hash chain after it; empty bytes where the file has none."""
    chain: bytes | None
    """After the last of them."""
    snapshots: dict[int, bytes]
    """Frame to state (msgpack)."""
    mended: dict[int, Mended]
    notes: list[Note]
    desyncs: list[Desync]
    end: End | None
    """None: the match is not over, or the file was cut."""
    signatures: list[Signature]
    whole: int
    """Bytes of the file that are whole records."""
    damage: str
    """What is wrong after them, in plain words; empty if nothing is."""
