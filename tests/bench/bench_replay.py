"""What recorded matches cost: ``python tests/bench/bench_replay.py [MINUTES]``.

Two bots play Tron for ten minutes, with so many rounds agreed that nobody wins before; the file is read, verified and
sought in, in memory. Then the size of the files of all built-in games. Runs on one core, without the network.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from p2pgame.core.game import AnyGame, Bot  # noqa: E402
from p2pgame.core.registry import Plugin, installed  # noqa: E402
from p2pgame.games.tron.rules import Tron  # noqa: E402
from p2pgame.replay.codec import encode_record  # noqa: E402
from p2pgame.replay.compare import compare  # noqa: E402
from p2pgame.replay.playback import Playback  # noqa: E402
from p2pgame.replay.reader import Replay, read  # noqa: E402
from p2pgame.replay.records import Inputs, Record, Snapshot  # noqa: E402
from p2pgame.replay.verify import verify  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.unit.replay.made import DIGEST, Tape, file_of, header_of  # noqa: E402

T = TypeVar("T")
SEEKS = 200
SNAPSHOT_SECONDS = 5
SNAPSHOT_MOVES = 25
"""As the recorder of a match takes them."""


class ManyRounds(msgspec.Struct, frozen=True):
    """More rounds than can be chosen; the rules are the same."""

    best_of: int = 199
    edge: str = "walls"


class LongTron(Tron):
    config_type = ManyRounds


def play(game: AnyGame, bots: Sequence[Bot[Any, Any]], frames: int = 0, seed: int = 1) -> Tape:
    """A match of two bots: so many frames, or to its end."""

    def choose(state: Any, players: int) -> tuple[Any, ...]:
        asked = game.to_move(state)
        movers = range(players) if asked is None else asked
        return tuple(bots[p].choose(state, p) if p in movers else None for p in range(players))

    every = game.tick_rate * SNAPSHOT_SECONDS or SNAPSHOT_MOVES
    header = header_of(game, seed=seed, frame_limit=frames)
    return Tape(game, header, choose, every=every).play(batch=game.tick_rate // 2 or 1).end()


def timed(call: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


def without_snapshots(tape: Tape) -> Replay:
    return read(file_of([record for record in tape.records if not isinstance(record, Snapshot)]))


def seek_times(replay: Replay, game: AnyGame, *, anew: bool) -> list[float]:
    """Milliseconds to 200 random frames, by one viewer or each by a new one."""
    chance = random.Random(1)
    playback = Playback(replay, game)
    times = []
    for _ in range(SEEKS):
        frame = chance.randrange(replay.frames + 1)
        if anew:
            playback = Playback(replay, game)
        times.append(timed(lambda playback=playback, frame=frame: playback.state(frame))[0] * 1000)
    return times


def tron(minutes: float) -> list[Figure]:
    game = LongTron()
    tape = play(game, [Plugin("p2pgame.games.tron").bot(seed) for seed in (1, 2)], round(minutes * 3600))
    replay = read(tape.data)
    print(
        f"Tron: {replay.frames} frames ({replay.frames / 3600:.1f} minutes), {tape.state.round} rounds, "
        f"{len(replay.snapshots)} snapshots, {len(tape.data)} bytes"
    )
    verified = []
    for _ in range(3):
        seconds, verdict = timed(lambda: verify(read(tape.data), game, DIGEST))
        assert verdict.ok, verdict.problems
        verified.append(seconds)
    alone = seek_times(replay, game, anew=True)
    viewer = seek_times(replay, game, anew=False)
    bare = without_snapshots(tape)
    return [
        Figure("read and verify 10 minutes of Tron" if minutes == 10 else "read and verify", 10, "s", verified),
        Figure("read it alone", 1000, "ms", [timed(lambda: read(tape.data))[0] * 1000 for _ in range(5)]),
        Figure("compare it with itself", 10, "s", [timed(lambda: compare(replay, replay, game))[0]]),
        Figure("seek, each in a new viewer", 100, "ms", alone),
        Figure("seek, each in a new viewer, worst", 100, "ms", alone, "max"),
        Figure("seek, one viewer", 100, "ms", viewer),
        Figure("seek, one viewer, worst", 100, "ms", viewer, "max"),
        Figure("all frames once, in a file without snapshots", 10, "s", [
            timed(lambda: Playback(bare, game).state(bare.frames))[0]
        ]),
    ]  # fmt: skip


def size_of(records: Sequence[Record], kind: type) -> int:
    return sum(len(encode_record(record)) for record in records if isinstance(record, kind))


def sizes() -> None:
    print(
        f"\n{'file of':<8} {'length':>10} {'bytes':>8} {'inputs':>8} {'snapshots':>9}   bytes a minute or move"
    )
    for plugin in installed():
        game = plugin.game
        tape = play(game, [plugin.bot(seed) for seed in (1, 2)])
        parts = [size_of(tape.records, kind) for kind in (Inputs, Snapshot)]
        units = tape.frame / game.tick_rate / 60 if game.tick_rate else tape.frame
        length = f"{units:.1f} min" if game.tick_rate else f"{units} moves"
        size = len(tape.data)
        print(f"{game.name:<8} {length:>10} {size:>8} {parts[0]:>8} {parts[1]:>9}   {size / units:.0f}")


def main() -> int:
    figures = tron(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
    print_table(figures)
    sizes()
    return 0 if all(figure.value <= figure.target for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
