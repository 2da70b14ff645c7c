"""A match that was interrupted with our program, read again from its file: what is needed to go on with it."""

from typing import Any

import msgspec

from p2pgame.replay.records import Header

__all__ = ["GAVE_UP", "Saved"]

GAVE_UP = "resigned"
"""The note that our player gave up, in the file of a match that goes on."""


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """All of it was confirmed, and written by ourselves."""

    header: Header
    config: Any
    """Decoded."""
    log: tuple[tuple[Any, ...], ...]
    """Decoded inputs of each frame."""
    state: Any
    """After them."""
    chain: bytes
    """The hash chain after them (`replay.chain`)."""
    gave_up: bool = False
    """Our player resigned, and the other side may not have heard it."""
