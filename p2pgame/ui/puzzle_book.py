"""The puzzles of a game and which of them the player solved, as the settings remember it. Knows no scene."""

from collections.abc import Callable, Sequence
from typing import Any

from p2pgame.core.puzzle import Puzzle
from p2pgame.core.registry import Plugin
from p2pgame.ui.practice import LineUp, Practice
from p2pgame.ui.preferences import Preferences

__all__ = ["PuzzleBook"]


class PuzzleBook:
    """Puzzles by number, from 0. Every method raises `GameError` if the game fails."""

    def __init__(self, plugin: Plugin, change: Callable[..., None], preferences: Preferences) -> None:
        """`change` changes settings."""
        self.plugin = plugin
        self.puzzles: Sequence[Puzzle] = plugin.puzzles()
        self._change = change
        self._preferences = preferences

    def __len__(self) -> int:
        return len(self.puzzles)

    @property
    def _names(self) -> tuple[str, ...]:
        return self._preferences.now.solved.get(self.plugin.game.name, ())

    def solved(self, number: int) -> bool:
        return self.puzzles[number].name in self._names

    @property
    def count(self) -> int:
        """How many are solved."""
        return sum(map(self.solved, range(len(self))))

    def mark(self, number: int) -> None:
        """It is solved now."""
        if not self.solved(number):
            kept = dict(self._preferences.now.solved)
            names = (*self._names, self.puzzles[number].name)
            kept[self.plugin.game.name] = names[-len(self) :]  # those that the game has no more make room
            self._change(solved=kept)

    def next(self, number: int) -> int:
        """The next one that is not solved; where all are, the next one."""
        after = [(number + step) % len(self) for step in range(1, len(self) + 1)]
        return next((each for each in after if not self.solved(each)), after[0])

    def state(self, number: int) -> Any:
        """The position."""
        plugin = self.plugin
        return plugin.guard.checked(
            plugin.guard.call(self.puzzles[number].state), plugin.game.state_type, self.puzzles[number].state
        )

    def start(self, number: int, *, peer: str, name: str, clock: Callable[[], float]) -> Practice:
        """The position, to be played against the strongest bot by who is to move in it."""
        puzzle, plugin, state = self.puzzles[number], self.plugin, self.state(number)
        me = next(iter(plugin.game.to_move(state) or ()), None)
        if me is None or plugin.game.outcome(state) is not None:
            raise plugin.guard.wrong(puzzle.state, "nobody is to move")
        line_up = LineUp(players=puzzle.players, level=plugin.bot_levels)
        config = plugin.guard.call(plugin.game.config_type)
        return Practice(
            plugin, config, peer=peer, name=name, me=me, seed=0, clock=clock, line_up=line_up, start=state
        )
