"""The puzzles of a game: how hard each is, which are solved, and the position of the selected one."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.lesson import Lesson
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.puzzle_book import PuzzleBook
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scene import Context, Pop, Push, Scene, Transition
from p2pgame.ui.scenes.puzzle import PuzzleScene, draw_grade
from p2pgame.ui.sentences import game_words, plugin_title
from p2pgame.ui.still import picture
from p2pgame.ui.widgets import Button, Form, focus_ring

__all__ = ["PuzzlesScene"]


class PuzzleList(RowList):
    """A row for each puzzle."""

    row_height = 44
    row_gap = 5

    def __init__(self, book: PuzzleBook, on_select: Callable[[], None], on_open: Callable[[], None]) -> None:
        super().__init__(on_select, on_open)
        self._book = book
        self._keys = [puzzle.name for puzzle in book.puzzles]

    def keys(self) -> Sequence[str]:
        return self._keys

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, u, puzzle = canvas.theme, canvas.u, self._book.puzzles[i]
        chosen, solved = self._keys[i] == self.selected, self._book.solved(i)
        canvas.panel(surface, rect, theme.hover if chosen else theme.raised)
        if chosen:
            canvas.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        left, middle = rect.left + u(12), rect.centery
        canvas.text(surface, str(i + 1), (left, middle), "body", anchor="midleft", bold=True)
        left = draw_grade(surface, canvas, (left + u(34), middle), puzzle.grade) + u(10)
        right = rect.right - u(12)
        if solved:
            shown = canvas.text(
                surface, gettext("solved"), (right, middle), "small", theme.gold, anchor="midright", bold=True
            )
            right = shown.left - u(8)
        text = ngettext("in {n} move", "in {n} moves", puzzle.moves)
        canvas.text(
            surface, text, (left, middle), "body", theme.muted, anchor="midleft", width=max(1, right - left)
        )


class PuzzlesScene(Scene):
    """Choose one and play it. Raises `GameError` if the game fails."""

    def __init__(self, context: Context, plugin: Plugin) -> None:
        super().__init__(context)
        self.plugin = plugin
        self.book = PuzzleBook(plugin, context.change, context.preferences)
        self.list = PuzzleList(self.book, self._selected, self._play)
        self.list.canvas = self.canvas
        if len(self.book):
            first = self.book.next(len(self.book) - 1)
            self.list.selected = self.book.puzzles[first].name
        self.play = Button(gettext("Play"), self._play, "primary")
        self.play.enabled = len(self.book) > 0
        self.back = Button(gettext("Back"), self._back)
        self.form = Form([self.list, self.play, self.back], self.list)
        self._panel = pygame.Rect(0, 0, 0, 0)
        self._was_covered = False

    @property
    def number(self) -> int:
        """Of the selected puzzle."""
        return max(0, self.list.keys().index(self.list.selected)) if self.list.selected else 0

    @property
    def game(self) -> str:
        return self.plugin.game.name

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad, top = u(20), u(68)
        width = min(u(1100), size[0] - 2 * pad)
        left = (size[0] - width) // 2
        part = width * 46 // 100
        self.back.rect = pygame.Rect(left + width - u(110), u(18), u(110), u(40))
        self.list.rect = pygame.Rect(left, top, part - u(16), size[1] - top - pad)
        self.list.reveal()
        self._panel = pygame.Rect(left + part, top, width - part, size[1] - top - pad)
        inner = self._panel.inflate(-u(36), -u(32))
        self.play.rect = pygame.Rect(inner.left, inner.bottom - u(46), inner.width, u(46))

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._back()
        else:
            super().handle(event)

    def update(self, dt: float) -> Transition | None:
        if self.list.update(dt):
            self.dirty = True
        if self._was_covered and not self.covered and len(self.book):  # a puzzle was played
            following = self.book.next(self.number) if self.book.solved(self.number) else self.number
            self.list.selected = self.book.puzzles[following].name
            self.list.reveal()
            self.dirty = True
        self._was_covered = self.covered
        return super().update(dt)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        at = (self.list.rect.left, self.back.rect.centery)
        title = gettext("Puzzles: {game}", game=plugin_title(self.plugin))
        shown = canvas.text(surface, title, at, "heading", anchor="midleft", bold=True)
        count = gettext("{n} of {total} solved", n=self.book.count, total=len(self.book))
        at = (self.back.rect.left - u(14), self.back.rect.centery)
        room = max(1, at[0] - shown.right - u(14))
        canvas.text(surface, count, at, "body", theme.muted, anchor="midright", width=room)
        canvas.panel(surface, self._panel)
        if len(self.book):
            self._draw_puzzle(surface, self._panel.inflate(-u(36), -u(32)))
        self.form.draw(surface, canvas)

    def _draw_puzzle(self, surface: pygame.Surface, inner: pygame.Rect) -> None:
        """The task and the position of the selected one."""
        canvas, u, puzzle = self.canvas, self.canvas.u, self.book.puzzles[self.number]
        text = game_words(self.plugin.package, puzzle.task)
        y = canvas.paragraph(surface, text, inner, "body") + u(10)
        space = (inner.width, max(u(60), self.play.rect.top - u(14) - y))
        lesson = Lesson(puzzle.name, puzzle.state, puzzle.players)
        shown = picture(self.plugin, lesson, space, canvas)
        if shown is not None:
            middle = y + (self.play.rect.top - u(14) - y) // 2
            surface.blit(shown, shown.get_rect(center=(inner.centerx, middle)))

    def _selected(self) -> None:
        self.dirty = True

    def _play(self) -> None:
        if len(self.book):
            self.canvas.sounds.play("click")
            self.next = Push(PuzzleScene(self.context, self.book, self.number))

    def _back(self) -> None:
        self.next = Pop()
