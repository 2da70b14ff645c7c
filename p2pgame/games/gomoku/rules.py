"""The rules of Gomoku on 15 x 15, and its coordinates. Pure; knows no window, network or clock.

Freestyle: five or more in a row win. Standard: exactly five; an overline neither wins nor loses. A full
board is a draw. Player 0 is Black and moves first.

A point is one integer, ``y * 15 + x``: A1, bottom left, is 0; O1 is 14; the centre H8 is 112; O15 is 224.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Annotated, Final, Literal

import msgspec

from p2pgame.core import Game, IllegalMoveError, Outcome, Setup

__all__ = [
    "CENTRE",
    "EMPTY",
    "GAME",
    "POINTS",
    "SIZE",
    "Config",
    "Gomoku",
    "Move",
    "Rule",
    "State",
    "format_point",
    "parse_point",
]

SIZE: Final = 15
POINTS: Final = SIZE * SIZE
CENTRE: Final = POINTS // 2
EMPTY: Final = 0
"""On the board; a stone of player p is ``p + 1``."""

_LETTERS: Final = "ABCDEFGHIJKLMNO"
_SYMBOLS: Final = ".XO"
_STARS: Final = frozenset(y * SIZE + x for x in (3, 7, 11) for y in (3, 7, 11))

Rule = Literal["freestyle", "standard"]
Point = Annotated[int, msgspec.Meta(ge=0, lt=POINTS)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the inviter chooses."""

    rule: Rule = "freestyle"


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stone on a point. Colour is that of the player to move."""

    point: Point

    @property
    def x(self) -> int:
        """Column, 0 (A) to 14 (O)."""
        return self.point % SIZE

    @property
    def y(self) -> int:
        """Row, 0 (1, at the bottom) to 14 (15)."""
        return self.point // SIZE


class State(msgspec.Struct, frozen=True):
    """A position. Whose turn it is and how the match ended follow from the fields."""

    rule: Rule
    board: Annotated[bytes, msgspec.Meta(min_length=POINTS, max_length=POINTS)] = bytes(POINTS)
    """One byte a point: `EMPTY`, 1 (Black), 2 (White)."""
    stones: int = 0
    last: Point | None = None
    """The newest stone."""
    line: tuple[Point, ...] = ()
    """The winning stones from one end to the other; empty while nobody has won."""

    @property
    def turn(self) -> int:
        """The player to move, or who would be if the match went on."""
        return self.stones % 2

    @property
    def winner(self) -> int | None:
        return 1 - self.turn if self.line else None

    @property
    def over(self) -> bool:
        return bool(self.line) or self.stones == POINTS


class Gomoku(Game[State, Move, Config]):
    """Five in a row."""

    name = "gomoku"
    title = "Gomoku"
    state_type = State
    input_type = Move
    config_type = Config

    def initial(self, setup: Setup[Config]) -> State:
        return State(rule=setup.config.rule)

    def to_move(self, state: State) -> tuple[int, ...]:
        """The one player to move; nobody once the match is over."""
        return () if state.over else (state.turn,)

    def validate(self, state: State, player: int, move: Move) -> None:
        if state.over:
            raise IllegalMoveError("the match is over")
        if player != state.turn:
            raise IllegalMoveError("it is not your turn")
        if not 0 <= move.point < POINTS:
            raise IllegalMoveError("that is off the board")
        if state.board[move.point] != EMPTY:
            raise IllegalMoveError("{point} is taken", point=format_point(move.point))

    def advance(self, state: State, inputs: Sequence[Move | None]) -> State:
        """The position after the stone of the player to move. A finished match stays as it is."""
        move = None if state.over else inputs[state.turn]
        if move is None:
            return state
        point = move.point
        stone = bytes((state.turn + 1,))
        board = state.board[:point] + stone + state.board[point + 1 :]
        return State(
            rule=state.rule,
            board=board,
            stones=state.stones + 1,
            last=point,
            line=_winning_line(board, point, state.rule),
        )

    def outcome(self, state: State) -> Outcome | None:
        if state.winner is not None:
            return Outcome(winners=(state.winner,), reason="five in a row")
        return Outcome(winners=(), reason="board full") if state.over else None

    def describe(self, state: State, move: Move) -> str:
        del state
        return format_point(move.point)

    def render(self, state: State) -> str:
        """The board, 15 at the top, with the last stone in ``( )`` or the winning stones in ``[ ]``; X is Black."""
        letters = "    " + " ".join(_LETTERS)
        rows = [f"{y + 1:>2} {_row_text(state, y)} {y + 1}" for y in reversed(range(SIZE))]
        return "\n".join([letters, *rows, letters, _status(state)])


def format_point(point: int) -> str:
    """``H8`` for 112. A point off the board is given as its number."""
    return f"{_LETTERS[point % SIZE]}{point // SIZE + 1}" if 0 <= point < POINTS else str(point)


def parse_point(text: str) -> int:
    """112 for ``H8`` or ``h8``. Raises ValueError for anything that is not a point of the board."""
    letter, number = text.strip()[:1].upper(), text.strip()[1:]
    column = _LETTERS.find(letter) if letter else -1
    if column < 0 or number not in _NUMBERS:
        raise ValueError(f"{text[:12]!r} is not a point from A1 to O15")
    return _NUMBERS[number] * SIZE + column


_NUMBERS: Final = {str(y + 1): y for y in range(SIZE)}


def _arm(point: int, dx: int, dy: int) -> tuple[int, ...]:
    """The points from `point`, itself not included, to the edge."""
    x, y = point % SIZE + dx, point // SIZE + dy
    arm = []
    while 0 <= x < SIZE and 0 <= y < SIZE:
        arm.append(y * SIZE + x)
        x, y = x + dx, y + dy
    return tuple(arm)


_ARMS: Final = tuple(
    tuple((_arm(p, -dx, -dy), _arm(p, dx, dy)) for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)))
    for p in range(POINTS)
)
"""For each point its four lines, each as the two arms that leave the point."""


def _winning_line(board: bytes, point: int, rule: Rule) -> tuple[int, ...]:
    """The run of stones through `point` that wins by `rule`; empty if none does."""
    stone = board[point]
    for back, ahead in _ARMS[point]:
        before = tuple(takewhile(lambda p: board[p] == stone, back))
        after = tuple(takewhile(lambda p: board[p] == stone, ahead))
        length = len(before) + 1 + len(after)
        if length == 5 or (length > 5 and rule == "freestyle"):
            return (*reversed(before), point, *after)
    return ()


def _row_text(state: State, y: int) -> str:
    """One row of the board: cells one character wide, with a separator before, between and after."""
    marked = state.line or (() if state.last is None else (state.last,))
    opening, closing = "[]" if state.line else "()"
    text, left = "", False
    for point in range(y * SIZE, (y + 1) * SIZE):
        here = point in marked
        text += closing if left and not here else opening if here and not left else " "
        stone = state.board[point]
        text += "+" if stone == EMPTY and point in _STARS else _SYMBOLS[stone]
        left = here
    return text + (closing if left else " ")


def _status(state: State) -> str:
    """The number of the move and who is to move, ``4. O``, or the result, ``X 1-0``, ``1/2-1/2``: in no language."""
    if state.winner is not None:
        return f"{_SYMBOLS[state.winner + 1]} {('1-0', '0-1')[state.winner]}"
    if state.over:
        return "1/2-1/2"
    return f"{state.stones + 1}. {_SYMBOLS[state.turn + 1]}"


GAME: Final = Gomoku()
