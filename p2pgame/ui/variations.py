"""The lines of a record of another program: which one is shown, what else was tried, and what somebody wrote.

Knows the tree and the rules; no scene, no widget and no file.
"""

from collections.abc import Callable

from p2pgame.core.records import Node, Record
from p2pgame.core.registry import Plugin
from p2pgame.replay.foreign import main_line, replay_of
from p2pgame.replay.playback import Playback
from p2pgame.ui.player import Player

__all__ = ["Variations"]


class Variations:
    """A way through the tree. It begins as the main line. All methods raise `P2PGameError` if the rules fail."""

    def __init__(self, record: Record, plugin: Plugin, clock: Callable[[], float]) -> None:
        self.record = record
        self._plugin = plugin
        self._clock = clock
        self._line = main_line(record.root)

    def player(self) -> Player:
        """Plays the line from its beginning."""
        replay = replay_of(self.record, self._line, self._plugin.game, self._plugin.digest)
        return Player(Playback(replay, self._plugin.game), replay.header.names, self._clock)

    def siblings(self, frame: int) -> list[Node]:
        """What was tried at the place of the last move before `frame`; one node if there is no other, none at 0."""
        return self._before(frame).children if frame else []

    def index(self, frame: int) -> int:
        """Which of the siblings is in the line."""
        return self.siblings(frame).index(self._line[frame - 1]) if frame else 0

    def branches(self, frame: int) -> int:
        """How many ways go on from `frame`."""
        return len(self._before(frame + 1).children)

    def take(self, frame: int, index: int) -> Player:
        """Go another way at `frame`, from there always the first; a player of the new line."""
        self._line = [*self._line[: frame - 1], *main_line(self.siblings(frame)[index])]
        return self.player()

    def comment(self, frame: int) -> str:
        """What is written at `frame`."""
        return self._line[frame - 1].comment if frame else self.record.root.comment

    def _before(self, frame: int) -> Node:
        """The node that the `frame`-th move follows."""
        return self._line[frame - 2] if frame > 1 else self.record.root
