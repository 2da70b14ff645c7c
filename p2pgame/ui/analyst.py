"""Has a game say what positions are worth, and finds where a recorded match turned. Nothing waits for it.

Knows no scene, no widget and no game.
"""

from typing import Any, Final, NamedTuple, TypeAlias

from p2pgame.core.analysis import Assessment, Candidate
from p2pgame.core.guard import GameError, GuardedAnalysis
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import state_hash
from p2pgame.replay.playback import Playback

__all__ = ["Analyst", "Scan", "Turn"]

_KNOWN_MAX: Final = 5000
"""Positions that are remembered."""
_LOSS: Final = 250
"""Thousandths of the win that a move gives away to be marked."""


class Analyst:
    """Assesses positions of a game, one at a time. Only for a game that `has_analysis`."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self.failed: GameError | None = None
        """The analysis of the game failed; from then on nothing is known."""
        self._analysis: GuardedAnalysis | None = None
        self._asked: _Question | None = None
        """What is thought about; another question waits until that is done."""
        self._known: dict[bytes, Assessment] = {}
        self._ranked: dict[bytes, tuple[Candidate, ...]] = {}

    def assess(self, state: Any, players: int) -> Assessment | None:
        """What is thought of `state`; None as long as nothing is: ask again later."""
        key = state_hash(state)
        if key not in self._known:
            self._try(_Question(key, state, ranked=False), players)
        return self._known.get(key)

    def rank(self, state: Any, players: int) -> tuple[Candidate, ...] | None:
        """The inputs that come into question in `state`, best first; None as `assess`."""
        key = state_hash(state)
        if key not in self._ranked:
            self._try(_Question(key, state, ranked=True), players)
        return self._ranked.get(key)

    def _try(self, question: "_Question", players: int) -> None:
        if self.failed is not None:
            return
        try:
            self._think(question, players)
        except GameError as error:
            self.failed = error
            self.close()

    def _think(self, question: "_Question", players: int) -> None:
        outcome = self.plugin.game.outcome(question.state)
        if outcome is not None:
            chances = _shares(outcome.winners or range(players), players)
            self._keep(question, () if question.ranked else Assessment(chances=chances))
            return
        if self._analysis is None:
            self._analysis = self.plugin.analysis()
        for asked in dict.fromkeys((self._asked or question, question)):
            ask = self._analysis.ranking if asked.ranked else self._analysis.assessment
            found = ask(asked.state, players)
            if found is None:
                self._asked = asked
                return
            self._asked = None
            self._keep(asked, found)

    def _keep(self, question: "_Question", found: Any) -> None:
        table: dict[bytes, Any] = self._ranked if question.ranked else self._known
        if len(table) >= _KNOWN_MAX:
            table.clear()
        table[question.key] = found

    def close(self) -> None:
        """End what thinks; it begins anew when something is asked."""
        analysis, self._analysis, self._asked = self._analysis, None, None
        if analysis is not None:
            try:
                analysis.close()
            except GameError as error:
                self.failed = error


class _Question(NamedTuple):
    key: bytes
    """`state_hash` of the position."""
    state: Any
    ranked: bool
    """Which inputs come into question, instead of what it is worth."""


def _shares(winners: Any, players: int) -> tuple[int, ...]:
    """The chances of each player once it is known who won."""
    won = [player for player in range(players) if player in winners]
    each = [1000 // len(won) if player in won else 0 for player in range(players)]
    each[won[0]] += 1000 - sum(each)
    return tuple(each)


class Turn(NamedTuple):
    """A move that gave much away."""

    frame: int
    """The move is played from there."""
    player: int
    played: Any
    better: Any
    lost: int
    """Thousandths of the win."""


class Scan:
    """Assesses the positions of a recorded match, from the last one back, and finds the moves that gave much away."""

    def __init__(self, analyst: Analyst, playback: Playback) -> None:
        """Raises `P2PGameError` for an invalid file, as `step` does."""
        self.turns: list[Turn] = []
        """As far as they are known, in the order of the match."""
        self.chances: dict[int, tuple[int, ...]] = {}
        """By frame, of the positions that were assessed and are judged."""
        self.done = 0
        """Positions that were assessed, of `total`."""
        self._analyst = analyst
        self._playback = playback
        self._players = len(playback.replay.header.players)
        self._moves = _standing(playback)
        """Of the moves that were not taken back: the frame from which each was played."""
        self._state = playback.state(playback.frames)
        """The one to be assessed next."""
        self._after: Assessment | None = None
        outcome = playback.outcome(playback.frames)
        self._winners = outcome.winners if outcome is not None else ()

    @property
    def total(self) -> int:
        """Positions."""
        return len(self._moves) + 1

    @property
    def turned(self) -> Turn | None:
        """The last move by which a player who did not win gave much away; None: there is none, or not yet."""
        return next((turn for turn in reversed(self.turns) if turn.player not in self._winners), None)

    def step(self) -> bool:
        """Go on. True if another position was assessed."""
        if self.done == self.total:
            return False
        found = self._analyst.assess(self._state, self._players)
        if found is None:
            return False
        number = self.total - 1 - self.done
        at = self._moves[number] if number < len(self._moves) else self._playback.frames
        if found.chances:
            self.chances[at] = found.chances
        if number < len(self._moves):
            self._compare(at, found)
        self.done, self._after = self.done + 1, found
        if number:
            self._state = self._playback.state(self._moves[number - 1])
        return True

    def _compare(self, frame: int, before: Assessment) -> None:
        """See whether the move that was played from `frame` gave much away."""
        after, inputs = self._after, self._playback.inputs(frame)
        movers = [player for player, move in enumerate(inputs) if move is not None]
        if after is None or len(movers) != 1 or not (before.chances and before.line and after.chances):
            return
        (player,) = movers
        lost = before.chances[player] - after.chances[player]
        if lost >= _LOSS and inputs[player] != before.line[0]:
            self.turns.insert(0, Turn(frame, player, inputs[player], before.line[0], lost))


def _standing(playback: Playback) -> list[int]:
    """The frames from which the moves were played that were not taken back."""
    line: _Line = None
    lines: list[_Line] = []
    """Before each frame."""
    for frame, raw in enumerate(playback.replay.inputs):
        lines.append(line)
        takeback = playback.rules.takeback(raw)
        line = (frame, line) if takeback is None else lines[takeback.frame]
    moves = []
    while line is not None:
        frame, line = line
        moves.append(frame)
    return moves[::-1]


_Line: TypeAlias = "tuple[int, _Line] | None"
"""The last move, and those before it."""
