"""A match file becomes a record with what was taken back as variations, and a line of a record is played back."""

import pytest

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.records import Node, Record, RecordError
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.records import Records
from p2pgame.games.gomoku.rules import GAME, Config, Move, position
from p2pgame.replay.foreign import main_line, record_of, replay_of
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.wire.decisions import Timed
from p2pgame.wire.takeback import Takeback, encode_takeback
from tests.golden.make import DIRECTORY, plugin_of


def record(*points: int) -> Record:
    root = node = Node()
    for point in points:
        node = node.add(Move(point))
    return Record(config=Config(), names=("Ann", "Ben"), root=root)


def played(made: Record) -> Replay:
    return replay_of(made, main_line(made.root), GAME, "0" * 16)


def test_a_record_is_played_back_and_comes_back() -> None:
    made = record(112, 113, 97)
    playback = Playback(played(made), GAME)
    assert (playback.frames, playback.state(3).moves) == (3, (112, 113, 97))
    again = record_of(playback, ("Ann", "Ben"), "2026-11-27")
    assert [node.move for node in again.root.main_line()] == [Move(112), Move(113), Move(97)]
    assert (again.names, again.date, again.config) == (("Ann", "Ben"), "2026-11-27", Config())


def test_how_it_ended_is_known_at_the_end_of_the_main_line_alone() -> None:
    made = record(112, 113, 97)
    made.root.children[0].add(Move(5))
    made.ended = Outcome.by(EndedBy.RESIGNED, (1,))
    assert Playback(played(made), GAME).outcome(3) == made.ended
    variation = [made.root.children[0], made.root.children[0].children[1]]
    assert Playback(replay_of(made, variation, GAME, "0" * 16), GAME).outcome(2) is None


def test_a_record_that_begins_with_stones_is_played_back() -> None:
    made = record(30)
    made.start = position(Config(), [1, 2], [3])
    playback = Playback(played(made), GAME)
    assert playback.state(0).stones == 3
    assert playback.state(1).board[30] == 2


def test_what_was_taken_back_becomes_a_variation() -> None:
    replay = played(record(112, 113, 97))
    replay.inputs.append((None, encode_takeback(Takeback(frame=1, player=1))))
    replay.inputs.append((None, encode(Move(0))))
    replay.inputs.append((encode(Move(5)), None))
    playback = Playback(replay, GAME)
    found = record_of(playback, ("Ann", "Ben"), "")
    assert [node.move for node in found.root.main_line()] == [Move(112), Move(0), Move(5)]
    first = found.root.children[0]
    assert [[node.move for node in main_line(child)] for child in first.children] == [
        [Move(0), Move(5)],
        [Move(113), Move(97)],
    ]
    assert playback.state(playback.frames).moves == (112, 0, 5)


def test_the_times_of_the_clock_stand_beside_the_moves() -> None:
    made = record(112, 113, 97, 5)
    made.config = Config(clock="10 min + 3 x 30 s")
    replay = played(made)
    for frame, used in ((1, 1_500), (2, 630_500), (3, 2_250)):
        replay.decisions.write(frame, Timed(seat=(frame - 1) % 2, milliseconds=used))
    found = record_of(Playback(replay, GAME), ("Ann", "Ben"), "")
    left = [node.clock for node in found.root.main_line()]
    assert left == [(598_500, 0), (30_000, 2), (596_250, 0), None]
    again = Records().read(Records().write(found, "sgf"), "sgf")
    assert [(node.move, node.clock) for node in again.root.main_line()] == [
        (node.move, node.clock) for node in found.root.main_line()
    ]
    assert again.config == made.config


def test_a_match_in_real_time_is_no_record() -> None:
    replay = read((DIRECTORY / "pong.p2preplay").read_bytes())
    with pytest.raises(RecordError, match="foreign_real_time"):
        record_of(Playback(replay, plugin_of("pong").game), ("Ann", "Ben"), "")
