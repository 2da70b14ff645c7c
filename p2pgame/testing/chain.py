"""Plays a game in a process of its own and prints the hash of every frame, to compare it with other processes.

``python -m p2pgame.testing.chain PACKAGE --frames N --seeds N`` writes one JSON line a seed, and with
``--state SEED:FRAME`` the bytes of that one state instead. Needs nothing but msgspec, so that any Python
>= 3.11 with it can run this.
"""

import argparse
import contextlib
import importlib
import sys
from typing import Any

import msgspec

from p2pgame.core.game import AnyGame, next_state
from p2pgame.core.snapshot import encode
from p2pgame.testing.inputs import RandomInputs, setups
from p2pgame.testing.synctest import SyncReport, SyncTest

__all__ = ["Chain", "main", "state_at", "sync_test"]


class Chain(msgspec.Struct, frozen=True):
    """The state hashes, hex, of one test match after another, from one seed on."""

    seed: int
    hashes: list[str]


def sync_test(game: AnyGame, seed: int, distance: int = 7) -> SyncTest:
    """The sync test number `seed`: its players, teams, configuration and inputs follow from the number."""
    setup = setups(game, seed)
    return SyncTest(game, distance, setup.config, setup.players, seed, setup.teams)


def state_at(game: AnyGame, seed: int, frame: int) -> Any:
    """The state after `frame` frames (from 1) of the sync test number `seed`."""
    state = None

    class Watch(RandomInputs):
        def __call__(self, now: Any, players: int) -> tuple[Any, ...]:
            nonlocal state
            inputs = super().__call__(now, players)
            state = next_state(game, now, inputs)
            return inputs

    sync_test(game, seed, distance=1).run(Watch(game, seed), frame)
    return state


def main(argv: list[str]) -> int:
    """Run as a program; the package is imported in this process and nowhere else."""
    parser = argparse.ArgumentParser(prog="p2pgame.testing.chain")
    parser.add_argument("package")
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--state", metavar="SEED:FRAME", default="")
    args = parser.parse_args(argv)
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # what the rules print
        game: AnyGame = importlib.import_module(f"{args.package}.rules").GAME
        if args.state:
            seed, frame = map(int, args.state.split(":"))
            stdout.write(encode(state_at(game, seed, frame)).hex() + "\n")
            return 0
        for seed in range(args.seeds):
            report: SyncReport = sync_test(game, seed, distance=1).run(frames=args.frames)
            stdout.write(msgspec.json.encode(Chain(seed, report.hashes)).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
