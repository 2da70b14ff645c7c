"""The dialogs about a match that waits: one that our program left unfinished, one that was adjourned, and the other
side's wish to go on with that.
"""

import time
from collections.abc import Callable

from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.events import Event, MatchEnded, MatchResumable, MatchResumeAsked
from p2pgame.ui.people import called, name_and_tag
from p2pgame.ui.scene import Context, Pop, Push, Transition
from p2pgame.ui.scenes.dialogs import Confirm, Dialog
from p2pgame.ui.sentences import ago, game_title, length, listed
from p2pgame.ui.widgets import Button

__all__ = ["ResumeAskedDialog", "ResumeDialog"]

_ANSWER_S = 30.0
"""Seconds to answer the other side, which waits at the board."""


class ResumeDialog(Dialog):
    """Of an interrupted match it opens by itself at the start of the program; and from the history and the lobby."""

    width = 520
    unasked = True

    def __init__(
        self,
        context: Context,
        event: MatchResumable,
        resume: Callable[[str], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`resume` resumes the match of that id. `now`: Unix time."""
        self.match = event.match
        self._name = called(context.client, event.peer, event.name)
        self._resume = resume
        plugin = context.client.registry.get(event.game)
        game = game_title(context.client.registry, event.game)
        played = length(event.frames, plugin.game.tick_rate if plugin else 0)
        when = gettext("begun {when}", when=ago(now() - event.started)) if event.started else ""
        heading = gettext("Your match with {name} was interrupted", name=self._name)
        line = gettext("Nothing is lost: it goes on from the same position.")
        if event.room:
            heading = gettext("Your round in a room was interrupted")
            if plugin is not None and plugin.game.tick_rate:
                line = gettext("If the others play on, you come back into the room and get your seat again.")
        if event.adjourned:
            heading = gettext("Your adjourned match with {name}", name=self._name)
            line = gettext("{name} is asked, and it goes on from the same position.", name=self._name)
        self._go = Button(gettext("Resume"), self._yes, "primary")
        self._end = Button(gettext("Give it up"), self._ask, "danger")
        self._later = Button(gettext("Later"), self.dismiss)
        super().__init__(
            context,
            heading,
            [listed(game, played, when), line],
            [self._go, self._end, self._later],
        )
        if plugin is None:
            self._go.enabled = False
            self.lines[1] = gettext("{game} is not installed here any more.", game=game)

    def notice(self, event: Event) -> None:
        if isinstance(event, MatchEnded) and event.match == self.match:
            self.next = Pop()

    def _yes(self) -> None:
        self.canvas.sounds.play("click")
        self._resume(self.match)
        self.next = Pop()

    def _ask(self) -> None:
        ask = Confirm(
            self.context,
            gettext("Give this match up?"),
            gettext("{name} wins. It cannot be resumed afterwards.", name=self._name),
            gettext("Give it up"),
            Pop(),
            self._abandon,
            gettext("Keep it"),
        )
        self.next = Push(ask)

    def _abandon(self) -> None:
        self.client.send(commands.Abandon(self.match))
        self.context.resumable.pop(self.match, None)
        self.next = Pop()


class ResumeAskedDialog(Dialog):
    """The other side wants to go on with an adjourned match. Who does not answer does not go on now."""

    unasked = True

    def __init__(self, context: Context, event: MatchResumeAsked, resume: Callable[[str], None]) -> None:
        """`resume` resumes the match of that id."""
        self.match = event.match
        self._resume = resume
        who = name_and_tag(context.client, event.peer, event.name)
        super().__init__(
            context,
            gettext("{name} wants to go on", name=who),
            [
                gettext(
                    "With your adjourned match of {game}.",
                    game=game_title(context.client.registry, event.game),
                )
            ],
            [Button(gettext("Go on"), self._yes, "primary"), Button(gettext("Not now"), self.dismiss)],
            _ANSWER_S,
        )

    def update(self, dt: float) -> Transition | None:
        if self.left <= dt and self.next is None:
            self.dismiss()
        return super().update(dt)

    def dismiss(self) -> None:
        self.client.send(commands.NotNow(self.match))
        self.next = Pop()

    def _yes(self) -> None:
        self.canvas.sounds.play("click")
        self._resume(self.match)
        self.next = Pop()
