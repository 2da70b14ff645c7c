"""The base class of what draws a game. The app gives a `View` a rectangle and the match; the view returns inputs.

A view knows the rules of its game and how to draw with a `Canvas`. It knows no network, no scene and no device. A
turn-based game needs `handle` and `draw`, one in real time `hold` and `draw`; the rest has defaults. A view has
``_ = texts_of(__package__)`` of `p2pgame.i18n.catalogue` and puts every text that it shows through ``_``.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, NamedTuple

import msgspec
import pygame

from p2pgame.core.game import AnyGame
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Control, Input

__all__ = ["Standing", "View", "load_view"]

Aspect = Annotated[float, msgspec.Meta(ge=0.1, le=10)]


class Standing(NamedTuple):
    """How a player stands within a match, shown on its card."""

    points: int
    needed: int
    """Points that win; 0: unknown."""
    out: bool = False
    """For now it only looks on."""


class View(ABC):
    """Draws one match. Made when the match starts as ``View(game, me, names)``; `me` is -1 where nobody here plays.

    Who plays here is in the match, since it may change while the match runs: `MatchView.seats` are the players on this
    machine, none for a watcher.
    """

    aspect: float = 1.0
    """Width by height of the rectangle it wants; a view may set its own when it is made."""
    controls: ClassVar[tuple[Control, ...]] = tuple(Control)
    """Real-time: the controls that `hold` reads; the settings offer keys for these."""
    covers: ClassVar[bool] = False
    """`draw` paints every pixel of its rectangle."""
    hint: ClassVar[str] = ""
    """One line on how to play with the keys, in English: the app translates it.

    ``{up}``, ``{down}``, ``{left}`` and ``{right}`` are the letters for these controls on the player's keyboard: W, S,
    A and D on an American one.
    """

    def __init__(self, game: AnyGame, me: int, names: Sequence[str]) -> None:
        self.game = game
        self.me = me
        self.names = tuple(names)

    @property
    def package(self) -> str:
        """The package of the game."""
        return type(self).__module__.rpartition(".")[0]

    def handle(self, event: Input, match: MatchView, rect: pygame.Rect) -> Any | None:
        """The move of player `match.me`, if `event` makes one; `rect` is where the game is drawn.

        May move a cursor of its own. Where several play on this machine, the app asks for each with the events of its
        devices and its index in `match.me`. Nobody is asked for a watcher.

        By turns the app asks `game.validate` before it sends the move and shows the reason if it is illegal. In real
        time, of the inputs that a moving pointer makes the newest is sent; those not sent by then are dropped.
        """
        del event, match, rect
        return None

    def hold(self, held: frozenset[Control], match: MatchView) -> Any | None:
        """Real-time: the input of player `match.me` while these controls are held down. None: no change.

        Called at every frame and whenever a control goes down or up, for each player on this machine with the controls
        of its devices. The input holds until another one is returned.
        """
        del held, match
        return None

    def update(self, dt: float, match: MatchView) -> bool:
        """`dt` seconds passed. True while something moves and needs 60 frames a second."""
        del dt, match
        return False

    def cues(self) -> Sequence[str]:
        """Names of the sounds to play now, as ``wall@-0.5`` from where: -1 left, 1 right. Called after `update`."""
        return ()

    @abstractmethod
    def draw(self, surface: pygame.Surface, rect: pygame.Rect, match: MatchView, canvas: Canvas) -> None:
        """Draw the match into `rect`. Changes nothing: the same match gives the same picture."""

    def sketch(
        self,
        surface: pygame.Surface,
        rect: pygame.Rect,
        match: MatchView,
        canvas: Canvas,
        moves: Sequence[Any],
    ) -> None:
        """By turns: draw `moves` that were not made over what `draw` drew, the first one of player `match.me`.

        It is a hint, or what the player chose before its turn. Default: nothing, it is said in words alone.
        """
        del surface, rect, match, canvas, moves

    def words(self, match: MatchView, move: Any) -> str:
        """By turns: how a move is called in the language of the player. Default: as `Game.describe` has it."""
        return self.game.describe(match.state, move)

    def moves(self, match: MatchView) -> Sequence[str] | None:
        """By turns: the moves that led here, in the words of `words`, for a list. Default: there is none."""
        del match
        return None

    def side(self, player: int) -> str:
        """What `player` plays, e.g. ``Black``."""
        return gettext("Player {number}", number=player + 1)

    def draw_side(self, surface: pygame.Surface, rect: pygame.Rect, player: int, canvas: Canvas) -> None:
        """A small picture of what `player` plays: shape and colour differ between players."""
        size = min(rect.width, rect.height) // 2
        if player == 0:
            canvas.shapes.disc(surface, rect.center, size, canvas.theme.accent)
        else:
            x, y = rect.center
            diamond = [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
            pygame.draw.polygon(surface, canvas.theme.warm, diamond)

    def wears(self, player: int) -> int:
        """Whose colour `player` has. Default: its own; in teams all of a team have one, as `Theme.tint` gives it."""
        return player

    def standing(self, match: MatchView, player: int) -> Standing | None:
        """What the card of `player` shows beside the name. Default: nothing."""
        del match, player
        return None

    def status(self, match: MatchView) -> str:
        """One line about the position, e.g. the last move."""
        del match
        return ""


def load_view(plugin: Plugin, me: int, names: Sequence[str]) -> View:
    """A new view of that game. Raises `GameError` if it cannot be loaded or made."""
    guard = plugin.guard
    kind = plugin.view_class()
    made: View = guard.call(kind, plugin.game, me, names)
    if not isinstance(made, View):
        raise guard.wrong(kind, "View is not derived from p2pgame.ui.view.View")
    for name, wanted in (("aspect", Aspect), ("hint", str), ("package", str), ("game", Any), ("me", int)):
        guard.checked(guard.call(getattr, made, name), wanted, kind.__init__)
    if not _takes_inputs(type(made), plugin.game.tick_rate > 0):
        asked = "hold or handle" if plugin.game.tick_rate else "handle"
        raise guard.wrong(kind.draw, f"View has no {asked}, which gives the inputs of the player")
    return made


def _takes_inputs(kind: type[View], real_time: bool) -> bool:
    return kind.handle is not View.handle or (real_time and kind.hold is not View.hold)
