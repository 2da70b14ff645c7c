"""The list of peers: keyed by peer id, keeps its selection, never moves under a click.

A peer that leaves stays as a greyed row for some seconds, and as long as the pointer is over the list, so that
no other row slides into its place while someone aims.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame

from p2pgame.core.ids import tag_of
from p2pgame.core.registry import Registry
from p2pgame.discovery.peer import Peer
from p2pgame.ui.inputs import Action, Input, Pointer, Press, Wheel
from p2pgame.ui.kit import Kit
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["PeerList", "Row"]

_LINGER = 3.0
"""Seconds that the row of a peer that left stays."""
_ROW, _GAP = 62, 6
_DOUBLE_CLICK = 0.4


@dataclass
class Row:
    """One place in the list."""

    peer: Peer
    gone: float | None = None
    """Seconds since it left; None while it is here."""

    @property
    def choosable(self) -> bool:
        return self.gone is None and self.peer.compatible


class PeerList(Widget):
    """Up, Down or a click select; Enter or a double click calls `on_open`."""

    def __init__(
        self, registry: Registry, on_select: Callable[[], None], on_open: Callable[[], None]
    ) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.selected: str | None = None
        self.kit: Kit | None = None
        self._registry = registry
        self._on_select = on_select
        self._on_open = on_open
        self._scroll = 0
        self._clicked = (1e9, "")
        """Seconds since the last click, and on whom."""
        self._pressed: str | None = None

    @property
    def focusable(self) -> bool:
        return bool(self.rows)

    @property
    def peer(self) -> Peer | None:
        """The selected peer, while it is here."""
        return next((r.peer for r in self.rows if r.peer.peer == self.selected and r.gone is None), None)

    def show(self, peers: Sequence[Peer]) -> bool:
        """Take the peers of now; True if anything to be seen changed."""
        now = {p.peer: p for p in reversed(peers)}
        changed = False
        for row in self.rows:
            fresh = now.pop(row.peer.peer, None)
            if fresh is None:
                if row.gone is None:
                    row.gone, changed = 0.0, True
            elif fresh != row.peer or row.gone is not None:
                row.peer, row.gone, changed = fresh, None, True
        new = [p for p in peers if now.pop(p.peer, None) is not None]
        self.rows += [Row(p) for p in new]
        if self.peer is None and self._may_choose_for_user():
            self.selected = next((r.peer.peer for r in self.rows if r.choosable), self.selected)
        return changed or bool(new)

    def _may_choose_for_user(self) -> bool:
        return self.selected is None or all(r.peer.peer != self.selected for r in self.rows)

    def update(self, dt: float) -> bool:
        """Let rows of peers that left go; True if the list changed."""
        self._clicked = (self._clicked[0] + dt, self._clicked[1])
        for row in self.rows:
            if row.gone is not None:
                row.gone += dt
        if self.hover or self.armed:
            return False
        kept = [r for r in self.rows if r.gone is None or r.gone < _LINGER]
        changed = len(kept) != len(self.rows)
        self.rows = kept
        return changed

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press):
            return self._key(event.action)
        if isinstance(event, Wheel) and self.rect.collidepoint(event.at):
            self._scroll_by(-event.steps * self._pitch())
            return True
        if isinstance(event, Pointer):
            row = self._row_at(event.at)
            if event.kind.name == "DOWN":
                self._pressed = row.peer.peer if row else None
        return super().handle(event)

    def clicked(self, at: tuple[int, int]) -> None:
        row = self._row_at(at)
        if row is None or row.peer.peer != self._pressed:
            return
        ago, who = self._clicked
        self._clicked = (0.0, row.peer.peer)
        self._select(row)
        if who == row.peer.peer and ago < _DOUBLE_CLICK:
            self._on_open()

    def _key(self, action: Action) -> bool:
        if action is Action.CONFIRM and self.rows:
            self._on_open()
            return True
        step = {Action.UP: -1, Action.DOWN: 1}.get(action)
        if step is None or not self.rows:
            return False
        at = next((i for i, r in enumerate(self.rows) if r.peer.peer == self.selected), -1)
        to = at + step if at >= 0 else 0
        if not 0 <= to < len(self.rows):
            return False
        self._select(self.rows[to])
        return True

    def _select(self, row: Row) -> None:
        self.selected = row.peer.peer
        i = self.rows.index(row)
        top = i * self._pitch() - self._scroll
        if top < 0:
            self._scroll_by(top)
        elif top + self._pitch() > self._room():
            self._scroll_by(top + self._pitch() - self._room())
        self._on_select()

    def _pitch(self) -> int:
        return self.kit.u(_ROW) + self.kit.u(_GAP) if self.kit else _ROW + _GAP

    def _room(self) -> int:
        return self.rect.height

    def _scroll_by(self, pixels: int) -> None:
        most = max(0, len(self.rows) * self._pitch() - self._room())
        self._scroll = max(0, min(most, self._scroll + pixels))

    def _row_rect(self, i: int) -> pygame.Rect:
        height = self._pitch() - (self.kit.u(_GAP) if self.kit else _GAP)
        return pygame.Rect(
            self.rect.left, self.rect.top + i * self._pitch() - self._scroll, self.rect.width, height
        )

    def _row_at(self, at: tuple[int, int]) -> Row | None:
        if not self.rect.collidepoint(at):
            return None
        return next((r for i, r in enumerate(self.rows) if self._row_rect(i).collidepoint(at)), None)

    def draw(self, surface: pygame.Surface, kit: Kit, *, focused: bool) -> None:
        clip = surface.get_clip()
        margin = kit.u(5)
        surface.set_clip(self.rect.inflate(2 * margin, 2 * margin).clip(clip))
        for i, row in enumerate(self.rows):
            rect = self._row_rect(i)
            if rect.bottom >= self.rect.top - margin and rect.top <= self.rect.bottom + margin:
                self._draw_row(surface, kit, rect, row, focused=focused)
        surface.set_clip(clip)
        total = len(self.rows) * self._pitch()
        if total > self._room() + self._pitch() // 4:
            track = pygame.Rect(self.rect.right + kit.u(8), self.rect.top, kit.u(4), self.rect.height)
            thumb = track.copy()
            thumb.height = max(kit.u(24), track.height * track.height // total)
            thumb.top += (track.height - thumb.height) * self._scroll // max(1, total - self._room())
            kit.shapes.box(surface, thumb, kit.theme.line, kit.u(2))

    def _draw_row(
        self, surface: pygame.Surface, kit: Kit, rect: pygame.Rect, row: Row, *, focused: bool
    ) -> None:
        theme, peer, u = kit.theme, row.peer, kit.u
        chosen = peer.peer == self.selected
        kit.panel(surface, rect, theme.hover if chosen else theme.raised if row.choosable else theme.panel)
        if chosen:
            kit.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, kit, rect)
        name_ink = theme.text if row.choosable else theme.faint
        left, right = rect.left + u(16), rect.right - u(16)
        kit.ping(surface, (right, rect.centery), peer.rtt_ms, faint=not row.choosable)
        room = right - left - u(90)
        tag = tag_of(peer.peer)
        tag_width = kit.fonts.width(tag, kit.px("small")) + u(10)
        name = kit.text(
            surface, peer.name, (left, rect.top + u(9)), "body", name_ink, width=room - tag_width, bold=True
        )
        at = (name.right + u(10), name.centery)
        kit.text(surface, tag, at, "small", theme.faint, anchor="midleft")
        words, ink = self._words(row, kit)
        x = left
        if row.choosable:
            dot = (left + u(4), rect.bottom - u(19))
            if peer.status == "busy":
                kit.shapes.ring(surface, dot, u(4), theme.warm, u(1.5))
            else:
                kit.shapes.disc(surface, dot, u(4), theme.accent)
            x += u(15)
        at = (x, rect.bottom - u(19))
        kit.text(surface, words, at, "small", ink, anchor="midleft", width=room - (x - left))

    def _words(self, row: Row, kit: Kit) -> tuple[str, tuple[int, int, int]]:
        """The second line of a row and its colour."""
        peer, theme = row.peer, kit.theme
        if row.gone is not None:
            return "has left", theme.faint
        if not peer.compatible:
            return peer.reason or "not compatible", theme.warm
        titles = [p.game.title for name in peer.games if (p := self._registry.get(name)) is not None]
        plugin = self._registry.get(peer.playing) if peer.playing else None
        playing = plugin.game.title if plugin else peer.playing[:24]
        if peer.status == "busy":
            return (f"playing {playing}" if playing else "busy"), theme.muted
        return " · ".join(["free", playing or ", ".join(titles[:3])]), theme.muted
