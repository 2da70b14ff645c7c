"""The engine as a *brain*: it speaks the protocol of Piskvork and Gomocup, by which managers run Gomoku engines.

Sources: https://plastovicka.github.io/protocl2en.htm, and Gomocup's text of 2020 for SWAP2BOARD. YXBOARD and
YXSHOWFORBID are usual extensions. Lines come in, lines go out: this module reads and writes nothing itself.
"""

import random
from collections.abc import Callable, Iterator
from typing import Final

from p2pgame.games.gomoku.engine.opening import Balance
from p2pgame.games.gomoku.engine.player import Limits, Player
from p2pgame.games.gomoku.engine.search import Found, Sight
from p2pgame.games.gomoku.engine.variant import BLACK, Variant, Wins
from p2pgame.games.gomoku.rules import forbidden

__all__ = ["SIZES", "Brain", "variant_of"]

SIZES: Final = range(5, 23)
"""Points on a side that the engine can play on."""
_LINE_MAX: Final = 4_000
_STONES_MAX: Final = 22 * 22 + 10
_EXACT, _RENJU, _CARO = 1, 4, 8
"""Bits of ``INFO rule``. Bit 2, continuous play, changes nothing for a brain."""
_TURN_DEFAULT: Final = 30.0
"""Seconds for a move before the manager says how many there are."""
_RESERVE: Final = 0.12
"""Seconds of a move for pipes and the system."""
_MOVES_LEFT: Final = 18
"""The time of a match is shared by so many moves to come."""


def variant_of(size: int, rule: int) -> Variant:
    """The variant of a number of ``INFO rule``."""
    if rule & _RENJU:
        return Variant(size, (Wins.EXACTLY_FIVE, Wins.FIVE_OR_MORE), fouls=True)
    if rule & _CARO:
        return Variant(size, (Wins.UNBLOCKED, Wins.UNBLOCKED))
    if rule & _EXACT:
        return Variant(size, (Wins.EXACTLY_FIVE, Wins.EXACTLY_FIVE))
    return Variant(size)


class _Refused(ValueError):  # noqa: N818  (its text is an answer)
    """The manager said something impossible. Its text is the answer."""


class Brain:
    """One conversation with a manager."""

    def __init__(self, clock: Callable[[], float], version: str, sight: Sight | None = None) -> None:
        """`clock`: seconds; a value beyond all times ends a search. `sight`: of the engine."""
        self._clock = clock
        self._about = f'name="p2pgame", version="{version}", author="the p2pgame authors", country="-"'
        self._sight = sight or Sight()
        self._size = 0
        """0: no match was started."""
        self._rule = 0
        self._board = bytearray()
        """One byte a point: 0, 1 (our stone), 2 (theirs)."""
        self._turn_seconds = _TURN_DEFAULT
        self._match_seconds = 0.0
        self._left_seconds: float | None = None
        self._memory = 0
        self._reading: list[str] | None = None
        """The lines of BOARD, YXBOARD or SWAP2BOARD so far, the command first; None: no list is being sent."""
        self.over = False
        """The manager said END."""

    def receive(self, line: str) -> Iterator[str]:
        """The answers to one line, in order; thinks while they are asked for."""
        words = line[:_LINE_MAX].split()
        if not words:
            return
        try:
            if self._reading is not None:
                yield from self._read(words)
            else:
                yield from self._command(words[0].upper(), words[1:])
        except _Refused as error:
            self._reading = None
            yield f"ERROR {error}"

    def _command(self, name: str, given: list[str]) -> Iterator[str]:
        match name:
            case "START":
                yield from self._start(_number(given, 0), _number(given, 0))
            case "RECTSTART":
                width, _, height = "".join(given).partition(",")
                yield from self._start(_number([width], 0), _number([height], 0))
            case "RESTART":
                self._need_board()
                self._board = bytearray(self._size**2)
                yield "OK"
            case "BEGIN":
                self._need_board()
                if any(self._board):
                    raise _Refused("the board is not empty")
                yield from self._move()
            case "TURN":
                self._put(" ".join(given), 2)
                yield from self._move()
            case "PLAY":
                self._put(" ".join(given), 1)
                yield _point_text(self._point(" ".join(given)), self._size)
            case "TAKEBACK":
                point = self._point(" ".join(given))
                if not self._board[point]:
                    raise _Refused("there is no stone")
                self._board[point] = 0
                yield "OK"
            case "BOARD" | "YXBOARD" | "SWAP2BOARD":
                self._need_board()
                self._reading = [name]
            case "YXSHOWFORBID":
                self._need_board()
                yield self._forbidden()
            case "INFO":
                self._inform(given)
            case "ABOUT":
                yield self._about
            case "END":
                self.over = True
            case _:
                yield f"UNKNOWN {name[:40]}"

    def _start(self, width: int, height: int) -> Iterator[str]:
        if width != height:
            raise _Refused("only square boards are supported")
        if width not in SIZES:
            raise _Refused(f"sizes from {SIZES[0]} to {SIZES[-1]} are supported")
        self._size = width
        self._board = bytearray(width * width)
        yield "OK"

    def _need_board(self) -> None:
        if not self._size:
            raise _Refused("no match was started")

    # --- what the manager tells

    def _inform(self, given: list[str]) -> None:
        """A setting; what is unknown or means nothing to us (``folder``, ``game_type``, ``evaluate``) is ignored."""
        key, values = (given[0].lower() if given else ""), given[1:]
        match key:
            case "timeout_turn":
                self._turn_seconds = _number(values, 0) / 1000
            case "timeout_match":
                self._match_seconds = _number(values, 0) / 1000
            case "time_left":
                self._left_seconds = _number(values, 0) / 1000
            case "max_memory":
                self._memory = _number(values, 0)
            case "rule":
                self._rule = _number(values, 0)

    def _read(self, words: list[str]) -> Iterator[str]:
        lines = self._reading or []
        if words[0].upper() != "DONE":
            if len(lines) <= _STONES_MAX:
                lines.append(" ".join(words))
            return
        self._reading = None
        if len(lines) > _STONES_MAX:
            raise _Refused("too many stones")
        name, *stones = lines
        board, self._board = self._board, bytearray(self._size**2)
        try:
            if name == "SWAP2BOARD":
                points = [self._point(stone) for stone in stones]
                if len(set(points)) < len(points):
                    raise _Refused("two stones are on one point")
                yield from self._swap2(points)
                return
            for stone in stones:
                text, _, field = stone.rpartition(",")
                if field not in ("1", "2", "3"):
                    raise _Refused(f"{stone[:40]} is no stone")
                self._put(text, min(2, int(field)))
        except _Refused:
            self._board = board
            raise
        if name == "BOARD":
            yield from self._move()

    def _point(self, text: str) -> int:
        self._need_board()
        x, _, y = text.partition(",")
        column, row = _number([x.strip()], self._size), _number([y.strip()], self._size)
        if not (column < self._size and row < self._size):
            raise _Refused(f"{text[:40]} is no point of the board")
        return row * self._size + column

    def _put(self, text: str, whose: int) -> None:
        point = self._point(text)
        if self._board[point]:
            raise _Refused(f"{text[:40]} is taken")
        self._board[point] = whose

    # --- what the engine answers

    def _colours(self) -> tuple[bytes, int]:
        """The board with 1 for Black and 2 for White, and our colour: Black has begun."""
        ours, theirs = self._board.count(1), self._board.count(2)
        me = BLACK if ours == theirs else 1 - BLACK
        if me == BLACK:
            return bytes(self._board), me
        return bytes(self._board).translate(_SWAPPED), me

    def _move(self) -> Iterator[str]:
        if 0 not in self._board:
            raise _Refused("the board is full")
        cells, me = self._colours()
        found = self._think(cells, me)
        self._board[found.point] = 1
        yield f"MESSAGE depth {found.depth} score {found.score} nodes {found.nodes}"
        yield _point_text(found.point, self._size)

    def _think(self, cells: bytes, me: int) -> Found:
        size = self._size
        player = Player(
            variant_of(size, self._rule),
            self._sight,
            self._clock,
            lambda board, point: forbidden(board, size, point) is not None,
            memory=self._memory or None,
        )
        return player.choose(cells, me, Limits(self._seconds()))

    def _seconds(self) -> float:
        """How long to think about this move."""
        seconds = self._turn_seconds
        left = self._left_seconds
        if left is None and self._match_seconds:
            left = self._match_seconds
        if left is not None and left < 1e6:  # managers say 2147483647 ms for no limit
            share = left / _MOVES_LEFT
            seconds = min(seconds, share) if seconds else share
        return max(0.02, seconds - _RESERVE)

    def _swap2(self, points: list[int]) -> Iterator[str]:
        balance = Balance(variant_of(self._size, self._rule), self._clock, random.Random())
        seconds = self._seconds()
        match len(points):
            case 0:
                yield " ".join(_point_text(point, self._size) for point in balance.three())
            case 3:
                choice = balance.after_three(points, seconds)
                yield (
                    "SWAP" if choice is None else " ".join(_point_text(point, self._size) for point in choice)
                )
            case 5:
                move = balance.after_five(points, seconds)
                yield "SWAP" if move is None else _point_text(move, self._size)
            case _:
                raise _Refused("SWAP2BOARD has no, three or five stones")

    def _forbidden(self) -> str:
        """``FORBID``, and two digits of the column and of the row for each point, if Black is to move in renju."""
        found = ""
        cells, me = self._colours()
        if self._rule & _RENJU and me == BLACK:
            size = self._size
            for point in range(size * size):
                if not cells[point] and forbidden(cells, size, point) is not None:
                    found += f"{point % size:02}{point // size:02}"
        return f"FORBID {found}."


_SWAPPED: Final = bytes((0, 2, 1)) + bytes(253)


def _point_text(point: int, size: int) -> str:
    return f"{point % size},{point // size}"


def _number(words: list[str], default: int) -> int:
    """The first word as a number from 0 on; `default` for anything else."""
    word = words[0] if words else ""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 19 else default
