"""The settings: sections at the left, their rows at the right. What is changed holds at once.

Reached from the lobby and from the menu of a match, by mouse, keyboard or gamepad.
"""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.errors import P2PGameError
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.ui.background import Future, taken
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import (
    Input,
    Key,
    MenuAction,
    PadButton,
    Pointer,
    PointerKind,
    Press,
    Wheel,
    key_name,
)
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scene import Context, Pop, Push, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm
from p2pgame.ui.scenes.pad_test import PadTestScene
from p2pgame.ui.scenes.settings_rows import KeyButton, PadKeyButton, Row, Sections
from p2pgame.ui.sentences import error_text
from p2pgame.ui.widgets import Button, Choice, Form, Widget, focus_ring

__all__ = ["KeyTestScene", "SettingsScene"]

_SIDE = 190
_ROW = 52
_ROW_GAP = 8
_CONTROL = 40
_ESCAPE = pygame.KSCAN_ESCAPE
_DELETE = (pygame.KSCAN_BACKSPACE, pygame.KSCAN_DELETE)


class SectionList(RowList):
    """The names of the sections."""

    row_height = 42
    row_gap = 4

    def __init__(
        self, names: dict[str, str], on_select: Callable[[], None], on_open: Callable[[], None]
    ) -> None:
        super().__init__(on_select, on_open)
        self.names = names
        self.selected = next(iter(names))

    def keys(self) -> Sequence[str]:
        return list(self.names)

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, key = canvas.theme, list(self.names)[i]
        chosen = key == self.selected
        if chosen:
            canvas.panel(surface, rect, theme.hover)
            canvas.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        at = (rect.left + canvas.u(12), rect.centery)
        canvas.text(
            surface, self.names[key], at, "body", theme.text if chosen else theme.muted, anchor="midleft",
            width=rect.width - canvas.u(24), bold=chosen,
        )  # fmt: skip


class SettingsScene(Scene):
    """Sections and rows."""

    def __init__(self, context: Context, *, playing: bool = False) -> None:
        """`playing`: a match is under it, so identity and history stay as they are."""
        super().__init__(context)
        self._playing = playing
        self.sections = Sections(
            context,
            self._listen,
            self.rebuild,
            lambda: self._push(KeyTestScene(context)),
            lambda: self._push(PadTestScene(context)),
            self._ask_delete,
            self._export,
            self._ask_renew,
        )
        self.list = SectionList(self.sections.names, self._chosen, self._enter)
        self.list.canvas = self.canvas
        self.back = Button(gettext("Back"), self._back)
        self.rows: Sequence[Row] = ()
        self.waiting: KeyButton | PadKeyButton | None = None
        """The button that the next key, or button of a gamepad, is for."""
        self._pads = tuple(context.gamepads.connected)
        self._work: Future[object] | None = None
        self._done = ""
        self._scroll = 0
        self._area = pygame.Rect(0, 0, 0, 0)
        self._total = 0
        self._focused: Widget | None = None
        self.form = Form([self.list, self.back], self.list)
        self.rebuild()

    def rebuild(self) -> None:
        """Make the rows anew; the focus stays where it was."""
        widgets = [row.widget for row in self.rows if row.widget is not None]
        at = widgets.index(self.form.focused) if self.form.focused in widgets else None
        self.rows = self.sections.rows(self.list.selected or "sound")
        if self._playing:
            for row in self.rows:
                if isinstance(row.widget, Button) and row.widget.kind == "danger":
                    row.widget.enabled = False
        fresh = [row.widget for row in self.rows if row.widget is not None]
        self.form.replace([self.list, *fresh, self.back])
        if at is not None and at < len(fresh):
            self.form.give(fresh[at])
        self.size, self.dirty = (0, 0), True

    def _chosen(self) -> None:
        self._scroll = 0
        self.rebuild()

    def _enter(self) -> None:
        first = next(
            (row.widget for row in self.rows if row.widget is not None and row.widget.focusable), None
        )
        self.form.give(first or self.back)

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad, top = u(20), u(20) + u(48)
        width = min(u(980), size[0] - 2 * pad)
        left = (size[0] - width) // 2
        self.list.rect = pygame.Rect(left, top, u(_SIDE), size[1] - top - pad)
        self.list.reveal()
        self._area = pygame.Rect(left + u(_SIDE + 16), top, width - u(_SIDE + 16), size[1] - top - pad)
        self.back.rect = pygame.Rect(left + width - u(110), pad - u(2), u(110), u(40))
        self._place_rows()

    def _place_rows(self) -> None:
        """Give each row its place, for where the list is scrolled to."""
        u, inner = self.canvas.u, self._inner
        heights = [self._height(row) for row in self.rows]
        self._total = sum(heights) + u(_ROW_GAP) * max(0, len(heights) - 1)
        self._scroll = max(0, min(self._scroll, self._total - inner.height))
        y = inner.top - self._scroll
        for row, height in zip(self.rows, heights, strict=True):
            if row.widget is not None:
                part = self._control_width(row)
                spot = pygame.Rect(inner.right - part, y + u(6), part, u(_CONTROL))
                if hasattr(row.widget, "place"):
                    row.widget.place(spot, self.canvas)
                else:
                    row.widget.rect = spot
                if isinstance(row.widget, Choice):
                    row.widget.fit(self.canvas)
            y += height + u(_ROW_GAP)

    @property
    def _inner(self) -> pygame.Rect:
        inner = self._area.inflate(-self.canvas.u(36), -self.canvas.u(28))
        inner.width -= self.canvas.u(6)
        return inner

    def _control_width(self, row: Row) -> int:
        narrow = type(row.widget) is Button or isinstance(row.widget, KeyButton | PadKeyButton)
        return self._inner.width * (38 if narrow else 54) // 100

    def _height(self, row: Row) -> int:
        u = self.canvas.u
        if row.note:
            return u(_ROW) + self.canvas.paragraph_height(row.note, self._inner.width, "small")
        return u(_ROW)

    def handle(self, event: Input) -> None:
        if isinstance(event, Key):
            self._take_key(event)
        elif isinstance(event, PadButton):
            self._take_button(event)
        elif event == Press(MenuAction.BACK):
            self._back()
        elif isinstance(event, Wheel) and self._area.collidepoint(event.at):
            self._scroll -= round(event.steps * self.canvas.u(_ROW))
            self._place_rows()
            self.dirty = True
        elif isinstance(event, Pointer) and event.kind is not PointerKind.UP and self._hidden(event.at):
            pass
        else:
            super().handle(event)
            self._reveal()

    def _hidden(self, at: tuple[int, int]) -> bool:
        """A row is there, but scrolled out of sight."""
        widgets = [row.widget for row in self.rows if row.widget is not None]
        under = any(w.rect.collidepoint(at) for w in widgets)
        return under and not self._inner.collidepoint(at)

    def _reveal(self) -> None:
        """Scroll to the focused row, once it has the focus."""
        focused = self.form.focused
        if focused is self._focused:
            return
        self._focused = focused
        row = next((row for row in self.rows if row.widget is focused), None)
        if row is None or row.widget is None:
            return
        u, inner = self.canvas.u, self._inner
        top, bottom = row.widget.rect.top - u(8), row.widget.rect.top + self._height(row)
        if top < inner.top:
            self._scroll -= inner.top - top
        elif bottom > inner.bottom:
            self._scroll += bottom - inner.bottom
        self._place_rows()

    def _listen(self, button: KeyButton | PadKeyButton) -> None:
        of_pad = isinstance(button, PadKeyButton)
        button.label = gettext("press a button…") if of_pad else gettext("press a key…")
        self.waiting, self.dirty = button, True
        self.capturing = True

    def _take_key(self, event: Key) -> None:
        button = self.waiting
        if button is None or not event.down or event.place <= 0:
            return
        self.waiting, self.capturing = None, False
        if event.place == _ESCAPE or isinstance(button, PadKeyButton):
            self.rebuild()
        else:
            self.sections.bind(button, None if event.place in _DELETE else event.place)

    def _take_button(self, event: PadButton) -> None:
        button = self.waiting
        self.waiting, self.capturing = None, False
        pad = self.context.gamepads.connected.get(event.device)
        if isinstance(button, PadKeyButton) and pad is not None and pad.kind == button.kind_of_pad:
            self.sections.bind_button(button, event.button)
        else:
            self.rebuild()

    def _ask_delete(self) -> None:
        count = gettext("This cannot be taken back.")
        self.next = Push(
            Confirm(
                self.context, gettext("Delete the whole history?"), count, gettext("Delete"), Pop(),
                self._delete, gettext("Keep it"),
            )
        )  # fmt: skip

    def _delete(self) -> None:
        client = self.client

        def work() -> object:
            for entry in client.history():
                client.delete_replay(entry.match)
            return None

        self._start(work, gettext("The history is deleted"))

    def _export(self) -> None:
        if (export := self.context.export) is not None:
            self._start(export, "")

    def _ask_renew(self) -> None:
        self.next = Push(
            Confirm(
                self.context, gettext("Take a new identity?"),
                gettext("Whoever verified you compares codes again, and an interrupted match cannot be resumed."),
                gettext("New identity"), Pop(), lambda: self.client.send(commands.NewIdentity()), gettext("Keep mine"),
            )
        )  # fmt: skip

    def _start(self, work: Callable[[], object], done: str) -> None:
        if self._work is None:
            self._work, self._done = self.context.background.submit(work), done

    def update(self, dt: float) -> Transition | None:
        if (work := taken(self._work)) is not None:
            self._work = None
            try:
                result = work.result()
            except P2PGameError as error:
                self.context.toast(error_text(error))
            else:
                self.context.toast(self._done or gettext("Written to {file}", file=str(result)))
        self.list.update(dt)
        pads = tuple(self.context.gamepads.connected)
        if pads != self._pads:
            self._pads = pads
            self.rebuild()
        return super().update(dt)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        at = (self.list.rect.left, self.back.rect.centery)
        canvas.text(surface, gettext("Settings"), at, "heading", anchor="midleft", bold=True)
        canvas.panel(surface, self._area)
        inner = self._inner
        clip = surface.get_clip()
        surface.set_clip(inner.inflate(u(16), u(8)))
        y = inner.top - self._scroll
        shown: list[Widget] = []
        for row in self.rows:
            height = self._height(row)
            if y + height > inner.top and y < inner.bottom:
                self._draw_row(surface, row, pygame.Rect(inner.left, y, inner.width, height))
                if row.widget is not None:
                    shown.append(row.widget)
            y += height + u(_ROW_GAP)
        self.form.draw(surface, canvas, shown)
        surface.set_clip(clip)
        if self._total > inner.height:
            track = pygame.Rect(self._area.right - u(12), inner.top, u(4), inner.height)
            thumb = track.copy()
            thumb.height = max(u(24), track.height * track.height // self._total)
            thumb.top += (track.height - thumb.height) * self._scroll // (self._total - inner.height)
            canvas.shapes.box(surface, thumb, theme.edge, u(2))
        self.form.draw(surface, canvas, [self.list, self.back])

    def _draw_row(self, surface: pygame.Surface, row: Row, rect: pygame.Rect) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        room = rect.width - (self._control_width(row) + u(12) if row.widget is not None else 0)
        at = (rect.left, rect.top + u(6) + u(_CONTROL) // 2)
        lines = canvas.fonts.wrap(row.label, canvas.px("body"), room)[:2]
        y = at[1] - len(lines) * canvas.line_height("body") // 2
        for line in lines:
            canvas.text(surface, line, (rect.left, y), "body", width=room)
            y += canvas.line_height("body")
        if row.note:
            place = pygame.Rect(
                rect.left, rect.top + u(_ROW) - u(2), rect.width, rect.height - u(_ROW) + u(4)
            )
            canvas.paragraph(surface, row.note, place, "small", theme.warm if row.warning else theme.muted)

    def _push(self, scene: Scene) -> None:
        self.next = Push(scene)

    def _back(self) -> None:
        self.form.give(self.list)  # a text that is being edited is saved
        self.next = Pop()


class KeyTestScene(Scene):
    """Shows every key that is down, since many keyboards lose some while others are held."""

    capturing = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.down: dict[int, None] = {}
        self.most = 0
        self.back = Button(gettext("Back"), self._back)
        self.form = Form([self.back])

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        self.back.rect = pygame.Rect(size[0] - u(20) - u(110), u(18), u(110), u(40))

    def handle(self, event: Input) -> None:
        match event:
            case Key(place, True):
                self.down[place] = None
            case PadButton():
                self._back()
            case Key(place, False):
                self.down.pop(place, None)
                if place == _ESCAPE:
                    self._back()
            case Press(MenuAction.BACK):
                self._back()
            case _:
                super().handle(event)
        self.most = max(self.most, len(self.down))
        self.dirty = True

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        at = (u(20), self.back.rect.centery)
        canvas.text(surface, gettext("Press all your keys"), at, "heading", anchor="midleft", bold=True)
        text = gettext(
            "Hold what all players hold in the hottest moment. Each key that arrives is shown; Escape ends."
        )
        width = self.size[0] - u(40)
        y = canvas.paragraph(surface, text, pygame.Rect(u(20), u(72), width, u(80)), "body", theme.muted) + u(
            24
        )
        x = u(20)
        for place in self.down:
            name = key_name(place)
            cap = pygame.Rect(
                x, y, max(u(56), canvas.fonts.width(name, canvas.px("heading"), bold=True) + u(28)), u(56)
            )
            if cap.right > self.size[0] - u(20):
                x, y = u(20), y + u(66)
                cap.topleft = (x, y)
            canvas.panel(surface, cap, theme.raised)
            canvas.frame(surface, cap, theme.accent, 2)
            canvas.text(surface, name, cap.center, "heading", anchor="center", bold=True)
            x = cap.right + u(10)
        foot = (u(20), self.size[1] - u(40))
        words = gettext("{n} at once so far", n=self.most)
        canvas.text(surface, words, foot, "body", theme.muted, anchor="midleft")
        self.form.draw(surface, canvas)

    def _back(self) -> None:
        self.next = Pop()
