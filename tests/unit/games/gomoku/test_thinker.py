"""The process in which the engine thinks: it answers, and whatever becomes of it, an answer comes."""

import io
import os
import signal
import sys

import msgspec
import pytest

from p2pgame.core import Setup
from p2pgame.games.gomoku.engine.request import Answer, Request
from p2pgame.games.gomoku.rules import GAME, Config, Move, position
from p2pgame.games.gomoku.thinker import Thinker
from p2pgame.games.gomoku.worker import FRAME_MAX, frame, read_frame

FIVE = position(Config(), [0, 1, 2, 3], [15, 30, 45])


def request(number: int = 1, level: int = 1) -> Request:
    return Request(number, FIVE, level, 5)


def test_the_process_answers_one_request_after_another() -> None:
    thinker = Thinker()
    for number in (1, 2):
        thinker.ask(request(number))
        found = thinker.answer(wait=True)
        assert found is not None
        assert (found.number, found.move) == (number, Move(4))
    assert thinker._child is not None
    pid = thinker._child.pid
    thinker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_request_that_was_forgotten_is_not_answered() -> None:
    thinker = Thinker()
    thinker.ask(request(1, level=5))
    thinker.ask(request(2))
    found = thinker.answer(wait=True)
    assert found is not None
    assert found.number == 2
    thinker.close()


def test_a_process_that_was_killed_is_started_anew() -> None:
    thinker = Thinker()
    thinker.ask(request(1))
    assert thinker.answer(wait=True) is not None
    assert thinker._child is not None
    os.kill(thinker._child.pid, signal.SIGKILL)
    thinker.ask(request(2))
    found = thinker.answer(wait=True)
    assert found is not None
    assert found.move == Move(4)
    thinker.close()


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(1)",
        "import sys; sys.stdin.buffer.read(8); print('no answer', flush=True)",
        "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\0\\0\\0\\1\\x80'); sys.stdout.flush()",
        "import time; time.sleep(60)",
    ],
    ids=["ends", "says something else", "says a false value", "hangs"],
)
def test_where_no_process_answers_the_engine_thinks_here(program: str) -> None:
    thinker = Thinker([sys.executable, "-c", program], patience=0.3)
    thinker.ask(request(7))
    found = thinker.answer(wait=True)
    assert found is not None
    assert (found.number, found.move) == (7, Move(4))
    thinker.close()


def test_a_program_that_cannot_be_started_is_done_without() -> None:
    thinker = Thinker(["/nowhere/python"])
    thinker.ask(request())
    while (found := thinker.answer(wait=False)) is None:
        pass
    assert found.move == Move(4)


def test_nobody_waits_after_it_was_closed() -> None:
    thinker = Thinker()
    assert thinker.answer(wait=False) is None
    thinker.close()


def test_frames_are_read_whole_and_within_bounds() -> None:
    sent = frame(request()) + frame(Answer(3, "pass"))
    stream = io.BytesIO(sent)
    first, second = read_frame(stream), read_frame(stream)
    assert first is not None
    assert second is not None
    assert msgspec.msgpack.decode(first, type=Request) == request()
    assert msgspec.msgpack.decode(second, type=Answer) == Answer(3, "pass")
    assert read_frame(stream) is None
    assert read_frame(io.BytesIO(sent[:20])) is None
    assert read_frame(io.BytesIO((FRAME_MAX + 1).to_bytes(4, "big") + bytes(99))) is None


def test_the_longest_state_fits_a_frame() -> None:
    state = GAME.initial(Setup(2, 0, Config(size=20, rule="renju")))
    state = msgspec.structs.replace(state, board=bytes([1, 2]) * 200, moves=(399,) * 801, stones=400)
    assert len(frame(Request(1 << 40, state, 6, 1 << 62))) < FRAME_MAX
