"""Who won how many matches of those that the same players played one after another."""

from collections.abc import Mapping, Sequence

from p2pgame.core.game import Outcome
from p2pgame.session.view import MatchView

__all__ = ["Series"]

_KEPT = 64


class Series:
    """By the players and the game; it stands as long as the window is open. Of a room, the room counts."""

    def __init__(self) -> None:
        self._wins: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
        self._noted: dict[str, None] = {}
        """Matches that were counted, oldest first."""

    def note(self, match: MatchView, outcome: Outcome) -> None:
        """A match is over. One that was noted before counts once."""
        if match.room or match.match in self._noted:
            return
        self._noted[match.match] = None
        players = _players(match)
        wins = self._wins.setdefault((match.game, tuple(sorted(players))), dict.fromkeys(players, 0))
        for winner in outcome.winners:
            wins[players[winner]] += 1
        if len(self._noted) > _KEPT:
            del self._noted[next(iter(self._noted))]
        if len(self._wins) > _KEPT:
            del self._wins[next(iter(self._wins))]

    def wins(self, match: MatchView) -> Sequence[int]:
        """Of each player; empty before the first match of these players is over."""
        players = _players(match)
        known: Mapping[str, int] | None = self._wins.get((match.game, tuple(sorted(players))))
        return () if known is None else [known[player] for player in players]


def _players(match: MatchView) -> Sequence[str]:
    """What tells each player from the others: its peer, or where several are at one computer or are bots, its name."""
    once = len(set(match.players)) == len(match.players) and all(match.players)
    return (
        match.players
        if once
        else [f"{peer} {name}" for peer, name in zip(match.players, match.names, strict=True)]
    )
