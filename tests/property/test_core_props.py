"""The core against any bytes and any values."""

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from p2pgame.core import Outcome, Rng, Setup, decode, encode, state_hash
from p2pgame.games.gomoku.rules import Config, Move, State

KINDS = (Outcome, Rng, Setup[Config], Config, Move, State, dict[str, Any], list[Any], Any)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def only_decode_errors(data: bytes) -> None:
    for kind in KINDS:
        try:
            decode(data, kind)
        except msgspec.DecodeError:
            continue


@given(st.binary(max_size=200))
@example(b"\xa2\xff\xfe")
@example(b"\x91" * 3_000)
@example(b"\x81\xa1x" * 3_000)
@example(b"\x81\x91\x01\x01")
@example(b"\x81\x81\x01\x01\x01")
@example(b"\xd6\xff\x00\x00\x00\x00")
@example(b"\xc7\x0c\xff" + b"\xff" * 12)
def test_any_bytes_decode_or_raise_a_decode_error(data: bytes) -> None:
    only_decode_errors(data)


@given(values, st.data())
def test_damaged_encodings_decode_or_raise_a_decode_error(value: object, data: st.DataObject) -> None:
    encoded = bytearray(encode(value))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    only_decode_errors(bytes(encoded))


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 9)), st.randoms(use_true_random=False))
def test_the_hash_is_of_the_value_not_of_its_history(value: dict[str, int], shuffler: Any) -> None:
    items = list(value.items())
    shuffler.shuffle(items)
    assert state_hash(dict(items)) == state_hash(value)


@given(st.integers(0, 2**64 - 1), st.integers(1, 2**64))
def test_below_is_below(seed: int, bound: int) -> None:
    value, rng = Rng(seed).below(bound)
    assert 0 <= value < bound
    assert 0 <= rng.state < 2**64


@pytest.mark.parametrize("kind", KINDS[:6])
def test_none_is_none_of_these(kind: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(encode(None), kind)
