"""The sync test passes what is deterministic, and names frame and field of what is not."""

import random
import time
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import pytest

from p2pgame.core import IllegalMoveError, Outcome, Rng, Setup, state_hash
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.gomoku.rules import Move
from p2pgame.i18n.errors import sentence
from p2pgame.testing import NotDeterministicError, SyncTest, random_inputs
from tests.unit.testing.games import Dot, Dots, Nim, Take


def failure(game: Any, **options: Any) -> NotDeterministicError:
    with pytest.raises(NotDeterministicError) as caught:
        SyncTest(game, **options).run(frames=50)
    return caught.value


def words(error: NotDeterministicError) -> str:
    return sentence(error) + ("" if error.difference is None else f": {error.difference}")


def test_good_games_pass_for_as_many_frames_as_asked() -> None:
    report = SyncTest(Dots(), players=3).run(random_inputs(Dots(), 5), 200)
    assert (report.frames, report.matches, len(report.hashes)) == (200, 1, 200)
    report = SyncTest(Nim()).run(frames=200)
    assert report.frames == 200
    assert report.matches > 5


def test_equal_seeds_give_equal_hashes_and_other_seeds_others() -> None:
    assert SyncTest(Dots(), seed=3).run().hashes == SyncTest(Dots(), seed=3).run().hashes
    assert SyncTest(Dots(), seed=3).run().hashes != SyncTest(Dots(), seed=4).run().hashes


def test_a_log_is_played_to_its_end() -> None:
    log = [(Move(112), None), (None, Move(113)), (Move(97), None)]
    report = SyncTest(GOMOKU).run(log)
    assert report.frames == 3
    state = GOMOKU.initial(Setup(2, 0, GOMOKU.config_type()))
    for inputs in log:
        state = GOMOKU.advance(state, inputs)
    assert report.hashes[-1] == state_hash(state).hex()


def test_an_illegal_log_is_refused() -> None:
    with pytest.raises(IllegalMoveError):
        SyncTest(Nim()).run([(Take(1), None), (Take(1), None)])


def test_a_rollback_of_no_frames_proves_nothing() -> None:
    with pytest.raises(ValueError, match="one frame"):
        SyncTest(Dots(), distance=0)


class UsesRandom(Dots):
    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
        after = super().advance(state, inputs)
        return msgspec.structs.replace(after, at=(after.at[0] + random.randrange(1 << 30), *after.at[1:]))


class UsesTime(Dots):
    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
        return msgspec.structs.replace(super().advance(state, inputs), frame=time.perf_counter_ns())


class RemembersInItself(Dots):
    count = 0

    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
        self.count += 1
        return msgspec.structs.replace(super().advance(state, inputs), frame=self.count)


def test_random_numbers_the_clock_and_a_memory_are_found_by_field() -> None:
    error = failure(UsesRandom())
    assert error.difference is not None
    assert (error.frame, error.difference.path) == (1, "at[0]")
    assert failure(UsesTime()).difference.path == "frame"
    error = failure(RemembersInItself())
    assert words(error) == "frame 1: another state when played again from frame 0: frame: 1 ≠ 2"


class Sneaky(msgspec.Struct, frozen=True, dict=True):
    """Has room for attributes that are no fields."""

    frame: int = 0


class HidesInTheState(Dots):
    state_type = Sneaky

    def initial(self, setup: Setup[Any]) -> Any:
        return Sneaky()

    def advance(self, state: Any, inputs: Sequence[int | None]) -> Any:
        hidden = state.__dict__.get("hidden", 0) + 1
        after = Sneaky(state.frame + (hidden == 20))
        after.__dict__["hidden"] = hidden
        return after


def test_what_a_state_hides_outside_its_bytes_is_found_when_it_matters() -> None:
    error = failure(HidesInTheState())
    assert error.frame == 20
    assert error.difference == ("frame", 1, 0)


class Lists(msgspec.Struct, frozen=True):
    trail: list[int]
    frame: int = 0


class ChangesInPlace(Dots):
    state_type = Lists

    def initial(self, setup: Setup[Any]) -> Any:
        return Lists([])

    def advance(self, state: Any, inputs: Sequence[int | None]) -> Any:
        state.trail.append(state.frame)
        return Lists(state.trail, state.frame + 1)


class ValidateChanges(ChangesInPlace):
    def validate(self, state: Any, player: int, move: int) -> None:
        state.trail.append(player)


class OutcomeChanges(ChangesInPlace):
    def outcome(self, state: Any) -> Outcome | None:
        state.trail.append(7)
        return None


@pytest.mark.parametrize(
    ("game", "who"),
    [(ChangesInPlace(), "advance"), (ValidateChanges(), "validate"), (OutcomeChanges(), "outcome")],
)
def test_a_state_that_is_changed_in_place_is_found(game: Any, who: str) -> None:
    error = failure(game)
    assert (error.code, error.params["method"]) == ("state_changed", who)
    assert error.difference.path == "trail[0]"


class TwoBeginnings(Dots):
    def initial(self, setup: Setup[Any]) -> Dot:
        return Dot(Rng(random.getrandbits(63)), (0, 0))


class Moody(Dots):
    asked = 0

    def outcome(self, state: Dot) -> Outcome | None:
        self.asked += 1
        return Outcome((), "enough") if self.asked % 2 else None


class WrongType(Dots):
    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Any:
        return msgspec.structs.replace(super().advance(state, inputs), frame="ten")


class NoType(Dots):
    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Any:
        return msgspec.structs.replace(super().advance(state, inputs), frame=object())


class Push(msgspec.Struct):
    force: Literal[1, 2] = 1


class ChangesInputs(Dots):
    input_type = Push
    neutral = Push()

    def validate(self, state: Dot, player: int, move: Any) -> None:
        return None

    def advance(self, state: Dot, inputs: Sequence[Any]) -> Dot:
        inputs[0].force = 2
        return msgspec.structs.replace(state, frame=state.frame + 1)


class Loose(msgspec.Struct, frozen=True):
    speed: float = 0


class AnotherOnceDecoded(Dots):
    state_type = Loose

    def initial(self, setup: Setup[Any]) -> Any:
        return Loose()


@pytest.mark.parametrize(
    ("game", "frame", "text"),
    [
        (TwoBeginnings(), 0, "`initial` gives two different states"),
        (Moody(), 0, "`outcome` gives two different answers"),
        (WrongType(), 1, "does not fit its own type"),
        (NoType(), 1, "cannot be encoded"),
        (ChangesInputs(), 0, "`advance` changes the inputs"),
        (AnotherOnceDecoded(), 0, "another once encoded and decoded: speed: 0 ≠ 0.0"),
    ],
)
def test_other_breaches_of_the_contract_are_named(game: Any, frame: int, text: str) -> None:
    error = failure(game)
    assert error.frame == frame
    assert text in words(error)


class Ends(Dots):
    def outcome(self, state: Dot) -> Outcome | None:
        return Outcome((), "long enough") if state.frame == 3 else None


class OverAtOnce(Dots):
    def outcome(self, state: Dot) -> Outcome | None:
        return Outcome((), "at once")


def test_matches_follow_each_other_until_the_frames_are_played() -> None:
    report = SyncTest(Ends()).run(frames=10)
    assert (report.frames, report.matches) == (10, 4)
    assert SyncTest(OverAtOnce()).run(frames=10).frames == 0
