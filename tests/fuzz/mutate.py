"""Spoiling valid bytes: blindly, or inside the msgpack they hold, so that most of what comes out still parses.

Knows no target. All chance comes from the `random.Random` passed in.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

__all__ = ["Mutate", "bent", "in_msgpack", "in_steps", "script", "steps"]

Mutate = Callable[[bytes, random.Random], bytes]

_INTERESTING: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 127, 128, 255, 256, 65535, 65536, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**64 - 1,
    -(2**63), 1.5, float("inf"), float("nan"), "", "a", "a\n", "\0", "\u202e", "e\u0301" * 40, "x" * 300, b"", b"x",
    b"\xff" * 16, b"\xff" * 32, b"y" * 5000, [], {}, [[]], {"": None}, ["x"] * 70,
    {f"k{i}": "0" * 16 for i in range(70)},
)  # fmt: skip


def bent(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to six bytes or runs turned, cut out, doubled or put in."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(out):
                out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xC0, 0xFF, chance.randrange(256)))
            case 2:
                del out[at : at + chance.choice((1, 2, 4, 16, 200))]
            case 3:
                out[at:at] = chance.randbytes(chance.choice((1, 2, 4, 16, 64)))
            case 4:
                out[at:at] = out[at : at + chance.choice((1, 4, 32))] * chance.choice((1, 2, 40))
            case _:
                out[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\1\0\0", b"\xdd\xff\xff\xff")
                )
    return bytes(out[:70_000])


def in_msgpack(head: int = 0, tail: int = 0) -> Mutate:
    """Changes values inside the msgpack between `head` and `tail` bytes; a u32 length in front is put right."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.4:
            return bent(data, chance)
        end = len(data) - tail
        try:
            value = msgspec.msgpack.decode(data[head:end])
            body = msgspec.msgpack.encode(_changed(value, chance))
        except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError, TypeError, ValueError):
            return bent(data, chance)
        front = len(body).to_bytes(4, "big") if head == 4 else data[:head]
        return front + body + data[end:]

    return mutate


def _changed(value: Any, chance: random.Random) -> Any:
    """`value` with one thing in it replaced, left out or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        match chance.randrange(8):
            case 0:
                return {k: v for k, v in value.items() if k != key}
            case 1:
                return {**value, chance.choice(("", "x", "type", 7)): value[key]}
            case _:
                return {**value, key: _changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        match chance.randrange(8):
            case 0:
                return value[:at]
            case 1:
                return [*value, value[at]]
            case _:
                return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
    if isinstance(value, bytes) and chance.random() < 0.6:
        return bent(value, chance)
    if isinstance(value, int) and chance.random() < 0.6:
        return value + chance.choice((-1, 1, 1 << chance.randrange(40)))
    return chance.choice(_INTERESTING)


def script(*parts: tuple[int, bytes]) -> bytes:
    """Several things to do, one after the other: u8 which, u16 length, so many bytes."""
    return b"".join(bytes([what]) + len(data).to_bytes(2, "big") + data for what, data in parts)


def steps(data: bytes) -> list[tuple[int, bytes]]:
    """What `script` was given; of any bytes, as far as they go."""
    found, at = [], 0
    while at + 3 <= len(data):
        end = at + 3 + int.from_bytes(data[at + 1 : at + 3], "big")
        found.append((data[at], data[at + 3 : end]))
        at = end
    return found


def in_steps(inner: Sequence[Mutate]) -> Mutate:
    """Changes a script: its steps by one of `inner`, their order and number."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        parts = steps(data)
        if not parts or chance.random() < 0.1:
            return bent(data, chance)
        at = chance.randrange(len(parts))
        what, body = parts[at]
        match chance.randrange(8):
            case 0:
                del parts[at]
            case 1:
                parts.insert(chance.randrange(len(parts) + 1), parts[at])
            case 2:
                parts[at] = (chance.randrange(256), body)
            case 3:
                parts += parts[at:] * chance.choice((1, 1, 8))
            case _:
                parts[at] = (what, chance.choice(inner)(body, chance)[:65_535])
        return script(*parts[:64])

    return mutate
