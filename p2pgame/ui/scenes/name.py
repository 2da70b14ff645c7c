"""Asks for the display name: the first screen of a first run, and Rename in the lobby."""

from collections.abc import Callable

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.ui import assets
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.scene import Context, Scene, Transition
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Form

__all__ = ["NameScene"]

_CHARACTERS, _OCTETS = 24, 63


class NameScene(Scene):
    """Asks for the display name, with the present one filled in."""

    def __init__(self, context: Context, then: Callable[[], Transition], *, first: bool) -> None:
        super().__init__(context)
        self._then = then
        self._first = first
        self.field = TextField(
            self.client.name,
            gettext("Your name"),
            on_submit=self._done,
            characters=_CHARACTERS,
            octets=_OCTETS,
        )
        self._done_button = Button(gettext("Continue") if first else gettext("Save"), self._done, "primary")
        self.form = Form([self.field, self._done_button])

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        card = pygame.Rect(0, 0, min(u(520), size[0] - u(40)), u(360))
        card.center = (size[0] // 2, size[1] // 2)
        self._card = card
        inner = card.inflate(-u(72), 0)
        self.field.rect = pygame.Rect(inner.left, card.top + u(200), inner.width, u(46))
        self._done_button.rect = pygame.Rect(inner.left, card.top + u(276), inner.width, u(46))

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK) and not self._first:
            self.next = self._then()
            return
        super().handle(event)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, card = self.canvas, self._card
        surface.fill(canvas.theme.background)
        canvas.shapes.shadow(surface, card, canvas.u(18))
        canvas.panel(surface, card)
        logo = assets.picture("logo", canvas.u(72))
        surface.blit(logo, logo.get_rect(midtop=(card.centerx, card.top + canvas.u(28))))
        at = (card.centerx, card.top + canvas.u(112))
        heading = gettext("What shall others call you?")
        canvas.text(surface, heading, at, "heading", anchor="midtop", bold=True)
        at = (card.centerx, card.top + canvas.u(152))
        text = gettext("Players on your network see this name.")
        canvas.text(surface, text, at, "body", canvas.theme.muted, anchor="midtop")
        self.form.draw(surface, canvas)

    def _done(self) -> None:
        name = self.field.text.strip()
        if (name and name != self.client.name) or self._first:
            self.client.send(commands.SetName(name or self.client.name))
        self.next = self._then()
