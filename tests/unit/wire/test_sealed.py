"""Sealed datagrams: only what the other side sealed opens, once, and not much too late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.wire.sealed import MATCH_DATAGRAM, OVERHEAD, SEALED_MAX, Opener, Sealer, derive_keys, expand

KEY, OTHER = derive_keys("0123456789abcdef", 1, "1", b"h" * 32, b"g" * 32)


def sealed(count: int) -> list[bytes]:
    sealer = Sealer(KEY)
    return [sealer.seal(b"%d" % n) for n in range(1, count + 1)]


def test_it_opens_what_was_sealed() -> None:
    sealer, opener = Sealer(KEY), Opener(KEY)
    for n in range(1, 300):
        data = sealer.seal(b"x" * n)
        assert len(data) == n + OVERHEAD
        assert data[0] == MATCH_DATAGRAM
        assert opener.open(data) == (n, b"x" * n)
    assert (opener.opened, opener.refused) == (299, 0)


def test_the_keys() -> None:
    keys = {
        *derive_keys("0" * 16, 1, "1", b"h" * 32, b"g" * 32),
        *derive_keys("1" * 16, 1, "1", b"h" * 32, b"g" * 32),
        *derive_keys("0" * 16, 1, "1", b"i" * 32, b"g" * 32),
        *derive_keys("0" * 16, 1, "1", b"h" * 32, b"h" * 32),
        *derive_keys("0" * 16, 2, "1", b"h" * 32, b"g" * 32),
        *derive_keys("0" * 16, 1, "2", b"h" * 32, b"g" * 32),
        *derive_keys("0" * 16, 11, "0", b"h" * 32, b"g" * 32),
        *derive_keys("0" * 16, 1, "10", b"h" * 32, b"g" * 32),
    }
    assert len(keys) == 16
    assert {len(key) for key in keys} == {16}


def test_another_key_opens_nothing() -> None:
    opener = Opener(OTHER)
    assert opener.open(Sealer(KEY).seal(b"hello")) is None
    assert (opener.newest, opener.opened, opener.refused) == (0, 0, 1)


def test_a_bit_flipped_anywhere() -> None:
    opener, data = Opener(KEY), Sealer(KEY).seal(b"hello, world")
    for at in range(len(data) * 8):
        bad = bytearray(data)
        bad[at // 8] ^= 1 << at % 8
        assert opener.open(bytes(bad)) is None
    assert opener.refused == len(data) * 8
    assert opener.newest == 0
    assert opener.open(data) == (1, b"hello, world")


@given(st.binary(max_size=64))
def test_any_bytes(data: bytes) -> None:
    opener = Opener(KEY)
    assert opener.open(data) is None
    assert opener.open(bytes([MATCH_DATAGRAM]) + data) is None
    assert (opener.newest, opener.opened, opener.refused) == (0, 0, 2)


def test_cut_and_oversized() -> None:
    opener, data = Opener(KEY), Sealer(KEY).seal(b"hello")
    assert all(opener.open(data[:size]) is None for size in range(len(data)))
    assert opener.open(data + b"\0") is None
    assert opener.open(Sealer(KEY).seal(bytes(SEALED_MAX))) is None
    assert opener.open(Sealer(KEY).seal(b"")) == (1, b"")


@given(st.permutations(range(60)), st.lists(st.integers(0, 59), max_size=60))
def test_each_opens_once_in_any_order(order: list[int], again: list[int]) -> None:
    opener, data = Opener(KEY), sealed(60)
    assert sorted(n for i in order for n, _ in [opener.open(data[i]) or (0, b"")]) == list(range(1, 61))
    assert all(opener.open(data[i]) is None for i in again)
    assert (opener.opened, opener.refused, opener.newest) == (60, len(again), 60)


def test_the_window() -> None:
    data = sealed(400)
    for age, opens in ((0, False), (1, True), (127, True), (128, False), (129, False), (399, False)):
        opener = Opener(KEY)
        opener.open(data[399])
        assert (opener.open(data[399 - age]) is not None) == opens
        assert opener.open(data[399 - age]) is None


def test_a_gap_longer_than_the_window() -> None:
    opener, data = Opener(KEY), sealed(1000)
    assert opener.open(data[0]) == (1, b"1")
    assert opener.open(data[999]) == (1000, b"1000")
    assert opener.open(data[0]) is None
    assert opener.open(data[900]) == (901, b"901")


def test_a_number_that_the_sender_cannot_have_reached_is_not_tried() -> None:
    data = sealed(400)
    for number, opens in ((101, True), (102, False), (400, False)):
        opener = Opener(KEY)
        assert opener.open(data[0]) == (1, b"1")
        assert (opener.open(data[number - 1], ahead=100) is not None) == opens
        assert opener.open(data[number - 1], ahead=400) == (None if opens else (number, b"%d" % number))


def test_numbers_wrap_and_nothing_opens_twice() -> None:
    sealer, opener = Sealer(KEY), Opener(KEY)
    old = sealer.seal(b"old")
    assert opener.open(old) == (1, b"old")
    for start in (0x7FF0, 0xFFF0, 0x17FF0, 0x1FFF0):
        sealer.sequence = start
        for n in range(start + 1, start + 40):
            data = sealer.seal(b"new")
            assert opener.open(data) == (n, b"new")
            assert opener.open(data) is None
    assert opener.open(old) is None


def test_a_number_is_never_used_twice() -> None:
    sealer = Sealer(KEY)
    assert len({sealer.seal(b"same") for _ in range(1000)}) == 1000


@given(st.integers(0, 1 << 40), st.integers(-0x8000, 0x7FFF))
def test_expand(near: int, off: int) -> None:
    assert expand((near + off) & 0xFFFF, near) == near + off


@pytest.mark.parametrize("size", [1, 24, 1000])
def test_equal_payloads_look_different(size: int) -> None:
    sealer = Sealer(KEY)
    one, other = sealer.seal(bytes(size)), sealer.seal(bytes(size))
    assert one[3:] != other[3:]
