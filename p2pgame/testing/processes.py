"""Compares the states of a game between processes: other hash seeds, other Pythons, the same match.

What looks the same all through one process, above all the order of a set of strings, differs here. Starts
`p2pgame.testing.chain` and reads what it writes; never imports the game itself. A Python finds what is installed in it
first, above all its own msgspec, and then this p2pgame and the game.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from p2pgame.core.child import child_argv
from p2pgame.core.diff import Difference, first_difference
from p2pgame.core.errors import P2PGameError, Param
from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import decode
from p2pgame.testing.chain import Chain

__all__ = ["ChainMismatch", "ProcessError", "Runner", "compare", "probe"]

_PATIENCE = 300.0
"""Seconds for one process."""


class ProcessError(P2PGameError):
    """A process could not play the game; `reason` is the last line it wrote to stderr."""


@dataclass(frozen=True)
class Runner:
    """One way to run the game."""

    python: str
    hash_seed: int

    def __str__(self) -> str:
        other = "" if self.python == sys.executable else f" {self.python}"
        return f"PYTHONHASHSEED={self.hash_seed}{other}"


@dataclass(frozen=True)
class ChainMismatch:
    """Two processes that played the same inputs to different states."""

    seed: int
    frame: int
    runners: tuple[Runner, Runner]
    difference: Difference | None

    @property
    def params(self) -> dict[str, Param]:
        """For the sentence ``processes_differ``."""
        first, second = map(str, self.runners)
        return {"frame": self.frame, "seed": self.seed, "first": first, "second": second}


def compare(
    game: AnyGame, package: str, paths: Sequence[str], runners: Sequence[Runner], *, frames: int, seeds: int
) -> list[ChainMismatch]:
    """Play in every runner; each runner that differs from the first is reported once, with its first differing frame.

    `paths`: where `package` is to be imported from, besides the runner's own. Raises `ProcessError`.
    """
    size = ("--frames", str(frames), "--seeds", str(seeds))
    with contextlib.ExitStack() as running:
        started = [_start(r, [package, *size], paths, running) for r in runners]
        chains = [_chains(r, _output(r, p), seeds) for r, p in zip(runners, started, strict=True)]
    found = []
    for runner, theirs in zip(runners[1:], chains[1:], strict=True):
        place = _first(chains[0], theirs)
        if place is not None:
            seed, frame = place
            pair = (runners[0], runner)
            states = [_state(game, r, package, paths, (*size, "--state", f"{seed}:{frame}")) for r in pair]
            found.append(ChainMismatch(seed, frame, pair, first_difference(*states)))
    return found


def probe(python: str) -> None:
    """Raise `ProcessError`, with the reason, unless `python` can play games: 3.11 or newer, with msgspec."""
    with contextlib.ExitStack() as running:
        runner = Runner(python, 0)
        if not _output(runner, _start(runner, ["--help"], (), running)):
            raise ProcessError("process_silent", runner=str(runner))


def _first(ours: Sequence[Chain], theirs: Sequence[Chain]) -> tuple[int, int] | None:
    """Seed and frame (from 1) of the first difference."""
    for a, b in zip(ours, theirs, strict=True):
        for index in range(max(len(a.hashes), len(b.hashes))):
            if a.hashes[index : index + 1] != b.hashes[index : index + 1]:
                return a.seed, index + 1
    return None


def _start(
    runner: Runner, argv: Sequence[str], paths: Sequence[str], running: contextlib.ExitStack
) -> subprocess.Popen[str]:
    """Start a process, which ends with `running` at the latest."""
    command = child_argv("p2pgame.testing.chain", *argv, python=runner.python, paths=paths)
    environment = {**os.environ, "PYTHONHASHSEED": str(runner.hash_seed), "PYTHONDONTWRITEBYTECODE": "1"}
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603  (a Python that the author named)
            command,
            env=environment,
            stdout=pipe,
            stderr=pipe,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise ProcessError(
            "process_not_started", python=runner.python, reason=error.strerror or str(error)
        ) from error
    running.callback(process.communicate)
    running.callback(process.kill)
    return process


def _output(runner: Runner, process: subprocess.Popen[str]) -> str:
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise ProcessError("process_timeout", runner=str(runner), seconds=round(_PATIENCE)) from None
    if process.returncode:
        if not err.strip():
            raise ProcessError("process_silent", runner=str(runner))
        raise ProcessError("process_failed", runner=str(runner), reason=err.strip().splitlines()[-1])
    return out


def _chains(runner: Runner, output: str, seeds: int) -> list[Chain]:
    try:
        chains = [msgspec.json.decode(line, type=Chain) for line in output.splitlines()]
    except msgspec.DecodeError as error:  # the rules print, or this is no Python
        raise ProcessError("process_wrong_output", runner=str(runner), reason=str(error)) from error
    if len(chains) != seeds:
        raise ProcessError("process_silent", runner=str(runner))
    return chains


def _state(game: AnyGame, runner: Runner, package: str, paths: Sequence[str], options: Sequence[str]) -> Any:
    with contextlib.ExitStack() as running:
        process = _start(runner, [package, *options], paths, running)
        return decode(bytes.fromhex(_output(runner, process)), game.state_type)
