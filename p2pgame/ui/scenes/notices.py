"""What the window said lately, newest first: for those who looked elsewhere. Behind F7."""

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.inputs import Input, MenuAction, Press, Wheel
from p2pgame.ui.scene import Context, Pop, Scene
from p2pgame.ui.widgets import Button, Form

__all__ = ["NoticesScene"]


class NoticesScene(Scene):
    """The log of notices."""

    def __init__(self, context: Context, log: tuple[str, ...]) -> None:
        super().__init__(context)
        self.log = log
        self.back = Button(gettext("Back"), self._back, "primary")
        self.form = Form([self.back])
        self._scroll = 0

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        self.back.rect = pygame.Rect(size[0] - u(20) - u(110), u(18), u(110), u(40))

    def handle(self, event: Input) -> None:
        if event in (Press(MenuAction.BACK), Press(MenuAction.NOTICES)):
            self._back()
        elif isinstance(event, Wheel):
            self._move(-round(event.steps * self.canvas.u(40)))
        elif event in (Press(MenuAction.UP), Press(MenuAction.DOWN)):
            self._move(self.canvas.u(40) * (1 if event == Press(MenuAction.DOWN) else -1))
        else:
            super().handle(event)

    def _move(self, pixels: int) -> None:
        width = self.size[0] - self.canvas.u(40)
        total = sum(self.canvas.paragraph_height(text, width) + self.canvas.u(10) for text in self.log)
        self._scroll = max(0, min(self._scroll + pixels, total - (self.size[1] - self.canvas.u(90))))
        self.dirty = True

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        at = (u(20), self.back.rect.centery)
        canvas.text(surface, gettext("What was said"), at, "heading", anchor="midleft", bold=True)
        area = pygame.Rect(u(20), u(76), self.size[0] - u(40), self.size[1] - u(90))
        clip = surface.get_clip()
        surface.set_clip(area)
        y = area.top - self._scroll
        for text in self.log:
            height = canvas.paragraph_height(text, area.width)
            canvas.paragraph(surface, text, pygame.Rect(area.left, y, area.width, height), "body")
            y += height + u(10)
        surface.set_clip(clip)
        if not self.log:
            canvas.text(surface, gettext("Nothing yet"), area.topleft, "body", theme.muted)
        self.form.draw(surface, canvas)

    def _back(self) -> None:
        self.next = Pop()
