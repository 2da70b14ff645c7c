"""Which game to play, and its options. Part of the lobby."""

from collections.abc import Callable, Sequence
from typing import Any

import pygame

from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.options import Option, config_of, options_of
from p2pgame.ui.sentences import plugin_title
from p2pgame.ui.widgets import Choice

__all__ = ["GamePicker"]

_OPTIONS_MAX = 3
"""Options of a game that there is room for; the others keep their default."""
_LABEL = 22
_CHOICE = 40
_PITCHES = (58, 76)
"""Units from one choice to the next, at least and at most."""


class GamePicker:
    """A choice for the game, and below it one for each of its options."""

    def __init__(self, canvas: Canvas, games: Sequence[Plugin], on_change: Callable[[], None]) -> None:
        """`on_change` is called when another game is chosen: the widgets are others then."""
        self.game = Choice(gettext("Game"), [plugin_title(plugin) for plugin in games], self._choose)
        self.options: list[Choice] = []
        self._canvas = canvas
        self._games = games
        self._on_change = on_change
        self._chosen: dict[str, Any] = {}
        self._offer_options()

    @property
    def plugin(self) -> Plugin | None:
        """The chosen game; None if no game is installed."""
        return self._games[self.game.index] if self._games else None

    @property
    def config(self) -> Any:
        """The configuration of the chosen game."""
        plugin = self.plugin
        return config_of(plugin.game.config_type, self._chosen) if plugin else None

    @property
    def widgets(self) -> list[Choice]:
        return [self.game, *self.options]

    def layout(self, area: pygame.Rect) -> int:
        """Take the top of `area`; returns the y below."""
        u, y = self._canvas.u, area.top
        least, most = _PITCHES
        pitch = max(u(least), min(u(most), area.height // len(self.widgets)))
        for choice in self.widgets:
            height = min(u(_CHOICE), pitch - u(_LABEL + 4))
            choice.rect = pygame.Rect(area.left, y + u(_LABEL), area.width, height)
            y += pitch
        return y

    def draw_labels(self, surface: pygame.Surface) -> None:
        """Draw the label over each choice; the form draws the choices."""
        canvas = self._canvas
        for choice in self.widgets:
            at = (choice.rect.left, choice.rect.top - canvas.u(_LABEL))
            canvas.text(surface, choice.label, at, "small", canvas.theme.faint)

    def _choose(self, _: int) -> None:
        self._offer_options()
        self._on_change()

    def _offer_options(self) -> None:
        plugin = self.plugin
        self._chosen = {}
        self.options = []
        if plugin is not None:
            found = options_of(plugin.game.config_type)[:_OPTIONS_MAX]
            self.options = [self._choice(option, plugin.package) for option in found]

    def _choice(self, option: Option, package: str) -> Choice:
        def chosen(index: int) -> None:
            self._chosen[option.field] = option.values[index]

        return Choice(option.label(package), option.labels(package), chosen, option.default)
