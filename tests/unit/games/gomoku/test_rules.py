"""The rules of Gomoku, square by square."""

import msgspec
import pytest

from p2pgame.core import IllegalMoveError, Outcome, Setup, decode, encode
from p2pgame.games.gomoku.rules import (
    CENTRE,
    GAME,
    PASS,
    POINTS,
    SIZE,
    Config,
    Move,
    Rule,
    State,
    format_point,
    parse_point,
    position,
)

RULES: tuple[Rule, ...] = ("freestyle", "standard")
DIRECTIONS = {"row": (1, 0), "column": (0, 1), "rising": (1, 1), "falling": (1, -1)}


def start(rule: Rule = "freestyle") -> State:
    return GAME.initial(Setup(players=2, seed=1, config=Config(rule=rule)))


def put(state: State, point: int) -> State:
    move = Move(point)
    GAME.validate(state, state.turn, move)
    return GAME.advance(state, (move, None) if state.turn == 0 else (None, move))


def play(text: str, rule: Rule = "freestyle") -> State:
    state = start(rule)
    for word in text.split():
        state = put(state, parse_point(word))
    return state


def with_stones(player: int, points: list[int], rule: Rule) -> State:
    """A position in which `player` is to move and has stones on `points`; the others are spread out harmlessly."""
    board = bytearray(POINTS)
    for point in points:
        board[point] = player + 1
    need = len(points) + player
    harmless = [p for p in range(POINTS) if p % SIZE % 2 == 0 and p // SIZE % 2 == 0 and board[p] == 0]
    away = [p for p in harmless if all(max(abs(p % 15 - q % 15), abs(p // 15 - q // 15)) > 1 for q in points)]
    sides = (points, away[:need]) if player == 0 else (away[:need], points)
    return position(Config(rule=rule), *sides)


def lines_of(length: int) -> list[tuple[str, list[int]]]:
    found = []
    for name, (dx, dy) in DIRECTIONS.items():
        for y in range(SIZE):
            for x in range(SIZE):
                end_x, end_y = x + dx * (length - 1), y + dy * (length - 1)
                if 0 <= end_x < SIZE and 0 <= end_y < SIZE:
                    found.append((name, [(y + dy * i) * SIZE + x + dx * i for i in range(length)]))
    return found


def test_every_five_on_the_board_wins() -> None:
    fives = lines_of(5)
    assert len(fives) == 572  # 2 x 15 x 11 straight, 2 x 11 x 11 diagonal
    for number, (name, points) in enumerate(fives):
        for rule in RULES:
            player, newest = number % 2, points[number % 5]
            state = with_stones(player, [p for p in points if p != newest], rule)
            assert state.turn == player
            assert GAME.outcome(state) is None
            after = put(state, newest)
            assert GAME.outcome(after) == Outcome(winners=(player,), reason="five in a row"), name
            assert sorted(after.line) == sorted(points)
            assert after.winner == player
            assert GAME.to_move(after) == ()


def test_an_overline_wins_in_freestyle_only() -> None:
    for number, (name, points) in enumerate(lines_of(6)):
        newest = points[1 + number % 4]  # not an end, where a five would have stood before
        rest = [p for p in points if p != newest]
        free = put(with_stones(0, rest, "freestyle"), newest)
        assert GAME.outcome(free) == Outcome(winners=(0,), reason="five in a row"), name
        assert free.line == tuple(points) or free.line == tuple(reversed(points))
        exact = put(with_stones(0, rest, "standard"), newest)
        assert GAME.outcome(exact) is None, name
        assert exact.line == ()
        assert GAME.to_move(exact) == (1,)


@pytest.mark.parametrize("length", [7, 8, 9])
def test_longer_rows_are_overlines(length: int) -> None:
    points = [parse_point(f"{letter}8") for letter in "CDEFGHIJK"][:length]
    newest = points[4]
    rest = [p for p in points if p != newest]
    assert len(put(with_stones(0, rest, "freestyle"), newest).line) == length
    assert not put(with_stones(0, rest, "standard"), newest).over


def test_a_five_beside_an_overline_wins_in_standard() -> None:
    row = [parse_point(f"{letter}8") for letter in "CDEGH"]  # F8 makes six
    column = [parse_point(f"F{n}") for n in (9, 10, 11, 12)]  # and exactly five
    after = put(with_stones(0, row + column, "standard"), parse_point("F8"))
    assert after.winner == 0
    assert [format_point(p) for p in after.line] == ["F8", "F9", "F10", "F11", "F12"]


def test_four_does_not_win_and_rows_do_not_wrap_around_the_edge() -> None:
    assert not play("H8 A1 I8 A3 J8 A5 K8").over
    wrapped = [13, 14, 15, 16]  # N1 O1 A2 B2, then C2: neighbours as integers, not on the board
    assert not put(with_stones(0, wrapped, "freestyle"), 17).over
    slanted = [12, 28, 44, 60]  # M1 N2 O3 and then A5: the rising diagonal leaves the board after O3
    assert not put(with_stones(0, slanted, "freestyle"), 76).over


def test_a_row_of_two_colours_is_no_row() -> None:
    state = play("D8 F8 E8 A1 G8 A3 H8 A5 I8")
    assert not state.over


def draw_board() -> list[int]:
    """Colours of a full board on which no line holds three of a colour side by side."""
    return [1 if (x + 2 * y) % 4 < 2 else 2 for y in range(SIZE) for x in range(SIZE)]


@pytest.mark.parametrize("rule", RULES)
def test_a_full_board_without_a_five_is_a_draw(rule: Rule) -> None:
    colours = draw_board()
    black = [p for p in range(POINTS) if colours[p] == 1]
    white = [p for p in range(POINTS) if colours[p] == 2]
    assert (len(black), len(white)) == (113, 112)
    state = start(rule)
    for turn in range(POINTS):
        assert GAME.outcome(state) is None
        assert GAME.to_move(state) == (turn % 2,)
        state = put(state, (black, white)[turn % 2][turn // 2])
    assert GAME.outcome(state) == Outcome(winners=(), reason="board full")
    assert GAME.to_move(state) == ()
    with pytest.raises(IllegalMoveError, match="the match is over"):
        GAME.validate(state, 1, Move(0))
    assert GAME.render(state).endswith("\n1/2-1/2")


def test_a_five_with_the_last_stone_is_a_win_not_a_draw() -> None:
    colours = draw_board()
    for point in range(11, 15):
        colours[point] = 1
    colours[10] = 0
    moves = (PASS,) * (POINTS - 1)
    state = State(rule="freestyle", board=bytes(colours), stones=POINTS - 1, moves=(*moves[:-2], 0, 1))
    assert GAME.outcome(put(state, 10)) == Outcome(winners=(0,), reason="five in a row")


@pytest.mark.parametrize(
    ("before", "player", "point", "reason"),
    [
        ("H8", 1, CENTRE, "H8 is taken"),
        ("H8 I9", 0, CENTRE + 16, "I9 is taken"),
        ("", 1, CENTRE, "it is not your turn"),
        ("H8", 0, 0, "it is not your turn"),
        ("H8", 2, 0, "it is not your turn"),
        ("H8", -1, 0, "it is not your turn"),
        ("", 0, -1, "that is off the board"),
        ("", 0, POINTS, "that is off the board"),
        ("", 0, 2**63, "that is off the board"),
        ("H8 A1 I8 A3 J8 A5 K8 A7 L8", 1, 100, "the match is over"),
        ("H8 A1 I8 A3 J8 A5 K8 A7 L8", 0, 100, "the match is over"),
    ],
)
def test_illegal_moves_are_refused_with_the_reason(before: str, player: int, point: int, reason: str) -> None:
    with pytest.raises(IllegalMoveError) as caught:
        GAME.validate(play(before), player, Move(point))
    assert caught.value.code.format_map(caught.value.params) == reason


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "H8",
        "",
        [7],
        {},
        {"point": -1},
        {"point": 400},
        {"point": 2**64 - 1},
        {"point": 7.0},
        {"point": "7"},
        {"point": None},
        {"point": True},
        {"point": 7, "player": 1},
        {"Point": 7},
        "resign",
        {"choice": "pass"},
        ["pass"],
    ],
)
def test_malformed_inputs_are_refused_at_the_edge(value: object) -> None:
    with pytest.raises(msgspec.DecodeError):
        GAME.decode_input(encode(value))


@pytest.mark.parametrize("data", [b"", b"\x81", b"\xc1", encode(Move(7))[:-1], encode(Move(7)) + b"\x00"])
def test_truncated_and_trailing_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        GAME.decode_input(data)


def test_inputs_and_configurations_come_back_from_the_wire() -> None:
    assert all(GAME.decode_input(encode(Move(p))) == Move(p) for p in range(POINTS))
    assert GAME.decode_config(encode({})) == Config(rule="freestyle")
    assert GAME.decode_config(encode(Config(rule="standard"))) == Config(rule="standard")
    for bad in (
        {"rule": "ninuki"},
        {"rule": 1},
        {"size": 14},
        {"size": "19"},
        {"opening": "soosorv"},
        {"komi": 1},
        None,
    ):
        with pytest.raises(msgspec.DecodeError):
            GAME.decode_config(encode(bad))


@pytest.mark.parametrize(
    "change",
    [
        {"board": bytes(224)},
        {"board": bytes(256)},
        {"board": bytes(441)},
        {"rule": "gomoku"},
        {"line": [400]},
        {"line": [0] * 21},
        {"moves": [-2]},
        {"moves": [0] * 802},
        {"foul": "three"},
        {"black": 2},
        {"step": 32},
        {"offered": [0] * 11},
    ],
)
def test_a_state_of_the_wrong_form_is_refused(change: dict[str, object]) -> None:
    fields = {
        "rule": "freestyle",
        "opening": "no_opening",
        "board": bytes(225),
        "stones": 0,
        "moves": [],
        "line": [],
    }
    assert decode(encode(fields), State) == start()
    with pytest.raises(msgspec.DecodeError):
        decode(encode(fields | change), State)


def test_advance_leaves_the_old_state_alone_and_a_finished_one_as_it_is() -> None:
    before = play("H8 A1")
    after = put(before, parse_point("I8"))
    assert before == play("H8 A1")
    assert (after.stones, after.last, after.turn) == (3, parse_point("I8"), 1)
    won = play("H8 A1 I8 A3 J8 A5 K8 A7 L8")
    assert GAME.advance(won, (Move(0), Move(1))) is won


def test_coordinates_count_from_the_bottom_left() -> None:
    named = {"A1": 0, "O1": 14, "A2": 15, "H8": 112, "A15": 210, "O15": 224}
    for text, point in named.items():
        assert parse_point(text) == point
        assert format_point(point) == text
        assert GAME.describe(start(), Move(point)) == text
    assert parse_point("T20", 20) == 399
    assert format_point(399, 20) == "T20"
    assert all(parse_point(f" {format_point(p).lower()}\n") == p for p in range(POINTS))
    assert GAME.describe(start(), Move(-1)) == "-1"


@pytest.mark.parametrize(
    "text",
    ["", " ", "H", "8", "8H", "H0", "H16", "P1", "H08", "H+8", "H 8 8", "H８", "Ä1", "H-1", "A16", "T1"],
)
def test_what_is_no_point_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a point from A1 to O15"):
        parse_point(text)


def test_the_board_in_the_terminal() -> None:
    assert GAME.render(play("H8 A1 O15")).splitlines() == [
        "    A B C D E F G H I J K L M N O",
        "15  . . . . . . . . . . . . . .(X) 15",
        *(f"{n}  . . . . . . . . . . . . . . .  {n}" for n in (14, 13)),
        "12  . . . + . . . + . . . + . . .  12",
        *(f"{n:>2}  . . . . . . . . . . . . . . .  {n}" for n in (11, 10, 9)),
        " 8  . . . + . . . X . . . + . . .  8",
        *(f" {n}  . . . . . . . . . . . . . . .  {n}" for n in (7, 6, 5)),
        " 4  . . . + . . . + . . . + . . .  4",
        *(f" {n}  . . . . . . . . . . . . . . .  {n}" for n in (3, 2)),
        " 1  O . . . . . . . . . . . . . .  1",
        "    A B C D E F G H I J K L M N O",
        "4. O",
    ]
    won = GAME.render(play("H8 A1 I8 A3 J8 A5 K8 A7 L8")).splitlines()
    assert won[8] == " 8  . . . + . . .[X X X X X]. . .  8"
    assert won[-1] == "X 1-0"
    assert GAME.render(start()).endswith("\n1. X")
