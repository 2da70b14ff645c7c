"""Which game to play, and its options. Part of the lobby."""

from collections.abc import Callable, Sequence
from typing import Any

import pygame

from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.options import Option, config_of, options_of
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.sentences import game_words, plugin_title
from p2pgame.ui.widgets import Choice, Widget, focus_ring

__all__ = ["GamePicker"]

_OPTIONS_MAX = 6
_ROWS = 4
"""Of options, before two share one."""
"""Options of a game that there is room for; the others keep their default."""
_LABEL = 22
_NOTE = 11.5
"""Text size of a note that does not fit otherwise."""
_CHOICE = 40
_PITCHES = (58, 76)
"""Units from one choice to the next, at least and at most."""
_BELOW = 14
"""Units between the games and the options."""


class GameList(RowList):
    """A row for each installed game, however many there are."""

    row_height = 34
    row_gap = 4

    def __init__(
        self, games: Sequence[Plugin], on_select: Callable[[], None], on_open: Callable[[], None]
    ) -> None:
        super().__init__(on_select, on_open)
        self._games = {plugin.game.name: plugin for plugin in games}
        self._names = list(self._games)
        self.selected = next(iter(self._names), None)

    def keys(self) -> Sequence[str]:
        return self._names

    @property
    def plugin(self) -> Plugin | None:
        """The selected game; None if no game is installed."""
        return self._games.get(self.selected or "")

    def select(self, game: str) -> bool:
        """Select that game; False if it is not installed."""
        if game in self._games:
            self.selected = game
        return game in self._games

    def height(self, room: int) -> int:
        """Pixels for whole rows, as many as there are games and `room` for."""
        rows = max(1, (room + self._gap()) // self._pitch())
        return min(self.total, rows * self._pitch() - self._gap())

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, name = canvas.theme, self._names[i]
        chosen = name == self.selected
        canvas.panel(surface, rect, theme.hover if chosen else theme.raised)
        if chosen:
            canvas.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        at = (rect.left + canvas.u(14), rect.centery)
        ink = theme.text if chosen else theme.muted
        canvas.text(
            surface,
            plugin_title(self._games[name]),
            at,
            "body",
            ink,
            anchor="midleft",
            width=rect.width - canvas.u(28),
            bold=chosen,
        )


class GamePicker:
    """The list of games, and below it a choice for each option of the selected one."""

    def __init__(
        self,
        canvas: Canvas,
        games: Sequence[Plugin],
        on_change: Callable[[], None],
        on_open: Callable[[], None],
    ) -> None:
        """`on_change` is called when another game is chosen: the widgets are others then. `on_open`: see `RowList`."""
        self.games = GameList(games, self._choose, on_open)
        self.games.canvas = canvas
        self.options: list[Choice] = []
        self._canvas = canvas
        self._on_change = on_change
        self._chosen: dict[str, Any] = {}
        self._fields: list[str] = []
        """Of each option."""
        self._offer_options()

    @property
    def plugin(self) -> Plugin | None:
        """The chosen game; None if no game is installed."""
        return self.games.plugin

    @property
    def config(self) -> Any:
        """The configuration of the chosen game. Raises `GameError`."""
        plugin = self.plugin
        return plugin.guard.call(config_of, plugin.game.config_type, self._chosen) if plugin else None

    @property
    def widgets(self) -> list[Widget]:
        return [self.games, *self.options]

    def show(self, game: str, config: Any) -> None:
        """Choose that game with that configuration; another selection where it is not installed."""
        if self.games.select(game):
            self._offer_options(config)

    def layout(self, area: pygame.Rect) -> int:
        """Take the top of `area`; returns the y below."""
        u = self._canvas.u
        least, most = _PITCHES
        top, rows = area.top + u(_LABEL), self._rows()
        room = area.bottom - top - u(_BELOW) - len(rows) * u(least)
        height = self.games.height(room)
        bar = u(12) if height < self.games.total else 0  # the scroll bar is drawn beside the list
        self.games.rect = pygame.Rect(area.left, top, area.width - bar, height)
        self.games.reveal()
        y = self.games.rect.bottom + u(_BELOW)
        pitch = max(u(least), min(u(most), (area.bottom - y) // max(1, len(rows))))
        for row in rows:
            height = min(u(_CHOICE), pitch - u(_LABEL + 4))
            width = (area.width - (len(row) - 1) * u(10)) // len(row)
            for number, choice in enumerate(row):
                left = area.left + number * (width + u(10))
                choice.rect = pygame.Rect(left, y + u(_LABEL), width, height)
                choice.fit(self._canvas)
            y += pitch
        return y

    def _rows(self) -> list[list[Choice]]:
        """The options by rows: one each, but the last two share one where there are many."""
        rows = [[choice] for choice in self.options]
        while len(rows) > _ROWS and len(rows[-1]) == 1:
            rows[-2:] = [rows[-2] + rows[-1]]
        return rows

    def draw_labels(self, surface: pygame.Surface) -> None:
        """Draw the label over the list and each choice; the form draws the widgets."""
        canvas, notes = self._canvas, self._notes()
        labels = [(self.games.rect, gettext("Game")), *((c.rect, c.label) for c in self.options)]
        for (rect, label), note in zip(labels, ["", *notes], strict=True):
            at = (rect.left, rect.top - canvas.u(_LABEL))
            shown = canvas.text(surface, label, at, "small", canvas.theme.faint, width=rect.width)
            room = rect.right - shown.right - canvas.u(10)
            if note and room > canvas.u(40):
                self._draw_note(surface, note, (rect.right, shown.centery), room)

    def _draw_note(self, surface: pygame.Surface, note: str, at: tuple[int, int], room: int) -> None:
        """Beside the label; in smaller letters where it would not fit, and cut where these do not either."""
        canvas = self._canvas
        fits = canvas.fonts.width(note, canvas.px("small")) <= room
        size = canvas.theme.small if fits else _NOTE
        canvas.text(surface, note, at, size, canvas.theme.muted, anchor="midright", width=room)

    def _notes(self) -> list[str]:
        """For each option what its value means, in the words of the game; empty where it says nothing."""
        plugin = self.plugin
        if plugin is None:
            return []
        values = [str(self._chosen[field]) for field in self._fields]
        notes = [plugin.game.notes.get(value, "") for value in values]
        return [game_words(plugin.package, note) if note else "" for note in notes]

    def _choose(self) -> None:
        self._offer_options()
        self._on_change()

    def _offer_options(self, config: Any = None) -> None:
        """Offer the options of the chosen game, with the values of `config`, or their defaults."""
        plugin = self.plugin
        self._chosen = {}
        self._fields = []
        self.options = []
        if plugin is not None:
            found = options_of(plugin.game.config_type)[:_OPTIONS_MAX]
            self._fields = [option.field for option in found]
            self.options = [self._choice(option, plugin.package, config) for option in found]

    def _choice(self, option: Option, package: str, config: Any) -> Choice:
        def chosen(index: int) -> None:
            self._chosen[option.field] = option.values[index]

        value = getattr(config, option.field, None)
        index = option.values.index(value) if value in option.values else option.default
        chosen(index)
        return Choice(option.label(package), option.labels(package), chosen, index)
