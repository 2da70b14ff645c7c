"""A match against a bot on this machine. It stops while another scene is on top."""

from collections.abc import Callable

from p2pgame.core.game import Outcome
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.ui.practice import Practice
from p2pgame.ui.scene import Context, Pop, Push, Transition
from p2pgame.ui.scenes.dialogs import Confirm
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.view import View

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
        super().__init__(context, practice.match(), view, practice)
        self.practice = practice
        self._ended = ended
        self._resign.label = gettext("Stop")

    def update(self, dt: float) -> Transition | None:
        if not self.covered:
            self.practice.step(dt)
        self.refresh()
        transition = super().update(dt)
        outcome = self.match.outcome
        if outcome is None:
            return transition
        self.practice.close()
        return self._ended(self, outcome)

    def ask_resign(self) -> None:
        self.next = Push(
            Confirm(
                self.context,
                gettext("Stop practising?"),
                gettext("The bot will not mind."),
                gettext("Stop"),
                Pop(),
                lambda: self.practice.send(commands.Resign()),
                no=gettext("Play on"),
            )
        )

    def close(self) -> bool:
        return True
