"""Asks how many play, how many of them at this computer, and how strong the bots are. Part of the lobby."""

from collections.abc import Callable

import msgspec
import pygame

from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.ui.practice import LineUp, line_ups
from p2pgame.ui.scene import Context, Replace, Transition
from p2pgame.ui.scenes.dialogs import Dialog
from p2pgame.ui.scenes.puzzles import PuzzlesScene
from p2pgame.ui.sentences import plugin_title
from p2pgame.ui.widgets import Button, Choice, Form
from p2pgame.wire.bounds import LOCAL_MAX

__all__ = ["PracticeDialog", "choices"]

_LABEL = 22
_CHOICE = 44
_PITCH = 80
"""Units from one choice to the next."""


def choices(plugin: Plugin) -> bool:
    """Whether there is anything to ask. Raises `GameError`."""
    return plugin.game.max_players > 1 or plugin.bot_levels > 0 or plugin.has_puzzles


class PracticeDialog(Dialog):
    """The line-up of a practice match; the button that has the focus starts it as it was chosen last."""

    def __init__(
        self,
        context: Context,
        plugin: Plugin,
        chosen: LineUp | None,
        start: Callable[[LineUp], Transition | None],
    ) -> None:
        """`chosen`: what is offered first. `start` gives the match. Raises `GameError`."""
        self._plugin = plugin
        self._offered = line_ups(plugin.game)
        levels = plugin.bot_levels
        self._level = (chosen.level if chosen is not None else 0) or min(levels, levels * 2 // 3 or 1)
        self._index = 0
        for index, offered in enumerate(self._offered):
            if chosen is not None and (offered.players, offered.teams) == (chosen.players, chosen.teams):
                self._index = index
        self._start = start
        self._choices: list[Choice] = []
        if len(self._offered) > 1:
            labels = [_label(offered) for offered in self._offered]
            self._choices.append(Choice(gettext("Players in all"), labels, self._choose, self._index))
        if levels:
            words = [gettext("Easy"), gettext("Medium"), gettext("Hard")]
            if levels != len(words):
                words = [str(level + 1) for level in range(levels)]
            self._choices.append(Choice(gettext("Level"), words, self._choose_level, self._level - 1))
        self._local = chosen.local if chosen is not None else 1
        most = min(LOCAL_MAX, max(2, plugin.game.max_players))
        self._local = min(self._local, most)
        labels, at = [str(number + 1) for number in range(most)], self._local - 1
        self._choices.insert(0, Choice(gettext("Players at this computer"), labels, self._choose_local, at))
        begin = Button(gettext("Start"), self._begin, "primary")
        heading = gettext("Practice: {game}", game=plugin_title(plugin))
        puzzles = [Button(gettext("Puzzles"), self._open_puzzles)] if plugin.has_puzzles else []
        super().__init__(context, heading, [], [begin, *puzzles, Button(gettext("Cancel"), self.dismiss)])
        self.form = Form([*self._choices, *self.buttons], begin)

    @property
    def line_up(self) -> LineUp:
        """What is chosen."""
        offered = self._offered[self._index]
        return msgspec.structs.replace(offered, level=self._level, local=min(self._local, offered.players))

    def _choose_local(self, index: int) -> None:
        self._local = index + 1

    def _choose(self, index: int) -> None:
        self._index = index

    def _choose_level(self, index: int) -> None:
        self._level = index + 1

    def _begin(self) -> None:
        self.canvas.sounds.play("click")
        self.next = self._start(self.line_up)

    def _open_puzzles(self) -> None:
        self.canvas.sounds.play("click")
        self.next = Replace(PuzzlesScene(self.context, self._plugin))

    def body_height(self) -> int:
        return len(self._choices) * self.canvas.u(_PITCH)

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        canvas, u = self.canvas, self.canvas.u
        for row, choice in enumerate(self._choices):
            top = area.top + row * u(_PITCH)
            canvas.text(
                surface, choice.label, (area.left, top), "small", canvas.theme.faint, width=area.width
            )

    def layout(self, size: tuple[int, int]) -> None:
        super().layout(size)
        u, inner = self.canvas.u, self.card.inflate(-self.canvas.u(56), 0)
        top = self.buttons[0].rect.top - u(16) - self.body_height()
        for row, choice in enumerate(self._choices):
            choice.rect = pygame.Rect(inner.left, top + row * u(_PITCH) + u(_LABEL), inner.width, u(_CHOICE))
            choice.fit(self.canvas)


def _label(line_up: LineUp) -> str:
    """``3 bots``, ``2 against 2``."""
    if line_up.teams:
        return gettext("{n} against {n}", n=line_up.players // 2)
    return ngettext("{n} player", "{n} players", line_up.players)
