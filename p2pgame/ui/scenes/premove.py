"""A move that is chosen while others think, and played at once when its turn comes, if it is legal then.

Part of a match by turns. It is never sent before its turn, and nobody else knows of it.
"""

from typing import Any

import pygame

from p2pgame.core.errors import IllegalMoveError
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.inputs import Input, MenuAction, Press, Secondary
from p2pgame.ui.room_words import own_seats
from p2pgame.ui.scene import Context
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.sentences import illegal_move_text

__all__ = ["Premove"]


class Premove:
    """At most one move of one seat."""

    def __init__(self, context: Context, board: MatchBoard) -> None:
        self._context = context
        self._board = board
        self._chosen: tuple[int, Any] | None = None

    @property
    def move(self) -> Any | None:
        """What is chosen."""
        return None if self._chosen is None else self._chosen[1]

    def possible(self, match: MatchView) -> bool:
        """Whether a move may be chosen now: others are to move, and the player wants it."""
        ours = set(own_seats(match))
        return (
            self._context.preferences.now.premove
            and not match.tick_rate
            and match.outcome is None
            and bool(ours and match.to_move)
            and not ours & set(match.to_move)
        )

    def choose(self, seat: int, move: Any) -> None:
        """This one, in place of any other."""
        self._chosen = seat, move

    def cancel(self) -> bool:
        """None any more; True if there was one."""
        had, self._chosen = self._chosen is not None, None
        return had

    def cancels(self, event: Input) -> bool:
        """Take the right button and Escape, if a move is chosen."""
        return (event == Press(MenuAction.BACK) or isinstance(event, Secondary)) and self.cancel()

    def due(self, match: MatchView) -> tuple[int, Any] | None:
        """The seat and its move, once, in its turn. One that is not legal then is forgotten, and the player told."""
        chosen = self._chosen
        if (
            chosen is None
            or match.pause is not None
            or (chosen[0] not in match.to_move and match.outcome is None)
        ):
            return None
        self._chosen = None
        if match.outcome is not None or chosen[0] not in own_seats(match):
            return None
        view = self._board.view
        try:
            view.game.validate(match.state, *chosen)
        except IllegalMoveError as error:
            self._context.toast(illegal_move_text(view.package, error))
            return None
        return chosen

    @property
    def words(self) -> str:
        """What is chosen; empty without a move."""
        if self._chosen is None:
            return ""
        return gettext("Then {move}. Right click or Esc cancels it.", move=self._board.words(self._chosen[1]))

    def draw(self, surface: pygame.Surface) -> None:
        """Over the board."""
        if self._chosen is not None:
            self._board.sketch(surface, [self._chosen[1]], self._chosen[0])
