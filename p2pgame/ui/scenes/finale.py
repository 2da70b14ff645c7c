"""How the end of a match is shown: its last moment again and slowly, then who won, across the board.

Only what is drawn: the match itself is over, and its frames are what they were. Knows no scene and no network, so that
players, watchers and recordings see the same. "Reduce motion" leaves the banner alone.
"""

import math
import random
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import pygame

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.marks import mark
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.theme import THEME, Colour, contrast

__all__ = ["SWEEP", "Banner", "Finale", "slowed"]

_BANNER = 3.0
"""Seconds for which the banner is over the board; then the last picture is to be seen."""
_FAST, _SLOW = 0.7, 0.22
"""Speed of the last moment when it begins, and when it ends ..."""
_RECOVER = 0.8
"""... and seconds until what still flies then is as fast as ever."""
_LIVELY = 3.0
"""Seconds for which the board may still move; a view that moves longer is not drawn any more."""
SWEEP = 0.9
"""Seconds that the board may take for its own end, as the sweep of a winning line, before the banner is over it."""
_POP = 0.45
"""Seconds in which the tally of the winner comes back to its size."""
_PIECES = 44
_FALL = 1.6
"""Seconds in which the confetti falls across the board."""


def slowed(left: float, of: float) -> float:
    """The speed at which a match is shown that ends in `left` frames; `of`: those that are slow."""
    return 1.0 if left >= of else _SLOW + (_FAST - _SLOW) * max(0.0, left) / of


class _Piece(NamedTuple):
    """Of the confetti. In parts of the board's width and height."""

    x: float
    delay: float
    sway: float
    size: float
    ink: int


class Banner:
    """Who won, in the colour of that player, across a board for a moment."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._age = math.inf
        self._words = ""
        self._winners: tuple[int, ...] = ()
        self._worn = 0
        """Whose colour the first of them has."""
        self._pieces: tuple[_Piece, ...] = ()

    def start(
        self, words: str, winners: tuple[int, ...], worn: int, *, party: str = "", delay: float = 0.0
    ) -> None:
        """Show `words` in `delay` seconds. `worn`: whose colour the winners have, as `MatchBoard.wears` says.

        `party`: any text; confetti falls, scattered by it.
        """
        self._age, self._words, self._winners, self._worn = -delay, words, winners, worn
        self._pieces = _scattered(party) if party and not self._canvas.still else ()

    def clear(self) -> None:
        """Show nothing."""
        self._age = math.inf

    @property
    def shown(self) -> bool:
        return 0 <= self._age < _BANNER

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True while it moves, and once more when it is gone."""
        before, self._age = self._age, self._age + dt
        falls = bool(self._pieces) and before < _FALL + 0.5
        return before < self._canvas.theme.slow or falls or before < _BANNER <= self._age

    def draw(self, surface: pygame.Surface, board: pygame.Rect) -> None:
        if not self.shown:
            return
        canvas, u, theme, winners = self._canvas, self._canvas.u, self._canvas.theme, self._winners
        self._draw_confetti(surface, board)
        come = 1.0 if canvas.still else min(1.0, self._age / theme.slow)
        come = 1 - (1 - come) ** 3
        face = theme.tint(self._worn) if winners else theme.edge
        band = pygame.Rect(board.left, 0, max(1, round(board.width * come)), u(58))
        band.centery = board.top + board.height * 2 // 5
        canvas.shapes.box(surface, band, face, u(theme.radius))
        if come < 1.0:
            return
        black: Colour = (0, 0, 0)
        white: Colour = (255, 255, 255)
        ink = max((black, white), key=lambda shade: contrast(shade, face))
        px = canvas.px("heading")
        words = canvas.fonts.fit(self._words, px, band.width - u(80), bold=True)
        left = band.centerx - canvas.fonts.width(words, px, bold=True) // 2
        if winners:
            mark(surface, canvas, (left - u(20), band.centery), u(24), winners[0], ink)
        canvas.text(surface, words, (left, band.centery), "heading", ink, anchor="midleft", bold=True)

    def _draw_confetti(self, surface: pygame.Surface, board: pygame.Rect) -> None:
        canvas, gold = self._canvas, THEME.gold  # boards are dark, or of wood, in every theme
        colours: tuple[Colour, ...] = gold, canvas.theme.tint(self._worn) if self._winners else gold
        clip = surface.get_clip()
        surface.set_clip(board.clip(clip))
        for piece in self._pieces:
            done = (self._age - piece.delay) / _FALL
            if not 0 < done < 1:
                continue
            x = piece.x + 0.03 * math.sin(piece.sway + 9 * done)
            turn = abs(math.cos(piece.sway + 14 * done))
            side = canvas.u(piece.size)
            spot = pygame.Rect(0, 0, side, max(1, round(side * turn)))
            spot.center = (round(board.left + x * board.width), round(board.top + done * board.height))
            surface.fill(colours[piece.ink], spot)
        surface.set_clip(clip)


def _scattered(seed: str) -> tuple[_Piece, ...]:
    chance = random.Random(seed)
    return tuple(
        _Piece(chance.random(), 0.5 * chance.random(), 7 * chance.random(), 6 + 5 * chance.random(), i % 2)
        for i in range(_PIECES)
    )


class Finale:
    """The end of one match on its board: what `MatchBoard` draws is the last moment, until the banner comes."""

    def __init__(
        self,
        board: MatchBoard,
        outcome: Outcome,
        words: str,
        clock: Callable[[], float],
        *,
        ours: bool,
    ) -> None:
        """`board` shows the match with its outcome. `words`: of the banner. `ours`: our player won.

        `clock`: that of `MatchView.at`.
        """
        self.banner = Banner(board.canvas)
        self._board = board
        self._outcome = outcome
        self._words = words
        self._clock = clock
        self._ours = ours
        self._final: MatchView = board.match
        states = board.match.closing
        again = outcome.ended_by is EndedBy.RULES and len(states) > 2 and not board.canvas.still
        self._states = states if again else ()
        self._at = 0.0
        """Of `_states`: which one is shown; fractions are between two."""
        self._age = 0.0
        """Seconds since the last moment is over."""
        self._revealed = False
        self._wins = board.wins
        if again:  # the tally does not tell it before the picture does
            board.wins = [won - (player in outcome.winners) for player, won in enumerate(board.wins)]
            board.renew()
            self._show()
        elif outcome.ended_by is not EndedBy.RULES or board.canvas.still:
            self._reveal()

    @property
    def words(self) -> str:
        """Who won, in the words of the banner; nothing before the end is told."""
        return self._words if self._revealed else ""

    @property
    def slow(self) -> bool:
        """The last moment is shown: the end is not told yet."""
        return bool(self._states)

    @property
    def age(self) -> float:
        """Seconds since the last moment is over; 0 before."""
        return self._age

    def skip(self) -> None:
        """Tell the end now."""
        if self._states:
            self._states = ()
            self._board.match = self._final
        if not self._revealed:
            self._reveal()

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True while something moves."""
        if self._states:
            speed = slowed(len(self._states) - 1 - self._at, len(self._states))
            self._at += dt * speed * self._final.tick_rate
            if self._at < len(self._states) - 1:
                self._show()
                self._board.update(dt * speed)
                return True
            self.skip()
        self._age += dt
        speed = (
            min(1.0, _SLOW + self._age / _RECOVER)
            if self._final.closing and not self._board.canvas.still
            else 1.0
        )
        moving = self._board.update(dt * speed) and self._age < _LIVELY
        if not self._revealed and (not moving or self._age >= SWEEP):
            self._reveal()
        moving = self.banner.update(dt) or moving
        if self._board.pop:
            self._board.pop = max(0.0, self._board.pop - dt / _POP)
            moving = True
        return moving or not self._revealed

    def draw(self, surface: pygame.Surface) -> None:
        """What is over the board."""
        self.banner.draw(surface, self._board.board)

    def _show(self) -> None:
        """Let the board show where the last moment is."""
        states, rate = self._states, self._final.tick_rate
        index = min(len(states) - 2, int(self._at))
        left = len(states) - 2 - index
        frame = self._final.frame - left
        pace = max(1, round(rate * slowed(len(states) - 1 - self._at, len(states))))
        self._board.match = msgspec.structs.replace(
            self._final,
            state=states[index + 1],
            previous=states[index],
            frame=frame,
            confirmed=frame,
            outcome=None,
            tick_rate=pace,
            at=self._clock() - (self._at - index) / pace,
        )

    def _reveal(self) -> None:
        self._revealed = True
        self._board.wins = self._wins
        winners, canvas = self._outcome.winners, self._board.canvas
        canvas.sounds.play("win" if self._ours else "lose" if winners else "draw")
        worn = self._board.wears(winners[0]) if winners else 0
        self.banner.start(self._words, winners, worn, party=self._final.match if self._ours else "")
        self._board.pop = 0.0 if canvas.still else 1.0
