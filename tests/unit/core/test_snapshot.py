"""The canonical encoding and the hash of states."""

import msgspec
import pytest

from p2pgame.core import Outcome, Rng, decode, encode, state_hash
from p2pgame.core.snapshot import HASH_SIZE


class Sample(msgspec.Struct, frozen=True):
    name: str
    points: tuple[int, ...] = ()
    extra: dict[str, int] = {}
    rng: Rng = Rng()


def test_golden_bytes_and_hash() -> None:
    """If this fails, no older peer and no older replay agrees with us any more."""
    value = Sample("böard", (1, 200, 70_000), {"b": 1, "a": 2}, Rng(2**64 - 1))
    assert encode(value).hex() == (
        "84a46e616d65a662c3b6617264a6706f696e74739301ccc8ce00011170a5657874726182a16102a16201a3726e6791cf"
        + "ff" * 8
    )
    assert state_hash(value).hex() == "7d9c369a1ee774d086ca5f875bb74187"
    assert decode(encode(value), Sample) == value


def test_the_order_in_which_a_dict_was_filled_does_not_matter() -> None:
    one, other = Sample("x", extra={"a": 1, "b": 2}), Sample("x", extra={"b": 2, "a": 1})
    assert encode(one) == encode(other)
    assert state_hash(one) == state_hash(other)


def test_every_difference_shows_in_the_hash() -> None:
    values = [Sample("x"), Sample("y"), Sample("x", (0,)), Sample("x", (0, 0)), Sample("x", rng=Rng(1)), None]
    hashes = {state_hash(v) for v in values}
    assert len(hashes) == len(values)
    assert {len(h) for h in hashes} == {HASH_SIZE}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x92\x01",
        encode(Outcome((0,), "x"))[:-1],
        encode(Outcome((0,), "x")) + b"\0",
        encode({"winners": [0]}),
        encode({"winners": ["0"], "reason": "x"}),
        b"\x82\xa7winners\x90\xa6reason\xa2\xff\xfe",
        b"\x91" * 5_000,
        b"\x81\xa1x" * 5_000,
        b"\x82\xa7winners\xdd\xff\xff\xff\xff",
        b"\x82\xa7winners\x90\xa6reason\xdb\xff\xff\xff\xff",
    ],
)
def test_hostile_bytes_raise_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data, Outcome)
