"""What one side lacks, told by the other: all of it, in messages that fit; and nothing but it is taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Setup
from p2pgame.core.snapshot import encode
from p2pgame.games.pong.rules import GAME as PONG
from p2pgame.netcode.timeline import Timeline
from p2pgame.session.match.catchup import CatchUp, missing_frames
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import FRAME_MAX, INPUTS_AHEAD, LOG_FRAMES, RESUME_TIMEOUT
from p2pgame.wire.runs import FrameInputs

MATCH = "0123456789abcdef"
CHAIN = b"c" * 16
SETUP = Setup(players=2, seed=5, config=PONG.config_type())
INITIAL = PONG.initial(SETUP)


def timeline(*frames: tuple[int, int], then: object = INITIAL) -> Timeline:
    """A match with these inputs; nothing of it was simulated."""
    made = Timeline(PONG, SETUP)
    made.restore([sent(frame) for frame in frames], then)
    return made


def sent(frame: tuple[int, int]) -> FrameInputs:
    """As it travelled."""
    return tuple(encode(move) for move in frame)


def said(made: Timeline, since: int) -> list[m.Message]:
    """As it comes over the wire."""
    messages = []
    for message in missing_frames(MATCH, made, since):
        payload = m.encode_message(message)
        assert len(payload) <= FRAME_MAX
        messages.append(m.decode_message(payload))
    return messages


def resume(made: Timeline) -> m.Resume:
    return m.Resume(match=MATCH, session=2, frame=made.frame, hash=made.hash, fresh=False)


def taken(made: Timeline, since: int) -> CatchUp:
    missed = CatchUp(PONG, 2, since, made.frame, 0.0)
    for message in said(made, since):
        assert not missed.complete
        assert isinstance(message, m.Log)
        missed.log(message, 1.0)
    assert missed.complete
    return missed


steering = st.tuples(st.integers(-1, 1), st.integers(-1, 1))


@given(st.lists(steering, min_size=1, max_size=60), st.integers(0, 59))
@settings(max_examples=50)
def test_all_that_is_missing_comes_and_nothing_else(frames: list[tuple[int, int]], since: int) -> None:
    since = min(since, len(frames) - 1)
    missed = taken(timeline(*frames), since)
    assert missed.frames == [sent(frame) for frame in frames[since:]]
    assert missed.deadline == 1.0 + RESUME_TIMEOUT


def test_a_long_log_of_changing_inputs_is_told_in_messages_that_fit() -> None:
    frames = [((number // 3) % 3 - 1, number % 3 - 1) for number in range(45_000)]
    made = timeline(*frames)
    assert len([message for message in said(made, 0) if isinstance(message, m.Log)]) > 3
    missed = taken(made, 0)
    assert missed.frames == [sent(frame) for frame in frames]


def test_a_long_log_in_which_nothing_changes_is_told_in_parts_of_bounded_length() -> None:
    made = timeline(*[(0, 0)] * (3 * LOG_FRAMES + 1))
    logs = [message for message in said(made, 0) if isinstance(message, m.Log)]
    assert [sum(count for count, _ in log.runs) for log in logs] == [LOG_FRAMES] * 3 + [1]
    taken(made, 0)


ZERO = encode(0)


@pytest.mark.parametrize(
    "log",
    [
        m.Log(match=MATCH, first=1, runs=((1, (ZERO, ZERO)),)),
        m.Log(match=MATCH, first=0, runs=()),
        m.Log(match=MATCH, first=0, runs=((6 + INPUTS_AHEAD, (ZERO, ZERO)),)),
        m.Log(match=MATCH, first=0, runs=((1, (ZERO,)),)),
        m.Log(match=MATCH, first=0, runs=((1, (ZERO, b"\xc1")),)),
        m.Log(match=MATCH, first=0, runs=((65_535, (ZERO, ZERO)),) * 16_384),
    ],
)
def test_a_log_that_does_not_fit_is_refused(log: m.Log) -> None:
    missed = CatchUp(PONG, 2, 0, 5, 0.0)
    with pytest.raises(RemoteProtocolError) as error:
        missed.log(log, 1.0)
    assert error.value.code == "bad_log"
    assert not missed.frames


def test_frames_that_passed_since_it_was_said_how_many_there_are_are_not_taken() -> None:
    """Neither those that passed here, nor those that passed there."""
    missed = CatchUp(PONG, 2, 3, 5, 0.0)
    missed.log(m.Log(match=MATCH, first=1, runs=((9, (ZERO, ZERO)),)), 1.0)
    assert missed.complete
    assert missed.frames == [(ZERO, ZERO)] * 2


def test_a_billion_frames_in_a_message_cost_nothing() -> None:
    missed = CatchUp(PONG, 2, 0, 2**32 - 1, 0.0)
    with pytest.raises(RemoteProtocolError):
        missed.log(m.Log(match=MATCH, first=0, runs=((65_535, (ZERO, ZERO)),) * 16_384), 1.0)
    assert not missed.frames
