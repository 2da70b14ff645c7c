"""The open chat, over the lobby, a room or a match, which go on under it.

Enter says what stands in the field; in a match it then closes, so that the keys are the game's again. Escape closes.
While the field is empty, number keys say quick phrases. A line opens what can be done about who said it.
"""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import pygame

from p2pgame.core.ids import tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.chat import PHRASE_SENTENCES, chat_text, emote_text
from p2pgame.session import commands
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.chat_model import Entry, Talk
from p2pgame.ui.emotes import EMOTES, EmoteButton, draw_emote
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press, Typed, Wheel
from p2pgame.ui.people import known_peer
from p2pgame.ui.scene import Context, Pop, Push, Replace, Scene, Transition
from p2pgame.ui.scenes.dialogs import Dialog
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Choice, Form, Widget, focus_ring
from p2pgame.wire.chat import TEXT_CHARACTERS

__all__ = ["AuthorDialog", "ChatScene"]

_ROW = 26
"""Units of a row of phrases."""
_FIELD = 42
_GAP = 8
_LINES_MIN = 90
"""Units that the lines have at least; what else does not fit is left out."""
_WIDTHS = (256, 440)


class ChatScene(Scene):
    """`area`: where it stands, in pixels; the scene under it says where it covers least."""

    overlay = True
    dims: ClassVar[bool] = False

    def __init__(
        self, context: Context, area: Callable[[], pygame.Rect | None], *, playing: bool, open_on: str = ""
    ) -> None:
        """`playing`: it closes after each line."""
        super().__init__(context)
        self._area = area
        self._playing = playing
        chat = context.chat
        self.talk: Talk = chat.talk(open_on) or chat.here
        self.field = TextField(
            self.talk.draft,
            gettext("Say something"),
            on_submit=self._say,
            characters=TEXT_CHARACTERS,
            octets=4 * TEXT_CHARACTERS,
        )
        self.lines = _Lines(self._open_author)
        self.lines.talk = self.talk
        self.places: Choice | None = None
        if chat.party is not None:
            names = (gettext("Here"), gettext("Lobby"))
            self.places = Choice("", names, self._change_place, 0 if self.talk is chat.party else 1)
        self.phrases = [
            _Phrase(number, code, partial(self._send, "phrase", code))
            for number, code in enumerate(PHRASE_SENTENCES, 1)
        ]
        self.emotes = [
            EmoteButton(code, emote_text(code), partial(self._send, "emote", code)) for code in EMOTES
        ]
        self.close_button = Button("×", self._close)
        self._box = pygame.Rect(0, 0, 0, 0)
        self._version = -1
        self._shown: list[Widget] = []
        chat.read(self.talk.where)
        self.form = Form([self.field], self.field)

    def update(self, dt: float) -> Transition | None:
        chat = self.context.chat
        if self.talk not in (chat.lobby, chat.party):  # that room or match is over
            self.talk.draft = self.field.text
            self.next = self.next or Pop()
        elif not self.covered:
            chat.read(self.talk.where)
        if chat.version != self._version:
            self._version, self.dirty = chat.version, True
        transition = super().update(dt)
        if isinstance(transition, Pop | Replace):
            chat.read("")
        return transition

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        area = self._area() or pygame.Rect(0, 0, 0, 0)
        width = max(u(_WIDTHS[0]), min(u(_WIDTHS[1]), area.width))
        height = max(u(360), area.height) if area.height else size[1] - u(40)
        box = pygame.Rect(0, 0, min(width, size[0] - u(16)), min(height, size[1] - u(16)))
        box.bottomright = (area.right, area.bottom) if area.width else (size[0] - u(20), size[1] - u(20))
        self._box = box.clamp(pygame.Rect(u(8), u(8), size[0] - u(16), size[1] - u(16)))
        inner = self._box.inflate(-u(24), -u(20))
        self.close_button.rect = pygame.Rect(inner.right - u(30), inner.top, u(30), u(30))
        top = inner.top + u(30 + _GAP)
        if self.places is not None:
            self.places.rect = pygame.Rect(inner.left, inner.top, inner.width - u(38), u(30))
            self.places.fit(self.canvas)
        bottom = inner.bottom - u(_FIELD)
        self.field.rect = pygame.Rect(inner.left, bottom, inner.width, u(_FIELD))
        bottom -= u(_GAP)
        self._shown = [] if self.places is None else [self.places]
        each = min(u(36), (inner.width - 7 * u(4)) // 8)
        if bottom - each - top >= u(_LINES_MIN):
            bottom -= each
            for i, emote in enumerate(self.emotes):
                emote.rect = pygame.Rect(inner.left + i * (each + u(4)), bottom, each, each)
            bottom -= u(_GAP)
            self._shown += self.emotes
        rows = -(-len(self.phrases) // 2)
        if bottom - rows * u(_ROW) - top >= u(_LINES_MIN):
            bottom -= rows * u(_ROW)
            half = (inner.width - u(6)) // 2
            for i, phrase in enumerate(self.phrases):
                x = inner.left + (i // rows) * (half + u(6))
                phrase.rect = pygame.Rect(x, bottom + (i % rows) * u(_ROW), half, u(_ROW - 2))
            bottom -= u(_GAP)
            self._shown += self.phrases
        self.lines.rect = pygame.Rect(inner.left, top, inner.width, bottom - top)
        self.lines.canvas = self.canvas
        self.form.replace([self.field, self.lines, *self._shown, self.close_button])

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._close()
        elif isinstance(event, Typed) and self._is_phrase(event.text):
            self._send("phrase", self.phrases[int(event.text) - 1].code)
        elif (
            isinstance(event, Pointer)
            and event.kind is PointerKind.DOWN
            and not self._box.collidepoint(event.at)
        ):
            self._close()
        else:
            super().handle(event)
        if isinstance(event, Pointer) and event.kind is PointerKind.UP and self.next is None:
            self.form.give(self.field)  # what is typed is always said

    def _is_phrase(self, text: str) -> bool:
        """Whether it is the number of a phrase, and not a digit of a text."""
        empty = self.form.focused is self.field and not self.field.text and not self.field.composing
        return empty and len(text) == 1 and "1" <= text <= str(len(self.phrases))

    def _say(self) -> None:
        text = self.field.text
        if not text.strip():
            self._close()
            return
        self.field.text, self.field.caret = "", 0
        self._send("text", text)

    def _send(self, kind: str, text: str) -> None:
        self.context.chat.say(self.talk.where, self.client.peer_id, self.client.name, kind, text.strip())
        self.client.send(commands.Say(text=text, kind=kind, where=self.talk.where))
        self.lines.to_newest()
        self.dirty = True
        if self._playing:
            self._close()

    def _change_place(self, index: int) -> None:
        chat = self.context.chat
        self.talk.draft = self.field.text
        self.talk = chat.party if index == 0 and chat.party is not None else chat.lobby
        self.field.text = self.talk.draft
        self.field.caret = len(self.field.text)
        self.lines.talk = self.talk
        self.lines.to_newest()
        chat.read(self.talk.where)
        self.dirty = True

    def _close(self) -> None:
        self.field.finish()
        self.talk.draft = self.field.text
        self.next = Pop()

    def _open_author(self, entry: Entry) -> None:
        if entry.peer != self.client.peer_id:
            self.next = Push(AuthorDialog(self.context, entry.peer, entry.name))

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        canvas.shapes.shadow(surface, self._box, u(12), 140)
        canvas.panel(surface, self._box, theme.panel)
        canvas.frame(surface, self._box, theme.edge, 1.5)
        if self.places is None:
            at = (self._box.left + u(14), self.close_button.rect.centery)
            words = gettext("Chat with everybody here")
            room = self.close_button.rect.left - at[0] - u(8)
            canvas.text(surface, words, at, "body", anchor="midleft", width=room, bold=True)
        self.form.draw(surface, canvas)


class _Phrase(Button):
    """A quick phrase with its number."""

    def __init__(self, number: int, code: str, on_press: Callable[[], None]) -> None:
        super().__init__(chat_text("phrase", code), on_press)
        self.number, self.code = number, code

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u = canvas.theme, canvas.u
        canvas.panel(surface, self.rect, theme.hover if self.hover else theme.raised)
        canvas.frame(surface, self.rect, theme.edge, 1)
        at = (self.rect.left + u(8), self.rect.centery)
        number = canvas.text(
            surface, str(self.number), at, "small", theme.accent, anchor="midleft", bold=True
        )
        at = (number.right + u(8), at[1])
        canvas.text(surface, self.label, at, "small", anchor="midleft", width=self.rect.right - at[0] - u(4))
        if focused:
            focus_ring(surface, canvas, self.rect)


class _Lines(Widget):
    """The lines, newest at the bottom; the wheel and the arrows scroll, a click or Enter picks one."""

    def __init__(self, on_pick: Callable[[Entry], None]) -> None:
        super().__init__()
        self.talk: Talk | None = None
        self.canvas: Canvas | None = None
        self._on_pick = on_pick
        self._up = 0
        """Lines below the window: so many entries are scrolled up."""
        self._placed: list[tuple[pygame.Rect, Entry]] = []
        """Where entries were drawn last."""

    @property
    def focusable(self) -> bool:
        return self.talk is not None and bool(self.talk.lines)

    def to_newest(self) -> None:
        self._up = 0

    def handle(self, event: Input) -> bool:
        if isinstance(event, Wheel):
            self._scroll(round(event.steps * 2) or (1 if event.steps > 0 else -1))
            return True
        if isinstance(event, Press):
            return self._press(event.action)
        return super().handle(event)

    def _press(self, action: MenuAction) -> bool:
        if action is MenuAction.CONFIRM and self._placed:
            self._on_pick(self._placed[0][1])
            return True
        if action is MenuAction.UP and self.talk is not None and self._up < len(self.talk.lines) - 1:
            self._scroll(1)
            return True
        if action is MenuAction.DOWN and self._up:
            self._scroll(-1)
            return True
        return False

    def _scroll(self, by: int) -> None:
        most = len(self.talk.lines) - 1 if self.talk is not None else 0
        self._up = max(0, min(most, self._up + by))

    def clicked(self, at: tuple[int, int]) -> None:
        for rect, entry in self._placed:
            if rect.collidepoint(at):
                self._on_pick(entry)
                return

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u = canvas.theme, canvas.u
        canvas.panel(surface, self.rect, theme.background)
        inner = self.rect.inflate(-u(16), -u(12))
        clip = surface.get_clip()
        surface.set_clip(inner.clip(clip))
        self._placed = []
        lines = list(self.talk.lines) if self.talk is not None else []
        self._up = max(0, min(self._up, len(lines) - 1))
        y = inner.bottom
        for entry in reversed(lines[: len(lines) - self._up]):
            rect = self._draw_entry(surface, canvas, entry, inner, y)
            self._placed.append((rect, entry))
            y = rect.top - u(4)
            if y <= inner.top:
                break
        if not lines:
            words = gettext("Nothing was said yet")
            canvas.text(
                surface, words, inner.center, "small", theme.faint, anchor="center", width=inner.width
            )
        surface.set_clip(clip)
        if focused:
            focus_ring(surface, canvas, self.rect)

    @staticmethod
    def _draw_entry(
        surface: pygame.Surface, canvas: Canvas, entry: Entry, inner: pygame.Rect, bottom: int
    ) -> pygame.Rect:
        """Draw `entry` so that it ends at `bottom`; returns where it is."""
        theme, u = canvas.theme, canvas.u
        name_ink = theme.faint if entry.pending else theme.accent
        text_ink = theme.faint if entry.pending else theme.text
        height = canvas.line_height("small")
        if entry.kind == "emote":
            size = u(30)
            rect = pygame.Rect(inner.left, bottom - size, inner.width, size)
            at = (inner.left, rect.centery)
            name = canvas.text(
                surface, entry.name, at, "small", name_ink, anchor="midleft", width=inner.width - size - u(8), bold=True
            )  # fmt: skip
            draw_emote(surface, canvas, entry.text, (name.right + u(8) + size // 2, rect.centery), size)
            return rect
        text = chat_text(entry.kind, entry.text)
        tall = canvas.paragraph_height(text, inner.width, "small")
        rect = pygame.Rect(inner.left, bottom - tall - height, inner.width, tall + height)
        name = canvas.text(
            surface, entry.name, rect.topleft, "small", name_ink, width=inner.width - u(50), bold=True
        )
        tag = "…" if entry.pending else tag_of(entry.peer)
        canvas.text(surface, tag, (name.right + u(6), name.centery), 11, theme.faint, anchor="midleft")
        place = pygame.Rect(inner.left, rect.top + height, inner.width, tall + 1)
        canvas.paragraph(surface, text, place, "small", text_ink)
        return rect


class AuthorDialog(Dialog):
    """What can be done about who said something: mute, silence in the room, block, see more."""

    columns = 2

    def __init__(self, context: Context, peer: str, name: str) -> None:
        self.peer, self.name = peer, name
        known = known_peer(context.client, peer)
        self._muted = bool(known and known.muted)
        room = context.client.room()
        buttons = [
            Button(gettext("Unmute") if self._muted else gettext("Mute"), self._toggle_mute, "primary"),
            Button(gettext("Block"), self._block, "danger"),
        ]
        if room is not None and room.leads and any(member.peer == peer for member in room.members):
            buttons += [
                Button(gettext("Silence in this room"), partial(self._silence, silenced=True), "danger"),
                Button(gettext("Let speak again"), partial(self._silence, silenced=False)),
            ]
        buttons += [
            Button(gettext("More…"), self._more),
            Button(gettext("Close"), self.dismiss),
        ]
        lines = [gettext("Muted: you see nothing that this player says. Blocked: no invitations, either.")]
        super().__init__(context, f"{name} ({tag_of(peer)})", lines, buttons)

    def _toggle_mute(self) -> None:
        self.client.send(commands.SetMuted(self.peer, not self._muted))
        if not self._muted:
            self.context.chat.forget(self.peer)
        self.next = Pop()

    def _block(self) -> None:
        self.client.send(commands.SetBlocked(self.peer, True))
        self.context.chat.forget(self.peer)
        self.next = Pop()

    def _silence(self, *, silenced: bool) -> None:
        self.client.send(commands.Silence(self.peer, silenced))
        self.next = Pop()

    def _more(self) -> None:
        self.next = Replace(Person(self.context, self.peer, self.name))
