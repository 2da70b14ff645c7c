"""The hash chain of a match: one value that stands for every input and every state up to a frame.

    chain(0)     = H("chain", state hash of frame 0)
    chain(n + 1) = H("link", chain(n), inputs of frame n, state hash after it)

H is blake2b-128, personalised; inputs are length-prefixed. Two files that agree in one link agree in
all frames before it. Does not know files or rules.
"""

import hashlib

from p2pgame.core.snapshot import HASH_SIZE
from p2pgame.wire.runs import FrameInputs

__all__ = ["first_link", "link"]

_NOBODY = b"\xff\xff\xff\xff"
"""Stands for the input of who was not asked: no input is so long."""


def first_link(state_hash: bytes) -> bytes:
    """The chain before the first frame."""
    return hashlib.blake2b(state_hash, digest_size=HASH_SIZE, person=b"p2pgame.chain").digest()


def link(before: bytes, inputs: FrameInputs, state_hash: bytes) -> bytes:
    """The chain after one more frame with `inputs`, which led to the state of `state_hash`."""
    parts = [
        b"".join((len(move).to_bytes(4, "big"), move)) if move is not None else _NOBODY for move in inputs
    ]
    return hashlib.blake2b(
        b"".join((before, state_hash, *parts)), digest_size=HASH_SIZE, person=b"p2pgame.link"
    ).digest()
