"""What a frame at 60 Hz costs, against another version: ``python tests/bench/bench_paced.py --other PYTHON``.

PYTHON is the interpreter of a virtual environment in which the other version is installed. The two versions play in
turn, two bots each, over loopback in a network namespace of their own (Linux), so that a ratio of neighbours holds
while the machine's speed drifts. Prints the two figures of each, and the median of the ratios:

    library   microseconds a frame that `match_ended` tells as `cpu_ms_per_frame`, mean of both players
    process   microseconds of processor time a frame of the whole program, mean of both, start and end left out

The library's part of a paced frame is several times that of a hot one: caches are cold after each wait.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

_WARM = 120
"""Frames after which processor time is counted ..."""
_COOL = 120
"""... and frames before the end at which it no longer is."""
_INSIDE = "P2PGAME_BENCH_NAMESPACE"


class Program:
    """One bot: its events, and its processor time at some frames."""

    def __init__(self, python: str, name: str, directory: Path, *options: str) -> None:
        command = [python, "-m", "p2pgame", "bot", "--json", "--interface", "lo", "--name", name]
        command += ["--data-dir", str(directory / name), *options]
        self.events: list[dict[str, Any]] = []
        self.cpu: list[tuple[int, float]] = []
        """Frame, and seconds of processor time until then."""
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=directory)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "hash":
                if event["frame"] % 60 < 4:
                    self.cpu.append((event["frame"], cpu_seconds(self.process.pid)))
            else:
                self.events.append(event)

    def wait_for(self, kind: str, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = next((event for event in list(self.events) if event["event"] == kind), None)
            if found is not None:
                return found
            time.sleep(0.05)
        raise TimeoutError(f"no {kind} within {seconds} s: {self.events}")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self._reader.join()


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads so far, to the nanosecond where the kernel tells."""
    tasks = Path("/proc", str(pid), "task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


@contextmanager
def running(python: str, game: str, frames: int) -> Iterator[tuple[Program, Program]]:
    bot = ("--game", game, "--frames", str(frames), "--input-delay", "1", "--seed", "1")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        alice = Program(python, "Alice", directory, *bot, "--accept")
        stack.callback(alice.close)
        alice.wait_for("announcing", 20)
        bob = Program(python, "Bob", directory, *bot, "--invite", "Alice")
        stack.callback(bob.close)
        yield alice, bob


def sample(python: str, game: str, frames: int) -> tuple[float, float]:
    """Library and process microseconds a frame."""
    with running(python, game, frames) as programs:
        ends = [program.wait_for("match_ended", 30 + frames / 30) for program in programs]
        for program in programs:
            program.process.wait(10)
    library = statistics.mean(1000 * end["stats"]["cpu_ms_per_frame"] for end in ends)
    process = statistics.mean(cpu_of_a_frame(program.cpu, frames) for program in programs)
    return library, process


def cpu_of_a_frame(cpu: list[tuple[int, float]], frames: int) -> float:
    inside = [one for one in cpu if _WARM <= one[0] <= frames - _COOL]
    (first, began), (last, ended) = inside[0], inside[-1]
    return (ended - began) / (last - first) * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--other", required=True, metavar="PYTHON")
    parser.add_argument("--game", default="pong")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=1200)
    args = parser.parse_args()
    if _INSIDE not in os.environ:
        unshare = shutil.which("unshare")
        if unshare is None:
            print("needs unshare(1)", file=sys.stderr)
            return 1
        inside = 'ip link set lo up && exec "$@"'
        command = [unshare, "--net", "sh", "-c", inside, "sh", sys.executable, *sys.argv]
        return subprocess.run(command, env=os.environ | {_INSIDE: "1"}).returncode
    print(f"{'pair':>4}  {'library us: this':>16}  {'other':>7}  {'ratio':>5}  ", end="")
    print(f"{'process us: this':>16}  {'other':>7}  {'ratio':>5}  load")
    ratios: list[list[float]] = [[], []]
    for number in range(args.pairs):
        order = (sys.executable, args.other) if number % 2 else (args.other, sys.executable)
        found = {python: sample(python, args.game, args.frames) for python in order}
        this, other = found[sys.executable], found[args.other]
        cells = []
        for kept, ours, theirs in zip(ratios, this, other, strict=True):
            kept.append(ours / theirs)
            cells.append(f"{ours:16.0f}  {theirs:7.0f}  {ours / theirs:5.2f}")
        print(f"{number + 1:4}  {'  '.join(cells)}  {os.getloadavg()[0]:.1f}", flush=True)
    print(f"median of the ratios: library {statistics.median(ratios[0]):.2f} (target 0.60), ", end="")
    print(f"process {statistics.median(ratios[1]):.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
