"""Any frame of a recorded match, at a bounded cost, and never an error but the documented one."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from p2pgame.core import Outcome, Rng, Setup
from p2pgame.core.game import AnyGame, EndedBy
from p2pgame.core.snapshot import encode
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import End, Header, Inputs, Record, Repaired, Snapshot
from p2pgame.testing.inputs import RandomInputs
from tests.unit.replay.made import Tape, file_of, header_of
from tests.unit.testing.games import Dot, Dots, Heap, Nim, Size, Take

NIM, DOTS = Nim(), Dots()


class Counting(Dots):
    """Counts the frames that are simulated."""

    def __init__(self) -> None:
        self.advanced = 0

    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
        self.advanced += 1
        return super().advance(state, inputs)


def truth(replay: Replay, game: AnyGame) -> list[Any]:
    """The states of all frames, simply played."""
    state: Any = game.initial(Setup(2, replay.header.seed, game.decode_config(replay.header.config)))
    states = [state]
    for raw in replay.inputs:
        state = game.advance(state, [None if move is None else game.decode_input(move) for move in raw])
        states.append(state)
    return states


def dots(frames: int, every: int = 0) -> Replay:
    return read(Tape(DOTS, header_of(DOTS, frame_limit=frames), every=every).play().end().data)


def test_every_frame_from_any_other() -> None:
    replay = dots(400, every=150)
    states = truth(replay, DOTS)
    for stride in (1, 7, 149, 399):
        playback = Playback(replay, DOTS)
        for frame in [(at * stride) % 401 for at in range(401)]:
            assert playback.state(frame) == states[frame]
            assert playback.previous(frame) == states[max(0, frame - 1)]
    assert [state for _, state in Playback(replay, DOTS).states()] == states
    assert list(Playback(replay, DOTS).states(399)) == [(399, states[399]), (400, states[400])]


def test_a_seek_plays_from_the_nearest_state_that_the_file_has() -> None:
    game = Counting()
    playback = Playback(dots(1000, every=100), game)
    playback.state(950)
    assert game.advanced == 50
    playback.state(300)
    assert game.advanced == 50


def test_where_it_was_once_it_is_at_most_a_second_of_simulation_away() -> None:
    game = Counting()
    playback = Playback(dots(1000), game)
    playback.state(1000)
    for frame in (999, 1, 777, 240, 0, 59, 61):
        game.advanced = 0
        playback.state(frame)
        assert game.advanced < 60


def test_playing_forward_costs_one_frame_each_and_the_one_before_is_free() -> None:
    game = Counting()
    playback = Playback(dots(300), game)
    for frame in range(301):
        playback.state(frame)
        playback.previous(frame)
        playback.state(frame)
        assert game.advanced == frame


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pgame.replay.playback._KEPT_MAX", 4)
    game = Counting()
    playback = Playback(dots(1200), game)
    assert playback.state(1200).frame == 1200
    for frame in (1199, 17, 600, 1):
        game.advanced = 0
        assert playback.state(frame).frame == frame
        assert game.advanced < 480


def test_inputs_are_decoded() -> None:
    replay = read(Tape(NIM, header_of(NIM, config=Size(7))).play().end().data)
    playback = Playback(replay, NIM)
    assert playback.config == Size(7)
    first = playback.inputs(0)
    assert isinstance(first[0], Take)
    assert first[1] is None
    assert playback.to_move(0) == (0,)
    assert playback.to_move(1) == (1,)
    assert playback.to_move(playback.frames) == ()
    assert playback.outcome(playback.frames - 1) is None
    assert replay.end is not None
    assert playback.outcome(playback.frames) == replay.end.outcome


def test_inputs_that_cannot_be_decoded_are_found_without_playing() -> None:
    game = Counting()
    good = Inputs(first=0, runs=((50_000, (b"\0", b"\0")),), hashes=b"", chain=bytes(16))
    Playback(read(file_of([header_of(DOTS), good])), game).check_inputs()
    bad = Inputs(first=50_000, runs=((1, (b"\0", b"\xc1")),), hashes=b"", chain=bytes(16))
    with pytest.raises(ReplayError, match=r"^bad_input: frame=50000"):
        Playback(read(file_of([header_of(DOTS), good, bad])), game).check_inputs()
    assert game.advanced == 0


def test_the_outcome_by_frame_limit_and_by_decision() -> None:
    playback = Playback(dots(10), DOTS)
    assert playback.outcome(9) is None
    assert playback.outcome(10) == Outcome.by(EndedBy.FRAME_LIMIT)
    assert playback.to_move(9) == (0, 1)
    made = Tape(DOTS, header_of(DOTS)).play(10).end(Outcome((1,), "resigned"))
    playback = Playback(read(made.data), DOTS)
    assert playback.outcome(9) is None
    assert playback.outcome(10) == Outcome((1,), "resigned")
    assert playback.to_move(10) == ()


def repaired_match() -> tuple[Replay, list[Dot]]:
    made = Tape(DOTS, header_of(DOTS)).play(100)
    made.state = bent = Dot(Rng(5), (1000, 2000), 100)
    made.records.append(Repaired(frame=100, state=encode(bent), chain=bytes(16), reason="desync"))
    made.play(100)
    replay = read(made.data)
    assert replay.damage is None
    return replay, [bent, made.state]


def test_from_a_repaired_frame_on_its_state_holds() -> None:
    replay, (bent, last) = repaired_match()
    for order in ((99, 100, 101, 200), (200, 101, 100, 99)):
        playback = Playback(replay, DOTS)
        found = {frame: playback.state(frame) for frame in order}
        assert found[99].at[0] < 1000
        assert found[100] == bent
        assert found[101].at[0] >= 999
        assert found[200] == last


def test_a_match_repaired_at_its_beginning() -> None:
    state = Heap(3)
    repaired = Repaired(frame=0, state=encode(state), chain=bytes(16), reason="desync")
    assert Playback(read(file_of([header_of(NIM), repaired])), NIM).state(0) == state


def test_the_chain_to_go_on_from() -> None:
    made = Tape(DOTS, header_of(DOTS)).play(70)
    assert Playback(read(made.data), DOTS).chain() == made.chain
    blind = [replace(record, hashes=b"") if isinstance(record, Inputs) else record for record in made.records]
    assert read(file_of(blind)).chain is None
    assert Playback(read(file_of(blind)), DOTS).chain() == made.chain
    nothing = Tape(DOTS, header_of(DOTS))
    assert Playback(read(nothing.data), DOTS).chain() == nothing.chain


def test_the_chain_of_a_repaired_match_goes_on_from_where_it_was_repaired() -> None:
    made = Tape(DOTS, header_of(DOTS)).play(40)
    made.state, made.chain = Dot(Rng(5), (1000, 2000), 40), bytes(16)
    made.records.append(Repaired(frame=40, state=encode(made.state), chain=made.chain, reason="desync"))
    played = made.play(30).records
    assert isinstance(played[-1], Inputs)
    records = [*played[:-1], replace(played[-1], hashes=b"")]
    assert Playback(read(file_of(records)), DOTS).chain() == made.chain


@pytest.mark.parametrize("frame", [-1, 11])
def test_a_frame_that_was_not_played(frame: int) -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        Playback(dots(10), DOTS).state(frame)
    with pytest.raises(ValueError, match="0 to 9"):
        Playback(dots(10), DOTS).inputs(10)


HEADER = header_of(NIM)
ONE = Inputs(first=0, runs=((1, (encode(Take(1)), None)),), hashes=b"", chain=bytes(16))


def look_at_all(replay: Replay) -> None:
    playback = Playback(replay, NIM)
    playback.check_inputs()
    playback.state(replay.frames)


@pytest.mark.parametrize(
    ("header", "records"),
    [
        (header_of(DOTS), []),
        (header_of(NIM, config=3), []),
        (header_of(NIM, players=3), []),
        (HEADER, [Inputs(first=0, runs=((1, (b"\xc1", None)),), hashes=b"", chain=bytes(16))]),
        (HEADER, [Inputs(first=0, runs=((1, (encode(Take(4)), None)),), hashes=b"", chain=bytes(16))]),
        (HEADER, [ONE, Snapshot(frame=1, state=b"\xc1")]),
        (HEADER, [ONE, Snapshot(frame=1, state=encode({"left": "many"}))]),
        (HEADER, [ONE, Repaired(frame=1, state=encode([1]), chain=bytes(16), reason="cut")]),
        (HEADER, [Repaired(frame=0, state=encode([1]), chain=bytes(16), reason="cut")]),
        (HEADER, [ONE, Snapshot(frame=1, state=encode(Heap(9, turn=7))), replace(ONE, first=1)]),
        (HEADER, [Repaired(frame=0, state=encode(Heap(9, turn=7)), chain=bytes(16), reason="cut"), ONE]),
    ],
)
def test_what_the_game_cannot_make_sense_of(header: Header, records: list[Record]) -> None:
    replay = read(file_of([header, *records]))
    assert replay.damage is None
    with pytest.raises(ReplayError, match=r"^[^\n]+\Z"):
        look_at_all(replay)


class Broken(Nim):
    """Rules that fail in every way."""

    error: Exception = ZeroDivisionError("\x1b[2J\nfar off")

    def outcome(self, state: Heap) -> Outcome | None:
        raise self.error

    def to_move(self, state: Heap) -> tuple[int, ...]:
        raise self.error

    def render(self, state: Heap) -> str:
        raise RecursionError

    def initial(self, setup: Setup[Size]) -> Heap:
        return Heap(1)


def test_whatever_the_rules_raise_becomes_one_line() -> None:
    playback = Playback(read(file_of([HEADER])), Broken())
    with pytest.raises(
        ReplayError, match=r"^rules_failed_at: frame=0, game='nim', reason='ZeroDivisionError: .*far off'\Z"
    ):
        playback.outcome(0)
    with pytest.raises(ReplayError, match=r"^rules_failed_at: frame=0"):
        playback.rules.to_move(0, Heap(1))
    with pytest.raises(ReplayError, match="RecursionError"):
        playback.rules.render(0, Heap(1))


def test_a_viewer_of_a_cut_match() -> None:
    made = Tape(NIM, HEADER).play(4)
    end = End(
        frame=3, hash=bytes(16), chain=bytes(16), decisions=bytes(16), outcome=Outcome((1,), "resigned")
    )
    playback = Playback(read(file_of([*made.records, end])), NIM)
    assert playback.frames == 3
    assert playback.outcome(3) == end.outcome
    assert RandomInputs(NIM, 1)(playback.state(3), 2)
