"""A takeback: by turns, the input of whoever is to move may say, in place of a move, that moves are taken back.

    the msgpack extension of type 0x74 with 4 bytes: u24 frame | u8 player

The frame that has it leads to the state after `frame` frames, so frames are never numbered twice, and the log, its
chain, its signatures and its file hold what was played as well as what was taken back. No input begins with an
extension, so a takeback is told apart by its first bytes. Does not know who may take back what (`netcode.takebacks`).
"""

from typing import Final

import msgspec

from p2pgame.wire.runs import FrameInputs

__all__ = ["Takeback", "decode_takeback", "encode_takeback", "is_takeback", "takeback_in"]

_PREFIX: Final = b"\xd6\x74"
"""fixext 4 of type 0x74."""
_SIZE: Final = len(_PREFIX) + 4


class Takeback(msgspec.Struct, frozen=True):
    """The match goes on from the state after `frame` frames, as `player` asked."""

    frame: int
    player: int

    def __str__(self) -> str:
        return f"<< {self.frame}"


def encode_takeback(takeback: Takeback) -> bytes:
    """The bytes that travel, and are chained, recorded and signed."""
    return _PREFIX + takeback.frame.to_bytes(3, "big") + bytes([takeback.player])


def is_takeback(data: bytes) -> bool:
    """Whether `data` is a takeback, or what is left of one, and not an input of the game."""
    return data.startswith(_PREFIX)


def decode_takeback(data: bytes) -> Takeback | None:
    """The takeback in `data`; None if it is none, or has another size."""
    if len(data) != _SIZE or not is_takeback(data):
        return None
    return Takeback(int.from_bytes(data[2:5], "big"), data[5])


def takeback_in(inputs: FrameInputs) -> Takeback | None:
    """The takeback that one of a frame's inputs is."""
    for data in inputs:
        if data is not None and data[:2] == _PREFIX:
            return decode_takeback(data)
    return None
