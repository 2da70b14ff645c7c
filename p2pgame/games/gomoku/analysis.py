"""What positions of Gomoku are worth, as the engine sees them.

It is bounded by positions, not by time, so it says the same on every machine. The engine does not search where a move
is forced, as where a four has to be stopped: it is played, and the position after it is looked at, until there is
something to decide.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from p2pgame.core.analysis import LINE_MAX, Assessment, Candidate
from p2pgame.games.gomoku.engine.levels import ANALYSIS
from p2pgame.games.gomoku.engine.request import Answer, Request
from p2pgame.games.gomoku.engine.search import is_mate
from p2pgame.games.gomoku.files.draft import played_by
from p2pgame.games.gomoku.rules import Input, Move, State, illegal
from p2pgame.games.gomoku.thinker import Thinker

__all__ = ["Analysis", "assessed"]

_LOGIT: Final = 200
"""Of the engine's score (`engine.lines`)."""
_COMPARED: Final = 4
"""Moves of a ranking."""


class Analysis:
    """A `core.analysis.Analysis`. Thinks in a process of its own."""

    def __init__(self, thinker: Thinker | None = None) -> None:
        self._thinker = thinker or Thinker()
        self._numbers = itertools.count(1)
        self._asked: State | None = None
        self._forced: list[Input] = []
        """From there on, moves without a choice."""
        self._here: State | None = None
        """The state after them, which the engine thinks about."""
        self._compared: State | None = None
        """The state whose moves the engine compares."""

    def assessment(self, state: State) -> Assessment | None:
        """Of an opening that asks for something only what to do is known."""
        if state != self._asked:
            self._asked, self._forced, self._compared = state, [], None
            self._think(state)
        found, here = self._thinker.answer(wait=False), self._here
        if found is None or here is None:
            return None
        if here.asked is not None:
            self._asked = None
            return Assessment(line=(found.move,))
        if found.nodes == 1 and not is_mate(found.score) and len(self._forced) < LINE_MAX:
            after = played_by(here, found.move)
            self._forced.append(found.move)
            if not after.over:
                self._think(after)
                return None
            found, here = msgspec.structs.replace(found, line=(), score=0), after
        self._asked = None
        return assessed(state, self._forced, here, found)

    def ranking(self, state: State) -> tuple[Candidate, ...] | None:
        """The moves that the engine would think of; none where a move is forced or the opening asks for something."""
        if state.asked is not None:
            return ()
        if state != self._compared:
            self._asked, self._compared = None, state
            self._think(state, _COMPARED)
        found = self._thinker.answer(wait=False)
        if found is None:
            return None
        self._compared = None
        if not found.others or not isinstance(found.move, Move):  # it passes: all points are fouls
            return ()
        ranked = [(found.score, found.line), *((other.score, other.line) for other in found.others)]
        return tuple(_candidate(state, *each) for each in ranked)

    def close(self) -> None:
        """End the process."""
        self._thinker.close()

    def _think(self, state: State, count: int = 1) -> None:
        self._here = state
        self._thinker.ask(Request(next(self._numbers), state, ANALYSIS, seed=0, count=count))


def assessed(state: State, forced: list[Input], here: State, found: Answer) -> Assessment:
    """What the answer of the engine means, which it gave of `here`, so many `forced` moves after `state`."""
    best = map(Move, found.line) if isinstance(found.move, Move) and found.line else (found.move,)
    line = [*forced, *_legal(here, best)][:LINE_MAX]
    if here.over:
        share = 500 if here.winner is None else 1000 if here.winner == state.turn else 0
    else:
        share = _share(found.score if here.turn == state.turn else -found.score)
    return Assessment(chances=_chances(state, share), line=tuple(line))


def _candidate(state: State, score: int, line: tuple[int, ...]) -> Candidate:
    moves = [*_legal(state, map(Move, line))][:LINE_MAX]
    return Candidate(chances=_chances(state, _share(score)), line=tuple(moves))


def _legal(state: State, moves: Iterable[Input]) -> Iterator[Input]:
    """The moves that may be played one after the other, as far as they go."""
    for move in moves:
        if state.over or illegal(state, move) is not None:
            return
        yield move
        state = played_by(state, move)


def _chances(state: State, share: int) -> tuple[int, int]:
    """Of both players, if who is to move has that share."""
    return (share, 1000 - share) if state.turn == 0 else (1000 - share, share)


def _share(score: int) -> int:
    """The chance of winning at a score, in thousandths: all or nothing only if it is certain."""
    if is_mate(score):
        return 1000 if score > 0 else 0
    return max(1, min(999, round(1000 / (1 + math.exp(-score / _LOGIT)))))
