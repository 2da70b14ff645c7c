"""Finds the first difference between two recordings of one match, and summarises desync reports.

Equal hash chain links of a frame mean that both files are equal up to it, so the first differing frame is found by
bisection. The differing fields come from the nearest recorded states, or from states that the rules compute.
"""

from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal

import msgspec

from p2pgame.core.diff import differences
from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import decode, encode, state_hash
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.reader import Replay
from p2pgame.replay.rules import Rules, decode_state
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.names import safe_text

__all__ = ["Comparison", "DesyncSummary", "compare", "reports"]

Kind = Literal["same", "match", "inputs", "state", "length", "end"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The first difference between two files."""

    kind: Kind
    """``same``; ``match``: these are two matches; ``inputs``: in `frame` somebody did something else; ``state``: the
    same inputs led to another state after `frame` frames; ``length``: one goes on after `frame`; ``end``."""
    frame: int = 0
    """Number of equal frames; for ``state``: the first differing frame."""
    players: tuple[int, ...] = ()
    """``inputs``: the players whose inputs differ."""
    differences: tuple[str, ...] = ()
    """Paths: ``balls[0].vx: 512 ≠ 513``, the first file on the left."""
    seen_at: int = 0
    """``state``: the frame of the compared states, the first for which both are available."""
    by_the_rules: tuple[bool, bool] | None = None
    """``state``: whether the state of each file follows from the rules. None: unknown."""


class DesyncSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Summary of a `Desync` record, as pairs of ours and theirs."""

    frame: int
    differences: tuple[str, ...]
    versions: tuple[str, str]
    platforms: tuple[str, str]
    reproduced: tuple[bool, bool]


def compare(a: Replay, b: Replay, game: AnyGame | None) -> Comparison:
    """The first difference between `a` and `b`. `game`: the one they are of; None if it is not installed.

    Raises `ReplayError` where the game cannot make sense of what they hold.
    """
    facts = _paths(_facts(a), _facts(b))
    if facts:
        return Comparison(kind="match", differences=facts)
    common = min(a.frames, b.frames)
    input_at = next((frame for frame in range(common) if a.inputs[frame] != b.inputs[frame]), None)
    state_at = min(
        (at for at in (_first_other_link(a, b, common), _first_other_state(a, b, common)) if at is not None),
        default=None,
    )
    if state_at is not None and (input_at is None or state_at <= input_at):
        return _compare_states(a, b, game, state_at, common if input_at is None else input_at)
    if input_at is not None:
        return _compare_inputs(a, b, game, input_at)
    if a.frames != b.frames or (a.end is None) != (b.end is None):
        return Comparison(kind="length", frame=common)
    if a.end is not None and b.end is not None:
        ends = _paths(a.end, msgspec.structs.replace(b.end, ended=a.end.ended))
        if ends:
            return Comparison(kind="end", frame=common, differences=ends)
    return Comparison(kind="same", frame=common)


def reports(replay: Replay, game: AnyGame | None) -> list[DesyncSummary]:
    """Summaries of the desync records of one file, in order. Raises `ReplayError` as `compare` does."""
    return [
        DesyncSummary(
            frame=desync.frame,
            differences=_paths(*(_state(game, desync.frame, data) for data in (desync.ours, desync.theirs))),
            versions=desync.versions,
            platforms=desync.platforms,
            reproduced=desync.reproduced,
        )
        for desync in replay.desyncs
    ]


def _first_other_link(a: Replay, b: Replay, common: int) -> int | None:
    """The first frame whose links differ, of those of which both files have one; links that differ stay different."""
    linked = [frame for frame in range(common) if a.links[frame] and b.links[frame]]
    at = bisect_left(linked, True, key=lambda frame: a.links[frame] != b.links[frame])
    return linked[at] + 1 if at < len(linked) else None


def _first_other_state(a: Replay, b: Replay, common: int) -> int | None:
    """The first frame of which both files hold a state, and not the same: desync reports have no links."""
    ours, theirs = (_stored_states(replay, 0, common) for replay in (a, b))
    return min((frame for frame in ours.keys() & theirs if ours[frame] != theirs[frame]), default=None)


class _Facts(msgspec.Struct):
    """What both sides of a match write into the header alike."""

    match: str
    game: str
    digest: str
    seed: int
    config: Any
    frame_limit: int
    tick_rate: int
    players: tuple[str, ...]
    host: str


def _facts(replay: Replay) -> _Facts:
    facts = {name: getattr(replay.header, name) for name in _Facts.__struct_fields__}
    return _Facts(**{**facts, "config": _decode_untyped(0, replay.header.config)})


class _Played(msgspec.Struct):
    """One frame's inputs, for their paths."""

    inputs: tuple[Any, ...]


def _compare_inputs(a: Replay, b: Replay, game: AnyGame | None, frame: int) -> Comparison:
    ours, theirs = (_Played(_inputs(replay, game, frame)) for replay in (a, b))
    pairs = zip(a.inputs[frame], b.inputs[frame], strict=True)
    return Comparison(
        kind="inputs",
        frame=frame,
        players=tuple(player for player, (one, other) in enumerate(pairs) if one != other),
        differences=_paths(ours, theirs),
    )


def _compare_states(a: Replay, b: Replay, game: AnyGame | None, frame: int, last: int) -> Comparison:
    """`frame`: the first whose states differ; up to frame `last` the inputs are equal."""
    held = [_stored_states(replay, frame, last) for replay in (a, b)]
    frames = sorted({frame, *held[0], *held[1]})
    right: list[bool] | None = None
    for at, by_rules, chain in _by_the_rules(a, game, frames):
        if right is None and game is not None:  # this is `frame` itself
            links = [replay.links[frame - 1] if frame else b"" for replay in (a, b)]
            right = [
                chain.startswith(shown) and data.get(frame, by_rules) == by_rules
                for shown, data in zip(links, held, strict=True)
            ]
        states = [
            data.get(at, by_rules if right is not None and right[side] else b"")
            for side, data in enumerate(held)
        ]
        if all(states) and states[0] != states[1]:
            differences = _paths(*(_state(game, at, state) for state in states))
            break
    else:
        at, differences = 0, ()
    return Comparison(
        kind="state",
        frame=frame,
        differences=differences,
        seen_at=at,
        by_the_rules=None if right is None else (right[0], right[1]),
    )


def _stored_states(replay: Replay, first: int, last: int) -> dict[int, bytes]:
    """The states of the recording peer in a file, by frame."""
    states = {desync.frame: desync.ours for desync in replay.desyncs}
    states |= replay.snapshots
    states |= {frame: repaired.state for frame, repaired in replay.repaired.items()}
    return {frame: state for frame, state in states.items() if first <= frame <= last}


def _by_the_rules(
    replay: Replay, game: AnyGame | None, frames: list[int]
) -> Iterator[tuple[int, bytes, bytes]]:
    """For each of `frames` (ascending): the state that the rules give, and the chain; empty without the game."""
    if game is None:
        yield from ((frame, b"", b"") for frame in frames)
        return
    rules = Rules(game, replay.header)
    state = rules.initial()
    chain = first_link(state_hash(state))
    frame = 0
    for wanted in frames:
        while frame < wanted:
            raw = replay.inputs[frame]
            state = rules.advance(frame, state, rules.inputs(frame, raw))
            chain = link(chain, raw, state_hash(state))
            frame += 1
        yield wanted, encode(state), chain


def _inputs(replay: Replay, game: AnyGame | None, frame: int) -> tuple[Any, ...]:
    raw = replay.inputs[frame]
    if game is not None:
        return Rules(game, replay.header).inputs(frame, raw)
    return tuple(None if move is None else _decode_untyped(frame, move) for move in raw)


def _state(game: AnyGame | None, frame: int, data: bytes) -> Any:
    if game is None:
        return _decode_untyped(frame, data)
    return decode_state(game, frame, data)


def _decode_untyped(frame: int, data: bytes) -> Any:
    """Decode msgpack without the types of the game."""
    try:
        return decode(data, object)
    except msgspec.DecodeError as error:
        raise ReplayError("not_msgpack", frame=frame, reason=safe_text(str(error), TEXT_MAX)) from None


def _paths(a: Any, b: Any) -> tuple[str, ...]:
    try:
        return tuple(
            safe_text(str(found._replace(a=_plain(found.a), b=_plain(found.b))), TEXT_MAX)
            for found in differences(a, b)
        )
    except (RecursionError, TypeError):  # nested too deeply; maps whose keys are not strings
        raise ReplayError("not_comparable") from None


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
