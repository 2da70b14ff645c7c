"""A match against a bot on this machine. It stops while another scene is on top, and goes on after 3, 2, 1."""

from collections.abc import Callable

import pygame

from p2pgame.core.game import Outcome
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.view import COUNT_IN
from p2pgame.ui.analyst import Analyst
from p2pgame.ui.inputs import Input, Join, KeySet
from p2pgame.ui.practice import Practice
from p2pgame.ui.scene import Context, Pop, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.practice_help import PracticeHelp
from p2pgame.ui.view import View
from p2pgame.ui.widgets import Widget

__all__ = ["PracticeScene"]


class PracticeScene(MatchScene):
    """Like a match with a peer, with a `Practice` as the seat; closing the window asks nothing."""

    def __init__(
        self,
        context: Context,
        practice: Practice,
        view: View,
        ended: Callable[["PracticeScene", Outcome], Transition],
    ) -> None:
        """`ended` makes what comes after the match."""
        self.help: PracticeHelp | None = None
        super().__init__(context, practice.match(), view, practice)
        self.practice = practice
        self._ended = ended
        self._resign.label = gettext("Stop")
        self.joinable = len(practice.match().seats) > 1
        self._count = 0.0
        """Seconds until it goes on."""
        if practice.plugin.has_analysis and not self.joinable:  # two people here play against each other
            analyst = Analyst(practice.plugin)
            self.help = PracticeHelp(context, analyst, self.match_board, self._again)
            self._gather()

    def _again(self) -> None:
        self._gather()
        self.size = (0, 0)

    def _feet(self) -> list[Widget]:
        return [*(self.help.widgets if self.help is not None else ()), *super()._feet()]

    def layout(self, size: tuple[int, int]) -> None:
        super().layout(size)
        if self.help is not None:
            u, area, top = self.canvas.u, self.match_board.controls, min(w.rect.top for w in super()._feet())
            self.help.layout(pygame.Rect(area.left, top - u(8 + 36), area.width, u(36)))

    @property
    def goes_on_in(self) -> float:
        return self._count

    def handle(self, event: Input) -> None:
        if isinstance(
            event, Join
        ):  # a second gamepad or set of keys is for the player who shares the keyboard
            others = self.context.players.others
            taken = [i for i, device in enumerate(others) if isinstance(device, KeySet)]
            if taken and isinstance(event.device, int):
                others[taken[0]] = event.device
                self.dirty = True
            return
        super().handle(event)

    def update(self, dt: float) -> Transition | None:
        if self.covered:
            self._count = COUNT_IN / 1000 if self.match.tick_rate else 0.0
        elif self._count > 0:
            self._count = max(0.0, self._count - dt)
            self._fresh = True
        else:
            self.practice.step(dt)
        self.refresh()
        if self.help is not None and dt > 0 and not self.covered and self.help.update():
            self.dirty = True
        transition = super().update(dt)
        outcome = self.match.outcome
        if outcome is None:
            return transition
        self.practice.close()
        if self.help is not None:
            self.help.close()
        return self._ended(self, outcome)

    def draw(self, surface: pygame.Surface) -> None:
        super().draw(surface)
        if self.help is not None:
            self.help.draw(surface)

    def _draw_over_board(self, surface: pygame.Surface) -> None:
        if self.help is not None:
            self.help.draw_hint(surface)
        super()._draw_over_board(surface)

    def question(self) -> Scene:
        return Confirm(
            self.context,
            gettext("Stop practising?"),
            gettext("The bot will not mind."),
            gettext("Stop"),
            Pop(),
            lambda: self.practice.send(commands.Resign()),
            no=gettext("Play on"),
        )

    def close(self) -> bool:
        return True
