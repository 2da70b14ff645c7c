"""The golden replays: ``python -m tests.golden.make`` plays them anew, bots against each other, and writes them.

They are always the same: seeds, keys and times are fixed. Run it when the rules or the bots of a game change, look at
the files (`p2pgame replay show`) and commit them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from p2pgame.core.registry import Plugin
from tests.unit.replay.made import Tape, header_of

__all__ = ["CASES", "DIRECTORY", "make", "plugin_of"]

DIRECTORY = Path(__file__).parent
CASES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "gomoku-freestyle": ("gomoku", 1, {"rule": "freestyle"}),
    "gomoku-resigned": ("gomoku", 6, {"rule": "freestyle"}),
    "gomoku-standard": ("gomoku", 2, {"rule": "standard"}),
    "pong": ("pong", 3, {"points": 5}),
    "tron-walls": ("tron", 4, {"best_of": 3, "edge": "walls"}),
    "tron-wrap": ("tron", 5, {"best_of": 3, "edge": "wrap"}),
}
"""File to game, seed and configuration."""
RESIGNED = {"gomoku-resigned": 7}
"""Files of matches in which player 1 gives up, after so many frames."""
_SNAPSHOTS = 600
_BEGUN = 1_800_000_000.0


def plugin_of(game: str) -> Plugin:
    return Plugin(f"p2pgame.games.{game}")


def make(name: str) -> bytes:
    """The file of the case `name`."""
    game_name, seed, chosen = CASES[name]
    plugin = plugin_of(game_name)
    game = plugin.game
    header = header_of(
        game,
        config=msgspec.convert(chosen, game.config_type),
        seed=seed,
        digest=plugin.digest,
        version="golden",
        platform="golden",
        started=_BEGUN,
    )
    bots = [plugin.bot(10 * seed + player) for player in range(2)]

    def choose(state: Any, players: int) -> tuple[Any, ...]:
        asked = game.to_move(state)
        movers = range(players) if asked is None else asked
        return tuple(bots[p].choose(state, p) if p in movers else None for p in range(players))

    tape = Tape(game, header, choose, every=_SNAPSHOTS)
    if name in RESIGNED:
        return tape.play(RESIGNED[name]).resign(1).data
    return tape.play().end().data


def paths() -> Iterator[tuple[str, Path]]:
    for name in CASES:
        yield name, DIRECTORY / f"{name}.p2preplay"


def main() -> int:
    for name, path in paths():
        data = make(name)
        path.write_bytes(data)
        print(f"{name}: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
