"""The error screen: what went wrong, in plain words, and what can be done about it. Never a traceback."""

from collections.abc import Callable

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui import assets
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.scene import Context, Scene, Transition
from p2pgame.ui.widgets import Button, Form

__all__ = ["ErrorScene"]


class ErrorScene(Scene):
    """A reason, details, Retry where it makes sense, and Back."""

    def __init__(
        self,
        context: Context,
        heading: str,
        reason: str,
        details: str,
        back: Callable[[], Transition],
        retry: Callable[[], Transition] | None = None,
    ) -> None:
        super().__init__(context)
        self.heading = heading
        self.reason = reason
        self.details = details
        self._back = back
        self._retry = retry
        self._buttons = [Button(gettext("Back to the lobby"), self._go_back)]
        if retry is not None:
            self._buttons.insert(0, Button(gettext("Try again"), self._go_retry, "primary"))
        self.form = Form(self._buttons)

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        width = min(u(560), size[0] - u(40))
        inner = width - u(72)
        self._reason_height = self.canvas.paragraph_height(self.reason, inner)
        self._details_height = (
            self.canvas.paragraph_height(self.details, inner, "small") if self.details else 0
        )
        height = u(196) + self._reason_height + u(12) + self._details_height + u(30) + u(46) + u(32)
        self._card = pygame.Rect(0, 0, width, min(height, size[1] - u(20)))
        self._card.center = (size[0] // 2, size[1] // 2)
        n = len(self._buttons)
        each = (inner - (n - 1) * u(12)) // n
        for i, button in enumerate(self._buttons):
            left = self._card.left + u(36) + i * (each + u(12))
            button.rect = pygame.Rect(left, self._card.bottom - u(32) - u(46), each, u(46))

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._go_back()
        else:
            super().handle(event)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme, card = self.canvas, self.canvas.u, self.canvas.theme, self._card
        surface.fill(theme.background)
        canvas.shapes.shadow(surface, card, u(18))
        canvas.panel(surface, card)
        picture = assets.picture("broken", u(84))
        surface.blit(picture, picture.get_rect(midtop=(card.centerx, card.top + u(30))))
        at = (card.centerx, card.top + u(132))
        canvas.text(
            surface, self.heading, at, "heading", anchor="midtop", width=card.width - u(72), bold=True
        )
        rect = pygame.Rect(card.left + u(36), card.top + u(180), card.width - u(72), self._reason_height)
        y = canvas.paragraph(surface, self.reason, rect, "body", theme.text, centred=True)
        rect = pygame.Rect(rect.left, y + u(12), rect.width, self._details_height)
        canvas.paragraph(surface, self.details, rect, "small", theme.muted, centred=True)
        self.form.draw(surface, canvas)

    def _go_back(self) -> None:
        self.next = self._back()

    def _go_retry(self) -> None:
        if self._retry is not None:
            self.next = self._retry()
