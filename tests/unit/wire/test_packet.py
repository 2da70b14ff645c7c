"""Packets: what goes in comes out, and nothing else gets in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import COUNTDOWN_MAX, INPUTS_AHEAD, PLAYERS_MAX
from p2pgame.wire.packet import HASH_PREFIX, PACKET_MAX, Block, Packet, decode_packet, encode_packet

BYTE = st.integers(0, 255)
INPUTS = st.lists(
    st.tuples(st.sampled_from([b"\0", b"\1", b"\xcd\1\0", b"\x82\xa1x\1\xa1y\2", b""]), st.integers(1, 9)),
    max_size=14,
).map(lambda runs: tuple(data for data, count in runs for _ in range(count))[:INPUTS_AHEAD])
FRAMES = st.one_of(st.integers(0, 1 << 32), st.integers(65_500, 65_570))
NEAR = st.integers(-0x7FFF, 0x7FFF)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    first = draw(FRAMES)
    blocks = st.builds(
        Block,
        player=st.integers(0, PLAYERS_MAX - 1),
        first=st.integers(max(0, first - 200), first + 200),
        inputs=INPUTS.filter(bool),
    )
    several = draw(st.none() | st.lists(blocks, max_size=PLAYERS_MAX).map(tuple))
    return Packet(
        first=first,
        inputs=draw(INPUTS) if several is None else (),
        ack=draw(FRAMES),
        advantage=draw(st.integers(-128, 127)),
        wait=draw(st.none() | st.integers(0, COUNTDOWN_MAX)),
        echo=draw(st.none() | st.tuples(BYTE, BYTE)),
        hash=draw(
            st.none()
            | st.tuples(
                st.integers(max(0, first - 200), first + 200),
                st.binary(min_size=HASH_PREFIX, max_size=HASH_PREFIX),
            )
        ),
        blocks=several,
    )


def refused(data: bytes, near_first: int = 0, near_ack: int = 0) -> bool:
    try:
        decode_packet(data, near_first, near_ack)
    except RemoteProtocolError as error:
        return error.code == "bad_packet"
    return False


@given(packets(), st.integers(-0x7000, 0x7000), NEAR)
def test_what_goes_in_comes_out(packet: Packet, off: int, ack_off: int) -> None:
    data = encode_packet(packet)
    assert len(data) <= PACKET_MAX
    assert decode_packet(data, max(0, packet.first + off), max(0, packet.ack + ack_off)) == packet


@given(st.binary(max_size=80), FRAMES, FRAMES)
def test_any_bytes_are_a_packet_or_refused(data: bytes, near_first: int, near_ack: int) -> None:
    if not refused(data, near_first, near_ack):
        packet = decode_packet(data, near_first, near_ack)
        assert len(packet.inputs) <= INPUTS_AHEAD
        assert min(packet.first, packet.ack) >= 0
        assert decode_packet(encode_packet(packet), near_first, near_ack) == packet


@given(packets())
def test_cut_anywhere_it_is_refused_or_says_less(packet: Packet) -> None:
    data = encode_packet(packet)
    for size in range(len(data)):
        if not refused(data[:size], packet.first, packet.ack):
            less = decode_packet(data[:size], packet.first, packet.ack)
            assert less.inputs == packet.inputs[: len(less.inputs)]
            told, whole = less.blocks or (), packet.blocks or ()
            assert [block.player for block in told] == [block.player for block in whole[: len(told)]]
            assert (less.first, less.ack, less.wait, less.echo, less.hash) == (
                packet.first,
                packet.ack,
                packet.wait,
                packet.echo,
                packet.hash,
            )


def test_an_input_held_for_long_costs_three_bytes() -> None:
    one = encode_packet(Packet(first=1, inputs=(b"\1",), ack=2))
    many = encode_packet(Packet(first=1, inputs=(b"\1",) * 100, ack=2))
    assert len(one) == len(many) == 6 + 3


@pytest.mark.parametrize("flags", [8, 16, 32, 64, 128, 255])
def test_unknown_parts_are_refused(flags: int) -> None:
    assert refused(bytes([flags]) + bytes(40))
    assert not refused(bytes(6))


@pytest.mark.parametrize(
    "runs",
    [b"\0\1a", b"\1", b"\1\2a", bytes([INPUTS_AHEAD + 1, 1, 0]), bytes([100, 1, 0, 100, 1, 0])],
    ids=["no repetition", "no length", "too short", "too many", "too many in all"],
)
def test_bad_runs_are_refused(runs: bytes) -> None:
    assert refused(bytes(6) + runs)


def test_the_sizes() -> None:
    assert refused(bytes(5))
    assert refused(bytes(6) + b"\1\0" * PACKET_MAX)
    full = Packet(first=0, inputs=tuple(bytes([n]) * 200 for n in range(20)), ack=0)
    data = encode_packet(full)
    assert len(data) <= PACKET_MAX
    sent = decode_packet(data, 0, 0).inputs
    assert sent == full.inputs[: len(sent)]
    assert len(sent) >= 4


@pytest.mark.parametrize("frame", [0, 1, 0xFFFF, 0x10000, 0x10001, 0x1FFFF, 0x20000])
def test_frames_around_the_wrap(frame: int) -> None:
    data = encode_packet(
        Packet(first=frame, inputs=(), ack=max(0, frame - 3), hash=(max(0, frame - 9), b"hash67"))
    )
    for near in (frame, frame + 100, max(0, frame - 100)):
        packet = decode_packet(data, near, near)
        assert (packet.first, packet.ack) == (frame, max(0, frame - 3))
        assert packet.hash == (max(0, frame - 9), b"hash67")


def test_a_frame_before_the_first_is_refused() -> None:
    assert refused(b"\0\xff\xff\0\0\0")
    assert refused(b"\0\0\0\xff\xff\0")
    assert refused(b"\1\0\0\0\0\0\xff\xff" + bytes(HASH_PREFIX))


@pytest.mark.parametrize(("advantage", "told"), [(-129, -128), (128, 127), (10_000, 127), (5, 5)])
def test_an_advantage_out_of_range_is_told_as_the_most(advantage: int, told: int) -> None:
    assert (
        decode_packet(encode_packet(Packet(first=0, inputs=(), ack=0, advantage=advantage)), 0, 0).advantage
        == told
    )


# --- inputs of several players

BLOCKS = (Block(2, 64, (b"\0",) * 9), Block(1, 71, (b"\3", b"\1")))


def test_the_inputs_of_several_players_say_whose_they_are() -> None:
    packet = Packet(first=70, ack=60, blocks=BLOCKS)
    data = encode_packet(packet)
    assert data[:6] == bytes([4, 0, 70, 0, 60, 0])
    assert data[6:] == bytes([2, 0, 64, 1, 9, 1, 0]) + bytes([1, 0, 71, 2, 1, 1, 3, 1, 1, 1])
    assert decode_packet(data, 70, 60) == packet


def test_who_has_nothing_new_costs_nothing() -> None:
    packet = Packet(first=70, ack=60, blocks=(Block(2, 64, ()), BLOCKS[1]))
    assert decode_packet(encode_packet(packet), 70, 60).blocks == BLOCKS[1:]


def test_frames_of_others_are_told_by_their_low_bits_too() -> None:
    for first in (65_530, 65_536, 65_540, 200_000):
        packet = Packet(first=first, ack=first, blocks=(Block(1, first - 7, (b"\2",) * 9),))
        assert decode_packet(encode_packet(packet), first + 50, first) == packet


def test_what_does_not_fit_is_left_for_the_next_packet() -> None:
    wide = tuple(bytes([n]) * 100 for n in range(8))
    packet = Packet(first=0, ack=0, blocks=tuple(Block(n, 0, wide) for n in range(1, 8)))
    data = encode_packet(packet)
    assert len(data) <= PACKET_MAX
    told = decode_packet(data, 0, 0)
    assert told.blocks is not None
    assert [len(block.inputs) for block in told.blocks] == [8, 1]


HEAD = bytes([4]) + bytes(5)


@pytest.mark.parametrize(
    "rest",
    [
        b"\1",
        b"\1\0\0",
        b"\1\0\0\0",
        b"\1\0\0\1",
        b"\1\0\0\1\0\0",
        b"\1\0\0\1\1\2a",
        b"\1\0\0\2\1\1a",
        b"\1\xff\xff\1\1\1a",
        b"\1\0\0\1" + bytes([INPUTS_AHEAD + 1, 1, 0]),
        b"\1\0\0\2" + bytes([100, 1, 0, 100, 1, 0]),
        b"\1\0\0\1\1\1a" * (PLAYERS_MAX + 1),
        b"\1\0\0\xff" + b"\1\0" * 200,
    ],
    ids=lambda rest: rest[:12].hex(),
)
def test_bad_blocks_are_refused(rest: bytes) -> None:
    assert refused(HEAD + rest)


def test_blocks_are_bounded_in_number() -> None:
    most = decode_packet(HEAD + b"\1\0\0\1\1\1a" * PLAYERS_MAX, 0, 0)
    assert most.blocks is not None
    assert len(most.blocks) == PLAYERS_MAX
    assert decode_packet(HEAD, 0, 0).blocks == ()


@given(st.binary(max_size=120), FRAMES)
def test_any_blocks_are_bounded_or_refused(rest: bytes, near: int) -> None:
    data = HEAD + rest
    if not refused(data, near, near):
        packet = decode_packet(data, near, near)
        assert packet.blocks is not None
        assert len(packet.blocks) <= PLAYERS_MAX
        for block in packet.blocks:
            assert 1 <= len(block.inputs) <= INPUTS_AHEAD
            assert block.first >= 0
        assert decode_packet(encode_packet(packet), near, near) == packet


def test_a_wait_that_is_too_long_is_refused() -> None:
    data = bytearray(encode_packet(Packet(first=0, ack=0, wait=COUNTDOWN_MAX)))
    data[6:8] = (COUNTDOWN_MAX + 1).to_bytes(2, "big")
    with pytest.raises(RemoteProtocolError) as caught:
        decode_packet(bytes(data), 0, 0)
    assert caught.value.code == "bad_packet"
