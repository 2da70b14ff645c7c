"""The match: the board, whose turn it is, the connection, and a way out."""

import pygame

from p2pgame.core.errors import IllegalMoveError
from p2pgame.session.view import MatchView
from p2pgame.ui.inputs import Action, Input, Pointer, Press
from p2pgame.ui.kit import Kit
from p2pgame.ui.scene import Context, Pop, Push, Quit, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm, game_line
from p2pgame.ui.scenes.table import Table
from p2pgame.ui.view import View
from p2pgame.ui.widgets import Button, Form, Widget, focus_ring

__all__ = ["Board", "MatchScene"]


class Board(Widget):
    """The view of a game as a widget. While it has the focus the keys are the game's."""

    def __init__(self, scene: "MatchScene") -> None:
        super().__init__()
        self._scene = scene

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press) and event.action in (Action.NEXT, Action.PREVIOUS, Action.BACK):
            return False
        if isinstance(event, Pointer):
            inside = self.rect.collidepoint(event.at)
            was, self.hover = self.hover, inside
            if not inside and not was:
                return False
        self._scene.play(event)
        return True

    def draw(self, surface: pygame.Surface, kit: Kit, *, focused: bool) -> None:
        if focused:
            focus_ring(surface, kit, self.rect)


class MatchScene(Scene):
    """One match, from its start until it ends."""

    def __init__(self, context: Context, match: MatchView, view: View) -> None:
        super().__init__(context)
        self.table = Table(self.kit, view, match)
        self.board = Board(self)
        self._resign = Button("Resign", self.ask_resign, "danger")
        self.form = Form([self.board, self._resign], self.board)
        self._animating = False

    @property
    def match(self) -> MatchView:
        return self.table.match

    def layout(self, size: tuple[int, int]) -> None:
        self.table.layout(size)
        self.board.rect = self.table.board
        u, area = self.kit.u, self.table.controls
        self._resign.rect = pygame.Rect(area.left, area.bottom - u(44), area.width, u(44))

    def handle(self, event: Input) -> None:
        if event == Press(Action.BACK):
            self.ask_resign()
        else:
            super().handle(event)

    def play(self, event: Input) -> None:
        """Give an input to the view, and the move that comes of it to the network."""
        match, view = self.match, self.table.view
        move = view.handle(event, match, self.table.board)
        if move is None or match.outcome is not None:
            return
        try:
            view.game.validate(match.state, match.me, move)
        except IllegalMoveError as error:
            self.context.toast(_sentence(str(error)))
            return
        self.client.submit(move)

    def refresh(self) -> None:
        match = self.client.match()
        if match is None or match is self.match or match.match != self.match.match:
            return
        if match.frame != self.match.frame:
            self.kit.sounds.play("stone")
        self.table.match = match
        self.dirty = True

    def update(self, dt: float) -> Transition | None:
        moving = self.table.view.update(dt, self.match)
        self.dirty = self.dirty or (self._animating and not moving)
        self._animating = moving
        return super().update(dt)

    @property
    def animating(self) -> bool:
        return self._animating

    def draw(self, surface: pygame.Surface) -> None:
        self.table.draw(surface)
        kit, u, theme, match = self.kit, self.kit.u, self.kit.theme, self.match
        area = self.table.controls
        mine = match.me in match.to_move
        rival = next((n for i, n in enumerate(match.names) if i != match.me), "")
        words = "Your turn" if mine else f"{rival} is thinking…"
        at = (area.left, area.top + u(2))
        ink = theme.accent if mine else theme.text
        kit.text(surface, words, at, "heading", ink, width=area.width, bold=True)
        y = area.top + u(38)
        plugin = self.client.registry.get(match.game)
        game = game_line(self.client.registry, match.game, match.config) if plugin else match.game
        lines = [game, f"Move {match.frame + 1}"]
        if status := self.table.view.status(match):
            lines[1] += f" · {status}"
        host = match.names[match.players.index(match.host)] if match.host in match.players else "?"
        lines.append(f"Host: {host}")
        floor = self._resign.rect.top - u(40)
        for line in lines:
            if y + kit.line_height("small") <= floor + u(8):
                kit.text(surface, line, (area.left, y), "small", theme.muted, width=area.width)
            y += kit.line_height("small") + u(4)
        hint = self.table.view.hint
        rect = pygame.Rect(area.left, y + u(6), area.width, floor - y - u(6))
        if mine and match.frame < 2 and rect.height > 2 * kit.line_height("small"):
            kit.paragraph(surface, hint, rect, "small", theme.faint)
        at = (area.left, self._resign.rect.top - u(22))
        kit.text(surface, "Connection", at, "small", theme.faint, anchor="midleft")
        kit.ping(surface, (area.right, at[1]), match.rtt_ms)
        self.form.draw(surface, kit)

    def ask_resign(self) -> None:
        """Ask once, then give the match up."""
        rival = next((n for i, n in enumerate(self.match.names) if i != self.match.me), "The other side")
        question = Confirm(
            self.context,
            "Resign this match?",
            f"{rival} wins.",
            "Resign",
            Pop(),
            self.client.resign,
            no="Play on",
        )
        self.next = Push(question)

    def close(self) -> bool:
        self.next = Push(
            Confirm(
                self.context,
                "Resign and leave?",
                "The match is still on. Closing the window gives it up.",
                "Resign and leave",
                Quit(0),
                self.client.leave,
                no="Play on",
                closing=True,
            )
        )
        return False


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
