"""What Black may not do in renju: the cases of the rule book, and a slow oracle of our own on many positions."""

import random
import time

import pytest

from p2pgame.core import IllegalMoveError, Outcome
from p2pgame.games.gomoku.rules import (
    BLACK,
    EMPTY,
    GAME,
    WHITE,
    Config,
    Move,
    State,
    forbidden,
    forbidden_points,
    illegal,
    legal_inputs,
    parse_point,
    position,
)
from tests.renju_oracle import WAYS, At, at_point, foul


def board(black: str, white: str = "", size: int = 15) -> bytes:
    cells = bytearray(size * size)
    for stone, text in ((1, black), (2, white)):
        for name in text.split():
            cells[parse_point(name, size)] = stone
    return bytes(cells)


CASES = [
    # black, white, point, expected
    ("E8 F8 G8 I8 J8", "", "H8", "overline"),
    ("D8 E8 F8 G8 I8 J8 K8", "", "H8", "overline"),
    ("E8 F8 G8 I8", "", "H8", None),  # a five
    ("E8 F8 G8 I8 H9 H10 H11 H7 H6", "", "H8", None),  # a five across an overline
    ("E8 F8 G8 H9 H10 H11", "", "H8", "double four"),
    ("E8 F8 G8 H9 H10 H11", "D8 I8", "H8", None),  # the row is dead at both ends
    ("E8 F8 G8 H9 H10 H11", "D8", "H8", "double four"),
    ("E8 G8 I8 K8", "", "H8", "double four"),  # E8-I8 and G8-K8, each with a gap
    ("E8 G8 I8", "", "H8", None),
    ("D8 F8 G8 J8", "", "H8", "double four"),  # two fours on one line: D8-H8 and F8-J8
    ("C8 D8 G8 J8 K8", "", "H8", None),  # C8 D8 . . G8 H8 . J8 K8: one four
    ("C8 D8 F8 I8 J8", "", "G8", "double four"),  # C8 D8 . F8 G8 . I8 J8
    ("D8 E8 F8 H8 I8 J8", "", "G8", "overline"),
    ("B8 C8 D8 F8 H8 I8 J8", "", "F9", None),
    ("F8 G8 H9 H10", "", "H8", "double three"),
    ("F8 G8 H9 H10", "E8", "H8", None),  # F8-H8 is closed at one end, and J8 does not open it
    ("F8 G8 H9 H10", "D8 J8", "H8", None),  # E8-H8 and F8-I8 both end at a white stone
    ("F8 G8 H9 H10", "D8", "H8", "double three"),
    ("F8 H9 H10 E8", "", "H8", "double three"),  # a broken three counts
    ("F8 G8 H9 H10", "H12 H6", "H8", None),
    ("A8 B8 C9 C10", "", "C8", None),  # the edge is as good as a stone of White
    ("F8 G8 J9 K10 L11 H6", "", "H7", None),
]


@pytest.mark.parametrize(("black", "white", "point", "expected"), CASES)
def test_the_cases_of_the_book(black: str, white: str, point: str, expected: str | None) -> None:
    assert forbidden(board(black, white), 15, parse_point(point)) == expected


def test_a_three_whose_next_stone_is_a_foul_is_none() -> None:
    """F8 G8 H8 and H8 H9 H10: two threes. With more stones each way to a straight four of the row is itself a foul."""
    black = "F8 G8 H9 H10"
    assert forbidden(board(black), 15, parse_point("H8")) == "double three"
    fours_at_both = "E9 E10 E11 I9 I10 I11"  # E8 and I8 make a second four
    for point in ("E8", "I8"):
        assert forbidden(board(f"{black} H8 {fours_at_both}"), 15, parse_point(point)) == "double four"
    assert forbidden(board(f"{black} {fours_at_both}"), 15, parse_point("H8")) is None
    only_one = "E9 E10 E11"
    assert forbidden(board(f"{black} {only_one}"), 15, parse_point("H8")) == "double three"


def test_threes_are_looked_into_as_deep_as_they_go() -> None:
    """Whether H6 makes two threes hangs on whether another point does, and so on, three times.

    Who looks no deeper than to the first, second or third of them says: a foul, none, a foul. It is none.
    """
    names = "E8 G2 G6 H4 H5 I3 I4 J4 J6 J9 K3 K5 K10 L1"
    black = frozenset(at_point(15, parse_point(name)) for name in names.split())
    assert foul(15, black, frozenset(), at_point(15, parse_point("H6"))) is None
    assert forbidden(board(names), 15, parse_point("H6")) is None
    for name in names.split():
        fewer = " ".join(other for other in names.split() if other != name)
        stones = black - {at_point(15, parse_point(name))}
        assert forbidden(board(fewer), 15, parse_point("H6")) == foul(
            15, stones, frozenset(), at_point(15, parse_point("H6"))
        )


def test_white_may_do_all_of_it() -> None:
    state = position(
        Config("renju"), [0, 2, 4, 6, 8], [parse_point(p) for p in ["F8", "G8", "H9", "H10"]], colour=WHITE
    )
    after = GAME.advance(state, (None, Move(parse_point("H8"))))
    assert after.foul is None
    assert GAME.outcome(after) is None
    six = position(
        Config("renju"),
        [0, 2, 4, 6, 8],
        [parse_point(p) for p in ["E8", "F8", "G8", "I8", "J8"]],
        colour=WHITE,
    )
    assert GAME.outcome(GAME.advance(six, (None, Move(parse_point("H8"))))) == Outcome((1,), "five in a row")


@pytest.mark.parametrize(
    ("black", "reason"),
    [
        ("E8 F8 G8 I8 J8", "forbidden overline"),
        ("E8 F8 G8 H9 H10 H11", "forbidden double four"),
        ("F8 G8 H9 H10", "forbidden double three"),
    ],
)
def test_a_foul_loses_or_is_refused(black: str, reason: str) -> None:
    stones, white = [parse_point(p) for p in black.split()], [0, 2, 4, 30, 34, 60][: len(black.split())]
    loses = position(Config("renju"), stones, white)
    move = Move(parse_point("H8"))
    GAME.validate(loses, 0, move)
    after = GAME.advance(loses, (move, None))
    assert GAME.outcome(after) == Outcome(winners=(1,), reason=reason)
    assert GAME.to_move(after) == ()
    assert GAME.render(after).endswith("O 0-1")
    refused = position(Config("renju_fouls_refused"), stones, white)
    with pytest.raises(IllegalMoveError, match="Black may not play"):
        GAME.validate(refused, 0, move)
    assert move not in set(legal_inputs(refused))


def random_board(chance: random.Random) -> tuple[int, bytes]:
    """Stones that crowd a small square, more of Black than of White."""
    size = chance.choice((13, 15, 19, 20))
    side = chance.choice((6, 7, 9))
    left, low = chance.randint(0, size - side), chance.randint(0, size - side)
    points = [(low + y) * size + left + x for y in range(side) for x in range(side)]
    chance.shuffle(points)
    share = chance.choice((0.5, 0.65, 0.8, 0.95))
    cells = bytearray(size * size)
    for point in points[: chance.randint(8, side * side * 2 // 3)]:
        cells[point] = 1 if chance.random() < share else 2
    return size, bytes(cells)


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_oracle(seed: int) -> None:
    chance = random.Random(seed)
    found: dict[str | None, int] = {}
    for _ in range(25):
        size, cells = random_board(chance)
        sides = [
            frozenset(at_point(size, p) for p, stone in enumerate(cells) if stone == colour)
            for colour in (1, 2)
        ]
        ours = forbidden_points(cells, size)
        near = [p for p in range(size * size) if cells[p] == EMPTY and _beside(cells, size, p)]
        for point in near:
            wanted = foul(size, sides[0], sides[1], at_point(size, point))
            assert ours.get(point) == forbidden(cells, size, point) == (None if wanted == "five" else wanted)
            found[wanted] = found.get(wanted, 0) + 1
        assert set(ours) <= set(near)
    assert all(found.get(kind, 0) >= 5 for kind in ("five", "overline", "double four", "double three", None))


def _beside(cells: bytes, size: int, point: int) -> bool:
    x, y = point % size, point // size
    return any(
        cells[b * size + a] == 1
        for a in range(max(0, x - 4), min(size, x + 5))
        for b in range(max(0, y - 4), min(size, y + 5))
    )


def perft(state: State, depth: int) -> tuple[int, int]:
    """How many sequences of `depth` stones there are, and how many fouls of Black were seen on the way."""
    if depth == 0 or state.over:
        return 1, 0
    fouls = len(forbidden_points(state.board, state.size)) if state.colour == BLACK else 0
    total = 0
    for move in legal_inputs(state):
        if isinstance(move, Move):
            inputs = (move, None) if state.turn == 0 else (None, move)
            below = perft(GAME.advance(state, inputs), depth - 1)
            total, fouls = total + below[0], fouls + below[1]
    return total, fouls


def oracle_perft(
    size: int, black: frozenset[At], white: frozenset[At], colour: int, depth: int
) -> tuple[int, int]:
    if depth == 0:
        return 1, 0
    total, fouls = 0, 0
    for point in range(size * size):
        at = at_point(size, point)
        if at in black or at in white:
            continue
        what = foul(size, black, white, at) if colour == BLACK else None
        if what not in (None, "five"):
            fouls += 1
        elif what == "five" or (colour == WHITE and wins(white | {at}, at)):
            total += 1
        else:
            sides = (black | {at}, white) if colour == BLACK else (black, white | {at})
            below = oracle_perft(size, *sides, 1 - colour, depth - 1)
            total, fouls = total + below[0], fouls + below[1]
    return total, fouls


def wins(white: frozenset[At], at: At) -> bool:
    """Whether White has five or more in a row through `at`."""
    for way in WAYS:
        row = [(at[0] + i * way[0], at[1] + i * way[1]) for i in range(-4, 5)]
        if any(white.issuperset(row[i : i + 5]) for i in range(5)):
            return True
    return False


def crowded(seed: int, colour: int) -> State:
    """A board of 13 x 13 on which White fills all but a square, so that there are few moves."""
    chance = random.Random(seed)
    inner = [y * 13 + x for y in range(3, 11) for x in range(3, 11)]
    chance.shuffle(inner)
    black, empty = inner[:20], set(inner[20:44])
    white = [p for p in range(169) if p not in empty and p not in black and (p % 13 + 2 * (p // 13)) % 4 < 2]
    rest = [p for p in range(169) if p not in empty and p not in black and p not in white]
    return position(Config("renju_fouls_refused", 13), black, white + rest, colour=colour)


@pytest.mark.parametrize(
    ("seed", "colour", "depth"), [(13, BLACK, 2), (19, BLACK, 2), (9, WHITE, 2), (19, WHITE, 2)]
)
def test_counts_of_legal_moves_and_fouls_by_depth(seed: int, colour: int, depth: int) -> None:
    state = crowded(seed, colour)
    sides = [frozenset(at_point(13, p) for p, s in enumerate(state.board) if s == stone) for stone in (1, 2)]
    ours = perft(state, depth)
    assert ours == oracle_perft(13, *sides, colour, depth)
    assert ours[1] > 0


def test_pass_is_legal_in_renju_from_the_fifth_stone_on_and_two_are_a_draw() -> None:
    early = position(Config("renju"), [112, 113], [97, 98])
    assert illegal(early, "pass") is not None
    state = position(Config("renju"), [112, 113, 0], [97, 98])
    passed = GAME.advance(state, (None, "pass"))
    assert GAME.outcome(passed) is None
    assert (passed.turn, passed.colour, passed.stones, passed.last) == (0, BLACK, 5, 0)
    drawn = GAME.advance(passed, ("pass", None))
    assert GAME.outcome(drawn) == Outcome(winners=(), reason="both passed")
    on = GAME.advance(GAME.advance(passed, (Move(1), None)), (None, "pass"))
    assert GAME.outcome(on) is None
    for rule in ("freestyle", "standard", "caro"):
        assert illegal(position(Config(rule), [112, 113, 0], [97, 98]), "pass") is not None


@pytest.mark.timing
def test_one_point_is_judged_within_a_millisecond() -> None:
    chance = random.Random(0)
    judged, began = 0, time.perf_counter()
    for _ in range(200):
        size, cells = random_board(chance)
        judged += cells.count(EMPTY)
        forbidden_points(cells, size)
    assert (time.perf_counter() - began) / judged < 0.001
