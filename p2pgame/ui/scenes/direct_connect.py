"""Connecting to a peer by its address, for networks where discovery finds nobody. Part of the lobby."""

import re

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.ui.background import Future, taken
from p2pgame.ui.scene import Context
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Widget

__all__ = ["DirectConnect"]

_HEIGHT = 42
_PATIENCE = 6.0
"""Seconds after which nobody is there."""
_ADDRESS = re.compile(r"[\w.:%\[\]-]{1,253}")
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
        self.answer = ""
        """What became of the last address; shown in the place of the title."""
        self.wrong = False
        """The answer is no."""
        self._host = ""
        """The address that is looked for; empty: none."""
        self._age = 0.0
        self._before: set[str] = set()
        """Who was there before."""
        self._lookup: Future[bool] | None = None

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

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True if there is another answer."""
        before = self.answer
        if self._host:
            self._age += dt
            self._look()
        return self.answer != before

    def _look(self) -> None:
        """See what became of the address."""
        client, host = self._context.client, self._host
        found = next((p for p in client.peers() if p.peer not in self._before), None)
        if (lookup := taken(self._lookup)) is not None:
            self._lookup, known = None, lookup.result()
            if not known:
                self._end(gettext("There is no computer called {name}", name=host), wrong=True)
                return
        if found is not None:
            self._end(gettext("Found {name}", name=found.name))
        elif self._age >= _PATIENCE:
            self._end(
                gettext("Nobody answers at {address}: is p2pgame running there?", address=host), wrong=True
            )

    def _end(self, answer: str, *, wrong: bool = False) -> None:
        self.answer, self.wrong, self._host = answer, wrong, ""

    def draw(self, surface: pygame.Surface) -> None:
        """Draw the title, or the answer in its place; the form draws the widgets."""
        canvas, rect = self._canvas, self.address.rect
        at = (rect.left, rect.top - canvas.u(8))
        title = self.answer or gettext("Connect directly")
        if self.answer:
            width = self.button.rect.right - rect.left
            ink = canvas.theme.warm if self.wrong else canvas.theme.accent
            canvas.text(surface, title, at, "small", ink, anchor="bottomleft", width=width, bold=True)
            return
        canvas.text(surface, title, at, "small", canvas.theme.muted, anchor="bottomleft", bold=True)

    def _connect(self) -> None:
        address = self.address.text.strip()
        if not address:
            return
        if not _ADDRESS.fullmatch(address):
            self._end(gettext("{text} is no address", text=address), wrong=True)
            return
        self._host, self._age, self.wrong = address, 0.0, False
        self._before = {peer.peer for peer in self._context.client.peers()}
        self.answer = gettext("Looking for {address}…", address=address)
        self._context.client.send(commands.AddSeed(address))
        if (resolves := self._context.resolves) is not None:
            self._lookup = self._context.background.submit(resolves, address)
