"""The engine against slow definitions: patterns, positions, wins by force; and its clock."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core import Setup
from p2pgame.games.gomoku.engine.lines import FIVE, FOUR, OPEN_FOUR, THREE
from p2pgame.games.gomoku.engine.player import Limits, Player
from p2pgame.games.gomoku.engine.position import Position, points_of
from p2pgame.games.gomoku.engine.request import Request, answer, variant_of
from p2pgame.games.gomoku.engine.search import Sight, is_mate
from p2pgame.games.gomoku.engine.stop import OutOfTime, Stop
from p2pgame.games.gomoku.engine.threats import Forcing
from p2pgame.games.gomoku.engine.variant import Variant, Wins
from p2pgame.games.gomoku.rules import (
    GAME,
    Config,
    Move,
    Rule,
    Size,
    State,
    forbidden,
    forbidden_points,
    format_point,
    parse_point,
    position,
)

RULES: tuple[Rule, ...] = ("freestyle", "standard", "renju", "caro")


def still() -> float:
    return 0.0


def chance_board(seed: int, size: Size, rule: Rule, stones: int) -> State:
    """A crowded position in which nobody has won."""
    chance = random.Random(seed)
    state = position(Config(rule=rule, size=size), [], [])
    middle = [y * size + x for y in range(2, 9) for x in range(2, 9)]
    for point in chance.sample(middle, stones):
        after = GAME.advance(state, [Move(point)] * 2)
        if not after.over:
            state = after
    return state


def stones_of(board: bytes) -> tuple[list[int], list[int]]:
    return [p for p, stone in enumerate(board) if stone == 1], [
        p for p, stone in enumerate(board) if stone == 2
    ]


def fives(board: bytes, state: State, colour: int) -> set[int]:
    """Where a stone of `colour` wins on that board, by the rules of `state`."""
    config = Config(rule=state.rule, size=state.size)
    here = position(config, *stones_of(board), colour=colour)
    return {p for p in near(board, state.size, 4) if GAME.advance(here, [Move(p)] * 2).line}


def near(board: bytes, size: int, reach: int) -> list[int]:
    """The empty points in the square of the stones and `reach` points around it."""
    edge = range(max(0, 2 - reach), min(size, 9 + reach))
    return [y * size + x for y in edge for x in edge if not board[y * size + x]]


def put(board: bytes, point: int, colour: int) -> bytes:
    return board[:point] + bytes((colour + 1,)) + board[point + 1 :]


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1 << 20),
    rule=st.sampled_from(RULES),
    size=st.sampled_from((13, 15, 19)),
    stones=st.integers(10, 34),
)
def test_threats_are_what_the_rules_say(seed: int, rule: Rule, size: Size, stones: int) -> None:
    state = chance_board(seed, size, rule, stones)
    board = state.board
    here = Position(variant_of(state), board)
    tried = random.Random(seed).sample(near(board, size, 2), 6)
    for colour in (0, 1):
        before = fives(board, state, colour)
        assert set(points_of(here.mask(colour, FIVE))) == before
        for point in tried if not before else ():
            ways = fives(put(board, point, colour), state, colour)
            assert bool(here.mask(colour, FOUR) >> point & 1) is bool(ways)
            if rule in ("freestyle", "standard"):
                twice = here.mask(colour, OPEN_FOUR) | here.twice(colour, FOUR)
                assert bool(twice >> point & 1) is (len(ways) > 1)


@pytest.mark.parametrize(
    ("black", "point", "three"),
    [
        ("H8 I8", "J8", True),
        ("H8 I8", "K8", True),
        ("H8 I8", "L8", False),
        ("A8 B8", "C8", False),
        ("B8 C8", "D8", True),
    ],
)
def test_an_open_three_is_one_stone_from_an_open_four(black: str, point: str, three: bool) -> None:
    state = position(Config(), [parse_point(word) for word in black.split()], [])
    here = Position(variant_of(state), state.board)
    assert bool(here.mask(0, THREE) >> parse_point(point) & 1) is three


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1 << 20), rule=st.sampled_from(RULES))
def test_what_is_taken_back_leaves_no_trace(seed: int, rule: Rule) -> None:
    chance = random.Random(seed)
    variant = variant_of(position(Config(rule=rule), [], []))
    here = Position(variant)
    history = []
    for number in range(40):
        history.append((here.directions, here.order, here.worth, here.key, bytes(here.cells)))
        here.play(chance.choice([p for p in range(225) if not here.cells[p]]), number % 2)
    fresh = Position(variant, here.cells)
    assert (fresh.directions, fresh.order, fresh.worth, fresh.key) == (
        here.directions, here.order, here.worth, here.key,
    )  # fmt: skip
    for before in reversed(history):
        here.undo()
        assert before == (here.directions, here.order, here.worth, here.key, bytes(here.cells))


def test_a_stone_for_threats_alone_makes_the_same_threats() -> None:
    state = chance_board(7, 15, "renju", 24)
    played, put = (Position(variant_of(state), state.board) for _ in range(2))
    before = (put.directions, put.key, put.order, put.worth, bytes(put.cells))
    for point in near(state.board, 15, 2)[::5]:
        for colour in (0, 1):
            played.play(point, colour)
            put.put(point, colour)
            assert (put.directions, put.key, put.cells) == (played.directions, played.key, played.cells)
            looks = played.order[colour].to_bytes(225, "little")
            ranked = [looks[p] for p in put.best_looking(colour, range(225))]
            assert ranked == sorted(looks, reverse=True)
            played.undo()
            put.undo()
    assert before == (put.directions, put.key, put.order, put.worth, bytes(put.cells))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1 << 20), stones=st.integers(8, 30))
def test_a_guard_leaves_no_two_ways_to_five(seed: int, stones: int) -> None:
    state = chance_board(seed, 15, "freestyle", stones)
    here = Position(variant_of(state), state.board)
    for colour in (0, 1):
        if not here.wins_by_four(colour):
            continue
        guards = here.guards(colour)
        for point in points_of(guards):
            here.play(point, 1 - colour)
            assert not here.mask(colour, OPEN_FOUR)
            here.undo()
        for point in range(225):  # and what is no guard leaves one
            if not here.cells[point] and not guards >> point & 1:
                here.play(point, 1 - colour)
                assert here.wins_by_four(colour)
                here.undo()


def proves(state: State, colour: int, line: list[int]) -> bool:
    """Whether the moves are a win by the rules, the replies being the only ones to fours."""
    board = bytearray(state.board)
    for number, point in enumerate(line):
        side = colour if number % 2 == 0 else 1 - colour
        if board[point] or (
            state.renju and side == 0 and forbidden(bytes(board), state.size, point) is not None
        ):
            return False
        board[point] = side + 1
    return len(line) % 2 == 1 and (len(fives(bytes(board), state, colour)) > 0 or len(line) == 1)


@pytest.mark.parametrize("rule", RULES)
def test_wins_by_fours_are_wins(rule: Rule) -> None:
    found = 0
    for seed in range(40):
        state = chance_board(seed, 15, rule, 16)
        here = Position(
            variant_of(state), state.board, lambda board, point: forbidden(board, 15, point) is not None
        )
        for colour in (0, 1):
            line = Forcing(here, Stop(still)).by_fours(colour, 12, 5_000)
            if line is not None:
                found += 1
                assert proves(state, colour, line), [format_point(p) for p in line]
            assert bytes(here.cells) == state.board
    assert found > 8


@pytest.mark.parametrize("rule", RULES)
def test_fours_that_lead_nowhere_are_not_needed_to_win(rule: Rule) -> None:
    """Leaving them out finds the same wins with fewer positions."""
    tried, fewer = 0, 0
    for seed in range(30):
        state = chance_board(seed, 15, rule, 20)
        here = Position(
            variant_of(state), state.board, lambda board, point: forbidden(board, 15, point) is not None
        )
        for colour in (0, 1):
            stops = Stop(still), Stop(still)
            thorough = Forcing(here, stops[0]).by_fours(colour, 12, 5_000)
            choosy = Forcing(here, stops[1]).by_fours(colour, 12, 5_000, choosy=True)
            assert (thorough is None) is (choosy is None)
            assert choosy is None or proves(state, colour, choosy)
            tried += stops[0].nodes
            fewer += stops[1].nodes
    assert fewer < tried


def test_fours_elsewhere_are_not_forgotten_after_a_four_is_answered() -> None:
    """Black has to stop a five with a four of its own; its win is in another corner."""
    black = "H1 I6 J6 K6 L10 L11 L12 I13 J13 K13"
    white = "H2 H3 H4 H5 L6 L9 H13 A1 A3 A5"
    state = position(
        Config(), [parse_point(w) for w in black.split()], [parse_point(w) for w in white.split()]
    )
    here = Position(variant_of(state), state.board)
    line = Forcing(here, Stop(still)).by_fours(0, 12, 5_000)
    assert line is not None
    assert [format_point(point) for point in line] == ["H6", "G6", "L13"]


def test_wins_by_threes_are_found_where_fours_do_not_win() -> None:
    """Two open twos that cross: a stone at the crossing makes two threes."""
    state = position(
        Config(),
        [parse_point(w) for w in ("F8", "G8", "H6", "H7")],
        [parse_point(w) for w in ("A1", "C1", "E1")],
    )
    here = Position(variant_of(state), state.board)
    forcing = Forcing(here, Stop(still))
    assert forcing.by_fours(0, 12, 5_000) is None
    line = forcing.by_threats(0, 5, 50_000)
    assert line is not None
    found = Player(variant_of(state), Sight(), still).choose(state.board, 0, Limits(nodes=20_000))
    assert is_mate(found.score)


@pytest.mark.parametrize("moves", ["K7 J8 J6 F7 F8 E10 I7 I5 H8 K5", "E8 F11 K8 G10 G9 K5 F10 I8 H9 J9"])
def test_no_move_that_loses_by_force_is_played_if_another_does_not(moves: str) -> None:
    """White is given the move of Black, who threatens to win by threes further ahead than one ply shows."""
    points = [parse_point(word) for word in moves.split()]
    state = position(Config(), points[::2], points[1::2], colour=1)
    found = Player(variant_of(state), Sight(depth=1), still).choose(state.board, 1, Limits(nodes=60_000))
    forcing = Forcing(Position(variant_of(state), put(state.board, found.point, 1)), Stop(still))
    assert not forcing.by_fours(0, 16, 30_000)
    assert not forcing.by_threats(0, 8, 30_000)


def test_black_never_plays_a_foul() -> None:
    for seed in range(25):
        state = chance_board(seed, 15, "renju", 22)
        if state.colour != 0 or not forbidden_points(state.board, 15):
            continue
        player = Player(
            variant_of(state), Sight(), still, lambda board, point: forbidden(board, 15, point) is not None
        )
        found = player.choose(state.board, 0, Limits(nodes=600))
        assert forbidden(state.board, 15, found.point) is None


class Ticking:
    """A clock that goes on by a millisecond each time it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def test_it_never_thinks_beyond_its_time() -> None:
    clock = Ticking()
    state = chance_board(4, 15, "freestyle", 14)
    player = Player(variant_of(state), Sight(), clock)
    begin = clock.now
    player.choose(state.board, state.colour, Limits(seconds=0.05))
    assert clock.now - begin < 0.06


@pytest.mark.parametrize("level", [5, 6])
def test_a_level_takes_no_longer_than_it_is_allowed(level: int) -> None:
    clock = Ticking()
    answer(Request(1, chance_board(4, 15, "freestyle", 14), level, seed=1, seconds=0.05), clock)
    assert 0.03 < clock.now < 0.06
    swap2 = GAME.initial(Setup(2, 1, Config(opening="swap2")))
    begin = clock.now
    answer(Request(2, swap2, level, seed=1, seconds=0.05), clock)
    assert clock.now - begin < 0.1


def test_nodes_bound_a_search_exactly() -> None:
    stop = Stop(still, nodes=1_000)
    for _ in range(999):
        stop.count()
    with pytest.raises(OutOfTime):
        stop.count()


def test_the_states_of_lines_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pgame.games.gomoku.engine.lines._STATES_MAX", 200)
    variant = Variant(15, (Wins.FIVE_OR_MORE, Wins.EXACTLY_FIVE))
    player = Player(variant, Sight(), still)
    cells = bytearray(225)
    cells[112], cells[113] = 1, 2
    found = player.choose(cells, 0, Limits(nodes=3_000))
    assert found.depth >= 2
    assert Position(variant)._board._states < 400
