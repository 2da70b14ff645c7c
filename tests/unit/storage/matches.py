"""Records of real matches, made without a session."""

from collections.abc import Iterator
from typing import Any

import msgspec

from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.registry import Plugin, Registry
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.gomoku.rules import Move
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.records import HASH_SHOWN, End, Header, Inputs, Snapshot
from p2pgame.wire.runs import FrameInputs, pack

REGISTRY = Registry([Plugin("p2pgame.games.gomoku"), Plugin("p2pgame.games.pong")])
ME, THEM = "a" * 26, "b" * 26


def match_id(number: int) -> str:
    return f"{number:016x}"


def header(game: str = "gomoku", match: int = 1, **fields: Any) -> Header:
    plugin = REGISTRY.get(game)
    assert plugin is not None
    values: dict[str, Any] = {
        "version": "0.1.0",
        "game": game,
        "digest": plugin.digest,
        "match": match_id(match),
        "seed": 7,
        "config": encode(plugin.game.config_type()),
        "tick_rate": plugin.game.tick_rate,
        "players": (ME, THEM),
        "names": ("Ann", "Ben"),
        "host": THEM,
        "me": 0,
    }
    return Header(**values | fields)


def end(
    winners: tuple[int, ...] = (0,),
    reason: str = "five in a row",
    ended_by: EndedBy = EndedBy.RULES,
    **fields: Any,
) -> End:
    values: dict[str, Any] = {"frame": 3, "hash": b"h" * 16, "chain": b"c" * 16, "decisions": b"d" * 16}
    return End(**values | {"outcome": Outcome(winners, reason, ended_by)} | fields)


def frames(first: int, count: int = 30, snapshot: int = 0) -> tuple[Inputs | Snapshot, ...]:
    """Batch of a real-time match, with a state of so many bytes behind it."""
    batch = Inputs(
        first=first, runs=((count, (b"\x01", b"\x02")),), hashes=bytes(HASH_SHOWN * count), chain=b"c" * 16
    )
    state = (Snapshot(frame=first + count, state=bytes(snapshot)),) if snapshot else ()
    return (batch, *state)


def raw(inputs: tuple[Any, ...]) -> FrameInputs:
    """Inputs as they travel."""
    return tuple(None if one is None else encode(one) for one in inputs)


def play(about: Header, moves: int, snapshot_every: int = 0) -> Iterator[tuple[Any, Any, bytes, list[Any]]]:
    """Gomoku moves that decide nothing: ``(inputs, state, chain, records)`` before the first and after each."""
    plugin = REGISTRY.get("gomoku")
    assert plugin is not None
    game = plugin.game
    config = msgspec.msgpack.decode(about.config, type=game.config_type)
    state = game.initial(Setup(players=2, seed=about.seed, config=config))
    chain = first_link(state_hash(state))
    yield None, state, chain, [about]
    for frame in range(moves):
        (player,) = game.to_move(state) or ()
        move = Move(frame // 2 % 15 * 15 + frame % 2 * 2 + frame // 30 * 4 + frame // 2 % 2)
        inputs = (move, None) if player == 0 else (None, move)
        state = game.advance(state, inputs)
        chain = link(chain, raw(inputs), state_hash(state))
        records: list[Any] = [
            Inputs(first=frame, runs=pack([raw(inputs)]), hashes=chain[:HASH_SHOWN], chain=chain)
        ]
        if snapshot_every and (frame + 1) % snapshot_every == 0:
            records.append(Snapshot(frame=frame + 1, state=encode(state)))
        yield inputs, state, chain, records
