"""A puzzle: a position to be won within so many moves, against the strongest bot of the game."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import pygame

from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input
from p2pgame.ui.puzzle_book import PuzzleBook
from p2pgame.ui.room_words import player_names
from p2pgame.ui.scene import Context, Pop, Replace, Transition
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.sentences import game_words, listed, winners_text
from p2pgame.ui.view import load_view
from p2pgame.ui.widgets import Button, Widget

__all__ = ["PuzzleScene", "draw_grade"]

_GRADES = 5


class PuzzleScene(MatchScene):
    """Plays one puzzle; the next and another try are scenes of their own. Raises `GameError` if the game fails."""

    def __init__(self, context: Context, book: PuzzleBook, number: int) -> None:
        self.book = book
        self.number = number
        self.result: Literal["", "solved", "failed"] = ""
        self.retry = Button(gettext("Try again"), partial(self._open, lambda: number))
        self.following = Button(gettext("Next puzzle"), partial(self._open, lambda: book.next(number)))
        self.leave = Button(gettext("All puzzles"), self._leave)
        client = context.client
        self.practice = book.start(number, peer=client.peer_id, name=client.name, clock=context.clock)
        match = self.practice.match()
        super().__init__(context, match, load_view(book.plugin, match.me, match.names), self.practice)

    def _open(self, number: Callable[[], int]) -> None:
        self.canvas.sounds.play("click")
        self.practice.close()
        self.next = Replace(PuzzleScene(self.context, self.book, number()))

    def _leave(self) -> None:
        self.practice.close()
        self.next = Pop()

    def open_menu(self) -> None:
        self._leave()

    def close(self) -> bool:
        return True

    @property
    def chat_on_enter(self) -> bool:
        return False

    def _feet(self) -> list[Widget]:
        return [self.retry, self.following, self.leave]

    def layout(self, size: tuple[int, int]) -> None:
        super().layout(size)
        u, area = self.canvas.u, self.match_board.controls
        self.leave.rect = pygame.Rect(area.left, area.bottom - u(44), area.width, u(44))
        half = (area.width - u(8)) // 2
        self.retry.rect = pygame.Rect(area.left, self.leave.rect.top - u(52), half, u(44))
        self.following.rect = pygame.Rect(area.right - half, self.retry.rect.top, half, u(44))

    @property
    def left(self) -> int:
        """Moves that may still be made."""
        return self.book.puzzles[self.number].moves - self.practice.moves_of(self.match.me)

    def play(self, event: Input) -> None:
        if not self.result:
            super().play(event)

    def update(self, dt: float) -> Transition | None:
        if not self.covered and not self.result:
            self.practice.step(dt)
        self.refresh()
        transition = super().update(dt)
        self._judge()  # it takes the focus, after what the end of the match does with it
        return transition

    def _judge(self) -> None:
        """See whether it is solved, or cannot be any more."""
        match, outcome = self.match, self.match.outcome
        if self.result or (outcome is None and self.left > 0):
            return
        solved = outcome is not None and match.me in outcome.winners
        self.result, self.dirty = "solved" if solved else "failed", True
        if solved:
            self.book.mark(self.number)
        self.canvas.sounds.play("win" if solved else "lose")
        self.following.kind, self.retry.kind = ("primary", "plain") if solved else ("plain", "primary")
        self.form.give(self.following if solved else self.retry)
        self.practice.close()

    def _draw_panel(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        puzzle, area = self.book.puzzles[self.number], self.match_board.controls
        rect = pygame.Rect(area.left, area.top, area.width, self._foot - area.top - u(8))
        ink = theme.gold if self.result == "solved" else theme.warm if self.result else theme.text
        rect = _below(rect, canvas.paragraph(surface, self.heading, rect, "heading", ink, bold=True) + u(6))
        package = self.book.plugin.package
        for text, colour in (
            (game_words(package, puzzle.task), theme.text),
            (self._progress(), theme.accent if not self.result else theme.muted),
        ):
            rect = _below(rect, canvas.paragraph(surface, text, rect, "body", colour) + u(4))
        number = gettext("Puzzle {n} of {total}", n=self.number + 1, total=len(self.book))
        solved = gettext("{n} solved", n=self.book.count)
        text = listed(number, solved)
        rect = _below(rect, canvas.paragraph(surface, text, rect, "small", theme.muted) + u(6))
        if rect.height >= u(12):
            draw_grade(surface, canvas, (rect.left, rect.top + u(6)), puzzle.grade)

    @property
    def heading(self) -> str:
        """What is to be done, or how it went."""
        if self.result == "solved":
            return gettext("Solved")
        if self.result:
            return gettext("Not solved")
        side = self.match_board.attempt(lambda: self.match_board.view.side(self.match.me), "")
        return gettext("{side} to move and win", side=side)

    def _progress(self) -> str:
        puzzle, outcome = self.book.puzzles[self.number], self.match.outcome
        if self.result == "failed":
            if outcome is not None and outcome.winners:
                names = player_names(self.match)
                return winners_text([names[w] for w in outcome.winners])
            return ngettext("It can be won in {n} move.", "It can be won in {n} moves.", puzzle.moves)
        if self.result:
            made = puzzle.moves - self.left
            return ngettext("Won in {n} move.", "Won in {n} moves.", made)
        return ngettext("{n} move left", "{n} moves left", self.left)


def _below(rect: pygame.Rect, top: int) -> pygame.Rect:
    return pygame.Rect(rect.left, top, rect.width, max(0, rect.bottom - top))


def draw_grade(surface: pygame.Surface, canvas: Canvas, at: tuple[int, int], grade: int) -> int:
    """Filled and empty dots, from `at` (their middle) on; returns the x behind them."""
    u = canvas.u
    x = at[0] + u(5)
    for number in range(_GRADES):
        if number < grade:
            canvas.shapes.disc(surface, (x, at[1]), u(5), canvas.theme.accent)
        else:
            canvas.shapes.ring(surface, (x, at[1]), u(4.5), canvas.theme.edge, u(1.5))
        x += u(14)
    return x
