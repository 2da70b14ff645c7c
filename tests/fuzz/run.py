"""Fuzzing: ``python -m tests.fuzz.run [TARGET …] [--iterations N] [--engine atheris|random] [--seed S]``.

Both engines spoil what is in `tests/fuzz/corpus`. ``atheris`` (Linux; ``pip install atheris``) is guided by the
branches that an input reaches and keeps what it found in ``--found DIRECTORY``; ``random`` is guided by nothing, needs
nothing, and does the same for the same seed. An input that breaks a promise is printed in hex: add it to the corpus.
Exit code 1 if there was one. Memory is resident memory before and after, and counts the engine's own.
"""

import argparse
import logging
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.corpus import TARGETS, load, target

__all__ = ["BrokenPromiseError", "fuzz"]

_INPUT_MAX = 4096
"""Bytes; for atheris."""


class BrokenPromiseError(AssertionError):
    """An input that a target did not survive."""

    def __init__(self, name: str, data: bytes, error: BaseException) -> None:
        super().__init__(f"{name}: {type(error).__name__}: {error}\n{data.hex()}")


def fuzz(name: str, iterations: int, seed: int = 1) -> None:
    """The corpus as it is, then `iterations` inputs made of it. Raises `BrokenPromiseError`."""
    module, corpus, chance = target(name), load(name), random.Random(f"{name} {seed}")
    for number in range(len(corpus) + iterations):
        if number < len(corpus):
            data = corpus[number]
        else:
            data = module.mutate(chance.choice(corpus), chance)
            if chance.random() < 0.2:
                data = module.mutate(data, chance)
        try:
            module.fuzz_one(data)
        except Exception as error:
            raise BrokenPromiseError(name, data, error) from error


def resident_kb() -> int:
    """Resident memory of this process; 0 where it cannot be told."""
    try:
        return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])
    except OSError:
        return 0


def run_random(names: Sequence[str], iterations: int, seed: int) -> int:
    failures = 0
    for name in names:
        fuzz(name, 500, seed + 1)  # so that caches are full
        before, began = resident_kb(), time.monotonic()
        try:
            fuzz(name, iterations, seed)
        except BrokenPromiseError as error:
            failures += 1
            print(error, flush=True)
            continue
        seconds, after = time.monotonic() - began, resident_kb()
        rate = iterations / max(seconds, 1e-3)
        print(
            f"{name}: {iterations} inputs in {seconds:.1f} s ({rate:.0f}/s), memory {before} -> {after} kB",
            flush=True,
        )
    return 1 if failures else 0


def run_atheris(names: Sequence[str], iterations: int, seed: int, found: Path | None) -> int:
    """Each target in a process of its own, since libFuzzer ends the process."""
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            directory = (found or Path(scratch)) / name
            directory.mkdir(parents=True, exist_ok=True)
            for number, data in enumerate(load(name)):
                (directory / f"corpus-{number}").write_bytes(data)
            command = [sys.executable, "-m", "tests.fuzz.run", name, "--inside", str(directory)]
            command += [f"--iterations={iterations}", f"--seed={seed}"]
            print(f"{name}:", flush=True)
            failures += subprocess.run(command, check=False).returncode != 0
    return 1 if failures else 0


def inside_atheris(name: str, iterations: int, seed: int, directory: str) -> None:
    """Never returns."""
    import atheris

    with atheris.instrument_imports(include=["p2pgame"]):
        module = target(name)

    def once(data: bytes) -> None:
        try:
            module.fuzz_one(data)
        except Exception as error:
            print(BrokenPromiseError(name, data, error), flush=True)
            raise

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.3:
            return bytes(atheris.Mutate(data, size))
        return bytes(module.mutate(bytes(data), chance)[:size])

    options = [f"-runs={iterations}", f"-max_len={_INPUT_MAX}", f"-seed={seed}", "-rss_limit_mb=512"]
    options += ["-print_final_stats=1", "-verbosity=0", "-detect_leaks=0", f"-artifact_prefix={directory}/"]
    atheris.Setup([sys.argv[0], *options, directory], once, custom_mutator=mutate)
    print(f"memory before {resident_kb()} kB", file=sys.stderr)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", nargs="*", choices=[[], *TARGETS], help="default: all")
    parser.add_argument("--iterations", type=int, default=100_000, help="of each target; default: 100,000")
    parser.add_argument("--engine", choices=("atheris", "random"), help="default: atheris if it is installed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, help="where atheris keeps what it found; default: nowhere")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what is refused is logged
    names = args.target or list(TARGETS)
    if args.inside:
        inside_atheris(names[0], args.iterations, args.seed, args.inside)
    engine = args.engine or ("atheris" if find_spec("atheris") else "random")
    if engine == "random":
        return run_random(names, args.iterations, args.seed)
    return run_atheris(names, args.iterations, args.seed, args.found)


if __name__ == "__main__":
    sys.exit(main())
