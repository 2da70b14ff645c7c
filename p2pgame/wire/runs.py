"""Confirmed inputs of many frames in few bytes: equal frames in a row are one run. Serves the wire and the disk.

An input stands as its msgpack bytes; None for a player who was not asked in that frame. Does not know what it means.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated

from msgspec import Meta

from p2pgame.wire.bounds import PLAYERS_MAX, RUN_MAX

__all__ = ["FrameInputs", "Run", "pack", "unpack"]

FrameInputs = tuple[bytes | None, ...]
"""One frame: the input of each player, in order of player index."""

Run = tuple[
    Annotated[int, Meta(ge=1, le=RUN_MAX)],
    Annotated[tuple[Annotated[bytes, Meta(max_length=4096)] | None, ...], Meta(max_length=PLAYERS_MAX)],
]
"""So many frames in a row had these inputs."""


def pack(frames: Iterable[FrameInputs]) -> tuple[Run, ...]:
    """The runs of `frames`."""
    runs: list[Run] = []
    for inputs, group in groupby(frames):
        left = sum(1 for _ in group)
        while left > 0:
            runs.append((min(left, RUN_MAX), inputs))
            left -= RUN_MAX
    return tuple(runs)


def unpack(runs: Sequence[Run], players: int, limit: int) -> list[FrameInputs]:
    """The frames of `runs`. Raises `ValueError` if there are more than `limit`, or not of so many players."""
    if sum(count for count, _ in runs) > limit:
        raise ValueError(f"more than {limit} frames of inputs")
    if any(len(inputs) != players for _, inputs in runs):
        raise ValueError(f"inputs that are not of {players} players")
    return [inputs for count, inputs in runs for _ in range(count)]
