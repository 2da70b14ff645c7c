"""What it costs to record a real-time match: ``python tests/bench/bench_recording.py [SECONDS] [--slow-seconds N]``.

Bots play Pong and Tron by the rules alone; what they do is recorded as in a match of 60 frames a second. *Network
thread*: everything that recording adds there, from the confirmed frame to the handing over. *Disk's thread*: its
processor time, with a sync after every batch, which is four times as often as in a match. Then once more in real time
on a disk that takes half a second for every write and every sync: no frame may wait for it. Last the longest match
that the program may have to read again before it announces itself.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from p2pgame.core import Setup  # noqa: E402
from p2pgame.core.registry import Plugin, Registry  # noqa: E402
from p2pgame.core.snapshot import encode, state_hash  # noqa: E402
from p2pgame.replay.records import Header  # noqa: E402
from p2pgame.session.match.recorder import Recorder  # noqa: E402
from p2pgame.storage import recording  # noqa: E402
from p2pgame.storage.interrupted import find_interrupted  # noqa: E402
from p2pgame.storage.recordfile import RecordFile  # noqa: E402
from p2pgame.storage.recordings import Recordings  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402

ME, THEM = "a" * 26, "b" * 26
CORE_SHARE = 0.02
"""Of a core that recording may cost ..."""
LONGEST_MS = 5.0
"""... and how long one frame of 16.7 ms may be held up, which is what the system's own scheduling does at times."""
SLOWNESS = 0.5
"""Seconds that a slow disk takes for everything."""

Frame = tuple[tuple[Any, ...], bytes, Any]
"""Inputs, hash of the state after them, that state."""


class SlowFile(RecordFile):
    def append(self, chunks: bytes) -> None:
        time.sleep(SLOWNESS)
        super().append(chunks)

    def sync(self) -> None:
        time.sleep(SLOWNESS)
        super().sync()


def played(plugin: Plugin, frames: int) -> Iterator[Frame]:
    """Bots play, one match after the other."""
    game, done, seed = plugin.game, 0, 0
    while done < frames:
        bots = (plugin.bot(seed), plugin.bot(seed + 1))
        seed += 2
        state = game.initial(Setup(players=2, seed=seed, config=game.config_type()))
        while done < frames and game.outcome(state) is None:
            inputs = tuple(bot.choose(state, player) for player, bot in enumerate(bots))
            state = game.advance(state, inputs)
            done += 1
            yield inputs, state_hash(state), state


class Recorded:
    """A match that is being recorded, as the network thread sees it."""

    def __init__(self, plugin: Plugin, data_dir: Path, kind: type[RecordFile] = RecordFile) -> None:
        game = plugin.game
        self.header = Header(
            version="0", game=game.name, digest=plugin.digest, match="0" * 16, seed=2,
            config=encode(game.config_type()), tick_rate=game.tick_rate,
            players=(ME, THEM), names=("Ann", "Ben"), host=ME, me=0,
        )  # fmt: skip
        self.recordings = Recordings(data_dir, ME, print, kind)
        self.recordings.start()
        self._recorder = Recorder(self.header, b"k" * 32, lambda _: b"s" * 64)
        self._recorder.began(state_hash(game.initial(Setup(2, 2, game.config_type()))))
        self._frame = 0

    def frame(self, frame: Frame) -> bool:
        """What recording adds to one frame; True if there was something to hand over."""
        self._frame += 1
        inputs, value, state = frame
        self._recorder.confirmed(tuple(map(encode, inputs)), value)
        self._recorder.take_snapshot(self._frame, state)
        if records := self._recorder.records():
            self.recordings.write(self.header.match, records)
        return bool(records)

    def settle(self) -> None:
        """Return when the disk's thread has nothing to do."""
        done = threading.Event()
        self.recordings._hand_over(0, lambda: self.recordings._later.append(done.set))
        done.wait()

    def processor_time(self) -> float:
        """Of the disk's thread, in seconds."""
        thread = self.recordings._thread
        assert thread is not None
        assert thread.ident is not None
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))


def cost(plugin: Plugin, seconds: int, data_dir: Path) -> Iterator[Figure]:
    name, rate = plugin.game.title, plugin.game.tick_rate
    frames = list(played(plugin, seconds * rate))
    match = Recorded(plugin, data_dir)
    network = 0.0
    longest = 0.0
    disk = match.processor_time()
    for frame in frames:
        began = time.perf_counter()
        handed_over = match.frame(frame)
        took = time.perf_counter() - began
        network += took
        longest = max(longest, took)
        if handed_over:
            match.settle()
    disk = match.processor_time() - disk
    match.recordings.close()
    (path,) = (data_dir / "replays").iterdir()
    count, share = len(frames), round(CORE_SHARE * 1e6 / rate)
    yield Figure(f"{name}: network thread, a frame", share, "µs", [1e6 * network / count])
    yield Figure(f"{name}: disk's thread, a frame", share, "µs", [1e6 * disk / count])
    yield Figure(f"{name}: both together, a frame", share, "µs", [1e6 * (disk + network) / count])
    yield Figure(f"{name}: longest frame's share", LONGEST_MS, "ms", [1000 * longest])
    yield Figure(f"{name}: file, a minute", 200.0, "kB", [path.stat().st_size / 1000 * 60 / seconds])


def slow_disk(plugin: Plugin, seconds: int, data_dir: Path) -> Iterator[Figure]:
    name, rate = plugin.game.title, plugin.game.tick_rate
    frames = list(played(plugin, seconds * rate))
    match = Recorded(plugin, data_dir, SlowFile)
    took = []
    due = time.perf_counter()
    for frame in frames:
        due += 1 / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        began = time.perf_counter()
        match.frame(frame)
        took.append(1000 * (time.perf_counter() - began))
    match.settle()
    match.recordings.close()
    yield Figure(f"{name}: slow disk, longest frame's share", LONGEST_MS, "ms", took, "max")


def reading(plugin: Plugin, seconds: int, data_dir: Path) -> Iterator[Figure]:
    """What a program that was killed in a long match does before it announces itself."""
    match = Recorded(plugin, data_dir)
    for frame in played(plugin, seconds * plugin.game.tick_rate):
        if match.frame(frame):
            match.settle()
    match.recordings.close()
    began = time.perf_counter()
    found = find_interrupted(data_dir, ME, Registry([plugin]), time.time())
    took = time.perf_counter() - began
    assert found is not None
    assert len(found.saved.log) == seconds * plugin.game.tick_rate
    yield Figure(f"{plugin.game.title}: {seconds // 60} min read to go on", 500.0, "ms", [1000 * took])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    parser.add_argument("--slow-seconds", type=int, default=20)
    args = parser.parse_args()
    figures: list[Figure] = []
    for name in ("pong", "tron"):
        plugin = Plugin(f"p2pgame.games.{name}")
        for measure, seconds in ((cost, args.seconds), (slow_disk, args.slow_seconds), (reading, 600)):
            interval, recording.SYNC_INTERVAL = recording.SYNC_INTERVAL, 0.0 if measure is cost else 2.0
            with tempfile.TemporaryDirectory() as directory:
                figures += measure(plugin, seconds, Path(directory))
            recording.SYNC_INTERVAL = interval
    print_table(figures)


if __name__ == "__main__":
    main()
