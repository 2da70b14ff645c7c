"""A match that was interrupted with our program: go on with it, give it up, or decide another time."""

import time
from collections.abc import Callable

from p2pgame.session.events import Event, MatchEnded, MatchResumable
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.messages import ago, length
from p2pgame.ui.people import called
from p2pgame.ui.scene import Context, Pop, Push
from p2pgame.ui.scenes.dialogs import Confirm, Dialog
from p2pgame.ui.widgets import Button

__all__ = ["Resumable"]


class Resumable(Dialog):
    """The question. It comes up by itself at the start, and again from the history."""

    width = 520

    def __init__(
        self,
        context: Context,
        event: MatchResumable,
        resume: Callable[[str], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`resume` goes on with the match of that id. `now`: Unix time."""
        self.match = event.match
        self._name = called(context.client, event.peer, event.name)
        self._resume = resume
        plugin = context.client.registry.get(event.game)
        game = plugin.game.title if plugin else event.game[:24]
        played = length(event.frames, plugin.game.tick_rate if plugin else 0)
        when = f"begun {ago(now() - event.started)}"
        self._go = Button("Resume", self._yes, "primary")
        self._end = Button("Give it up", self._ask, "danger")
        self._later = Button("Later", self._no)
        super().__init__(
            context,
            f"Your match with {self._name} was interrupted",
            [f"{game} · {played} · {when}", "Nothing is lost: it goes on from the same position."],
            [self._go, self._end, self._later],
        )
        if plugin is None:
            self._go.enabled = False
            self.lines[1] = f"{game} is not installed here any more."

    def handle(self, event: Input) -> None:
        if self.early(event):
            return
        if event == Press(MenuAction.BACK):
            self._no()
        else:
            super().handle(event)

    def notice(self, event: Event) -> None:
        if isinstance(event, MatchEnded) and event.match == self.match:
            self.next = Pop()

    def _yes(self) -> None:
        self.canvas.sounds.play("click")
        self._resume(self.match)
        self.next = Pop()

    def _ask(self) -> None:
        text = f"{self._name} wins. It cannot be resumed afterwards."
        self.next = Push(
            Confirm(self.context, "Give this match up?", text, "Give it up", Pop(), self._abandon, "Keep it")
        )

    def _abandon(self) -> None:
        self.client.abandon(self.match)
        self.context.resumable.pop(self.match, None)
        self.next = Pop()

    def _no(self) -> None:
        self.next = Pop()
