"""The place in a recorded match: playing, pausing, stepping, seeking, speeds, and files that lie."""

import msgspec
import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import Move
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.ui.effects import between
from p2pgame.ui.player import Player
from tests.ui.recorded import record

GOMOKU, PONG = Plugin("p2pgame.games.gomoku"), Plugin("p2pgame.games.pong")


def gomoku(moves: int = 8) -> Replay:
    return record(GOMOKU, lambda state, player, frame: Move(3 * frame), moves, winners=(1,))


def pong(frames: int = 300) -> Replay:
    return record(PONG, lambda state, player, frame: frame // 40 % 3 - 1, frames)


def player(replay: Replay, plugin: Plugin = PONG) -> Player:
    return Player(Playback(replay, plugin.game), ("Anna", "Ben"), lambda: 50.0)


def test_it_stands_at_the_beginning() -> None:
    it = player(pong())
    assert (it.frame, it.playing, it.at_end) == (0, False, False)
    assert not it.update(1.0)
    assert it.match.state == it.playback.state(0)


@pytest.mark.parametrize(("speed", "passed"), [(0.5, 30), (1.0, 60), (2.0, 120), (4.0, 240)])
def test_a_second_of_play_is_as_many_frames_as_the_speed_says(speed: float, passed: int) -> None:
    it = player(pong())
    it.speed = speed
    it.toggle()
    for _ in range(40):
        it.update(1 / 40)
    assert abs(it.frame - passed) <= 1
    assert it.match.state == it.playback.state(it.frame)
    assert it.jumps == 0


def test_between_two_frames_it_is_drawn_between_two_states() -> None:
    it = player(pong())
    it.toggle()
    it.update(10.25 / 60)
    assert it.frame == 11
    assert it.match.previous == it.playback.state(10)
    assert between(it.match, 50.0) == pytest.approx(0.25)
    it.toggle()
    assert it.frame == 11
    assert between(it.match, 50.0) == pytest.approx(1.0), "it rests on a frame"


def test_a_turn_based_match_makes_a_move_a_second() -> None:
    it = player(gomoku(), GOMOKU)
    it.toggle()
    it.update(2.5)
    assert it.frame == 3
    assert (it.match.to_move, it.match.outcome, it.jump) == ((1,), None, 10)


def test_it_stops_at_the_end_says_who_won_and_begins_again() -> None:
    it = player(gomoku(), GOMOKU)
    it.toggle()
    it.update(60.0)
    assert (it.frame, it.playing, it.at_end) == (8, False, True)
    assert it.match.outcome is not None
    assert it.match.outcome.winners == (1,)
    it.toggle()
    assert (it.frame, it.playing) == (0, True)


def test_steps_pause_and_stay_within_the_match() -> None:
    it = player(gomoku(3), GOMOKU)
    it.toggle()
    it.step(1)
    assert (it.frame, it.playing, it.jumps) == (1, False, 0)
    it.step(-1)
    it.step(-1)
    assert it.frame == 0
    for _ in range(9):
        it.step(1)
    assert it.frame == 3


@pytest.mark.parametrize(("to", "shown"), [(-5, 0), (0, 0), (117, 117), (300, 300), (10**9, 300)])
def test_a_seek_goes_to_the_nearest_there_is(to: int, shown: int) -> None:
    it = player(pong())
    it.seek(50)
    it.seek(to)
    assert it.frame == shown
    assert it.match.state == it.playback.state(shown)
    assert it.match.previous == it.playback.state(max(0, shown - 1))
    assert it.jumps == 2


def test_a_match_without_a_frame_does_not_play() -> None:
    it = player(gomoku(0), GOMOKU)
    it.toggle()
    assert not it.playing
    assert not it.update(1.0)


def test_what_makes_no_sense_stops_it_where_it_was() -> None:
    replay = pong()
    replay.inputs[100] = (b"\xc1", encode(0))
    it = player(replay)
    it.toggle()
    it.update(1.0)
    with pytest.raises(P2PGameError):
        it.update(1.0)
    assert (it.frame, it.playing) == (60, False)
    with pytest.raises(P2PGameError):
        it.seek(200)
    assert it.frame == 60
    it.seek(90)
    assert it.frame == 90


def test_another_game_is_refused() -> None:
    with pytest.raises(P2PGameError):
        player(gomoku(), PONG)
    replay = pong()
    replay.header = msgspec.structs.replace(replay.header, config=b"\xc1")
    with pytest.raises(P2PGameError):
        player(replay)
