"""The analysis of a recorded match: what each position is worth, which moves were good, and where the match turned.

Part of the viewer, for games that have an analysis. It thinks only while it is switched on and in sight.
"""

from collections.abc import Callable, Mapping, Sequence

import pygame

from p2pgame.core.analysis import Assessment, Candidate
from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.analyst import Analyst, Scan, Turn
from p2pgame.ui.player import Player
from p2pgame.ui.room_words import player_names
from p2pgame.ui.scene import Context
from p2pgame.ui.scenes.evaluation import HEIGHT, best_words, draw_evaluation
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.scenes.ranking import Ranking
from p2pgame.ui.scrub import Mark
from p2pgame.ui.sentences import error_text
from p2pgame.ui.widgets import Button, Switch, Widget

__all__ = ["ViewerAnalysis"]

_ROW = 34
_LINE = 5
"""Moves of the best line that are drawn."""
_TEXT = 45
"""Units that the ranking leaves to what is said of the match."""
_CURVE = 54


class ViewerAnalysis:
    """A switch, and when it is on the bar, the best line on the board, and the move that turned the match."""

    def __init__(
        self,
        context: Context,
        plugin: Plugin,
        board: MatchBoard,
        go: Callable[[int], None],
        place: Callable[[], None],
        *,
        turned: bool = False,
    ) -> None:
        """`go`: show a frame. `place`: lay the viewer out again. `turned`: go where the match turned."""
        self.switch = Switch(
            gettext("Analysis"), self._turn_on, on=turned or context.preferences.now.replay_analysis
        )
        self.jump = Button(gettext("Go there"), self._jump)
        self.jump.enabled = False
        self.ranking = Ranking(board, self._look)
        self._context = context
        self._plugin = plugin
        self._board = board
        self._go = go
        self._place = place
        self._analyst = Analyst(plugin)
        self._wanted = turned
        """As soon as it is known where the match turned, that is shown."""
        self._player: Player | None = None
        self._scan: Scan | None = None
        self._broken = False
        """A frame of the file is invalid."""
        self._shown: tuple[object, ...] = ()
        self._bar = pygame.Rect(0, 0, 0, 0)
        self._words = pygame.Rect(0, 0, 0, 0)

    @property
    def widgets(self) -> list[Widget]:
        return [self.switch, self.jump, self.ranking] if self.switch.on else [self.switch]

    @property
    def curve(self) -> int:
        """Units of height that the curve of the chances takes."""
        return _CURVE if self.switch.on else 0

    @property
    def chances(self) -> Mapping[int, Sequence[int]]:
        """By frame, as far as they are known."""
        return dict(self._scan.chances) if self._scan is not None and self.switch.on else {}

    @property
    def order(self) -> Sequence[int]:
        """The players by the heights of their areas in the curve: ours is at the bottom, as it is left in the bar."""
        match = self._board.match
        return sorted(range(len(match.players)), key=lambda player: player != match.me)

    @property
    def marks(self) -> list[Mark]:
        """The moves that gave much away, on the time line: the one that turned the match stands out."""
        if self._scan is None or not self.switch.on:
            return []
        turned = self._scan.turned
        return [(turn.frame, "turned" if turn == turned else "gave") for turn in self._scan.turns]

    def _turn_on(self, on: bool) -> None:
        self._context.change(replay_analysis=on)
        if not on:
            self._analyst.close()
        self._place()

    def _jump(self) -> None:
        if self._scan is not None and self._scan.turned is not None:
            self._go(self._scan.turned.frame)

    def _look(self) -> None:
        """Another move of the ranking was chosen."""
        self._shown = ()

    def close(self) -> None:
        """The viewer is left."""
        self._analyst.close()

    def layout(self) -> None:
        """Take the top of the board's controls."""
        u, area = self._board.canvas.u, self._board.controls
        self.switch.rect = pygame.Rect(area.left, area.top, area.width, u(_ROW))
        y = self.switch.rect.bottom + u(4)
        if self.switch.on:
            self._bar = pygame.Rect(area.left, y, area.width, u(HEIGHT))
            part, height = area.width * 36 // 100, max(u(38), 2 * self._board.canvas.line_height("small"))
            self.jump.rect = pygame.Rect(area.right - part, self._bar.bottom, part, height)
            self._words = pygame.Rect(area.left, self._bar.bottom, area.width - part - u(8), height)
            y = self._words.bottom + u(8)
            height = self.ranking.fit(area.bottom - y, u(_TEXT))
            self.ranking.rect = pygame.Rect(area.left, y, area.width, height)
            y += height + (u(10) if height else 0)
        area.height, area.top = max(0, area.bottom - y), y

    def update(self, player: Player) -> bool:
        """Think on; True if something is drawn otherwise."""
        if not self.switch.on or self._broken:
            return False
        if self._analyst.failed is not None:
            self._context.toast(error_text(self._analyst.failed))
            self._broken, self.switch.on, self.switch.enabled = True, False, False
            self._place()
            return True
        try:
            if player is not self._player:  # another variation
                self._player, self._scan = player, Scan(self._analyst, player.playback)
            known = self.found(player.match) is not None and self._rank(player) is not None
            if known and self._scan is not None:
                self._scan.step()
        except P2PGameError as error:
            self._broken = True
            self._context.toast(error_text(error))
        turned = self._scan.turned if self._scan is not None else None
        self.jump.enabled = turned is not None
        if self._wanted and turned is not None:
            self._wanted = False
            self._go(turned.frame)
        done = self._scan.done if self._scan is not None else 0
        shown = (self.found(player.match), turned, done, self.ranking.keys(), self.ranking.looked_at)
        changed, self._shown = shown != self._shown, shown
        return changed

    def _rank(self, player: Player) -> Sequence[Candidate] | None:
        """The moves that are compared where the match is at rest; None: not known yet."""
        match = player.match
        ranked: Sequence[Candidate] | None = ()
        if self.ranking.rect.height and not player.playing:
            ranked = self._analyst.rank(match.state, len(match.players))
        self.ranking.show(match.frame, ranked or ())
        return ranked

    def found(self, match: MatchView) -> Assessment | None:
        """What is thought of the position that is shown."""
        return self._analyst.assess(match.state, len(match.players))

    def _words_of(self) -> str:
        """Where it turned, or how far that is known."""
        scan = self._scan
        if scan is None:
            return ""
        if scan.turned is not None:
            return self._turn_words(scan.turned)
        if scan.done < scan.total and not self._broken:
            return gettext("Looking for the turn: {n} of {total}", n=scan.done, total=scan.total)
        return gettext("No single move turned it")

    def _turn_words(self, turn: Turn) -> str:
        """``Move 23 turned it: Anna played H8, better J9``."""
        match = self._board.match
        names = player_names(match)
        return gettext(
            "Move {n} turned it: {name} played {played}, better {better}",
            n=turn.frame + 1,
            name=names[turn.player] if turn.player < len(names) else "",
            played=self._board.words(turn.played),
            better=self._board.words(turn.better),
        )

    def draw(self, surface: pygame.Surface) -> None:
        """Beside the board."""
        canvas, theme = self._board.canvas, self._board.canvas.theme
        rect = self.switch.rect
        at = (rect.left, rect.centery)
        canvas.text(surface, self.switch.label, at, "body", anchor="midleft", width=rect.width - canvas.u(64))
        if self.switch.on:
            found = self.found(self._board.match)
            best = best_words(self._board, found)
            draw_evaluation(surface, canvas, self._bar, self._board, found, best)
            canvas.paragraph(surface, self._words_of(), self._words, "small", theme.text)

    def draw_line(self, surface: pygame.Surface) -> None:
        """What was best, over the board."""
        match = self._board.match
        if not self.switch.on or not match.to_move:
            return
        found = self.ranking.looked_at or self.found(match)
        if found is not None:
            self._board.sketch(surface, found.line[:_LINE], match.to_move[0])
