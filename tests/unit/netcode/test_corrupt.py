"""One bit of a state is turned over, in whatever it is kept."""

from typing import Any

import msgspec
import pytest

from p2pgame.core.diff import differences
from p2pgame.core.game import Setup
from p2pgame.core.registry import installed
from p2pgame.netcode.corrupt import corrupt, corrupt_at


class Inner(msgspec.Struct, frozen=True):
    on: bool = True
    text: str = "1"
    value: int = 6


class Outer(msgspec.Struct, frozen=True):
    flags: tuple[bool, ...] = (True, False)
    inner: tuple[Inner, ...] = (Inner(), Inner())
    later: int = 3


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (Outer(), Outer(inner=(Inner(value=7), Inner()))),
        (Inner(), Inner(value=7)),
        (Outer(inner=()), Outer(inner=(), later=2)),
        ((True, "x", [b"", 5, 5]), (True, "x", [b"", 4, 5])),
        ({"a": False, "b": {"c": -1}}, {"a": False, "b": {"c": -2}}),
    ],
)
def test_the_first_integer_is_changed_and_nothing_else(state: Any, after: Any) -> None:
    assert corrupt(state) == after
    assert corrupt(corrupt(state)) == state


@pytest.mark.parametrize("state", [True, "1", 1.5, None, (), {}, Outer(inner=(), later=True)])
def test_a_state_without_an_integer_cannot_be_spoiled(state: Any) -> None:
    with pytest.raises(ValueError, match="integer"):
        corrupt(state)


@pytest.mark.parametrize("game", [plugin.game for plugin in installed()], ids=lambda game: game.name)
def test_every_game_has_something_to_spoil(game: Any) -> None:
    state = game.initial(Setup(players=2, seed=3, config=game.config_type()))
    assert len(differences(state, corrupt(state))) == 1


def test_only_the_frames_that_were_named_are_spoiled() -> None:
    tamper = corrupt_at((3, 5))
    assert [tamper(frame, 8) for frame in range(7)] == [8, 8, 8, 9, 8, 9, 8]
