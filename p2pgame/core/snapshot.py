"""One encoding of a state serves everything: wire, disk, hash and diff.

msgpack, with the fields of a struct in order of definition and the keys of a dict in ascending order, and a truncated
SHA-256 of it. Does not know what a state means.
"""

from typing import Any, TypeVar

import msgspec

from p2pgame.core.digest import HASH_SIZE, short_digest

__all__ = ["HASH_SIZE", "decode", "encode", "state_hash"]

T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def encode(value: Any) -> bytes:
    """The canonical msgpack bytes of a state, an input or a configuration."""
    return _ENCODER.encode(value)


def decode(data: bytes, kind: type[T]) -> T:
    """The value of type `kind` in `data`. Raises `msgspec.DecodeError` (`ValidationError` is one), nothing else."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (UnicodeDecodeError, RecursionError) as error:  # text that is not UTF-8; nesting without end
        raise msgspec.DecodeError(type(error).__name__) from error


def state_hash(state: Any) -> bytes:
    """The hash of the canonical bytes of `state`, with the label ``p2pgame.state``."""
    return short_digest("state", _ENCODER.encode(state))
