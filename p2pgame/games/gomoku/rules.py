"""The rules of Gomoku: freestyle, standard, renju and Caro, with the openings of tournaments. Pure.

Who first has five in a row wins. Black moves first; player 0 has Black unless an opening lets somebody choose.

======================  ==============================================================================================
freestyle               five or more
standard                exactly five; an overline neither wins nor loses
renju                   White wins with five or more, Black with exactly five. Black loses by an overline, two fours or
                        two threes (`fouls`), unless the stone makes a five as well. Who may not gain passes.
renju_fouls_refused     the same, and a foul is no legal move
caro                    more than five, or exactly five that stones of the other colour do not close at both ends
======================  ==============================================================================================

A full board is a draw, and so are two passes one after the other. The rule book of renju is that of the Renju
International Federation (RIF).
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isqrt
from typing import Annotated, Final, Literal, get_args

import msgspec

from p2pgame.core import Clock, Game, IllegalMoveError, Outcome, Setup, Takebacks

from .board import (
    CENTRE,
    EMPTY,
    LETTERS,
    POINTS,
    POINTS_MAX,
    SIZE,
    Point,
    Size,
    centre,
    distance,
    format_point,
    long_rows,
    parse_point,
    run,
    stars,
    symmetric,
)
from .fouls import Foul, forbidden, forbidden_points
from .openings import OPENINGS, Choice, Opening, Step

__all__ = [
    "BLACK",
    "CENTRE",
    "EMPTY",
    "GAME",
    "PASS",
    "POINTS",
    "SIZE",
    "WHITE",
    "Choice",
    "Config",
    "Foul",
    "Gomoku",
    "Input",
    "Move",
    "Opening",
    "Point",
    "Rule",
    "Size",
    "State",
    "centre",
    "forbidden",
    "forbidden_points",
    "format_point",
    "illegal",
    "legal_inputs",
    "parse_point",
    "position",
    "stars",
    "winning_lines",
]

BLACK: Final = 0
WHITE: Final = 1
"""Colours; a stone on the board is ``colour + 1``."""
PASS: Final = -1
"""Among the moves of a state."""
_PASS_FROM: Final = 5
"""Stones on the board before anybody may pass: the opening of renju has five."""
_SYMBOLS: Final = ".XO"

Rule = Literal["freestyle", "standard", "renju", "renju_fouls_refused", "caro"]
_RENJU: Final = ("renju", "renju_fouls_refused")


_FOUL_SENTENCES: Final[dict[Foul, str]] = {
    "overline": "Black may not play {point}: more than five in a row",
    "double four": "Black may not play {point}: two fours",
    "double three": "Black may not play {point}: two threes",
}
_NOTE_SENTENCES: Final[dict[str, str]] = {
    "freestyle": "Five or more in a row win.",
    "standard": "Exactly five win; six do not.",
    "renju": "Black loses by 6, 4-4 or 3-3.",
    "renju_fouls_refused": "Black cannot play 6, 4-4 or 3-3.",
    "caro": "Five closed at both ends do not win.",
    "no_opening": "Black begins anywhere.",
    "swap": "Three stones, then pick a colour.",
    "swap2": "Three stones; pick, or put two more.",
    "pro": "Third stone outside of 5 x 5.",
    "long_pro": "Third stone outside of 7 x 7.",
    "RIF": "26 openings, a swap, two fifth stones.",
    "taraguchi_10": "Swap after each stone, or offer ten.",
}


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the inviter chooses."""

    rule: Rule = "freestyle"
    size: Size = SIZE
    """Points on a side of the board."""
    opening: Opening = "no_opening"
    clock: Clock = "30 min of patience"
    takebacks: Takebacks = "takebacks"


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A point: where a stone goes, or which one is offered. Colour is that of who is to move."""

    point: Point


Input = Move | Choice
"""On the wire a map with the point, or a word."""


class State(msgspec.Struct, frozen=True):
    """A position. Whose turn it is and how the match ended follow from the fields."""

    rule: Rule
    opening: Opening = "no_opening"
    board: Annotated[bytes, msgspec.Meta(min_length=169, max_length=POINTS_MAX)] = bytes(POINTS)
    """One byte a point: `EMPTY`, 1 (Black), 2 (White)."""
    stones: Annotated[int, msgspec.Meta(ge=-POINTS_MAX, le=POINTS_MAX)] = 0
    """How many are on the board."""
    moves: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=PASS, lt=POINTS_MAX)], ...],
        msgspec.Meta(max_length=2 * POINTS_MAX + 1),
    ] = ()
    """Black's and White's by turns: the point of a stone, or `PASS`."""
    line: Annotated[tuple[Point, ...], msgspec.Meta(max_length=20)] = ()
    """The winning stones from one end to the other, the first line of `winning_lines`; empty while nobody has won."""
    foul: Foul | None = None
    """The foul by which Black lost."""
    black: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    """The player who has Black."""
    step: Annotated[int, msgspec.Meta(ge=-1, le=31)] = 0
    """Where in the opening the match is: an index into `OPENINGS`, -1 or its end in free play."""
    offered: Annotated[tuple[Point, ...], msgspec.Meta(max_length=10)] = ()
    """The points offered for the next stone."""

    def __post_init__(self) -> None:
        if len(self.board) not in _BOARDS:
            raise ValueError("the board is no square of a size that is played")

    @property
    def size(self) -> int:
        """Points on a side."""
        return isqrt(len(self.board))

    @property
    def asked(self) -> Step | None:
        """What the opening asks for now; None in free play."""
        steps = OPENINGS[self.opening]
        return steps[self.step] if 0 <= self.step < len(steps) else None

    @property
    def colour(self) -> int:
        """The colour of the next stone."""
        return len(self.moves) % 2

    @property
    def turn(self) -> int:
        """The player to move, or who would be if the match went on."""
        asked = self.asked
        who = asked.who if asked is not None else ("black", "white")[self.colour]
        match who:
            case "first":
                return 0
            case "second":
                return 1
            case "black":
                return self.black
            case _:
                return 1 - self.black

    def colour_of(self, player: int) -> int:
        """`BLACK` or `WHITE`, as things are now: an opening may change it."""
        return BLACK if player == self.black else WHITE

    @property
    def last(self) -> int | None:
        """The newest stone."""
        return next((point for point in reversed(self.moves) if point != PASS), None)

    @property
    def renju(self) -> bool:
        return self.rule in _RENJU

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the player to move may say instead of a stone."""
        asked = self.asked
        if asked is not None:
            return tuple(asked.choices)
        return ("pass",) if self.renju and self.stones >= _PASS_FROM else ()

    @property
    def winner(self) -> int | None:
        """The player who won."""
        if self.foul is not None:
            return 1 - self.black
        if not self.line:
            return None
        return self.black if len(self.moves) % 2 else 1 - self.black

    @property
    def passed(self) -> bool:
        """Whether both players passed, one after the other."""
        return self.moves[-2:] == (PASS, PASS)

    @property
    def over(self) -> bool:
        return bool(self.line) or self.foul is not None or self.stones >= len(self.board) or self.passed


_BOARDS: Final = tuple(size * size for size in get_args(Size))


class Gomoku(Game[State, Input, Config]):
    """Five in a row."""

    name = "gomoku"
    title = "Gomoku"
    state_type = State
    input_type = Input
    config_type = Config
    notes = _NOTE_SENTENCES

    def initial(self, setup: Setup[Config]) -> State:
        config = setup.config
        return State(rule=config.rule, opening=config.opening, board=bytes(config.size * config.size))

    def to_move(self, state: State) -> tuple[int, ...]:
        """The one player to move; nobody once the match is over."""
        return () if state.over else (state.turn,)

    def validate(self, state: State, player: int, move: Input) -> None:
        if state.over:
            raise IllegalMoveError("the match is over")
        if player != state.turn:
            raise IllegalMoveError("it is not your turn")
        error = illegal(state, move)
        if error is not None:
            raise error

    def advance(self, state: State, inputs: Sequence[Input | None]) -> State:
        """The position after what the player to move did. A finished match stays as it is."""
        move = None if state.over else inputs[state.turn]
        if move is None:
            return state
        if not isinstance(move, Move):
            return _chosen(state, move)
        asked = state.asked
        return (
            _offered(state, asked, move.point)
            if asked and asked.act == "offer"
            else _placed(state, move.point)
        )

    def outcome(self, state: State) -> Outcome | None:
        if state.winner is not None:
            winners = (state.winner,)
            match state.foul:
                case None:
                    return Outcome(winners=winners, reason="five in a row")
                case "overline":
                    return Outcome(winners=winners, reason="forbidden overline")
                case "double four":
                    return Outcome(winners=winners, reason="forbidden double four")
                case _:
                    return Outcome(winners=winners, reason="forbidden double three")
        if state.passed:
            return Outcome(winners=(), reason="both passed")
        return Outcome(winners=(), reason="board full") if state.over else None

    def describe(self, state: State, move: Input) -> str:
        return format_point(move.point, state.size) if isinstance(move, Move) else move

    def render(self, state: State) -> str:
        """The board, row 1 at the bottom, X for Black; the last stone or those offered in ``( )``, a win in ``[ ]``."""
        size = state.size
        letters = "    " + " ".join(LETTERS[:size])
        rows = [f"{y + 1:>2} {_row_text(state, y)} {y + 1}" for y in reversed(range(size))]
        return "\n".join([letters, *rows, letters, _status(state)])


def illegal(state: State, move: Input) -> IllegalMoveError | None:
    """Why the player to move may not do that in `state`, which is not over; None if it may."""
    if not isinstance(move, Move):
        if move in state.choices:
            return None
        return IllegalMoveError("you cannot pass now" if move == "pass" else "there is no such choice now")
    point, size, asked = move.point, state.size, state.asked
    if not 0 <= point < size * size:
        return IllegalMoveError("that is off the board")
    if asked is not None and asked.act == "choose":
        return IllegalMoveError("first make your choice")
    if state.board[point] != EMPTY:
        return IllegalMoveError("{point} is taken", point=format_point(point, size))
    if asked is not None:
        return _against_opening(state, asked, point)
    if state.rule == "renju_fouls_refused" and state.colour == BLACK:
        foul = forbidden(state.board, size, point)
        if foul is not None:
            return IllegalMoveError(_FOUL_SENTENCES[foul], point=format_point(point, size))
    return None


def _against_opening(state: State, asked: Step, point: int) -> IllegalMoveError | None:
    away = distance(state.size, point)
    if asked.most == 0 and away > 0:
        return IllegalMoveError("the first stone goes to the centre")
    if away > asked.most:
        return IllegalMoveError("this stone goes into the middle {n} x {n}", n=2 * asked.most + 1)
    if away < asked.least:
        return IllegalMoveError("this stone goes outside of the middle {n} x {n}", n=2 * asked.least - 1)
    name = format_point(point, state.size)
    if asked.act == "pick" and point not in state.offered:
        return IllegalMoveError("{point} is not offered", point=name)
    if asked.act == "offer":
        if point in state.offered:
            return IllegalMoveError("{point} is offered already", point=name)
        stones = [
            [p for p, stone in enumerate(state.board) if stone == colour + 1] for colour in (BLACK, WHITE)
        ]
        for other in state.offered:
            if symmetric(state.size, stones, point, other):
                named = format_point(other, state.size)
                return IllegalMoveError("{point} is the same as {other}, mirrored", point=name, other=named)
    return None


def legal_inputs(state: State) -> Iterator[Input]:
    """Everything that the player to move may do; nothing once the match is over."""
    if state.over:
        return
    for point in range(len(state.board)):
        if illegal(state, move := Move(point)) is None:
            yield move
    yield from state.choices


def position(
    config: Config, black: Iterable[int], white: Iterable[int], *, colour: int | None = None
) -> State:
    """A position in free play with these stones, in the order in which they were put; player 0 has Black.

    `colour` is to move; None: Black if there are no more stones of Black than of White, else White. Where the numbers
    of stones do not go with that, the moves have passes. Raises `ValueError` for points off the board or twice.
    """
    stones = ([*black], [*white])
    board = bytearray(config.size * config.size)
    for side, points in enumerate(stones):
        for point in points:
            if not 0 <= point < len(board) or board[point] != EMPTY:
                raise ValueError(f"there is no room for a stone on {format_point(point, config.size)}")
            board[point] = side + 1
    if colour is None:
        colour = BLACK if len(stones[BLACK]) <= len(stones[WHITE]) else WHITE
    moves: list[int] = []
    longest = max(len(stones[BLACK]), len(stones[WHITE]))
    for number in range(longest):
        moves += [points[number] if number < len(points) else PASS for points in stones]
    if colour == WHITE:
        if moves and moves[-1] == PASS:
            moves.pop()
        else:
            moves.append(PASS)
    return State(
        rule=config.rule,
        opening=config.opening,
        board=bytes(board),
        stones=sum(map(len, stones)),
        moves=tuple(moves),
        step=len(OPENINGS[config.opening]),
    )


def winning_lines(state: State) -> tuple[tuple[int, ...], ...]:
    """Every line with which the newest stone won, from one end to the other: one stone may complete several."""
    last = state.last
    return () if last is None or not state.line else _lines(state.board, state.size, last, state.rule)


def _lines(board: bytes, size: int, point: int, rule: Rule) -> tuple[tuple[int, ...], ...]:
    """The rows through `point` that win by `rule`."""
    exact = rule == "standard" or (rule in _RENJU and board[point] == BLACK + 1)
    found = []
    for direction in long_rows(board, size, point):
        stones, closed = run(board, size, point, direction)
        if len(stones) > 5:
            if not exact:
                found.append(stones)
        elif not (closed and rule == "caro"):
            found.append(stones)
    return tuple(found)


def _placed(state: State, point: int) -> State:
    colour = state.colour
    board = state.board[:point] + bytes((colour + 1,)) + state.board[point + 1 :]
    lines = _lines(board, state.size, point, state.rule)
    foul = (
        forbidden(state.board, state.size, point) if state.renju and colour == BLACK and not lines else None
    )
    return msgspec.structs.replace(
        state,
        board=board,
        stones=state.stones + 1,
        moves=(*state.moves, point),
        line=lines[0] if lines else (),
        foul=foul,
        step=state.step + 1 if state.asked else state.step,
        offered=(),
    )


def _offered(state: State, asked: Step, point: int) -> State:
    offered = (*state.offered, point)
    step = state.step + (len(offered) == asked.points)
    return msgspec.structs.replace(state, offered=offered, step=step)


def _chosen(state: State, choice: Choice) -> State:
    asked = state.asked
    if asked is None:
        return msgspec.structs.replace(state, moves=(*state.moves, PASS))
    player, black = state.turn, state.black
    if choice in ("black", "white"):
        black = player if choice == "black" else 1 - player
    return msgspec.structs.replace(state, black=black, step=asked.choices.get(choice, state.step))


def _row_text(state: State, y: int) -> str:
    """One row of the board: cells one character wide, with a separator before, between and after."""
    size, last = state.size, state.last
    marked = state.line or state.offered or (() if last is None else (last,))
    opening, closing = "[]" if state.line else "()"
    text, left = "", False
    for point in range(y * size, (y + 1) * size):
        here = point in marked
        text += closing if left and not here else opening if here and not left else " "
        stone = state.board[point]
        text += "+" if stone == EMPTY and point in stars(size) else _SYMBOLS[stone]
        left = here
    return text + (closing if left else " ")


def _status(state: State) -> str:
    """The number of the move and who is to move, ``4. O``, or the result, ``X 1-0``, ``1/2-1/2``: in no language.

    ``4. ?`` asks for a choice.
    """
    if state.winner is not None:
        colour = state.colour_of(state.winner)
        return f"{_SYMBOLS[colour + 1]} {('1-0', '0-1')[colour]}"
    if state.over:
        return "1/2-1/2"
    asked = state.asked
    choosing = asked is not None and asked.act == "choose"
    return f"{len(state.moves) + 1}. {'?' if choosing else _SYMBOLS[state.colour + 1]}"


GAME: Final = Gomoku()
