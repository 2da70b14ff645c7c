"""The log of confirmed inputs and the state that follows from it, for games by turns and all at once."""

from collections.abc import Sequence

import msgspec
import pytest

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import EndedBy, Game, NoConfig, Outcome, Setup
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.gomoku.rules import Config, Move
from p2pgame.netcode.timeline import Timeline
from p2pgame.wire.bounds import DESYNC_HASHES
from p2pgame.wire.runs import FrameInputs


class Sum(msgspec.Struct, frozen=True):
    total: int = 0


class Together(Game[Sum, int, NoConfig]):
    """Everybody gives a number each frame; over at 100."""

    name = "together"
    title = "Together"
    state_type = Sum
    input_type = int

    def initial(self, setup: Setup[NoConfig]) -> Sum:
        return Sum()

    def validate(self, state: Sum, player: int, move: int) -> None:
        if move < 0:
            raise IllegalMoveError("not below 0")

    def advance(self, state: Sum, inputs: Sequence[int | None]) -> Sum:
        return Sum(state.total * 3 + sum(n * (i + 1) for i, n in enumerate(inputs) if n is not None))

    def outcome(self, state: Sum) -> Outcome | None:
        return Outcome(winners=(0,), reason="enough") if state.total >= 100 else None


RESIGNED = Outcome.by(EndedBy.RESIGNED, (1,))
TWO = (encode(2), encode(0))


def together(players: int = 2, limit: int = 0) -> Timeline:
    return Timeline(Together(), Setup(players=players, seed=1, config=NoConfig()), limit)


def gomoku(*points: int) -> Timeline:
    timeline = Timeline(GOMOKU, Setup(players=2, seed=1, config=Config()))
    timeline.extend([alone(frame % 2, point) for frame, point in enumerate(points)])
    assert timeline.frame == len(points)
    return timeline


def alone(player: int, point: int) -> FrameInputs:
    """A frame in which one player places a stone."""
    data = encode(Move(point))
    return (data, None) if player == 0 else (None, data)


def numbers(*frames: tuple[int, ...]) -> list[FrameInputs]:
    return [tuple(encode(number) for number in frame) for frame in frames]


def test_it_begins_at_frame_0() -> None:
    timeline = together()
    assert (timeline.frame, timeline.state, timeline.log) == (0, Sum(), [])
    assert timeline.asked() == (0, 1)
    assert timeline.hash == state_hash(Sum())


def test_the_inputs_are_logged_as_they_travelled() -> None:
    timeline = together()
    odd = b"\xd1\x00\x05"  # 5, as another encoder may write it
    timeline.extend([(odd, encode(6))])
    assert timeline.log == [(odd, encode(6))]
    assert timeline.state == Sum(5 + 12)


def test_an_input_is_checked_in_form_and_by_the_rules() -> None:
    timeline = together()
    timeline.check(0, encode(7))
    with pytest.raises(IllegalMoveError, match="below"):
        timeline.check(0, encode(-1))
    for data in (b"", b"\xc1", encode("x")):
        with pytest.raises(IllegalMoveError, match="malformed"):
            timeline.check(0, data)
    assert timeline.frame == 0


def test_by_turns_only_the_player_to_move_is_asked() -> None:
    timeline = gomoku(112)
    assert timeline.asked() == (1,)
    assert timeline.log == [alone(0, 112)]


def test_the_end_by_the_rules() -> None:
    timeline = gomoku(112, 0, 113, 1, 114, 2, 115, 3, 116)
    assert timeline.outcome == Outcome(winners=(0,), reason="five in a row")
    assert timeline.asked() == ()
    assert timeline.extend([alone(1, 9)]) == 0


def test_the_end_by_the_limit_unless_the_rules_ended_it_there() -> None:
    limit = Outcome(winners=(), reason="frame limit", ended_by=EndedBy.FRAME_LIMIT)
    for last, outcome in ((1, limit), (100, Outcome(winners=(0,), reason="enough"))):
        timeline = together(limit=2)
        timeline.extend(numbers((1, 1), (last, last)))
        assert timeline.outcome == outcome


@pytest.mark.parametrize("frame", range(6))
def test_ending_earlier_leaves_exactly_the_frames_before(frame: int) -> None:
    points = [112, 0, 113, 1, 114]
    timeline = gomoku(*points)
    timeline.end_at(frame, RESIGNED)
    assert timeline.outcome == RESIGNED
    assert timeline.frame == frame
    assert timeline.state == gomoku(*points[:frame]).state
    assert timeline.asked() == ()


def test_an_end_to_come_waits_for_its_frame_unless_the_rules_are_faster() -> None:
    for last, reason in ((1, "resigned"), (100, "enough")):
        timeline = together()
        timeline.end_at(2, RESIGNED)
        assert timeline.outcome is None
        timeline.extend(numbers((last, last), (1, 1)))
        assert timeline.outcome is not None
        assert timeline.outcome.reason == reason


# --- the newest states


def play(timeline: Timeline, *totals: int) -> Timeline:
    timeline.extend(numbers(*((move, 0) for move in totals)))
    return timeline


@pytest.mark.parametrize("frames", [0, 1, DESYNC_HASHES - 1, DESYNC_HASHES, DESYNC_HASHES + 5])
def test_the_newest_states_and_their_hashes_are_kept(frames: int) -> None:
    timeline = play(together(), *[0] * frames)
    first = max(0, frames + 1 - DESYNC_HASHES)
    assert timeline.oldest == first
    assert timeline.state_at(first - 1) is timeline.hash_at(first - 1) is None
    assert timeline.state_at(frames + 1) is timeline.hash_at(frames + 1) is None
    assert timeline.state_at(frames) is timeline.state
    assert timeline.hash_at(frames) == timeline.hash == state_hash(timeline.state)


def test_each_frame_has_its_own_state_and_hash() -> None:
    timeline = play(together(), 1, 2, 3)
    totals = [0, 1, 5, 18]
    assert [timeline.state_at(frame) for frame in range(4)] == [Sum(total) for total in totals]
    assert [timeline.hash_at(frame) for frame in range(4)] == [state_hash(Sum(total)) for total in totals]


def test_a_state_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Sum] = []

    def counted(state: Sum) -> bytes:
        hashed.append(state)
        return state_hash(state)

    monkeypatch.setattr("p2pgame.netcode.timeline.state_hash", counted)
    timeline = play(together(), 1, 2)
    for _ in range(3):
        assert timeline.hash == timeline.hash_at(2)
    assert hashed == [Sum(0), Sum(1), Sum(5)]


def test_a_state_that_cannot_be_hashed_changes_nothing() -> None:
    timeline = play(together(), 1)
    timeline.tamper = lambda _, state: Sum(1 << 64)
    with pytest.raises(OverflowError):
        play(timeline, 2)
    assert (timeline.frame, timeline.state, timeline.hash) == (1, Sum(1), state_hash(Sum(1)))
    assert timeline.oldest == 0


# --- played again from another state


@pytest.mark.parametrize("frame", range(4))
def test_a_new_state_in_the_past_is_played_on_with_the_same_inputs(frame: int) -> None:
    timeline = play(together(), 1, 2, 3)
    before = [timeline.hash_at(earlier) for earlier in range(frame)]
    timeline.rebase(frame, Sum(7))
    total = 7
    for move in (1, 2, 3)[frame:]:
        total = total * 3 + move
    assert timeline.state == Sum(total)
    assert timeline.hash == state_hash(Sum(total))
    assert timeline.log == numbers((1, 0), (2, 0), (3, 0))
    assert timeline.state_at(frame) == Sum(7)
    assert timeline.hash_at(frame) == state_hash(Sum(7))
    assert [timeline.hash_at(earlier) for earlier in range(frame)] == before


def test_a_new_state_for_a_frame_that_is_no_longer_kept_begins_anew() -> None:
    timeline = play(together(), *[0] * (DESYNC_HASHES + 9))
    timeline.rebase(3, Sum())
    assert timeline.frame == DESYNC_HASHES + 9
    assert timeline.oldest == timeline.frame + 1 - DESYNC_HASHES
    short = play(together(), *[0] * (DESYNC_HASHES + 9))
    short.rebase(3, Sum(99))
    assert (short.frame, short.oldest, short.state) == (4, 3, Sum(297))


def test_a_new_state_ends_the_match_earlier_or_not_any_more() -> None:
    timeline = play(together(), 1, 2, 90)
    assert timeline.outcome == Outcome(winners=(0,), reason="enough")
    timeline.rebase(3, Sum(3))
    assert timeline.outcome is None
    assert timeline.asked() == (0, 1)
    timeline.rebase(1, Sum(50))
    assert (timeline.frame, timeline.state) == (2, Sum(152))
    assert timeline.outcome == Outcome(winners=(0,), reason="enough")


def test_inputs_that_a_new_state_does_not_allow_never_were() -> None:
    other = gomoku(112, 5)
    timeline = gomoku(112, 0, 5, 7)
    timeline.rebase(2, other.state)
    assert timeline.log == [alone(0, 112), alone(1, 0)]
    assert timeline.state == other.state
    assert timeline.asked() == (0,)


def test_a_decided_end_stays_decided() -> None:
    timeline = play(together(), 1, 2)
    timeline.end_at(2, RESIGNED)
    timeline.rebase(1, Sum(4))
    assert (timeline.state, timeline.outcome) == (Sum(14), RESIGNED)


@pytest.mark.parametrize("frame", [0, 3, DESYNC_HASHES + 4])
def test_an_end_in_the_past_needs_no_simulation_while_its_state_is_kept(frame: int) -> None:
    timeline = play(together(), *[0] * (DESYNC_HASHES + 9))
    began = timeline.oldest
    simulated: list[object] = []
    game = timeline.game
    timeline.game = Counted(simulated)
    timeline.end_at(frame, RESIGNED)
    timeline.game = game
    assert timeline.frame == frame
    assert timeline.state == Sum()
    assert len(simulated) == (frame if frame < began else 0)


class Counted(Together):
    def __init__(self, simulated: list[object]) -> None:
        self.simulated = simulated

    def advance(self, state: Sum, inputs: Sequence[int | None]) -> Sum:
        self.simulated.append(inputs)
        return super().advance(state, inputs)


# --- a log from elsewhere


def test_a_known_log_is_taken_without_simulating() -> None:
    timeline = together()
    timeline.game = Counted(simulated := [])
    timeline.restore(numbers((1, 0), (2, 0)), Sum(5))
    assert (timeline.frame, timeline.state, timeline.oldest) == (2, Sum(5), 2)
    assert timeline.outcome is None
    assert simulated == []


def test_a_log_is_played_on_until_the_match_is_over() -> None:
    timeline = together()
    assert timeline.extend(numbers((1, 0), (2, 0))) == 2
    assert (timeline.frame, timeline.state, timeline.asked()) == (2, Sum(5), (0, 1))
    assert timeline.extend(numbers((90, 0), (1, 1), (1, 1))) == 1
    assert (timeline.frame, timeline.state) == (3, Sum(105))
    assert timeline.extend(numbers((1, 1))) == 0


@pytest.mark.parametrize(
    "inputs",
    [
        alone(1, 3),
        alone(0, 112),
        (encode(Move(3)), encode(Move(4))),
        (None, None),
        (encode(Move(3)),),
        (encode({"point": 225}), None),
        (b"\xc1", None),
    ],
)
def test_a_log_that_the_rules_do_not_allow_stops_there(inputs: FrameInputs) -> None:
    timeline = gomoku(112, 0)
    with pytest.raises(IllegalMoveError):
        timeline.extend([alone(0, 1), alone(1, 2), inputs, alone(1, 9)])
    assert timeline.frame == 4
    assert timeline.asked() == (0,)


# --- what tests may do to it


def test_tampering_is_for_play_alone() -> None:
    timeline = together()
    timeline.tamper = lambda frame, state: Sum(state.total + 10) if frame == 2 else state
    play(timeline, 1, 2, 3)
    assert [timeline.state_at(frame) for frame in range(4)] == [Sum(), Sum(1), Sum(15), Sum(48)]
    assert timeline.reproduce(Sum(1), TWO) == Sum(5)
    timeline.rebase(1, Sum(1))
    assert timeline.state == Sum(18)
    assert timeline.simulate(Sum(1), TWO, 2) == Sum(15)
    assert timeline.simulate(Sum(1), TWO) == Sum(5)
