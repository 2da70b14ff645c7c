"""From the start of a process to its first picture and to announcing: ``python tests/bench/bench_start.py [--runs N]``.

Each run is a new process with a data directory that was used before; the first run, which fills the caches of the disk,
does not count. Two times in milliseconds:

- wall: from before the process is made, by the clock of this machine;
- processor: what all threads of the process have used by then. On a machine that does other things, too, this is the
  figure to compare, though threads of a process may share the time on two cores.

`--imports` prints the modules that cost most of the window's start instead: their own time, the least of the runs.

Needs a display for the windows. Nothing leaves the machine: the programs use the interface ``lo``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.table import Figure, print_table  # noqa: E402

PORT = "47620"
_WATCH = """
import sys, time, json
from importlib.abc import MetaPathFinder
from importlib.util import find_spec

def say(what):
    line = json.dumps({"what": what, "at": time.monotonic(), "used": time.process_time()})
    sys.__stdout__.write(line + "\\n")
    sys.__stdout__.flush()

def watch(module, name, what):
    # Patches `module.name`, a class's method, once the program has imported the module by itself.
    class Finder(MetaPathFinder):
        def find_spec(self, fullname, path, target=None):
            if fullname != module:
                return None
            sys.meta_path.remove(self)
            spec = find_spec(fullname)
            execute = spec.loader.exec_module
            def exec_module(made):
                execute(made)
                kind, method = name.split(".")
                kind = getattr(made, kind)
                inner = getattr(kind, method)
                def noted(self, *args):
                    inner(self, *args)
                    say(what(*args))
                setattr(kind, method, noted)
            spec.loader.exec_module = exec_module
            return spec
    sys.meta_path.insert(0, Finder())

watch("p2pgame.ui.window", "Window.present", lambda *_: "picture")
watch("p2pgame.cli.output", "Printer.event", lambda t, event: type(event).__name__)
sys.argv[0] = "p2pgame"
from p2pgame.cli.start import entry
entry()
"""
"""A program that tells when it showed a picture, and of each event. It imports nothing earlier than it would."""


def start(folder: Path, wanted: Sequence[str], *arguments: str) -> dict[str, tuple[float, float]]:
    """Milliseconds by the clock and of the processor to each of the things `wanted`, of one run."""
    began = time.monotonic()
    common = _common(folder) if wanted else ()
    command = [sys.executable, "-c", _WATCH, *arguments, *common]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())
    found: dict[str, tuple[float, float]] = {}
    assert child.stdout is not None
    for line in child.stdout:
        try:
            said = json.loads(line)
        except ValueError:  # a version
            continue
        if "what" in said:
            found.setdefault(said["what"], (1000 * (said["at"] - began), 1000 * said["used"]))
        if found.keys() >= set(wanted):
            break
    if wanted:
        child.terminate()
    child.communicate()
    if not wanted:
        found["end"] = (1000 * (time.monotonic() - began), 0.0)
    return found


def _common(folder: Path | str) -> tuple[str, ...]:
    return "--json", "--data-dir", str(folder), "--interface", "lo", "--discovery-port", PORT


def _environment() -> dict[str, str]:
    """Modules are compiled once, as those of an installed package are, even where the environment says not to."""
    quiet = {**os.environ, "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    quiet.pop("PYTHONDONTWRITEBYTECODE", None)
    return quiet


def figures(runs: int) -> list[Figure]:
    rows = []
    for name, arguments, wanted in (
        ("--version", ("--version",), {}),
        ("bot", ("bot", "--accept", "--game", "pong"), {"Announcing": 220.0}),
        ("window", ("play", "--name", "Ann"), {"Announcing": 300.0, "picture": 350.0}),
    ):
        with tempfile.TemporaryDirectory() as folder:
            samples = [start(Path(folder), tuple(wanted), *arguments) for _ in range(runs + 1)][1:]
        for what, target in wanted.items() or (("end", 120.0),):
            for kind, statistic in (("wall", 0), ("processor", 1)):
                values = [sample[what][statistic] for sample in samples]
                if any(values):
                    rows.append(Figure(f"{name}: start to {what.lower()}, {kind}", target, "ms", values))
    return rows


def imports(runs: int) -> None:
    """What the modules of the window cost, each without those that it imports."""
    least: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            command = (sys.executable, "-X", "importtime", "-m", "p2pgame", "play", "--name", "Ann")
            child = subprocess.Popen(
                [*command, *_common(folder)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=_environment(),
            )
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.5)
            child.terminate()
            for line in child.communicate()[1].splitlines():
                own, *_, name = line.removeprefix("import time:").split("|")
                if own.strip().isdigit():
                    least[name.strip()] = min(least.get(name.strip(), 1 << 40), int(own))
    total = sum(least.values())
    print(f"{total / 1000:8.1f} ms in {len(least)} modules")
    for name, own in sorted(least.items(), key=lambda item: -item[1])[:60]:
        print(f"{own / 1000:8.1f}  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--imports", action="store_true")
    args = parser.parse_args()
    if args.imports:
        imports(args.runs)
    else:
        print_table(figures(args.runs))


if __name__ == "__main__":
    main()
