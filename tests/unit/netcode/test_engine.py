"""One side of a match whose other players are lists of inputs that come early, late, wrong or never."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.snapshot import decode
from p2pgame.netcode.engine import Engine
from p2pgame.netcode.timeline import Timeline
from p2pgame.wire.bounds import INPUTS_AHEAD
from tests.toy import TOY, Toy, ToyConfig, ToyState, raw

RESIGNED = Outcome.by(EndedBy.RESIGNED, (1,))


class Side(Engine):
    """One that takes inputs as numbers, and tells them as numbers."""

    def hear(self, player: int, first: int, moves: Sequence[int]) -> None:
        self.receive(player, first, raw(moves))

    def told(self, frame: int = 0) -> list[int]:
        """Our inputs from `frame` on."""
        return [decode(data, int) for data in self.inputs_since(self.local[0], frame)]


def engine(players: int = 2, *, me: int = 0, window: int = 8, delay: int = 0) -> Side:
    setup = Setup(players=players, seed=5, config=ToyConfig())
    return Side(Timeline(TOY, setup), (me,), window=window, delay=delay)


def tick(side: Engine, move: int) -> bool:
    side.synchronize()
    return side.advance(raw([move]))


def state_of(*columns: list[int]) -> Any:
    """After all the inputs, one list a player."""
    state = TOY.initial(Setup(players=len(columns), seed=5, config=ToyConfig()))
    for inputs in zip(*columns, strict=True):
        state = TOY.advance(state, inputs)
    return state


# --- prediction and correction


@pytest.mark.parametrize("depth", range(1, 9))
def test_a_wrong_prediction_is_played_again_from_its_frame(depth: int) -> None:
    side = engine()
    for move in range(8):
        assert tick(side, move % 4)
    truth = [0] * (8 - depth) + [1] * depth
    side.hear(1, 0, truth)
    assert side.state != state_of([m % 4 for m in range(8)], truth)
    assert side.synchronize() == depth
    assert side.timeline.state == side.state == state_of([m % 4 for m in range(8)], truth)
    assert side.timeline.frame == 8
    assert side.synchronize() == 0


def test_a_right_prediction_costs_nothing() -> None:
    side = engine()
    for _ in range(5):
        tick(side, 1)
    before = side.state
    side.hear(1, 0, [0] * 5)
    assert side.synchronize() == 0
    assert side.timeline.state is before


def test_a_correction_is_also_a_better_prediction() -> None:
    side = engine()
    for _ in range(6):
        tick(side, 0)
    side.hear(1, 0, [0, 2])
    assert side.synchronize() == 5
    assert side.state == state_of([0] * 6, [0, 2, 2, 2, 2, 2])
    assert (side.timeline.frame, side.frame) == (2, 6)


def test_a_correction_exactly_at_the_threshold_is_not_lost() -> None:
    side = engine(window=8)
    for _ in range(8):
        assert tick(side, 0)
    assert not tick(side, 0)
    side.hear(1, 0, [1])  # the oldest frame that is kept
    assert side.synchronize() == 8
    assert side.advance(raw([0]))
    assert side.timeline.state == state_of([0], [1])
    assert side.state == state_of([0] * 9, [1] * 9)


def test_corrections_one_by_one_end_where_the_whole_truth_does() -> None:
    side = engine()
    truth = [1, 1, 2, 0, 3, 3, 1, 2]
    for _ in range(8):
        tick(side, 2)
    for frame, move in enumerate(truth):
        side.hear(1, frame, [move])
        side.synchronize()
    assert side.timeline.state == state_of([2] * 8, truth)


def test_the_game_predicts() -> None:
    side = engine()
    side.hear(1, 0, [3])  # a pulse: over in the next frame
    for _ in range(3):
        tick(side, 0)
    assert side.state == state_of([0] * 3, [3, 0, 0])
    side.hear(1, 1, [0, 0])
    assert side.synchronize() == 0


def test_what_is_drawn_is_the_newest_state_and_the_one_before_it() -> None:
    side = engine()
    assert side.previous == side.state
    for frames in range(1, 4):
        tick(side, 1)
        assert (side.previous, side.state) == (
            state_of([1] * (frames - 1), [0] * (frames - 1)),
            state_of([1] * frames, [0] * frames),
        )
    side.hear(1, 0, [0] * 3)
    side.synchronize()
    assert (side.previous, side.state) == (state_of([1] * 2, [0] * 2), state_of([1] * 3, [0] * 3))


# --- the window


def test_it_stalls_at_the_window_and_goes_on_by_as_much_as_is_heard() -> None:
    side = engine(window=3)
    assert [tick(side, 0) for _ in range(5)] == [True] * 3 + [False] * 2
    assert (side.frame, side.stalls) == (3, 2)
    side.hear(1, 0, [0, 0])
    assert [tick(side, 0) for _ in range(3)] == [True, True, False]
    assert (side.timeline.frame, side.frame, side.stalls) == (2, 5, 3)


def test_a_stall_takes_no_input() -> None:
    side = engine(window=1)
    assert tick(side, 1)
    assert not tick(side, 2)
    assert side.told(0) == [1]
    side.hear(1, 0, [0])
    assert tick(side, 3)
    assert side.told(0) == [1, 3]


# --- input delay


@pytest.mark.parametrize("delay", range(5))
def test_the_first_frames_of_an_input_delay_are_neutral(delay: int) -> None:
    side = engine(delay=delay)
    for move in (1, 2, 1):
        assert tick(side, move)
    assert side.told(0) == [0] * delay + [1, 2, 1]
    assert side.known(0) == 3 + delay


def test_a_longer_delay_repeats_and_a_shorter_one_leaves_out() -> None:
    side = engine(delay=1, window=20)
    tick(side, 1)
    side.delay = 3
    tick(side, 2)
    assert side.told(0) == [0, 1, 2, 2, 2]
    side.delay = 0
    for move in (3, 1, 2, 1):
        tick(side, move)
    assert side.told(0) == [0, 1, 2, 2, 2, 1]


def test_the_delay_cannot_change_what_was_sent() -> None:
    side, sent = engine(delay=2, window=64), {}
    for step in range(40):
        side.delay = (step * 7) % 5
        tick(side, step % 4)
        for frame, move in enumerate(side.told(0)):
            assert sent.setdefault(frame, move) == move
    assert side.known(0) > side.frame - 1


# --- the end


def test_nothing_passes_at_the_stop() -> None:
    side = engine(delay=3)
    side.stop_at = 4
    assert [tick(side, 1) for _ in range(6)] == [True] * 4 + [False] * 2
    assert side.told(0) == [0, 0, 0, 1]
    assert side.stalls == 0


def test_a_decided_end_ahead_is_reached_and_not_passed() -> None:
    side = engine(delay=0)
    tick(side, 1)
    resigned = Outcome.by(EndedBy.RESIGNED, (0,))
    side.stop_at = 3
    side.timeline.end_at(3, resigned)
    side.hear(1, 0, [0] * 20)
    for _ in range(4):
        tick(side, 1)
    assert side.timeline.outcome == resigned
    assert (side.timeline.frame, side.frame) == (3, 3)


@pytest.mark.parametrize("heard_first", [True, False])
def test_the_rules_come_before_a_decision_for_the_same_frame(heard_first: bool) -> None:
    """Whoever heard of the decision only after that frame has already ended by the rules."""
    game, setup = TOY, Setup(players=2, seed=9, config=ToyConfig(31))
    state, frames = game.initial(setup), 0
    while game.outcome(state) is None:
        state, frames = game.advance(state, (0, 0)), frames + 1
    side = Side(Timeline(game, setup), (0,))
    if heard_first:
        side.timeline.end_at(frames, RESIGNED)
    for frame in range(frames):
        side.hear(1, frame, [0])
        tick(side, 0)
    side.synchronize()
    if not heard_first:
        side.timeline.end_at(frames, RESIGNED)
    assert side.timeline.frame == frames
    assert side.timeline.outcome == game.outcome(state)


def test_frames_after_the_end_never_were() -> None:
    side = engine()
    for _ in range(6):
        tick(side, 1)
    side.end_at(4, RESIGNED)
    assert side.frame == 4
    assert side.state == state_of([1] * 4, [0] * 4)
    side.hear(1, 0, [2] * 4)
    assert side.synchronize() == 4
    assert side.timeline.state == state_of([1] * 4, [2] * 4)


def test_an_end_that_was_only_predicted_is_taken_back() -> None:
    mask = 31

    def ends(columns: list[list[int]]) -> int:
        state = TOY.initial(Setup(players=2, seed=9, config=ToyConfig(mask)))
        for frame, inputs in enumerate(zip(*columns, strict=True)):
            if TOY.outcome(state) is not None:
                return frame
            state = TOY.advance(state, inputs)
        return 200

    wrong, right = [[0] * 200, [0] * 200], [[0] * 200, [0] * 20 + [1] * 180]
    assert ends(wrong) != ends(right)
    side = Side(Timeline(TOY, Setup(players=2, seed=9, config=ToyConfig(mask))), (0,), window=200)
    for _ in range(max(ends(wrong), ends(right)) + 2):
        tick(side, 0)
    assert side.timeline.outcome is None
    side.hear(1, 0, right[1][:100])
    side.hear(1, 100, right[1][100:])
    side.synchronize()
    assert side.timeline.outcome is not None
    assert side.timeline.frame == side.frame == ends(right)


# --- more players


@pytest.mark.parametrize("players", range(2, 9))
def test_any_number_of_players(players: int) -> None:
    side = engine(players, me=players - 1)
    truth = [[(frame + player) % 3 for frame in range(6)] for player in range(players - 1)]
    for _ in range(6):
        tick(side, 1)
    for player, inputs in enumerate(truth):
        assert side.timeline.frame == 0
        side.hear(player, 0, inputs)
        side.synchronize()
    assert side.timeline.frame == 6
    assert side.timeline.state == state_of(*truth, [1] * 6)


def test_a_frame_is_confirmed_when_the_slowest_is_heard() -> None:
    side = engine(3)
    for _ in range(4):
        tick(side, 0)
    side.hear(1, 0, [0] * 4)
    side.hear(2, 0, [0])
    side.synchronize()
    assert side.timeline.frame == 1
    assert [frame for frame, _ in side.take_confirmed()] == [1]


# --- what a remote side may not


def test_what_is_known_stays_however_often_it_is_told_otherwise() -> None:
    side = engine()
    side.hear(1, 0, [1, 2])
    side.hear(1, 0, [3, 3, 1])
    side.hear(1, 1, [0])
    for _ in range(3):
        tick(side, 0)
    assert side.timeline.state == state_of([0] * 3, [1, 2, 1])


@pytest.mark.parametrize(("first", "count"), [(1, 1), (5, 0), (40000, 3), (0, INPUTS_AHEAD + 1)])
def test_gaps_and_the_far_future_are_refused(first: int, count: int) -> None:
    side = engine()
    with pytest.raises(RemoteProtocolError) as caught:
        side.hear(1, first, [1] * count)
    assert caught.value.code == "wrong_frame"
    assert side.known(1) == 0


def test_an_input_the_game_does_not_know_is_never_applied() -> None:
    side = engine()
    with pytest.raises(RemoteProtocolError) as caught:
        side.hear(1, 0, [1, 7, 1])
    assert caught.value.code == "illegal_input"
    assert side.known(1) == 1


def test_whoever_is_silent_or_hasty_fills_no_memory() -> None:
    side = engine(delay=4)
    for step in range(3000):
        tick(side, step % 4)
    assert side.frame == side.window
    assert len(side._queues[0]) <= side.window + side.delay
    for first in range(0, 3000, 50):
        with suppress(RemoteProtocolError):
            side.hear(1, first, [0] * 50)
    assert len(side._queues[1]) <= side.frame + INPUTS_AHEAD
    assert len(side.told(0)) <= INPUTS_AHEAD


def test_inputs_are_told_again_from_any_frame() -> None:
    side = engine()
    moves = [step % 4 for step in range(200)]
    for frame, move in enumerate(moves):
        side.hear(1, frame, [0])
        tick(side, move)
    assert side.told(190) == moves[190:]
    assert side.told(0) == moves[:INPUTS_AHEAD]
    assert side.told(200) == side.told(500) == []


# --- mended and restarted


def corrupt(side: Side, at: int) -> None:
    side.timeline.tamper = lambda frame, state: (
        msgspec.structs.replace(state, value=state.value ^ 1) if frame == at else state
    )


@pytest.mark.parametrize("at", range(1, 9))
def test_a_tampered_frame_is_tampered_however_often_it_is_played(at: int) -> None:
    side, truth = engine(), [1, 2, 1, 0, 1, 2, 0, 1]
    corrupt(side, at)
    for _ in range(8):
        tick(side, 0)
    for frame, move in enumerate(truth):
        side.hear(1, frame, [move])
        side.synchronize()
    state = TOY.initial(Setup(players=2, seed=5, config=ToyConfig()))
    for frame, move in enumerate(truth, 1):
        state = TOY.advance(state, (0, move))
        if frame == at:
            state = msgspec.structs.replace(state, value=state.value ^ 1)
    assert side.timeline.state == state


@pytest.mark.parametrize("confirmed", [3, 4, 5, 8])
def test_predicted_frames_follow_a_mended_state(confirmed: int) -> None:
    side = engine()
    corrupt(side, 3)
    moves = [1, 2, 1, 1, 2, 1, 1, 2]
    side.hear(1, 0, [1] * confirmed)
    for move in moves:
        tick(side, move)
    assert side.timeline.frame == confirmed
    side.rebase(3, state_of(moves[:3], [1] * 3))
    assert (side.timeline.frame, side.frame) == (confirmed, 8)
    assert side.timeline.state == state_of(moves[:confirmed], [1] * confirmed)
    assert side.state == state_of(moves, [1] * 8)
    assert side.previous == state_of(moves[:7], [1] * 7)
    assert side.take_confirmed() == []
    side.hear(1, 0, [1] * 8)
    assert side.synchronize() == 0
    assert side.timeline.state == state_of(moves, [1] * 8)


def test_a_misprediction_is_still_found_after_mending() -> None:
    side = engine()
    side.hear(1, 0, [0] * 2)
    for _ in range(6):
        tick(side, 0)
    side.hear(1, 2, [0, 1])
    side.rebase(1, state_of([0], [0]))
    assert side.synchronize() == 0, "played again with what was known by then"
    assert side.timeline.frame == 4
    side.hear(1, 4, [2, 2])
    assert side.synchronize() == 2
    assert side.timeline.state == state_of([0] * 6, [0, 0, 0, 1, 2, 2])


def test_nothing_is_predicted_past_an_end_that_mending_brought() -> None:
    mask = 31
    side = Side(Timeline(TOY, Setup(players=2, seed=9, config=ToyConfig(mask))), (0,), window=20)
    side.hear(1, 0, [0] * 40)
    for _ in range(40):
        tick(side, 0)
    assert side.timeline.outcome is None
    last = ToyState(mask, 40, 0)
    assert TOY.outcome(last) is not None
    tick(side, 0)
    side.rebase(40, last)
    assert side.timeline.outcome is not None
    assert side.frame == side.timeline.frame == 40


@pytest.mark.parametrize("delay", range(4))
def test_programs_that_start_anew_go_on_from_the_same_frame(delay: int) -> None:
    side = engine(delay=2)
    side.hear(1, 0, [1] * 5)
    for move in (1, 2, 1, 2, 1, 2, 1, 2):
        tick(side, move)
    side.hear(1, 5, [2])
    frame, state = side.timeline.frame, side.timeline.state
    side.restart()
    side.delay = delay
    assert (side.frame, side.state) == (frame, state)
    assert side.known(0) == side.known(1) == frame
    for _ in range(5):
        tick(side, 3)
    assert side.told(frame) == [0] * delay + [3] * 5
    side.hear(1, frame, [1] * 5)
    side.synchronize()
    assert side.timeline.frame == frame + 5
    for inputs in zip(([0] * delay + [3] * 5)[:5], [1] * 5, strict=True):
        state = TOY.advance(state, inputs)
    assert side.timeline.state == state


def test_after_a_restart_nobody_is_predicted_to_do_what_was_done_before() -> None:
    side = engine()
    side.hear(1, 0, [2])
    tick(side, 1)
    side.restart()
    tick(side, 1)
    assert side.state == state_of([1, 1], [2, 0])


def test_a_timeline_that_was_read_is_gone_on_with() -> None:
    timeline = Timeline(TOY, Setup(players=2, seed=5, config=ToyConfig()))
    timeline.restore([(b"\1", b"\1")] * 7, state_of([1] * 7, [1] * 7))
    side = Side(timeline, (0,), delay=1)
    assert (side.frame, side.previous) == (7, side.state)
    for _ in range(3):
        tick(side, 2)
    side.hear(1, 7, [0] * 3)
    side.synchronize()
    assert side.timeline.log == [(b"\1", b"\1")] * 7 + [(b"\0", b"\0"), (b"\2", b"\0"), (b"\2", b"\0")]


# --- exact bounds


@pytest.mark.parametrize(("confirmed", "predicted"), [(0, 0), (0, 5), (7, 0), (7, 3), (200, 8)])
def test_inputs_are_taken_up_to_the_bound_and_not_one_further(confirmed: int, predicted: int) -> None:
    """The bound counts from the newest simulated frame, and the last input within it is still taken."""
    side = engine()
    for frame in range(confirmed):
        side.hear(1, frame, [0])
        assert tick(side, 1)
    for _ in range(predicted):
        assert tick(side, 1)
    side.synchronize()
    assert (side.timeline.frame, side.frame) == (confirmed, confirmed + predicted)
    count = predicted + INPUTS_AHEAD
    with pytest.raises(RemoteProtocolError) as caught:
        side.hear(1, confirmed, [0] * (count + 1))
    assert caught.value.code == "wrong_frame"
    assert side.known(1) == confirmed, "nothing of what goes too far is taken"
    side.hear(1, confirmed, [0] * count)
    assert side.known(1) == confirmed + count == side.frame + INPUTS_AHEAD
    with pytest.raises(RemoteProtocolError):
        side.hear(1, side.known(1), [0])


def test_no_more_inputs_are_told_than_the_other_side_takes() -> None:
    """Confirmed and predicted frames together, not each for itself."""
    side = engine(delay=3)
    for frame in range(INPUTS_AHEAD - 4):
        side.hear(1, frame, [0])
        tick(side, 1)
    for _ in range(8):
        tick(side, 2)
    side.synchronize()
    assert side.known(0) > INPUTS_AHEAD
    assert len(side.told(0)) == INPUTS_AHEAD
    assert side.told(10) == [*side.told(0)[10:], *[2] * (side.known(0) - INPUTS_AHEAD)]


class Fading(Toy):
    """Every frame an input is predicted to become weaker, so that it matters from which one a prediction is made."""

    def predict(self, last: int) -> int:
        return max(0, last - 1)


def fading() -> Side:
    return Side(Timeline(Fading(), Setup(players=2, seed=5, config=ToyConfig())), (0,))


def test_each_frame_is_predicted_from_the_one_before_it() -> None:
    side = fading()
    side.hear(1, 0, [3])
    for _ in range(5):
        tick(side, 0)
    assert side.state == state_of([0] * 5, [3, 2, 1, 0, 0])
    side.hear(1, 1, [2, 1])
    assert side.synchronize() == 0
    side.hear(1, 3, [3])
    assert side.synchronize() == 2
    assert side.state == state_of([0] * 5, [3, 2, 1, 3, 2])


def test_a_prediction_follows_the_newest_input_even_when_all_frames_are_confirmed() -> None:
    side = fading()
    for frame, move in enumerate([1, 0, 3]):
        side.hear(1, frame, [move])
        tick(side, 0)
    assert side.timeline.frame == side.frame == 3
    tick(side, 0)
    assert side.state == state_of([0] * 4, [1, 0, 3, 2])


def test_inputs_known_ahead_are_no_base_for_frames_before_them() -> None:
    """The newest known input is for a frame ahead; every frame up to it is played with its own."""
    side = fading()
    side.hear(1, 0, [1, 0, 2])
    for _ in range(4):
        tick(side, 0)
    assert side.state == state_of([0] * 4, [1, 0, 2, 1])


def test_frames_that_never_were_are_no_mispredictions() -> None:
    side = engine()
    for _ in range(6):
        tick(side, 1)
    side.end_at(4, RESIGNED)
    assert len(side._used) == len(side._states) == 4
    side.hear(1, 0, [0, 0, 0])
    assert side.synchronize() == 0
    side.hear(1, 3, [0, 2])
    assert side.synchronize() == 0, "the last one is for a frame that never was"
    assert side.timeline.state == side.state == state_of([1] * 4, [0] * 4)
    assert side.timeline.outcome == RESIGNED


def test_an_end_in_the_confirmed_past_takes_the_predicted_frames_with_it() -> None:
    side = engine()
    side.hear(1, 0, [0] * 4)
    for _ in range(6):
        tick(side, 1)
    assert (side.timeline.frame, side.frame) == (4, 6)
    side.end_at(2, RESIGNED)
    assert (side.timeline.frame, side.frame) == (2, 2)
    assert side.state == state_of([1] * 2, [0] * 2)
    assert not tick(side, 1)
    assert side.known(0) == side.known(1) == 2


def test_a_restart_forgets_the_predictions_the_hashes_and_the_frame_before() -> None:
    side = engine(window=2)
    side.hear(1, 0, [1])
    for _ in range(4):
        tick(side, 1)
    assert side.stalls == 1
    assert side._confirmed
    side.timeline.extend([(b"\2", b"\2"), (b"\1", b"\2")])
    side.restart()
    assert side.take_confirmed() == []
    assert side.state == state_of([1, 2, 1], [1, 2, 2])
    assert side.previous == state_of([1, 2], [1, 2])
    assert tick(side, 1), "the window is free again"


# --- frames that were confirmed elsewhere


def test_a_frame_from_elsewhere_is_played_and_its_hash_told() -> None:
    side = engine()
    side.hear(1, 0, [1])
    tick(side, 1)
    side.take_confirmed()
    assert side.replay((b"\2", b"\2"))
    assert side.timeline.state == state_of([1, 2], [1, 2])
    assert side.take_confirmed() == [(2, side.timeline.hash)]
    assert side.waiting(0) is side.waiting(1) is None


@pytest.mark.parametrize("inputs", [(b"\7", b"\0"), (None, b"\0"), (b"\0",), (b"\xc1", b"\0")], ids=repr)
def test_a_frame_from_elsewhere_that_the_rules_do_not_allow(inputs: tuple[bytes | None, ...]) -> None:
    side = engine()
    with pytest.raises(IllegalMoveError):
        side.replay(inputs)
    assert side.timeline.frame == 0
    assert side.take_confirmed() == []


def test_no_frame_from_elsewhere_passes_after_the_end() -> None:
    side = engine()
    side.end_at(0, RESIGNED)
    assert not side.replay((b"\0", b"\0"))
    assert side.timeline.frame == 0


# --- several seats here


def test_the_inputs_of_all_local_seats_are_known_at_once() -> None:
    side = Side(Timeline(TOY, Setup(players=3, seed=5, config=ToyConfig())), (0, 2))
    for _ in range(3):
        side.synchronize()
        assert side.advance(raw([1, 2]))
    assert (side.known(0), side.known(1), side.known(2)) == (3, 0, 3)
    side.hear(1, 0, [3, 0, 0])
    side.synchronize()
    assert side.timeline.state == state_of([1] * 3, [3, 0, 0], [2] * 3)


# --- seats that change hands


def trio(*local: int) -> Side:
    """One of three, at whom these seats are played."""
    return Side(Timeline(TOY, Setup(players=3, seed=5, config=ToyConfig())), local)


def run(side: Side, ticks: int, *moves: int) -> None:
    for _ in range(ticks):
        side.synchronize()
        assert side.advance(raw(moves[: len(side.local)]))


def columns(side: Side) -> list[list[int]]:
    """The confirmed inputs of each player."""
    return [[decode(inputs[player] or b"", int) for inputs in side.timeline.log] for player in range(3)]


def test_who_takes_a_seat_takes_back_nothing_that_was_seen() -> None:
    side = trio(0)
    side.hear(1, 0, [2, 2])
    run(side, 6, 1)
    seen = side.state
    side.take(1)
    side.play((0, 1))
    assert side.known(1) == 6
    side.hear(2, 0, [0] * 6)
    assert side.synchronize() == 0
    assert side.timeline.state is seen
    assert columns(side)[1] == [2] * 6


def test_a_seat_is_taken_from_a_later_frame_and_its_owner_gives_the_inputs_before() -> None:
    side = trio(0)
    side.take(1, 6)
    side.play((0, 1))
    run(side, 4, 1, 3)
    assert side.known(1) == 0
    side.hear(1, 0, [2] * 9)
    assert side.known(1) == 6
    side.hear(2, 0, [0] * 4)
    run(side, 4, 1, 3)
    side.hear(2, 4, [0] * 4)
    side.synchronize()
    assert columns(side)[1] == [2] * 6 + [3] * 2


def test_a_seat_that_is_given_away_is_played_here_up_to_that_frame() -> None:
    side = trio(0, 1)
    run(side, 2, 1, 2)
    side.give(1, 5)
    side.play((0,))
    assert side.local == (0, 1)
    side.hear(1, 2, [3] * 4)
    assert side.known(1) == 2
    run(side, 4, 1, 2)
    assert side.known(1) == 5
    assert side.local == (0,)
    side.hear(1, 5, [3] * 3)
    side.hear(2, 0, [0] * 8)
    run(side, 2, 1)
    side.synchronize()
    assert columns(side)[1] == [2] * 5 + [3] * 3


def test_a_seat_that_is_given_away_and_taken_again_at_once_stays() -> None:
    side = trio(0, 1)
    run(side, 2, 1, 2)
    side.give(1, 5)
    side.play((0,))
    side.take(1)
    side.play((0, 1))
    run(side, 6, 1, 2)
    assert side.known(1) >= 8


def test_a_seat_that_was_promised_and_is_dropped_before_is_not_played_here() -> None:
    side = trio(0)
    side.take(1, 6)
    side.play((0, 1))
    side.play((0,))
    assert side.local == (0,)
    side.hear(1, 0, [2] * 8)
    assert side.known(1) == 8


def test_after_a_restart_nothing_is_promised() -> None:
    side = trio(0)
    side.take(1, 6)
    side.restart()
    side.play((0,))
    assert side.local == (0,)
    side.hear(1, 0, [2] * 8)
    assert side.known(1) == 8
