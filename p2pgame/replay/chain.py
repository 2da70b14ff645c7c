"""The hash chain of a match: one value that stands for every input and every state up to a frame.

    chain(0)     = H("chain", state hash of frame 0)
    chain(n + 1) = H("link", chain(n), state hash of frame n + 1, input of player 0 in frame n, of player 1, ...)

H is `core.digest.short_digest`. An input is ``01`` and the bytes that travelled; ``00`` stands for a player who was
not asked. Two files that agree in one link agree in all frames before it. Does not know files or rules.
"""

from functools import lru_cache

from p2pgame.core.digest import joined, short_digest
from p2pgame.wire.runs import FrameInputs

__all__ = ["first_link", "link"]


def first_link(state_hash: bytes) -> bytes:
    """The chain before the first frame."""
    return short_digest("chain", state_hash)


def link(before: bytes, inputs: FrameInputs, state_hash: bytes) -> bytes:
    """The chain after one more frame with `inputs`, which led to the state of `state_hash`."""
    return short_digest("link", before, state_hash, more=_moves(inputs))


@lru_cache(128)
def _moves(inputs: FrameInputs) -> bytes:
    """The inputs as parts of a link. Most frames of a match have the same few."""
    return joined(*(b"\x00" if move is None else b"\x01" + move for move in inputs))
