"""Recorded matches for tests: played here by the rules, without a file."""

from collections.abc import Callable, Sequence
from typing import Any

from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import End, Header, Note, Repaired
from tests.ui.fake_client import ME, peer_id

Choose = Callable[[Any, int, int], Any]
"""State, player and frame to an input."""


def record(
    plugin: Plugin,
    choose: Choose,
    frames: int,
    *,
    names: Sequence[str] = ("Anna", "Ben"),
    winners: tuple[int, ...] | None = None,
    snapshots: int = 600,
    config: Any = None,
) -> Replay:
    """`frames` frames at most of a match between us and the first peer. `winners`: ended by resigning.

    `snapshots`: frames from one to the next; 0: none.
    """
    game = plugin.game
    config = config if config is not None else game.config_type()
    state = game.initial(Setup(players=2, seed=7, config=config))
    replay = Replay(
        header=Header(
            version="1",
            game=game.name,
            digest=plugin.digest,
            match="ab" * 16,
            seed=7,
            config=encode(config),
            tick_rate=game.tick_rate,
            players=(ME, peer_id(1)),
            names=tuple(names),
            host=ME,
            me=0,
            started=1_790_000_000.0,
        ),
        inputs=[],
        links=[],
        chain=None,
        snapshots={},
        repaired={},
        decisions=DecisionLog("ab" * 16),
        notes=[],
        told=0,
        desyncs=[],
        end=None,
        signatures=[],
        whole=0,
        damage=None,
    )
    outcome = game.outcome(state)
    while outcome is None and len(replay.inputs) < frames:
        frame, asked = len(replay.inputs), game.to_move(state)
        moves = [choose(state, p, frame) if asked is None or p in asked else None for p in range(2)]
        replay.inputs.append(tuple(None if move is None else encode(move) for move in moves))
        state = game.advance(state, moves)
        if snapshots and (frame + 1) % snapshots == 0:
            replay.snapshots[frame + 1] = encode(state)
        outcome = game.outcome(state)
    if winners is not None:
        outcome = Outcome.by(EndedBy.RESIGNED, winners)
    if outcome is not None:
        blank = bytes(16)
        replay.end = End(frame=len(replay.inputs), hash=blank, chain=blank, decisions=blank, outcome=outcome)
    return replay


def scar(replay: Replay, *, paused: int, mended: int, state: Any) -> None:
    """Let the match have been paused at one frame, and mended at another with `state`."""
    replay.notes.append(Note(frame=paused, what="connection"))
    replay.notes.append(Note(frame=paused, what="running"))
    replay.notes.append(Note(frame=mended, what="desync"))
    replay.repaired[mended] = Repaired(frame=mended, state=encode(state), chain=bytes(16), reason="desync")
