"""Dialogs over another scene: an invitation given, one received, and a question with two answers."""

import math
from collections.abc import Callable
from typing import ClassVar

import pygame

from p2pgame.core.registry import Registry
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.games import options
from p2pgame.session import commands
from p2pgame.session.events import InviteReceived, InviteSent
from p2pgame.session.people.known_peer import Trust
from p2pgame.ui.badge import badge, warning_sign
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press
from p2pgame.ui.people import name_and_tag
from p2pgame.ui.scene import Context, Pop, Quit, Scene, Transition
from p2pgame.ui.sentences import error_text, game_title, listed
from p2pgame.ui.widgets import Button, Form
from p2pgame.wire.bounds import CLAIM_AFTER

__all__ = [
    "Confirm",
    "CopiedIdentityDialog",
    "Dialog",
    "InviteDialog",
    "InviteSentDialog",
    "LeaveMatchDialog",
    "NoticeDialog",
    "game_line",
]

_GRACE = 0.5
"""Seconds in which a dialog that opened by itself ignores presses: they were meant for the scene under it."""


class Dialog(Scene):
    """A card in the middle: a heading, some lines, perhaps a body of its own, buttons, perhaps a countdown."""

    overlay = True
    width: ClassVar[int] = 460
    """Units."""
    columns: ClassVar[int] = 3
    """Buttons side by side, at most."""
    unasked: ClassVar[bool] = False
    """True for one that opens by itself: it ignores presses in its first `_GRACE` seconds."""
    alarm = False
    """True for a warning: red, with a sign."""
    closing = False
    """True if the close button of the window opened it: pressed again, the window closes."""

    def __init__(
        self,
        context: Context,
        heading: str,
        lines: list[str],
        buttons: list[Button],
        seconds: float | None = None,
    ) -> None:
        super().__init__(context)
        self.heading = heading
        self.lines = lines
        self.buttons = buttons
        self.total = seconds
        self.left = seconds or 0.0
        """Seconds of the countdown left."""
        self.age = 0.0
        """Seconds since it opened, or since its buttons changed."""
        self.form = Form(buttons)
        self.card = pygame.Rect(0, 0, 0, 0)

    def body_top(self) -> int:
        """Where the body begins. To be called when `card` is placed."""
        u, inner = self.canvas.u, self.card.width - self.canvas.u(56)
        heading = self.canvas.paragraph_height(self.heading, inner - self._indent(), "heading", bold=True)
        lines = sum(self.canvas.paragraph_height(line, inner) + u(6) for line in self.lines)
        return self.card.top + u(28) + heading + u(10) + lines

    def body_height(self) -> int:
        """Height in pixels of what `draw_body` draws, between the lines and the buttons."""
        return 0

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        """Draw the content below the lines."""

    def handle(self, event: Input) -> None:
        if self.unasked and self._is_early(event):
            return
        if event == Press(MenuAction.BACK):
            self.dismiss()
        else:
            super().handle(event)

    def dismiss(self) -> None:
        """What Escape does, and the button that says no: close it."""
        self.next = Pop()

    def _is_early(self, event: Input) -> bool:
        moves = isinstance(event, Pointer) and event.kind is PointerKind.MOVE
        return self.age < _GRACE and isinstance(event, Press | Pointer) and not moves

    def _indent(self) -> int:
        """Pixels that the sign takes from the heading."""
        return self.canvas.u(38) if self.alarm else 0

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        width = min(u(self.width), size[0] - u(40))
        wide = width - u(56) - self._indent()
        heading = self.canvas.paragraph_height(self.heading, wide, "heading", bold=True)
        lines = sum(self.canvas.paragraph_height(line, width - u(56)) + u(6) for line in self.lines)
        rows = -(-len(self.buttons) // self.columns)
        foot = u(26) + rows * u(46) + max(0, rows - 1) * u(10)
        self._body = self.body_height()
        height = u(28) + heading + u(10) + lines + self._body + u(16) + (u(34) if self.total else 0) + foot
        self.card = pygame.Rect(0, 0, width, height)
        self.card.center = (size[0] // 2, size[1] // 2)
        inner = self.card.inflate(-u(56), 0)
        n = min(len(self.buttons), self.columns)
        each = (inner.width - (n - 1) * u(12)) // max(1, n)
        top = self.card.bottom - foot
        for i, button in enumerate(self.buttons):
            row, column = divmod(i, self.columns)
            left = inner.left + column * (each + u(12))
            button.rect = pygame.Rect(left, top + row * u(56), each, u(46))

    def update(self, dt: float) -> Transition | None:
        self.age += dt
        if self.total is not None:
            before = self._shown()
            self.left = max(0.0, self.left - dt)
            self.dirty = self.dirty or before != self._shown()
        return super().update(dt)

    def _shown(self) -> tuple[int, int]:
        """The countdown as drawn: whole seconds and the bar in steps of a hundredth."""
        return math.ceil(self.left), int(100 * self.left / self.total) if self.total else 0

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        card = self.card
        canvas.shapes.shadow(surface, card, u(22), 120)
        canvas.panel(surface, card)
        canvas.frame(surface, card, theme.alarm if self.alarm else theme.line, 2 if self.alarm else 1)
        inner = card.inflate(-u(56), -u(56))
        head, ink = inner.copy(), theme.text
        if self.alarm:
            ink = theme.alarm
            head.left, head.width = head.left + self._indent(), head.width - self._indent()
            middle = inner.top + canvas.line_height("heading") // 2
            warning_sign(surface, canvas, (inner.left + u(14), middle), u(28))
        y = canvas.paragraph(surface, self.heading, head, "heading", ink, bold=True)
        y += u(10)
        for line in self.lines:
            y = canvas.paragraph(
                surface, line, pygame.Rect(inner.left, y, inner.width, card.bottom - y), "body", theme.muted
            )
            y += u(6)
        if self._body:
            self.draw_body(surface, pygame.Rect(inner.left, y, inner.width, self._body))
            y += self._body
        if self.total:
            self._draw_countdown(surface, pygame.Rect(inner.left, y + u(12), inner.width, u(4)))
        self.form.draw(surface, canvas)

    def _draw_countdown(self, surface: pygame.Surface, bar: pygame.Rect) -> None:
        canvas = self.canvas
        words = gettext("{seconds} s", seconds=math.ceil(self.left))
        text = canvas.text(
            surface, words, (bar.right, bar.centery), "small", canvas.theme.muted, anchor="midright"
        )
        bar.width -= max(text.width, canvas.u(34)) + canvas.u(6)
        canvas.shapes.box(surface, bar, canvas.theme.raised, canvas.u(2))
        part = bar.copy()
        part.width = round(bar.width * self._shown()[1] / 100)
        if part.width > 0:
            canvas.shapes.box(surface, part, canvas.theme.accent, canvas.u(2))


class Confirm(Dialog):
    """A question. Yes calls `on_yes` and makes a transition; Escape and No close the dialog."""

    def __init__(
        self,
        context: Context,
        heading: str,
        text: str,
        yes: str,
        then: Transition,
        on_yes: Callable[[], None] | None = None,
        no: str = "",
        *,
        alarm: bool = False,
    ) -> None:
        self.alarm = alarm
        self._then = then
        self._on_yes = on_yes
        stay, leave = Button(no or gettext("Stay"), self.dismiss), Button(yes, self._yes, "danger")
        super().__init__(context, heading, [text], [stay, leave])

    def _yes(self) -> None:
        if self._on_yes is not None:
            self._on_yes()
        self.next = self._then


class NoticeDialog(Dialog):
    """Something that the player must know and that no toast is long enough for."""

    unasked = True

    def __init__(self, context: Context, heading: str, text: str) -> None:
        super().__init__(context, heading, [text], [Button(gettext("OK"), self.dismiss, "primary")])


class CopiedIdentityDialog(Dialog):
    """Another computer has our identity: take a new one here, or not now."""

    unasked = True

    def __init__(self, context: Context, address: str, renew: Callable[[], Transition]) -> None:
        """`renew` asks for a new identity."""
        self._renew = renew
        lines = [
            gettext(
                "The computer at {address} is a copy of this one, with the same identity: others see only one of the "
                "two, and the two cannot play each other.",
                address=address,
            ),
            gettext(
                "A new identity mends it. Whoever verified you compares codes again, and an interrupted match cannot "
                "be resumed."
            ),
        ]
        buttons = [
            Button(gettext("New identity here"), self._yes, "primary"),
            Button(gettext("Not now"), self.dismiss),
        ]
        super().__init__(context, gettext("Another computer has your identity"), lines, buttons)

    def _yes(self) -> None:
        self.next = self._renew()


class LeaveMatchDialog(Dialog):
    """The window is to be closed in a match: play on, leave it to be resumed, or resign."""

    closing = True
    columns = 1

    def __init__(self, context: Context, rival: str) -> None:
        """`rival`: the name of the other player."""
        stay = Button(gettext("Play on"), self.dismiss)
        leave = Button(gettext("Leave, and resume it later"), self._leave)
        resign = Button(gettext("Resign and leave"), self._resign, "danger")
        kept = context.client.resumes
        text = (
            gettext(
                "If you leave, {name} is told that you may come back, and can claim the match after {seconds} s.",
                name=rival,
                seconds=round(CLAIM_AFTER),
            )
            if kept
            else gettext("This second window cannot resume it later. {name} wins.", name=rival)
        )
        buttons = [stay, leave, resign] if kept else [stay, resign]
        super().__init__(context, gettext("The match is still on"), [text], buttons)

    def _leave(self) -> None:
        self.next = Quit(0)

    def _resign(self) -> None:
        self.client.send(commands.Leave())
        self.next = Quit(0)


class InviteSentDialog(Dialog):
    """Our invitation, waiting for an answer. The router closes it when the answer comes."""

    def __init__(self, context: Context, event: InviteSent) -> None:
        self.invite = event.invite
        self._cancel = Button(gettext("Cancel"), self.dismiss)
        who = name_and_tag(context.client, event.peer, event.name)
        line = game_line(context.client.registry, event.game, context.invited and context.invited[2])
        super().__init__(
            context, gettext("Waiting for {name}…", name=who), [line], [self._cancel], max(1.0, event.expires)
        )

    @property
    def is_accepted(self) -> bool:
        return self.total is None

    def accepted(self) -> None:
        """The answer was yes; the match is being set up."""
        self.heading, self.total, self.dirty = gettext("Accepted. Starting the match…"), None, True
        self.size = (0, 0)

    def dismiss(self) -> None:
        if self.is_accepted:
            self.client.send(commands.Leave())
            self.next = Pop()
        else:
            self.client.send(commands.CancelInvite())
            self._cancel.enabled = False


class InviteDialog(Dialog):
    """An invitation from a peer."""

    unasked = True

    def __init__(self, context: Context, event: InviteReceived) -> None:
        self.invite = event.invite
        self.peer = event.peer
        self.trust = context.client.trust(event.peer)
        self.alarm = self.trust is Trust.IMPOSTOR
        who = name_and_tag(context.client, event.peer, event.name)
        if event.rematch:
            heading = gettext("{name} wants a rematch", name=who)
        else:
            heading = gettext("{name} invites you", name=who)
        line = game_line(context.client.registry, event.game, event.config)
        self.accept_button = Button(gettext("Accept"), self._accept, "danger" if self.alarm else "primary")
        self.decline_button = Button(gettext("Decline"), self.dismiss)
        buttons = [self.accept_button, self.decline_button]
        lines = [line, error_text(context.client.warning(event.peer))] if self.alarm else [line]
        super().__init__(context, heading, lines, buttons, max(1.0, event.expires))
        if self.alarm:
            self.form.give(self.decline_button)
        self._answered = False

    def body_height(self) -> int:
        return self.canvas.u(22)

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        badge(surface, self.canvas, self.trust, (area.left, area.centery))

    @property
    def is_accepted(self) -> bool:
        return self._answered

    def accepted(self) -> None:
        """The match is being set up."""
        self.heading, self.total, self.dirty = gettext("Starting the match…"), None, True
        self._answered = True
        self.accept_button.enabled = self.decline_button.enabled = False
        self.size = (0, 0)

    def _accept(self) -> None:
        if self._answered:
            return
        self.canvas.sounds.play("click")
        self.context.invited = None
        self.accepted()
        self.client.send(commands.Accept(self.invite))

    def dismiss(self) -> None:
        if not self._answered:
            self._answered = True
            self.client.send(commands.Decline(self.invite))
            self.next = Pop()


def game_line(registry: Registry, game: str, config: object) -> str:
    """A game and its options in one line, e.g. ``Gomoku · standard``."""
    plugin = registry.get(game)
    chosen = options(plugin.package if plugin else "", config) if config is not None else ""
    return listed(game_title(registry, game), chosen)
