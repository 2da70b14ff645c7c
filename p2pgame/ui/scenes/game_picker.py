"""Which game to play, and its options. Part of the lobby."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pygame

from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.living import Living
from p2pgame.ui.options import Option, config_of, options_of
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scene import Context
from p2pgame.ui.sentences import game_words, plugin_title
from p2pgame.ui.still import lessons_of, picture
from p2pgame.ui.widgets import Choice, Widget, focus_ring

__all__ = ["GamePicker", "Kept", "Memory"]

_OPTIONS_MAX = 6
_ROWS = 4
"""Of options, before two share one."""
"""Options of a game that there is room for; the others keep their default."""
_LABEL = 22
_TILE_HIGH, _CARD_HIGH, _LINE_HIGH = 88, 54, 34
"""Units of a game's card where several stand beside each other, of one that is as wide as the list, and of its line
where there is no room for cards."""
_TILES = (3, 2)
"""Cards beside each other, if the titles of all games fit."""
_TITLE = 24
"""Units of the title in a card that stands beside others."""
_NOTE = 11.5
"""Text size of a note that does not fit otherwise."""
_CHOICE = 40
_PITCHES = (58, 76)
"""Units from one choice to the next, at least and at most."""
_GAMES = 114
"""Units of the list that come before rows of single options."""
_BELOW = 14
"""Units between the games and the options."""


class GameList(RowList):
    """A row for each installed game, however many there are."""

    row_gap = 5

    def __init__(
        self, games: Sequence[Plugin], on_select: Callable[[], None], on_open: Callable[[], None]
    ) -> None:
        super().__init__(on_select, on_open)
        self.row_height = _CARD_HIGH
        self._games = {plugin.game.name: plugin for plugin in games}
        self._names = list(self._games)
        self.living: Living | None = None
        """Plays on the cards; None: they stand still."""
        self._places: dict[str, tuple[pygame.Rect, pygame.Rect, tuple[int, int]]] = {}
        """By game: where its picture was drawn, what was seen of it, and the space that it had."""
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

    def height(self, room: int, width: int) -> int:
        """Pixels for whole rows, as many as there are games and `room` for: as cards, or as lines where it is tight."""
        self.columns = next((n for n in _TILES if self._fit(width, n)), 1)
        self.row_height = _CARD_HIGH if self.columns == 1 else _TILE_HIGH
        if self.total > room:
            self.row_height = _LINE_HIGH
        rows = max(1, (room + self._gap()) // self._pitch())
        return min(self.total, rows * self._pitch() - self._gap())

    def _fit(self, width: int, columns: int) -> bool:
        """Whether all titles fit into so many columns."""
        if self.canvas is None or len(self._names) < columns:
            return False
        room = (width - (columns - 1) * self._gap()) // columns - self.canvas.u(6)
        fonts, px = self.canvas.fonts, self.canvas.px("body")
        return all(fonts.width(plugin_title(game), px, bold=True) <= room for game in self._games.values())

    def _picture(self, name: str, space: tuple[int, int], canvas: Canvas) -> pygame.Surface | None:
        """Of the card of that game: what it plays now, else its first lesson."""
        plugin = self._games[name]
        shown = self.living.picture(plugin, space, canvas) if self.living is not None else None
        if shown is not None:
            return shown
        lesson = next(iter(lessons_of(plugin)), None)
        return picture(plugin, lesson, space, canvas, named=False) if lesson is not None else None

    def draw_living(self, surface: pygame.Surface, canvas: Canvas) -> Sequence[pygame.Rect]:
        """Draw the pictures of the cards anew, where they are, and return where. To be called after `draw`."""
        clip, changed = surface.get_clip(), []
        for name, (place, seen, space) in self._places.items():
            shown = self._picture(name, space, canvas)
            if shown is not None:
                surface.set_clip(seen)
                chosen = name == self.selected
                surface.fill(canvas.theme.hover if chosen else canvas.theme.raised, seen)
                surface.blit(shown, place)
                changed.append(seen)
        surface.set_clip(clip)
        return changed

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        self._places.clear()
        super().draw(surface, canvas, focused=focused)

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
        if self.columns > 1:
            self._draw_tile(surface, canvas, rect, name)
            return
        u = canvas.u
        left = rect.left + u(14)
        space = (u(78), rect.height - u(10))
        shown = self._picture(name, space, canvas)
        if shown is not None:
            spot = shown.get_rect(midleft=(rect.left + u(6), rect.centery))
            spot.centerx = rect.left + u(6) + space[0] // 2
            surface.blit(shown, spot)
            self._places[name] = spot, spot.clip(surface.get_clip()), space
            left = rect.left + u(6) + space[0] + u(12)
        at = (left, rect.centery)
        ink = theme.text if chosen else theme.muted
        canvas.text(
            surface,
            plugin_title(self._games[name]),
            at,
            "body",
            ink,
            anchor="midleft",
            width=rect.right - left - u(12),
            bold=chosen,
        )

    def _draw_tile(self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, name: str) -> None:
        """The picture over the title, or the title alone."""
        u, theme, chosen = canvas.u, canvas.theme, name == self.selected
        title = rect.copy()
        if self.row_height == _TILE_HIGH:
            title.height = u(_TITLE)
            title.bottom = rect.bottom - u(2)
            space = (rect.width - u(12), rect.height - u(_TITLE + 10))
            shown = self._picture(name, space, canvas)
            if shown is not None:
                spot = shown.get_rect(center=(rect.centerx, rect.top + u(7) + space[1] // 2))
                surface.blit(shown, spot)
                self._places[name] = spot, spot.clip(surface.get_clip()), space
        ink, words = theme.text if chosen else theme.muted, plugin_title(self._games[name])
        room = rect.width - u(6)
        canvas.text(surface, words, title.center, "body", ink, anchor="center", width=room, bold=chosen)


class Memory:
    """What was chosen last; this one forgets all."""

    def game(self) -> str:
        """The game; empty: none."""
        return ""

    def options(self, game: str) -> Mapping[str, Any]:
        """Of that game, by field."""
        del game
        return {}

    def keep(self, game: str, options: Mapping[str, Any]) -> None:
        """`game` was chosen, with these options."""


class Kept(Memory):
    """In the settings."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def game(self) -> str:
        return self._context.preferences.now.game

    def options(self, game: str) -> Mapping[str, Any]:
        return self._context.preferences.now.options.get(game, {})

    def keep(self, game: str, options: Mapping[str, Any]) -> None:
        now = self._context.preferences.now
        kept = {name: dict(each) for name, each in now.options.items()}
        if options:
            kept.setdefault(game, {}).update(options)
        self._context.change(game=game, options=kept)


class GamePicker:
    """The list of games, and below it a choice for each option of the selected one."""

    def __init__(
        self,
        canvas: Canvas,
        games: Sequence[Plugin],
        on_change: Callable[[], None],
        on_open: Callable[[], None],
        memory: Memory | None = None,
    ) -> None:
        """`on_change` is called when another game is chosen: the widgets are others then. `on_open`: see `RowList`.

        `memory`: what was chosen last.
        """
        self._memory = memory or Memory()
        self.games = GameList(games, self._choose, on_open)
        self.games.canvas = canvas
        self.options: list[Choice] = []
        self._canvas = canvas
        self._on_change = on_change
        self._chosen: dict[str, Any] = {}
        self._fields: list[str] = []
        """Of each option."""
        self._changed_last = ""
        """The field that was changed last."""
        self.games.select(self._memory.game())
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
        top = area.top + u(_LABEL)
        rows = self._rows(
            (area.bottom - top - u(_BELOW) - self.games.height(u(_GAMES), area.width)) // u(least)
        )
        room = area.bottom - top - u(_BELOW) - len(rows) * u(least)
        height = self.games.height(room, area.width)
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

    def _rows(self, room: int) -> list[list[Choice]]:
        """The options by rows: one each, but the last ones share rows where there are many, or `room` for few rows."""
        rows = [[choice] for choice in self.options]
        for last in range(len(rows) - 1, 0, -2):
            if len(rows) > min(_ROWS, room):
                rows[last - 1 : last + 1] = [rows[last - 1] + rows[last]]
        return rows

    def draw_labels(self, surface: pygame.Surface) -> None:
        """Draw the label over the list and each choice; the form draws the widgets."""
        canvas, notes = self._canvas, self._notes()
        labels = [(self.games.rect, gettext("Game")), *((c.rect, c.label) for c in self.options)]
        shown = []
        for rect, label in labels:
            at = (rect.left, rect.top - canvas.u(_LABEL))
            shown.append(canvas.text(surface, label, at, "small", canvas.theme.faint, width=rect.width))
        for choice, field, note, beside in zip(self.options, self._fields, notes, shown[1:], strict=True):
            room = choice.rect.right - beside.right - canvas.u(10)
            if not note:
                continue
            if not self._draw_note(surface, note, (choice.rect.right, beside.centery), room) and (
                choice.hover or field == self._changed_last
            ):
                self._draw_over(surface, note, beside)

    def _draw_note(self, surface: pygame.Surface, note: str, at: tuple[int, int], room: int) -> bool:
        """Beside the label, in smaller letters if need be; False, and nothing, where these do not fit either."""
        canvas = self._canvas
        for size in (canvas.theme.small, _NOTE):
            if canvas.fonts.width(note, canvas.px(size)) <= room:
                canvas.text(surface, note, at, size, canvas.theme.muted, anchor="midright")
                return True
        return False

    def _draw_over(self, surface: pygame.Surface, note: str, label: pygame.Rect) -> None:
        """In place of the labels of a row: of an option that the pointer is at, or that was changed last."""
        canvas, area = self._canvas, self.games.rect
        right = max(choice.rect.right for choice in self.options)
        surface.fill(canvas.theme.panel, pygame.Rect(area.left, label.top, right - area.left, label.height))
        ink = canvas.theme.muted
        canvas.text(surface, note, (area.left, label.top), "small", ink, width=right - area.left)

    def _notes(self) -> list[str]:
        """For each option what its value means, in the words of the game; empty where it says nothing."""
        plugin = self.plugin
        if plugin is None:
            return []
        values = [str(self._chosen[field]) for field in self._fields]
        notes = [plugin.game.notes.get(value, "") for value in values]
        return [game_words(plugin.package, note) if note else "" for note in notes]

    def _choose(self) -> None:
        self._memory.keep(self.games.selected or "", {})
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
            self._changed_last = ""

    def _choice(self, option: Option, package: str, config: Any) -> Choice:
        def chosen(index: int) -> None:
            self._chosen[option.field] = option.values[index]
            self._changed_last = option.field

        def picked(index: int) -> None:
            chosen(index)
            self._memory.keep(self.games.selected or "", {option.field: option.values[index]})

        kept = self._memory.options(self.games.selected or "")
        value = getattr(config, option.field, None) if config is not None else kept.get(option.field)
        index = option.values.index(value) if value in option.values else option.default
        chosen(index)
        return Choice(option.label(package), option.labels(package), picked, index)
