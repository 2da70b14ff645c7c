"""SplitMix64 against its published vectors."""

import pytest

from p2pgame.core import Rng, decode, encode

VECTORS = {
    # Rosetta Code, "Pseudo-random numbers/Splitmix64"
    1234567: [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ],
    # The JDK's SplittableRandom and Vigna's splitmix64.c, seed 0
    0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B],
}


@pytest.mark.parametrize("seed", VECTORS)
def test_published_vectors(seed: int) -> None:
    rng, drawn = Rng(seed), []
    for _ in VECTORS[seed]:
        value, rng = rng.next()
        drawn.append(value)
    assert drawn == VECTORS[seed]


def test_a_draw_leaves_the_generator_as_it_was() -> None:
    rng = Rng(7)
    assert rng.next() == rng.next()
    assert rng == Rng(7)
    assert rng.next()[1] != rng


def test_the_generator_goes_on_after_the_wire_and_past_the_end_of_its_range() -> None:
    rng = Rng(2**64 - 1)
    for _ in range(20):
        value, rng = rng.next()
        assert 0 <= value < 2**64
        assert decode(encode(rng), Rng) == rng


def test_below_stays_below_and_reaches_everything() -> None:
    rng, seen = Rng(3), set()
    for _ in range(300):
        value, rng = rng.below(10)
        seen.add(value)
    assert seen == set(range(10))
    assert Rng(3).below(1)[0] == 0
    assert Rng(3).below(2**64)[0] == Rng(3).next()[0]


def test_below_rejects_what_would_be_biased() -> None:
    """Of 2**64 values only the first 2**63 + 1 may stand for themselves here: the others are drawn again."""
    bound = 2**63 + 1
    rng = Rng(1234567)
    assert VECTORS[1234567][2] >= bound  # so a biased `below` would fold it
    rng = rng.next()[1].next()[1]
    value, after = rng.below(bound)
    assert value == VECTORS[1234567][3]
    assert after == rng.next()[1].next()[1]


@pytest.mark.parametrize("bound", [0, -1, 2**64 + 1])
def test_below_refuses_impossible_bounds(bound: int) -> None:
    with pytest.raises(ValueError, match="bound"):
        Rng(1).below(bound)


def test_choice() -> None:
    rng, seen = Rng(9), []
    for _ in range(60):
        item, rng = rng.choice("abc")
        seen.append(item)
    assert set(seen) == set("abc")
    with pytest.raises(ValueError, match="bound"):
        rng.choice([])
