"""Openings step by step: who is asked, where a stone may go, who has which colour after a choice."""

import random
from typing import get_args

import pytest

from p2pgame.core import IllegalMoveError, Outcome, Setup, decode, encode
from p2pgame.games.gomoku.board import symmetric
from p2pgame.games.gomoku.rules import (
    BLACK,
    GAME,
    WHITE,
    Config,
    Input,
    Move,
    Opening,
    Rule,
    State,
    centre,
    format_point,
    illegal,
    legal_inputs,
    parse_point,
    position,
)
from tests.opening_oracle import PROCEDURES, At, Table

CHOICES = ("black", "white", "more", "offer", "pass")


def start(opening: Opening, rule: Rule = "renju", size: int = 15) -> State:
    return GAME.initial(Setup(players=2, seed=1, config=Config(rule, size, opening)))


def given(state: State, text: str) -> Input:
    return text if text in CHOICES else Move(parse_point(text, state.size))


def play(state: State, text: str) -> State:
    """What is written, one after the other: ``0 H8`` is player 0 on H8, ``1 black`` its choice of Black."""
    words = text.split()
    for player, word in zip(map(int, words[::2]), words[1::2], strict=True):
        assert GAME.to_move(state) == (player,), word
        move = given(state, word)
        GAME.validate(state, player, move)
        state = GAME.advance(state, (move, None) if player == 0 else (None, move))
        assert decode(encode(state), State) == state
    return state


def refused(state: State, word: str) -> str:
    error = illegal(state, given(state, word))
    assert error is not None, word
    return error.code.format_map(error.params)


def names(state: State) -> set[str]:
    return {GAME.describe(state, move) for move in legal_inputs(state)}


def test_without_an_opening_black_begins_anywhere() -> None:
    assert len(names(start("no_opening"))) == 225
    state = play(start("no_opening"), "0 A1 1 B1 0 C1")
    assert (state.turn, state.colour) == (1, WHITE)


def test_swap() -> None:
    state = play(start("swap"), "0 H8 0 A1 0 O15")
    assert [state.board[parse_point(p)] for p in ("H8", "A1", "O15")] == [1, 2, 1]
    assert names(state) == {"black", "white"}
    assert refused(state, "G7") == "first make your choice"
    assert refused(state, "more") == "there is no such choice now"
    stays = play(state, "1 white 1 B2 0 B3")
    assert (stays.black, stays.turn) == (0, 1)
    swaps = play(state, "1 black 0 B2 1 B3")
    assert (swaps.black, swaps.turn, swaps.colour_of(1)) == (1, 0, BLACK)


def test_swap2() -> None:
    three = play(start("swap2"), "0 H8 0 A1 0 O15")
    assert names(three) == {"black", "white", "more"}
    assert play(three, "1 black 0 C3").black == 1
    assert play(three, "1 white 1 C3").black == 0
    more = play(three, "1 more 1 C3 1 D4")
    assert [more.board[parse_point(p)] for p in ("C3", "D4")] == [2, 1]
    assert names(more) == {"black", "white"}
    assert play(more, "0 black 1 E5 0 F6").black == 0
    assert play(more, "0 white 0 E5 1 F6").black == 1


@pytest.mark.parametrize(("opening", "near", "far"), [("pro", "J8", "K8"), ("long_pro", "K8", "L8")])
def test_pro_keeps_the_third_stone_away_from_the_centre(opening: Opening, near: str, far: str) -> None:
    state = start(opening)
    assert names(state) == {"H8"}
    assert refused(state, "H9") == "the first stone goes to the centre"
    state = play(state, "0 H8 1 A15")
    assert "outside of the middle" in refused(state, near)
    middle = 5 if opening == "pro" else 7
    assert len(names(state)) == 225 - middle**2 - 1
    assert play(state, f"0 {far} 1 H9 0 I8").black == 0


def shapes(states: list[State]) -> int:
    """How many of the positions differ by more than a turn or a reflection of the board."""

    def seen(board: bytes) -> bytes:
        found = []
        for _ in range(4):
            board = bytes(board[(14 - p % 15) * 15 + p // 15] for p in range(225))
            found += [board, bytes(board[p // 15 * 15 + 14 - p % 15] for p in range(225))]
        return min(found)

    return len({seen(state.board) for state in states})


def test_rif_has_twenty_six_openings() -> None:
    state = play(start("RIF"), "0 H8")
    second = [play(state, f"0 {name}") for name in sorted(names(state))]
    assert len(second) == 8
    third = [play(two, f"0 {name}") for two in second for name in sorted(names(two))]
    assert len(third) == 8 * 23
    assert shapes(third) == 26


def test_rif() -> None:
    state = play(start("RIF"), "0 H8 0 I9 0 J10")
    assert names(state) == {"black", "white"}
    state = play(state, "1 black 0 A1")
    assert (state.turn, state.asked.act if state.asked else "") == (1, "offer")
    state = play(state, "1 G7")
    assert (state.stones, state.offered, state.turn) == (4, (parse_point("G7"),), 1)
    assert refused(state, "G7") == "G7 is offered already"
    state = play(state, "1 B9")
    assert names(state) == {"G7", "B9"}
    assert refused(state, "C3") == "C3 is not offered"
    assert "(" in GAME.render(state)
    state = play(state, "0 B9")
    assert (state.stones, state.board[parse_point("B9")], state.board[parse_point("G7")]) == (5, 1, 0)
    assert (state.turn, state.colour, state.offered, state.asked) == (0, WHITE, (), None)


def test_offers_may_not_be_mirrored() -> None:
    """The stones on row 8 are the same seen from above and below, and H8, I8, J8, K8 is not the same from the left."""
    state = play(start("RIF"), "0 H8 0 I8 0 J8 1 white 1 K8 0 I9")
    assert refused(state, "I7") == "I7 is the same as I9, mirrored"
    assert illegal(state, Move(parse_point("J9"))) is None
    even = play(start("RIF"), "0 H8 0 I9 0 J8 1 white 1 I7 0 H10")  # Black H8 J8, White I9 I7
    for name in ("J10", "H6", "J6"):
        assert "mirrored" in refused(even, name)
    assert illegal(even, Move(parse_point("I10"))) is None


def test_symmetric_is_seen_wherever_the_stones_are() -> None:
    at = [parse_point(p) for p in ("C3", "C5", "C4")]
    assert symmetric(15, (at[:2], at[2:]), parse_point("B3"), parse_point("D5"))
    assert symmetric(15, (at[:2], at[2:]), parse_point("B3"), parse_point("B5"))
    assert not symmetric(15, (at[:2], at[2:]), parse_point("B3"), parse_point("B4"))
    assert not symmetric(15, (at[:1], at[1:]), parse_point("B3"), parse_point("B5"))


def test_taraguchi_10_swaps_after_every_stone() -> None:
    state = play(start("taraguchi_10"), "0 H8")
    assert names(state) == {"black", "white"}
    state = play(state, "1 black 0 I9")  # player 1 has Black now, so player 0 put the second stone
    assert state.black == 1
    state = play(state, "1 white 0 J10")
    assert state.black == 0
    state = play(state, "1 white")
    assert "middle 7 x 7" in refused(state, "L8")
    state = play(state, "1 K11")
    assert names(state) == {"black", "white", "offer"}
    fifth = play(state, "0 white")
    assert "middle 9 x 9" in refused(fifth, "M8")
    free = play(fifth, "1 L12 0 white 0 A1 1 B1")
    assert (free.black, free.asked) == (1, None)


def test_taraguchi_10_offers_ten() -> None:
    state = play(start("taraguchi_10"), "0 H8 1 white 1 I9 0 black 0 H10 1 white 1 K11 0 offer")
    points = ["A1", "B1", "C1", "D1", "E1", "F1", "G1", "H1", "I1", "J1"]
    state = play(state, " ".join(f"0 {point}" for point in points))
    assert names(state) == set(points)
    assert play(state, "1 F1 1 H2 0 H3").stones == 7


@pytest.mark.parametrize("size", [13, 15, 19, 20])
@pytest.mark.parametrize("opening", get_args(Opening))
def test_every_opening_ends_in_free_play_on_every_board(opening: Opening, size: int) -> None:
    for seed in range(5):
        chance, state = random.Random(seed), start(opening, size=size)
        for _ in range(24):
            asked, moves = state.asked, [*legal_inputs(state)]
            assert moves
            move = chance.choice(moves)
            GAME.validate(state, state.turn, move)
            with pytest.raises(IllegalMoveError, match="not your turn"):
                GAME.validate(state, 1 - state.turn, move)
            state = GAME.advance(state, (move, None) if state.turn == 0 else (None, move))
            if asked is None:
                break
        assert state.asked is None
        if opening in ("pro", "RIF", "taraguchi_10"):
            assert state.moves[0] == centre(size)


@pytest.mark.parametrize(
    ("black", "white", "wins"),
    [
        ("D8 E8 F8 G8", "A1 A2 C8 I8", False),  # closed at both ends
        ("D8 E8 F8 G8", "A1 A2 C8 A3", True),
        ("A8 B8 C8 D8", "A1 A2 A3 F8", True),  # H8 is the point; see below
        ("C8 D8 E8 F8 G8", "A1 A2 B8 I8 A5", True),  # more than five cannot be closed
    ],
)
def test_caro(black: str, white: str, wins: bool) -> None:
    point = "E8" if black.startswith("A8") else "H8"
    stones = [[parse_point(p) for p in text.split()] for text in (black, white)]
    state = position(Config("caro"), *stones)
    after = GAME.advance(state, (Move(parse_point(point)), None))
    assert GAME.outcome(after) == (Outcome((0,), "five in a row") if wins else None)


def test_the_winner_is_a_player_not_a_colour() -> None:
    state = play(start("swap", "freestyle"), "0 A1 0 C3 0 O15 1 black")
    state = play(state, "0 C4 1 H8 0 C5 1 I8 0 C6 1 J8 0 C7")
    assert GAME.outcome(state) == Outcome((0,), "five in a row")
    assert GAME.render(state).endswith("O 0-1")
    foul = play(start("swap"), "0 F8 0 A1 0 G8 1 black 0 A3 1 H9 0 A5 1 H10 0 A7 1 H8")
    assert GAME.outcome(foul) == Outcome((0,), "forbidden double three")


def test_a_position_of_any_stones() -> None:
    state = position(Config(size=19), [0, 1, 2], [5])
    assert (state.size, state.stones, state.colour, state.turn) == (19, 4, WHITE, 1)
    assert position(Config(), [], []).colour == BLACK
    assert position(Config(), [], [3]).colour == BLACK
    assert position(Config(), [1], [3], colour=WHITE).colour == WHITE
    for black, white in (([1], [1]), ([1, 1], []), ([225], []), ([], [-1])):
        with pytest.raises(ValueError, match="no room"):
            position(Config(), black, white)


def test_coordinates_of_the_centre() -> None:
    assert [format_point(centre(n), n) for n in (13, 15, 19, 20)] == ["G7", "H8", "J10", "K11"]


@pytest.mark.parametrize(("size", "seed"), [(13, 0), (13, 1), (20, 2), (15, 3)])
@pytest.mark.parametrize("opening", PROCEDURES)
def test_every_question_and_every_answer_is_that_of_the_rule_book(
    opening: Opening, size: int, seed: int
) -> None:
    """A walk of chance, beside an oracle that tells the procedure in words of its own."""
    chance, state, table = random.Random(seed), start(opening, size=size), Table(size)
    procedure = PROCEDURES[opening](table)
    who, answers = next(procedure)
    while True:
        assert state.asked is not None
        assert state.turn == who
        assert {answer_of(move, size) for move in legal_inputs(state)} == answers
        liked = [answer for answer in answers if isinstance(answer, str) or liked_by(seed, answer, size)]
        answer = chance.choice(sorted(liked or answers, key=str))
        move = given(state, answer) if isinstance(answer, str) else Move(answer[1] * size + answer[0])
        state = GAME.advance(state, [move, move])
        try:
            who, answers = procedure.send(answer)
        except StopIteration as end:
            black = end.value
            break
    assert state.asked is None
    assert state.black == black
    assert [(p % size, p // size) for p in state.moves] == table.stones


def answer_of(move: Input, size: int) -> At | str:
    return (move.point % size, move.point // size) if isinstance(move, Move) else move


def liked_by(seed: int, at: At, size: int) -> bool:
    """Near the centre; of odd seeds on its row, so that each stone beside it has a mirror image."""
    x, y = (abs(a - size // 2) for a in at)
    return max(x, y) <= 3 and (seed % 2 == 0 or y == 0)
