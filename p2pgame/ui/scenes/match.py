"""The match: the board, whose turn it is or the score, the connection, and the button to resign.

A real-time match is drawn 60 times a second, only its board where nothing else changed. The view turns held controls
into inputs, and the seat gets each input that differs from the one before.
"""

from collections.abc import Sequence

import pygame

from p2pgame.core.errors import IllegalMoveError
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.events import Event, MatchDesync, MatchResumed
from p2pgame.session.status import StatusCode
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas, Size
from p2pgame.ui.client import Seat
from p2pgame.ui.input_queue import InputQueue
from p2pgame.ui.inputs import Control, Input, MenuAction, Pointer, PointerKind, Press, control_letters
from p2pgame.ui.scene import Context, Pop, Push, Quit, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm, game_line
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.scenes.overlay import Overlay
from p2pgame.ui.scenes.waiting import Waiting
from p2pgame.ui.sentences import desync_details, game_words, illegal_move_text, listed, repaired_text
from p2pgame.ui.view import View
from p2pgame.ui.widgets import Button, Form, Widget, focus_ring

__all__ = ["Board", "MatchScene"]

_HINT = 5
"""Seconds of a real-time match for which the hint on its keys is shown on the board."""
_MENDED = 15.0
"""Seconds for which the repair of a desync is shown."""
_POLL = 0.5
"""Seconds between two reads of the round trip in real time: each change draws the panel again."""


class Board(Widget):
    """The view of a game as a widget. While it has the focus the keys are the game's."""

    def __init__(self, scene: "MatchScene") -> None:
        super().__init__()
        self._scene = scene

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press) and event.action in (
            MenuAction.NEXT,
            MenuAction.PREVIOUS,
            MenuAction.BACK,
        ):
            return False
        if isinstance(event, Pointer):
            inside = self.rect.collidepoint(event.at) and not self._scene.covers(event.at)
            was, self.hover = self.hover, inside
            if not inside and not was:
                return False
        self._scene.play(event)
        return True

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        if focused and not self._scene.match.tick_rate:
            focus_ring(surface, canvas, self.rect)


class MatchScene(Scene):
    """One match, from its start until it ends."""

    def __init__(self, context: Context, match: MatchView, view: View, seat: Seat | None = None) -> None:
        """`seat`: the place that we play at; default: the client."""
        super().__init__(context)
        self.seat: Seat = seat or context.client
        self.match_board = MatchBoard(self.canvas, view, match)
        self.board = Board(self)
        self.network: Overlay | None = None
        """The network overlay, while it is open."""
        self._resign = Button(gettext("Resign"), self.ask_resign, "danger")
        self.waiting = Waiting(
            self.canvas,
            self.rival,
            lambda: context.client.send(commands.Claim()),
            lambda go_on: context.client.send(commands.AnswerDispute(go_on)),
        )
        self.form = Form([self.board, self._resign], self.board)
        self._animating = bool(match.tick_rate)
        self._inputs = InputQueue(view.game.neutral)
        """Real-time only."""
        self._shown: tuple[object, ...] = ()
        """Real-time: what the panel shows."""
        self._polled = 0.0
        self._waited = False
        """The current pause was long enough to be shown."""
        self._mended: tuple[str, str] | None = None
        """The last repaired desync: the sentence and the details."""
        self._mended_age = 0.0

    @property
    def match(self) -> MatchView:
        return self.match_board.match

    @property
    def rival(self) -> str:
        """The name of the other player, or of the others."""
        match = self.match
        return ", ".join(n for i, n in enumerate(match.names) if i != match.me) or gettext("The other side")

    @property
    def paused(self) -> bool:
        """The match does not run, so no input is taken."""
        return self.match.pause is not None and self.match.outcome is None

    @property
    def _hint(self) -> str:
        view = self.match_board.view
        return game_words(view.package, view.hint, control_letters())

    @property
    def _hinting(self) -> bool:
        """Real-time: the match just began, and no key was pressed yet."""
        match = self.match
        return match.frame < _HINT * match.tick_rate and not self._inputs.used

    def covers(self, at: tuple[int, int]) -> bool:
        """True if something covers the board at this place."""
        rects = [self.waiting.card] + ([self.network.rect] if self.network is not None else [])
        return any(rect.collidepoint(at) for rect in rects)

    def layout(self, size: tuple[int, int]) -> None:
        self.match_board.layout(size)
        self.board.rect = self.match_board.board
        self.waiting.layout(self.match_board.board)
        u, area = self.canvas.u, self.match_board.controls
        self._resign.rect = pygame.Rect(area.left, area.bottom - u(44), area.width, u(44))
        if self.network is not None:
            panel, floor = self.match_board.panel.inflate(-u(12), -u(12)), self._resign.rect.top - u(4)
            self.network.layout(
                [pygame.Rect(panel.left, top, panel.width, floor - top) for top in (area.top, panel.top)]
                + [self.board.rect.inflate(-u(16), -u(16))]
            )

    def handle(self, event: Input) -> None:
        if self.waiting.early(event):
            return
        if event == Press(MenuAction.BACK):
            self.ask_resign()
        elif event == Press(MenuAction.OVERLAY):
            self._toggle_overlay()
        else:
            super().handle(event)
        if self.match.tick_rate and isinstance(event, Pointer) and event.kind is PointerKind.DOWN:
            self.form.give(self.board)  # the mouse does not take the keys away from the game

    def _toggle_overlay(self) -> None:
        self.network = Overlay(self.context, self.seat, self.match) if self.network is None else None
        self._gather()
        self.layout(self.size)

    def _gather(self) -> None:
        """Put the current widgets into the form."""
        extra = self.network.widgets if self.network is not None else ()
        self.form.replace([self.board, *self.waiting.widgets, *extra, self._resign])
        self.dirty = True

    def hold(self, held: frozenset[Control]) -> None:
        match = self.match
        if match.tick_rate and match.outcome is None and not self.paused:
            ours = held if self.form.focused is self.board else frozenset()
            move = self.match_board.attempt(lambda: self.match_board.view.hold(ours, match), None)
            if move is not None:
                self._inputs.put(move)
            due = self._inputs.take(self.context.clock(), match.tick_rate)
            if due is not None:
                self.seat.send(commands.Submit(due))

    def play(self, event: Input) -> None:
        """Give an input to the view, and the move that comes of it to the network."""
        match, view = self.match, self.match_board.view
        if self.paused:
            if isinstance(event, Press) or (isinstance(event, Pointer) and event.kind is PointerKind.DOWN):
                self._say_paused()
            return
        move = self.match_board.attempt(lambda: view.handle(event, match, self.match_board.board), None)
        if move is None or match.outcome is not None:
            return
        try:
            view.game.validate(match.state, match.me, move)
        except IllegalMoveError as error:
            self.context.toast(illegal_move_text(view.package, error))
            return
        if match.tick_rate:
            self._inputs.put(move, position=isinstance(event, Pointer) and event.kind is PointerKind.MOVE)
        else:
            self.seat.send(commands.Submit(move))

    def _say_paused(self) -> None:
        pause = self.match.pause
        if pause is not None and not self.match.tick_rate:
            if pause.code is StatusCode.DESYNC:
                self.context.toast(gettext("The two games are being compared"))
            else:
                self.context.toast(gettext("{name} is not here yet", name=self.rival))

    def notice(self, event: Event) -> None:
        match event:
            case MatchResumed(match=match, reason=reason) if match == self.match.match:
                if reason != "desync" and self._waited:
                    back = gettext("{name} is back", name=self.rival)
                    self.context.toast(gettext("The match goes on") if reason == "restarted" else back)
                self._waited = False
            case MatchDesync(match=match, mended=True) if match == self.match.match:
                text = repaired_text(event, self.rival, moves=not self.match.tick_rate)
                self._mended, self._mended_age, self.dirty = (text, desync_details(event)), 0.0, True
                self.context.toast(gettext("The two games differed; repaired"))

    def refresh(self) -> None:
        match = self.seat.match()
        if match is None or match is self.match or match.match != self.match.match:
            return
        if not match.tick_rate:
            if match.frame != self.match.frame:
                self.canvas.sounds.play("stone")
            self.dirty = True
        self.match_board.match = match

    def update(self, dt: float) -> Transition | None:
        match = self.match
        moving = self.match_board.update(dt)
        if match.tick_rate:
            self._update_live(dt)
        else:
            self.dirty = self.dirty or (self._animating and not moving)
            self._animating = moving
        if self.network is not None and self.network.update(dt, match) and not match.tick_rate:
            self.dirty = True
        self._update_waiting(dt)
        return super().update(dt)

    def _update_waiting(self, dt: float) -> None:
        before = self.waiting.widgets
        self._waited = self._waited or (self.paused and self.waiting.seconds is not None)
        if self.waiting.update(dt, self.context.clock(), self.match):
            self.dirty = True
            if self.waiting.widgets != before:
                self._gather()
                self.form.give(self.waiting.keep if self.waiting.widgets else self.board)
        self._mended_age += dt
        if self._mended is not None and self._mended_age >= _MENDED:
            self._mended, self.dirty = None, True

    def _update_live(self, dt: float) -> None:
        """Whether the panel has to be drawn again."""
        match = self.match
        self._polled += dt
        ping = self._shown[0] if self._shown else None
        if self._polled >= _POLL or not self._shown:
            self._polled = 0.0
            ping = None if match.rtt_ms is None else round(match.rtt_ms)
        shown = (ping, self.match_board.status)
        if shown != self._shown:
            self._shown, self.dirty = shown, True

    @property
    def animating(self) -> bool:
        return self._animating

    def draw(self, surface: pygame.Surface) -> None:
        self.match_board.draw(surface)
        self._draw_over_board(surface)
        self._draw_panel(surface)
        if self.network is not None:
            self.network.draw(surface, self.form)
        self.form.draw(surface, self.canvas, [self.board, self._resign])

    def draw_live(self, surface: pygame.Surface) -> Sequence[pygame.Rect] | None:
        if not self.match.tick_rate:
            return None
        self.match_board.draw_board(surface)
        self._draw_over_board(surface)
        if self.network is None:
            return [self.match_board.board]
        self.network.draw(surface, self.form)
        return [self.match_board.board, self.network.rect]

    def _draw_panel(self, surface: pygame.Surface) -> None:
        canvas, u, theme, match = self.canvas, self.canvas.u, self.canvas.theme, self.match
        area = self.match_board.controls
        mine = match.me in match.to_move and not match.tick_rate and not self.paused
        status = self.match_board.status
        lines = [game_line(self.client.registry, match.game, match.config)]
        y = area.top + u(2)
        if match.tick_rate:
            y = canvas.paragraph(surface, status, area.move(0, u(2)), "heading", bold=True) + u(8)
        else:
            if mine:
                words = gettext("Your turn")
            elif self.paused:
                words = gettext("Paused")
            else:
                words = gettext("{name} is thinking…", name=self.rival)
            ink = theme.accent if mine else theme.text
            canvas.text(surface, words, (area.left, y), "heading", ink, width=area.width, bold=True)
            y += u(36)
            lines.append(listed(gettext("Move {n}", n=match.frame + 1), status))
        if match.host in match.players:
            lines.append(gettext("Host: {name}", name=match.names[match.players.index(match.host)]))
        floor = self._resign.rect.top - u(40)
        if self._mended is not None:
            place = pygame.Rect(area.left, y, area.width, floor + u(8) - y)
            _draw_mended(surface, canvas, place, *self._mended)
            lines, hint = [], ""
        else:
            hint = self._hint
        for line in lines:
            if y + canvas.line_height("small") <= floor + u(8):
                canvas.text(surface, line, (area.left, y), "small", theme.muted, width=area.width)
            y += canvas.line_height("small") + u(4)
        rect = pygame.Rect(area.left, y + u(6), area.width, floor - y - u(6))
        if (match.tick_rate or (mine and match.frame < 2)) and rect.height > 2 * canvas.line_height("small"):
            canvas.paragraph(surface, hint, rect, "small", theme.faint)
        if self.seat is self.client:
            at = (area.left, self._resign.rect.top - u(22))
            canvas.text(surface, gettext("Connection"), at, "small", theme.faint, anchor="midleft")
            cut = match.pause is not None and match.pause.code is not StatusCode.DESYNC
            canvas.ping(surface, (area.right, at[1]), None if cut else match.rtt_ms)

    def _draw_over_board(self, surface: pygame.Surface) -> None:
        """Draw the message of a pause, or at the start of a real-time match the hint on its keys."""
        canvas, board = self.canvas, self.match_board.board
        hint = self._hint
        if self.waiting.seconds is not None:
            self.waiting.draw(surface, self.form)
        elif self._hinting and hint:
            _pill(surface, canvas, board, hint, board.bottom - canvas.u(48), "body")

    def ask_resign(self) -> None:
        """Ask, then give the match up."""
        question = Confirm(
            self.context,
            gettext("Resign this match?"),
            gettext("{name} wins.", name=self.rival),
            gettext("Resign"),
            Pop(),
            lambda: self.seat.send(commands.Resign()),
            no=gettext("Play on"),
        )
        self.next = Push(question)

    def close(self) -> bool:
        self.next = Push(
            Confirm(
                self.context,
                gettext("Resign and leave?"),
                gettext("The match is still on. Closing the window gives it up."),
                gettext("Resign and leave"),
                Quit(0),
                lambda: self.seat.send(commands.Leave()),
                no=gettext("Play on"),
                closing=True,
            )
        )
        return False


def _draw_mended(
    surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, words: str, details: str
) -> None:
    """Draw how a desync was repaired, in place of the other lines beside the board."""
    inner = rect.inflate(-canvas.u(24), -canvas.u(20))
    height = canvas.paragraph_height(words, inner.width, "small", bold=True) + canvas.u(4)
    height += canvas.paragraph_height(details, inner.width, "small")
    inner.height = min(inner.height, height)
    box = inner.inflate(canvas.u(24), canvas.u(20))
    canvas.panel(surface, box, canvas.theme.raised)
    canvas.frame(surface, box, canvas.theme.warm, 1.5)
    y = canvas.paragraph(surface, words, inner, "small", bold=True) + canvas.u(4)
    place = pygame.Rect(inner.left, y, inner.width, inner.bottom - y)
    canvas.paragraph(surface, details, place, "small", canvas.theme.muted)


def _pill(surface: pygame.Surface, canvas: Canvas, board: pygame.Rect, text: str, y: int, size: Size) -> None:
    """`text` in a box with round ends in the middle of the board, around height `y`."""
    px = canvas.px(size)
    lines = canvas.fonts.wrap(text, px, board.width - canvas.u(80), bold=True)
    width = max(canvas.fonts.width(line, px, bold=True) for line in lines)
    box = pygame.Rect(0, 0, width + canvas.u(44), len(lines) * canvas.fonts.height(px) + canvas.u(16))
    box.center = (board.centerx, y)
    canvas.shapes.box(surface, box, canvas.theme.panel, canvas.u(20))
    canvas.paragraph(surface, text, box.inflate(-canvas.u(44), -canvas.u(16)), size, centred=True, bold=True)
