"""What a datagram of a real-time match carries: inputs not yet acknowledged, an acknowledgement, and a few figures.

    u8  flags             1: a hash follows, 2: an echo follows, 4: inputs of several players follow, 8: a wait follows
    u16 first             frame of the first input
    u16 ack               number of the other side's inputs known here
    i8  advantage         frames by which the sender believes to be ahead
    [u16 wait]            from the host: milliseconds until frames go on
    [u8 echo, u8 held]    low bits of the newest sequence number heard, and milliseconds since
    [u16 frame, 6 bytes]  a confirmed frame and the first bytes of its hash, rolled
    runs                  u8 repetitions, u8 length, so many bytes of msgpack: one input of the sender
    [u8 player, u16 first, u8 runs, runs] ...
                          with flag 4 in their place: the same of each player whose inputs the sender tells

Numbers are big-endian; 16-bit frames are the low bits of the full ones, which both sides know nearly. Inputs change
a few times a second, so a run says most of it. Does not know what an input means.
"""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import COUNTDOWN_MAX, INPUTS_AHEAD, PLAYERS_MAX
from p2pgame.wire.sealed import expand

__all__ = [
    "BLOCKS_MAX",
    "HASH_PREFIX",
    "PACKET_MAX",
    "Block",
    "Packet",
    "decode_packet",
    "encode_block",
    "encode_packet",
]

HASH_PREFIX = 6
"""Bytes of a rolled state hash that a packet carries."""
PACKET_MAX = 1024
_HAS_HASH, _HAS_ECHO, _HAS_BLOCKS, _HAS_WAIT = 1, 2, 4, 8
_ALL_FLAGS = _HAS_HASH | _HAS_ECHO | _HAS_BLOCKS | _HAS_WAIT
_LAYOUTS = tuple(
    Struct(
        ">BHHb"
        + "H" * bool(flags & _HAS_WAIT)
        + "BB" * bool(flags & _HAS_ECHO)
        + f"H{HASH_PREFIX}s" * bool(flags & _HAS_HASH)
    )
    for flags in range(_ALL_FLAGS + 1)
)
"""Flags, first, ack, advantage, wait, echo and hash, by the flags that say which of these there are."""
BLOCKS_MAX = PACKET_MAX - _LAYOUTS[-1].size
"""Bytes of blocks that fit in any packet."""
_BLOCK = Struct(">BHB")
"""Player, first, number of runs."""
_BLOCK_SIZE = _BLOCK.size


class Block(msgspec.Struct, frozen=True):
    """Inputs of one player from frame `first` on."""

    player: int
    first: int
    inputs: tuple[bytes, ...]


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """One packet; frames in full."""

    first: int
    """Of `inputs`; without them, a frame near those of the blocks."""
    inputs: tuple[bytes, ...] = ()
    """msgpack of each input of the sender, in order of frames, in a match of two players."""
    ack: int
    advantage: int = 0
    wait: int | None = None
    """Milliseconds until frames go on: something is counted down."""
    echo: tuple[int, int] | None = None
    """Low 8 bits of a sequence number, milliseconds it was held (at most 255)."""
    hash: tuple[int, bytes] | None = None
    blocks: tuple[Block, ...] | None = None
    """The inputs of several players; None in a match of two."""


def encode_packet(packet: Packet, blocks: Sequence[bytes] | None = None) -> bytes:
    """The bytes of `packet`. Inputs over the bound are left for the next one.

    `blocks`: encoded already (`encode_block`), at most `BLOCKS_MAX` bytes, in place of those of the packet.
    """
    flags, advantage = 0, packet.advantage
    if not -128 <= advantage <= 127:
        advantage = -128 if advantage < 0 else 127
    figures: list[int | bytes] = [packet.first & 0xFFFF, packet.ack & 0xFFFF, advantage]
    if packet.wait is not None:
        flags |= _HAS_WAIT
        figures.append(max(0, min(COUNTDOWN_MAX, packet.wait)))
    if packet.echo is not None:
        flags |= _HAS_ECHO
        figures += packet.echo[0] & 0xFF, min(255, packet.echo[1])
    if packet.hash is not None:
        flags |= _HAS_HASH
        figures += packet.hash[0] & 0xFFFF, packet.hash[1]
    if blocks is None and packet.blocks is None:
        head = _LAYOUTS[flags].pack(flags, *figures)
        return head + _encode_runs(packet.inputs, PACKET_MAX - len(head))[1]
    out = _LAYOUTS[flags].pack(flags | _HAS_BLOCKS, *figures)
    if blocks is not None:
        return out + b"".join(blocks)
    for block in packet.blocks or ():
        out += encode_block(block, PACKET_MAX - len(out))
    return out


def encode_block(block: Block, room: int = PACKET_MAX) -> bytes:
    """The bytes of a block, with as many of its inputs as there is `room` for; none if there is none for the first."""
    count, runs = _encode_runs(block.inputs, room - _BLOCK.size)
    return _BLOCK.pack(block.player, block.first & 0xFFFF, count) + runs if count else b""


@lru_cache(maxsize=256)
def _encode_runs(inputs: tuple[bytes, ...], room: int) -> tuple[int, bytes]:
    """The number of runs, and their bytes: as many as there is room for. Most players do what they did before."""
    out = b""
    count = at = 0
    end = min(len(inputs), INPUTS_AHEAD)
    while at < end:
        data, first = inputs[at], at
        while at < end and inputs[at] == data:
            at += 1
        if len(out) + 2 + len(data) > room:
            break
        out += bytes((at - first, len(data))) + data  # few and short
        count += 1
    return count, out


def decode_packet(data: bytes, near_first: int, near_ack: int) -> Packet:
    """The packet in `data`; `near_first` and `near_ack` are about what its frames must be.

    Raises `RemoteProtocolError("bad_packet")`.
    """
    if not _LAYOUTS[0].size <= len(data) <= PACKET_MAX:
        raise RemoteProtocolError("bad_packet", reason="size")
    flags = data[0]
    if flags > _ALL_FLAGS:
        raise RemoteProtocolError("bad_packet", reason="flags")
    layout = _LAYOUTS[flags]
    at = layout.size
    if len(data) < at:
        raise RemoteProtocolError("bad_packet", reason="cut")
    _, first_bits, ack_bits, advantage, *more = layout.unpack_from(data)
    first, ack = expand(first_bits, near_first), expand(ack_bits, near_ack)
    wait = more.pop(0) if flags & _HAS_WAIT else None
    if wait is not None and wait > COUNTDOWN_MAX:
        raise RemoteProtocolError("bad_packet", reason="wait")
    echo = (more[0], more[1]) if flags & _HAS_ECHO else None
    value = (expand(more[-2], near_first), more[-1]) if flags & _HAS_HASH else None
    inputs: tuple[bytes, ...] = ()
    blocks: list[Block] | None = None
    if flags & _HAS_BLOCKS:
        blocks = []
        size, start_bits, start = len(data), first_bits, first
        while at < size:
            if len(blocks) >= PLAYERS_MAX:
                raise RemoteProtocolError("bad_packet", reason="too_many_blocks")
            if at + _BLOCK_SIZE > size:
                raise RemoteProtocolError("bad_packet", reason="cut")
            player, bits, count = _BLOCK.unpack_from(data, at)
            if bits != start_bits:  # most begin at the same frame
                start_bits, start = bits, expand(bits, near_first)
            runs, at = _runs(data, at + _BLOCK_SIZE, count)
            if not runs:
                raise RemoteProtocolError("bad_packet", reason="empty_block")
            if start < 0:
                raise RemoteProtocolError("bad_packet", reason="negative_frame")
            blocks.append(Block(player, start, runs))
    else:
        inputs, at = _runs(data, at)
    if first < 0 or ack < 0 or (value is not None and value[0] < 0):
        raise RemoteProtocolError("bad_packet", reason="negative_frame")
    return Packet(
        first=first,
        inputs=inputs,
        ack=ack,
        advantage=advantage,
        wait=wait,
        echo=echo,
        hash=value,
        blocks=tuple(blocks) if blocks is not None else None,
    )


def _runs(data: bytes, at: int, limit: int | None = None) -> tuple[tuple[bytes, ...], int]:
    """The inputs of `limit` runs (None: of all), and where they end."""
    runs, size = 0, len(data)
    if (limit is None or limit == 1) and at + 2 < size:
        end, count = at + 2 + data[at + 1], data[at]
        if (end == size if limit is None else end <= size) and 0 < count <= INPUTS_AHEAD:
            return (data[at + 2 : end],) * count, end  # one run, as most are
    inputs: list[bytes] = []
    while runs < limit if limit is not None else at < size:
        if at + 2 > size or at + 2 + data[at + 1] > size:
            raise RemoteProtocolError("bad_packet", reason="cut")
        count, start = data[at], at + 2
        at = start + data[at + 1]
        value = data[start:at]
        runs += 1
        if not count or len(inputs) + count > INPUTS_AHEAD:
            raise RemoteProtocolError("bad_packet", reason="run_length")
        inputs += [value] * count
    return tuple(inputs), at
