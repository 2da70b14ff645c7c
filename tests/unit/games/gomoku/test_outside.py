"""Outside engines: a good one plays; every bad one is named, loses, and its process is gone."""

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from p2pgame.core import ForfeitError, Setup
from p2pgame.games.gomoku import outside
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.games.gomoku.outside import Outside
from p2pgame.games.gomoku.rules import GAME, Config, Move, parse_point, position

BRAINS = Path(__file__).with_name("brains.py")
Engine = Callable[..., Outside]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """``engine(kind)``: one of `brains`, with half a second for a move."""
    monkeypatch.setattr(outside, "_GRACE", 0.3)
    made: list[Outside] = []

    def make(kind: str, seconds: float = 0.2) -> Outside:
        made.append(Outside(script(tmp_path, kind), seconds))
        return made[-1]

    yield make
    for one in made:
        one.close()


def script(folder: Path, kind: str) -> str:
    """A program that runs that brain."""
    path = folder / f"{kind.replace(' ', '-')}-brain"
    path.write_text(f"#!/bin/sh\nexec {sys.executable} {BRAINS} '{kind}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


START = GAME.initial(Setup(2, 0, Config()))


def gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_it_plays_a_match_move_by_move(engine: Engine) -> None:
    state, brain = START, engine("good")
    for number in range(8):
        move = brain.move(state, wait=True) if number % 2 == 0 else Move(100 + 2 * number)
        assert move is not None
        GAME.validate(state, state.turn, move)
        state = GAME.advance(state, [move, move])
    assert list(state.moves[::2]) == [0, 1, 2, 3]


def test_it_takes_over_a_position_and_begins_anew(engine: Engine) -> None:
    brain = engine("good")
    state = position(Config(), [0, 112], [1])
    assert brain.move(state, wait=True) == Move(2)
    assert brain.move(START, wait=True) == Move(0)
    assert brain.move(GAME.initial(Setup(2, 0, Config(size=19))), wait=True) == Move(0)


def test_nobody_waits_any_longer_for_one_that_is_closed(engine: Engine) -> None:
    """A program that ends waits for its threads."""
    brain = engine("silent", 300.0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(brain.move, START, True)
        while brain._asked is None:
            time.sleep(0.01)
        brain.close()
        with pytest.raises(ForfeitError):
            waiting.result(5)


def test_it_is_told_when_there_is_less_time(engine: Engine) -> None:
    brain = engine("told", 0.503)
    assert brain.move(START, wait=True) == Move(3 * 15 + 5)
    brain.allow(0.201)
    assert brain.move(position(Config(), [48], [0], colour=0), wait=True) == Move(1 * 15 + 2)
    brain.allow(9.0)
    assert brain.move(position(Config(), [17], [0], colour=0), wait=True) == Move(3 * 15 + 5)


def test_it_is_asked_without_waiting(engine: Engine) -> None:
    brain = engine("good")
    while (move := brain.move(START, wait=False)) is None:
        pass
    assert move == Move(0)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("no start", "ended"),
        ("no size", "said {said}"),
        ("silent", "did not answer in time"),
        ("dies", "ended"),
        ("floods", "says too much"),
        ("floods bytes", "did not answer in time"),
        ("illegal", "which is illegal"),
        ("outside", "which is illegal"),
        ("nonsense", "which is no move"),
        ("error", "said {said}"),
    ],
)
def test_a_bad_engine_is_named_and_its_process_ended(engine: Engine, kind: str, words: str) -> None:
    brain = engine(kind)
    state = position(Config(), [parse_point("A1")], [])
    launched: list[int] = []
    launch = brain._launched

    def noted() -> object:
        child = launch()
        launched.append(child.pid)
        return child

    brain._launched = noted  # type: ignore[method-assign, assignment]
    begin = time.monotonic()
    with pytest.raises(ForfeitError) as failure:
        brain.move(state, wait=True)
    assert time.monotonic() - begin < 10
    assert words in failure.value.code
    assert failure.value.params["engine"] == f"{kind.replace(' ', '-')}-brain"
    assert all(str(fact).isprintable() for fact in failure.value.params.values())
    assert all(map(gone, launched))


def test_an_engine_that_does_not_end_is_ended(engine: Engine) -> None:
    brain = engine("stays")
    brain.move(START, wait=True)
    assert brain._child is not None
    pid = brain._child.pid
    brain.close()
    assert gone(pid)


@pytest.mark.parametrize("path", ["/nowhere/at/all", "", "\0", "/"])
def test_what_is_no_program_is_said_to_be_none(path: str) -> None:
    with pytest.raises(ForfeitError, match="cannot be started"):
        Outside(path, 1).move(START, wait=True)


@pytest.mark.parametrize("path", ["/nowhere/at/all", "\0", "/", __file__ + "x"])
def test_a_bot_is_not_made_with_what_is_no_program(path: str) -> None:
    with pytest.raises(ValueError, match="no program"):
        Options(engine=path)


def test_a_bot_plays_with_an_engine_and_its_error_is_a_forfeit(tmp_path: Path) -> None:
    good = Bot(1, Options(engine=script(tmp_path, "good"), seconds=0.5))
    assert good.choose(START, 0) == Move(0)
    good.close()
    bad = Bot(1, Options(engine=script(tmp_path, "dies"), seconds=0.5))
    with pytest.raises(ForfeitError):
        bad.choose(START, 0)
    bad.close()
