"""Connecting to a peer by its address, for networks where discovery finds nobody. Part of the lobby."""

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.ui.scene import Context
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Widget

__all__ = ["DirectConnect"]

_HEIGHT = 42
_TITLE = 8 + 26
"""Units above the field for the title."""


class DirectConnect:
    """A field for the address and a button."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._canvas = context.canvas
        self.address = TextField(
            placeholder=gettext("address[:port]"), on_submit=self._connect, characters=80
        )
        self.button = Button(gettext("Connect"), self._connect)

    @property
    def widgets(self) -> list[Widget]:
        return [self.address, self.button]

    @property
    def height(self) -> int:
        """Pixels that it takes."""
        return self._canvas.u(_HEIGHT) + self._canvas.u(_TITLE)

    def layout(self, area: pygame.Rect) -> None:
        """Take the bottom of `area`."""
        u = self._canvas.u
        button, height = u(96), u(_HEIGHT)
        top = area.bottom - height
        self.address.rect = pygame.Rect(area.left, top, area.width - button - u(10), height)
        self.button.rect = pygame.Rect(area.right - button, top, button, height)

    def draw(self, surface: pygame.Surface) -> None:
        """Draw the title; the form draws the widgets."""
        canvas, rect = self._canvas, self.address.rect
        at = (rect.left, rect.top - canvas.u(8))
        title = gettext("Connect directly")
        canvas.text(surface, title, at, "small", canvas.theme.muted, anchor="bottomleft", bold=True)

    def _connect(self) -> None:
        address = self.address.text.strip()
        if address:
            self._context.client.send(commands.AddSeed(address))
            self._context.toast(gettext("Looking for {address}…", address=address))
