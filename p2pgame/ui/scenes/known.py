"""Everybody we know, whether here or not: a list; what can be decided about one is on its own page."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.ui.badge import badge, badge_width
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.people import marks, when
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scene import Context, Pop, Push, Scene, Transition
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.sentences import listed
from p2pgame.ui.widgets import Button, Form, focus_ring

__all__ = ["KnownPeersScene"]

_POLL = 0.25
"""Seconds between two reads of what is known and who is here."""


class KnownList(RowList):
    """Newest meeting first."""

    def __init__(self, on_select: Callable[[], None], on_open: Callable[[], None]) -> None:
        super().__init__(on_select, on_open)
        self.known: Sequence[KnownPeer] = ()
        self.here: frozenset[str] = frozenset()

    def keys(self) -> Sequence[str]:
        return [known.peer for known in self.known]

    @property
    def person(self) -> KnownPeer | None:
        return next((known for known in self.known if known.peer == self.selected), None)

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, u, known = canvas.theme, canvas.u, self.known[i]
        chosen = known.peer == self.selected
        canvas.panel(surface, rect, theme.hover if chosen else theme.raised)
        if chosen:
            canvas.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        trust = _trust(known)
        left, right = rect.left + u(16), rect.right - u(16)
        tag = long_tag_of(known.peer)
        beside = canvas.fonts.width(tag, canvas.px("small")) + u(22) + badge_width(canvas, trust)
        ink = theme.faint if known.blocked else theme.text
        room = max(u(30), right - left - beside)
        name = canvas.text(surface, known.name, (left, rect.top + u(9)), "body", ink, width=room, bold=True)
        at = (name.right + u(10), name.centery)
        mark = canvas.text(surface, tag, at, "small", theme.faint, anchor="midleft")
        badge(surface, canvas, trust, (mark.right + u(12), name.centery))
        said = [when(known), marks(known, trust), gettext("here now") if known.peer in self.here else ""]
        words = listed(*said)
        at = (left, rect.bottom - u(19))
        canvas.text(surface, words, at, "small", theme.muted, anchor="midleft", width=right - left)


class KnownPeersScene(Scene):
    """The list and the way to each person's page."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.list = KnownList(self._selected, self._open)
        self.details = Button(gettext("Details"), self._open, "primary")
        self.back = Button(gettext("Back"), self._back)
        self.details.enabled = False
        self._polled = 0.0
        self._poll()
        self.form = Form([self.list, self.details, self.back])

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad = u(24)
        width = min(u(760), size[0] - 2 * pad)
        left = (size[0] - width) // 2
        foot = size[1] - pad - u(46)
        self._panel = pygame.Rect(left, pad + u(52), width, foot - u(16) - pad - u(52))
        self.list.canvas = self.canvas
        self.list.rect = self._panel.inflate(-u(28), -u(28))
        self.details.rect = pygame.Rect(left, foot, u(150), u(46))
        self.back.rect = pygame.Rect(left + width - u(150), foot, u(150), u(46))

    def handle(self, event: Input) -> None:
        if event in (Press(MenuAction.BACK), Press(MenuAction.PEOPLE)):
            self._back()
        else:
            super().handle(event)

    def update(self, dt: float) -> Transition | None:
        self._polled += dt
        if self._polled >= _POLL:
            self._poll()
        self.list.update(dt)
        return super().update(dt)

    def _poll(self) -> None:
        self._polled = 0.0
        known, here = tuple(self.client.known()), frozenset(p.peer for p in self.client.peers())
        if (known, here) == (self.list.known, self.list.here):
            return
        self.list.known, self.list.here = known, here
        if self.list.person is None:
            self.list.selected = known[0].peer if known else None
        self._selected()

    def _selected(self) -> None:
        self.details.enabled = self.list.person is not None
        self.dirty = True

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        at = (self._panel.left, u(24) + u(20))
        canvas.text(surface, gettext("People you know"), at, "heading", anchor="midleft", bold=True)
        canvas.panel(surface, self._panel)
        if not self.list.known:
            area = pygame.Rect(0, 0, self._panel.width - u(60), u(60))
            area.center = self._panel.center
            words = gettext("Nobody yet. Whom you play with, verify, block or mute is remembered here.")
            canvas.paragraph(surface, words, area, "body", theme.muted, centred=True)
        self.form.draw(surface, canvas)

    def _open(self) -> None:
        person = self.list.person
        if person is not None:
            self.next = Push(Person(self.context, person.peer, person.own_name or person.name))

    def _back(self) -> None:
        self.next = Pop()


def _trust(known: KnownPeer) -> Trust:
    """The trust that the entry itself gives; never impostor, which is an assessment of another peer."""
    if known.blocked:
        return Trust.BLOCKED
    if known.verified:
        return Trust.VERIFIED
    return Trust.MET if known.met_at > 0 else Trust.NEW
