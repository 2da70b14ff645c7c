"""Paths to what differs."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core import encode
from p2pgame.core.diff import MISSING, differences, first_difference


class Ball(msgspec.Struct, frozen=True):
    x: int
    vx: int


class State(msgspec.Struct, frozen=True):
    balls: tuple[Ball, ...]
    board: bytes = b""
    scores: dict[str, int] = {}
    note: Any = None


@pytest.mark.parametrize(
    ("a", "b", "text"),
    [
        (State((Ball(1, 512),)), State((Ball(1, 513),)), "balls[0].vx: 512 ≠ 513"),
        (State((Ball(1, 2),)), State(()), "balls[0]: Ball(x=1, vx=2) ≠ <missing>"),
        (State((), b"\0\1\2"), State((), b"\0\1\3"), "board[2]: 2 ≠ 3"),
        (State((), b"\0"), State((), b"\0\7"), "board[1]: <missing> ≠ 7"),
        (State((), scores={"a": 1}), State((), scores={"b": 1}), "scores['a']: 1 ≠ <missing>"),
        (State((), note=1), State((), note=True), "note: 1 ≠ True"),
        (State((), note=0.0), State((), note=-0.0), "note: 0.0 ≠ -0.0"),
        (State((), note=Ball(0, 0)), State((), note=(0, 0)), "note: Ball(x=0, vx=0) ≠ (0, 0)"),
        (1, 2, "<root>: 1 ≠ 2"),
        ("a" * 99, "b", "<root>: '" + "a" * 55 + " ... ≠ 'b'"),
    ],
)
def test_the_first_difference_is_named_by_its_path(a: Any, b: Any, text: str) -> None:
    assert str(first_difference(a, b)) == text


def test_what_has_the_same_bytes_is_the_same() -> None:
    assert first_difference([1, (2, 3)], (1, [2, 3])) is None
    assert first_difference({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None
    assert first_difference(float("nan"), float("nan")) is None


def test_differences_come_in_order_and_are_limited() -> None:
    a, b = (1, {"y": 1, "x": 1}, 3), (1, {"y": 2, "x": 2}, 4, 5)
    assert [d.path for d in differences(a, b)] == ["[1]['x']", "[1]['y']", "[2]", "[3]"]
    assert differences(a, b)[3] == ("[3]", MISSING, 5)
    assert [d.path for d in differences(a, b, limit=2)] == ["[1]['x']", "[1]['y']"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.binary(max_size=3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3)
        | st.builds(State, balls=st.just(()), note=inner)
    ),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_there_is_a_difference_exactly_where_the_bytes_differ(a: Any, b: Any) -> None:
    assert (first_difference(a, b) is None) == (encode(a) == encode(b))
    found = differences(a, b, limit=1000)
    assert first_difference(a, b) == (found[0] if found else None)
    assert len({d.path for d in found}) == len(found)
