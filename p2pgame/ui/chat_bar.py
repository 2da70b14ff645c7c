"""The bar that shows the newest line of chat and how much is unread, and opens the chat. Part of several scenes."""

from collections.abc import Callable, Mapping

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.chat import chat_text
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.chat_model import ChatModel, Entry
from p2pgame.ui.emotes import draw_emote
from p2pgame.ui.widgets import Button, focus_ring

__all__ = ["ChatBar", "draw_emotes", "draw_tail"]

CHAT_KEY = "T"
"""What opens the chat."""


_NARROW = 120
"""Units of width below which it is only a sign."""


class ChatBar(Button):
    """`height` in units; the scene gives it a rectangle."""

    height = 34

    def __init__(self, chat: ChatModel, on_press: Callable[[], None]) -> None:
        super().__init__(gettext("Chat"), on_press)
        self._chat = chat
        self._version = -1

    def changed(self) -> bool:
        """Whether it looks different since the last call."""
        before, self._version = self._version, self._chat.version
        return before != self._version

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u, rect = canvas.theme, canvas.u, self.rect
        canvas.panel(surface, rect, theme.hover if self.hover else theme.raised)
        canvas.frame(surface, rect, theme.edge, 1)
        bubble = pygame.Rect(rect.left + u(9), 0, u(18), u(13))
        narrow = rect.width < u(_NARROW)
        if narrow:
            bubble.centerx = rect.centerx
        bubble.centery = rect.centery - u(1)
        ink = theme.accent if self._chat.unread else theme.muted
        canvas.shapes.box(surface, bubble, ink, u(4))
        tip = [
            (bubble.left + u(4), bubble.bottom - 1),
            (bubble.left + u(10), bubble.bottom - 1),
            (bubble.left + u(4), bubble.bottom + u(4)),
        ]
        pygame.draw.polygon(surface, ink, tip)
        right = rect.right - (u(4) if narrow else u(10))
        if self._chat.unread:
            count = str(min(self._chat.unread, 99))
            box = pygame.Rect(0, 0, max(u(20), canvas.fonts.width(count, canvas.px("small")) + u(10)), u(20))
            box.midright = (right, rect.top + u(10) if narrow else rect.centery)
            canvas.shapes.box(surface, box, theme.accent, u(10))
            canvas.text(surface, count, box.center, "small", theme.on_accent, anchor="center", bold=True)
            right = box.left - u(6)
        elif not narrow:
            key = canvas.text(
                surface, CHAT_KEY, (right, rect.centery), "small", theme.faint, anchor="midright"
            )
            right = key.left - u(6)
        if narrow:
            if focused:
                focus_ring(surface, canvas, rect)
            return
        at, room = (bubble.right + u(9), rect.centery), right - bubble.right - u(9)
        lines = self._chat.here.lines
        if lines:
            words = f"{lines[-1].name}: {chat_text(lines[-1].kind, lines[-1].text)}"
            colour = theme.text if self._chat.here.unread else theme.muted
        else:
            words, colour = self.label, theme.muted
        canvas.text(surface, words, at, "small", colour, anchor="midleft", width=max(1, room))
        if focused:
            focus_ring(surface, canvas, rect)


def draw_emotes(
    surface: pygame.Surface, canvas: Canvas, seats: Mapping[int, pygame.Rect], shown: Mapping[int, str]
) -> None:
    """Emotes over the cards of the players who show one, by player index."""
    for player, code in shown.items():
        card = seats.get(player)
        if card is None:
            continue
        side = min(canvas.u(64), card.height)
        box = pygame.Rect(0, 0, side, side)
        box.midright = (card.right - canvas.u(4), card.centery)
        canvas.shapes.shadow(surface, box, canvas.u(6), 120)
        canvas.shapes.box(surface, box, canvas.theme.hover, side // 2)
        draw_emote(surface, canvas, code, box.center, side - canvas.u(6))


def draw_tail(surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, chat: ChatModel) -> int:
    """What was said before the newest line, which the bar shows, from the bottom of `rect` up as far as it fits.

    Returns the y above it.
    """
    y, gap = rect.bottom, canvas.u(4)
    for entry in list(chat.here.lines)[-2::-1] if chat.party is not None else ():
        height = _tail_height(canvas, entry, rect.width)
        if y - height < rect.top:
            break
        y -= height
        name = canvas.text(
            surface,
            entry.name,
            (rect.left, y),
            "small",
            canvas.theme.accent,
            width=rect.width - 2 * canvas.u(20),
        )
        if entry.kind == "emote":
            side = canvas.line_height("small")
            draw_emote(surface, canvas, entry.text, (name.right + side, name.centery), side)
        else:
            place = pygame.Rect(rect.left, name.bottom, rect.width, height - name.height)
            canvas.paragraph(surface, chat_text(entry.kind, entry.text), place, "small", canvas.theme.muted)
        y -= gap
    return max(rect.top, y)


def _tail_height(canvas: Canvas, entry: Entry, width: int) -> int:
    line = canvas.line_height("small")
    if entry.kind == "emote":
        return line
    return line + canvas.paragraph_height(chat_text(entry.kind, entry.text), width, "small")
