"""A window of 0: a frame passes when everybody who is asked has moved, and nothing is predicted."""

from collections.abc import Sequence

import msgspec
import pytest

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import EndedBy, Game, NoConfig, Outcome, Setup
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.gomoku.rules import Config, Move
from p2pgame.netcode.engine import Engine
from p2pgame.netcode.timeline import Timeline

RESIGNED = Outcome.by(EndedBy.RESIGNED, (1,))


class Sum(msgspec.Struct, frozen=True):
    total: int = 0


class Together(Game[Sum, int, NoConfig]):
    """Everybody gives a number each frame; over at 100."""

    name = "together"
    title = "Together"
    max_players = 8
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


def together(players: int = 2) -> Engine:
    return Engine(Timeline(Together(), Setup(players=players, seed=1, config=NoConfig())), (0,), window=0)


def gomoku(*points: int) -> Engine:
    engine = Engine(Timeline(GOMOKU, Setup(players=2, seed=1, config=Config())), (0,), window=0)
    for frame, point in enumerate(points):
        offer(engine, frame % 2, Move(point))
        engine.run()
        assert engine.frame == frame + 1
    return engine


def offer(engine: Engine, player: int, move: object) -> None:
    engine.offer(player, encode(move))


def play(engine: Engine, *moves: int) -> Engine:
    for move in moves:
        offer(engine, 0, move)
        offer(engine, 1, 0)
        engine.run()
    return engine


def test_nothing_passes_without_inputs() -> None:
    engine = together()
    engine.run()
    assert (engine.frame, engine.take_confirmed()) == (0, [])
    assert engine.to_move == (0, 1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_frame_passes_when_all_have_moved_in_whatever_order(order: tuple[int, ...]) -> None:
    engine = together(players=3)
    for player in order:
        engine.run()
        assert engine.frame == 0
        offer(engine, player, player + 5)
    engine.run()
    assert [frame for frame, _ in engine.take_confirmed()] == [1]
    assert engine.timeline.log == [(encode(5), encode(6), encode(7))]
    assert engine.state == Sum(5 + 12 + 21)
    assert engine.state is engine.timeline.state


def test_who_has_moved_waits_for_the_others() -> None:
    engine = together()
    offer(engine, 1, 1)
    assert engine.to_move == (0,)
    assert (engine.waiting(0), engine.waiting(1)) == (None, encode(1))
    for player in (1, 7):
        with pytest.raises(IllegalMoveError, match="turn"):
            offer(engine, player, 2)
    assert engine.waiting(1) == encode(1)


@pytest.mark.parametrize("data", [encode(-1), encode("x"), b"", b"\xc1"], ids=repr)
def test_an_illegal_input_changes_nothing(data: bytes) -> None:
    engine = together()
    with pytest.raises(IllegalMoveError):
        engine.offer(0, data)
    assert engine.to_move == (0, 1)
    assert engine.waiting(0) is None


def test_by_turns_only_the_player_to_move_is_asked() -> None:
    engine = gomoku(112)
    assert engine.to_move == (1,)
    with pytest.raises(IllegalMoveError, match="turn"):
        offer(engine, 0, Move(3))
    assert engine.timeline.log == [(encode(Move(112)), None)]


def test_nobody_moves_after_the_end() -> None:
    engine = gomoku(112, 0, 113, 1, 114, 2, 115, 3, 116)
    assert engine.timeline.outcome == Outcome(winners=(0,), reason="five in a row")
    assert engine.to_move == ()
    with pytest.raises(IllegalMoveError, match="over"):
        offer(engine, 1, Move(9))


def test_ending_forgets_an_input_that_waits() -> None:
    engine = together()
    offer(engine, 0, 1)
    engine.end_at(0, RESIGNED)
    engine.run()
    assert engine.frame == 0
    assert engine.waiting(0) is None
    assert engine.timeline.outcome == RESIGNED


def test_ending_earlier_goes_back() -> None:
    engine = gomoku(112, 0, 113)
    engine.end_at(1, RESIGNED)
    assert engine.frame == 1
    assert engine.state == gomoku(112).state
    assert engine.timeline.outcome == RESIGNED


def test_an_input_that_waits_goes_on_waiting_if_it_is_still_allowed() -> None:
    engine = play(together(), 1, 2)
    offer(engine, 1, 4)
    engine.rebase(1, Sum(4))
    assert (engine.waiting(0), engine.waiting(1)) == (None, encode(4))
    offer(engine, 0, 1)
    engine.run()
    assert (engine.frame, engine.state) == (3, Sum(14 * 3 + 9))
    engine = play(together(), 1)
    offer(engine, 1, 4)
    engine.rebase(1, Sum(100))
    assert engine.waiting(1) is None


def test_after_a_rebase_no_hash_is_told_twice() -> None:
    engine = play(together(), 1, 2)
    assert [frame for frame, _ in engine.take_confirmed()] == [1, 2]
    engine.rebase(1, Sum(4))
    assert engine.take_confirmed() == []
    play(engine, 1)
    assert [frame for frame, _ in engine.take_confirmed()] == [3]


def test_a_restart_forgets_what_waits() -> None:
    engine = play(together(), 1)
    offer(engine, 0, 1)
    engine.timeline.restore([*engine.timeline.log, (encode(2), encode(2))], Sum(9))
    engine.restart()
    assert engine.to_move == (0, 1)
    assert (engine.frame, engine.state) == (2, Sum(9))


def test_a_frame_from_elsewhere_takes_the_place_of_what_waits() -> None:
    engine = together()
    offer(engine, 0, 77)
    assert engine.replay((encode(1), encode(0)))
    assert (engine.frame, engine.state, engine.to_move) == (1, Sum(1), (0, 1))
    assert engine.take_confirmed() == [(1, engine.timeline.hash)]


def test_a_frame_that_nobody_is_asked_for_waits_for_nobody_and_does_not_run_alone() -> None:
    """A state in which nobody may move and that is not over: it stands still, and nothing loops."""

    class Stuck(Together):
        def to_move(self, state: Sum) -> tuple[int, ...]:
            return (0,) if state.total < 5 else ()

    engine = Engine(Timeline(Stuck(), Setup(players=2, seed=1, config=NoConfig())), (0,), window=0)
    offer(engine, 0, 5)
    engine.run()
    assert (engine.frame, engine.to_move) == (1, ())
    engine.run()
    assert engine.frame == 1
