"""Dialogs for comparing codes with another player: the request, the code, and the warning when the codes differ."""

from collections.abc import Sequence

import pygame

from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.events import VerifyCode, VerifyRequested
from p2pgame.ui import pictures
from p2pgame.ui.people import name_and_tag
from p2pgame.ui.scene import Context, Pop, Replace, Transition
from p2pgame.ui.scenes.dialogs import Dialog
from p2pgame.ui.widgets import Button

__all__ = ["BrokenOffDialog", "CodesDifferDialog", "VerifyDialog", "VerifyRequestDialog"]

_BEGIN_TIMEOUT = 75.0
"""Seconds after which a comparison that never began is given up: longer than the network's own timeout."""
_ANSWER = 60.0
"""Seconds for an answer, as the network gives (docs/protocol.md, "Comparing codes")."""


class VerifyRequestDialog(Dialog):
    """A peer asks to compare codes."""

    unasked = True

    def __init__(self, context: Context, event: VerifyRequested) -> None:
        self.peer = event.peer
        self._who = name_and_tag(context.client, event.peer, event.name)
        compare = Button(gettext("Compare"), self._yes, "primary")
        buttons = [compare, Button(gettext("Not now"), self.dismiss)]
        heading = gettext("{name} wants to compare codes", name=self._who)
        line = gettext("Do it while you can talk to each other, or see both screens.")
        super().__init__(context, heading, [line], buttons, _ANSWER)

    def _yes(self) -> None:
        self.canvas.sounds.play("click")
        self.client.send(commands.Verify(self.peer))
        self.next = Replace(VerifyDialog(self.context, self.peer, self._who))

    def dismiss(self) -> None:
        self.client.send(commands.RejectCode(self.peer))
        self.next = Pop()


class VerifyDialog(Dialog):
    """Waits for the other side, shows the code, then waits for the other side's confirmation."""

    width = 560
    unasked = True

    def __init__(self, context: Context, peer: str, who: str) -> None:
        """`who`: name and tag, as shown."""
        self.peer = peer
        self._who = who
        self.code = ""
        """Six digits; empty until they are there."""
        self.pictures: Sequence[int] = ()
        self.said = False
        """The player confirmed that the codes are the same."""
        self._silent = 0.0
        heading = gettext("Waiting for {name}…", name=who)
        lines = [
            gettext("Compare with the other player, by voice or on their screen."),
            gettext("If the digits and the pictures are the same for both, nobody stands between you."),
        ]
        super().__init__(context, heading, lines, [Button(gettext("Cancel"), self._cancel)])

    def show(self, event: VerifyCode) -> None:
        """The code is there."""
        self.code, self.pictures = event.code, event.pictures
        self.heading = gettext("Compare with {name}", name=self._who)
        same = Button(gettext("They are the same"), self._same, "primary")
        self._use([same, Button(gettext("They differ"), self._differ, "danger")])
        self.total = self.left = _ANSWER

    def _use(self, buttons: list[Button]) -> None:
        """Change the buttons; presses that come too soon are ignored."""
        self.buttons = buttons
        self.form.replace(buttons)
        self.age = 0.0
        self.size, self.dirty = (0, 0), True

    def dismiss(self) -> None:
        if self.code:
            self.context.toast(gettext("Say whether they are the same or differ"))
        else:
            self._cancel()

    def update(self, dt: float) -> Transition | None:
        self._silent += dt
        if not self.code and self._silent > _BEGIN_TIMEOUT:
            self._cancel()
        return super().update(dt)

    def body_height(self) -> int:
        return self.canvas.u(196) if self.code else 0

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        canvas, u = self.canvas, self.canvas.u
        digits = f"{self.code[:3]} {self.code[3:]}"
        canvas.text(surface, digits, (area.centerx, area.top + u(4)), 52, anchor="midtop", bold=True)
        ground = pygame.Rect(area.left, area.top + u(79), area.width, u(86))
        canvas.panel(surface, ground, canvas.theme.board)  # dark in every theme: some pictures are white
        pitch = area.width // max(1, len(self.pictures))
        for i, picture in enumerate(self.pictures):
            x = area.left + pitch * i + pitch // 2
            pictures.draw(surface, canvas, picture, (x, area.top + u(122)), u(72))
            at = (x, area.top + u(166))
            words = pictures.words(picture)
            canvas.text(surface, words, at, "small", canvas.theme.muted, anchor="midtop", width=pitch - u(6))

    def _same(self) -> None:
        self.said = True
        self.client.send(commands.ConfirmCode(self.peer))
        self.heading = gettext("Waiting for {name} to say the same…", name=self._who)
        self._use([Button(gettext("They differ after all"), self._differ, "danger")])

    def _differ(self) -> None:
        self.client.send(commands.RejectCode(self.peer))
        for button in self.buttons:
            button.enabled = False

    def _cancel(self) -> None:
        self.client.send(commands.RejectCode(self.peer))
        self.next = Pop()


class _Warning(Dialog):
    """A warning about a peer, to be confirmed."""

    alarm = True
    unasked = True

    def __init__(self, context: Context, peer: str, heading: str, text: str) -> None:
        self.peer = peer
        buttons = [
            Button(gettext("Understood"), self.dismiss),
            Button(gettext("Block this player"), self._block, "danger"),
        ]
        super().__init__(context, heading, [text], buttons)

    def _block(self) -> None:
        self.client.send(commands.SetBlocked(self.peer, True))
        self.next = Pop()


class CodesDifferDialog(_Warning):
    """The codes differ."""

    def __init__(self, context: Context, peer: str, name: str) -> None:
        text = gettext(
            "The codes differ, or one of you said so. Somebody may stand between you, or use a false name."
        )
        heading = gettext("Do not play with {name} ({tag})", name=name, tag=long_tag_of(peer))
        super().__init__(context, peer, heading, text)


class BrokenOffDialog(_Warning):
    """The other side went away when it could see the code, and before both had said that it is the same."""

    def __init__(self, context: Context, peer: str, name: str) -> None:
        text = gettext(
            "It could see the code by then, and may have gone because the codes differ. Compare again. If it happens "
            "again, somebody may stand between you."
        )
        heading = gettext("{name} ({tag}) broke off the comparison", name=name, tag=long_tag_of(peer))
        super().__init__(context, peer, heading, text)
