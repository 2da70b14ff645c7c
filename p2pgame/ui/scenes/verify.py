"""Comparing codes with another player: their request, the code on both screens, and the warning when it differs."""

from collections.abc import Sequence

import pygame

from p2pgame.core.ids import tag_of
from p2pgame.session.events import VerifyCode, VerifyRequested
from p2pgame.ui import pictures
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.people import called
from p2pgame.ui.scene import Context, Pop, Replace, Transition
from p2pgame.ui.scenes.dialogs import Dialog
from p2pgame.ui.widgets import Button

__all__ = ["NotThem", "VerifyAsked", "Verifying"]

_PATIENCE = 75.0
"""Seconds after which a comparison that never began is given up: longer than the network's own patience."""
_ANSWER = 60.0
"""Seconds for an answer, as the network gives (docs/protocol.md, "Comparing codes")."""
_HOW = (
    "Compare with the other player, by voice or on their screen.",
    "If the digits and the pictures are the same for both, nobody stands between you.",
)


class VerifyAsked(Dialog):
    """Somebody wants to compare codes with us."""

    def __init__(self, context: Context, event: VerifyRequested) -> None:
        self.peer = event.peer
        self._who = f"{called(context.client, event.peer, event.name)} ({tag_of(event.peer)})"
        self._compare = Button("Compare", self._yes, "primary")
        buttons = [self._compare, Button("Not now", self._no)]
        lines = ["Do it while you can talk to each other, or see both screens."]
        super().__init__(context, f"{self._who} wants to compare codes", lines, buttons, _ANSWER)

    def handle(self, event: Input) -> None:
        if self.early(event):
            return
        if event == Press(MenuAction.BACK):
            self._no()
        else:
            super().handle(event)

    def _yes(self) -> None:
        self.canvas.sounds.play("click")
        self.client.verify(self.peer)
        self.next = Replace(Verifying(self.context, self.peer, self._who))

    def _no(self) -> None:
        self.client.reject_code(self.peer)
        self.next = Pop()


class Verifying(Dialog):
    """First waits for the other side, then shows the code, then waits for the other's word."""

    width = 560

    def __init__(self, context: Context, peer: str, who: str) -> None:
        """`who`: name and tag, as shown."""
        self.peer = peer
        self._who = who
        self.code = ""
        """Six digits, once there."""
        self.pictures: Sequence[int] = ()
        self.said = False
        """We said that the codes are the same."""
        self._silent = 0.0
        heading = f"Waiting for {who}…"
        super().__init__(context, heading, list(_HOW), [Button("Cancel", self._cancel)])

    def show(self, event: VerifyCode) -> None:
        """The code is there."""
        self.code, self.pictures = event.code, event.pictures
        self.heading = f"Compare with {self._who}"
        same = Button("They are the same", self._same, "primary")
        self._use([same, Button("They differ", self._differ, "danger")])
        self.total = self.left = _ANSWER

    def _use(self, buttons: list[Button]) -> None:
        """Other buttons from now on; presses meant for the old ones do not count."""
        self.buttons = buttons
        self.form.replace(buttons)
        self.age = 0.0
        self.size, self.dirty = (0, 0), True

    def handle(self, event: Input) -> None:
        if self.early(event):
            return
        if event != Press(MenuAction.BACK):
            super().handle(event)
        elif not self.code:
            self._cancel()
        else:
            self.context.toast("Say whether they are the same or differ")

    def update(self, dt: float) -> Transition | None:
        self._silent += dt
        if not self.code and self._silent > _PATIENCE:
            self._cancel()
        return super().update(dt)

    def body_height(self) -> int:
        return self.canvas.u(196) if self.code else 0

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        canvas, u = self.canvas, self.canvas.u
        digits = f"{self.code[:3]} {self.code[3:]}"
        canvas.text(surface, digits, (area.centerx, area.top + u(4)), 52, anchor="midtop", bold=True)
        pitch = area.width // max(1, len(self.pictures))
        for i, picture in enumerate(self.pictures):
            x = area.left + pitch * i + pitch // 2
            pictures.draw(surface, canvas, picture, (x, area.top + u(122)), u(72))
            at = (x, area.top + u(166))
            words = pictures.words(picture)
            canvas.text(surface, words, at, "small", canvas.theme.muted, anchor="midtop", width=pitch - u(6))

    def _same(self) -> None:
        self.said = True
        self.client.confirm_code(self.peer)
        self.heading = f"Waiting for {self._who} to say the same…"
        self._use([Button("They differ after all", self._differ, "danger")])

    def _differ(self) -> None:
        self.client.reject_code(self.peer)
        for button in self.buttons:
            button.enabled = False

    def _cancel(self) -> None:
        self.client.reject_code(self.peer)
        self.next = Pop()


class NotThem(Dialog):
    """The codes were not the same: a warning that has to be answered."""

    alarm = True

    def __init__(self, context: Context, peer: str, name: str) -> None:
        self.peer = peer
        text = "The codes differ, or one of you said so. Somebody may stand between you, or use a false name."
        buttons = [Button("Understood", self._close), Button("Block this player", self._block, "danger")]
        super().__init__(context, f"Do not play with {name} ({tag_of(peer)})", [text], buttons)

    def handle(self, event: Input) -> None:
        if self.early(event):
            return
        if event == Press(MenuAction.BACK):
            self._close()
        else:
            super().handle(event)

    def _block(self) -> None:
        self.client.set_blocked(self.peer, True)
        self.next = Pop()

    def _close(self) -> None:
        self.next = Pop()
