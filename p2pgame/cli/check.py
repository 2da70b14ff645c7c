"""`p2pgame check`: is a game deterministic, and does it do what the platform expects?

Only combines and prints what `p2pgame.testing` finds: the lint of its rules, the conformance checks, the sync test, and
the same match in processes with other hash seeds and other Pythons. Runs the code of the game that is named.
"""

import argparse
import importlib
import importlib.util
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from p2pgame.cli.common import known_games
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer
from p2pgame.core.diff import Difference
from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import AnyGame
from p2pgame.core.registry import Plugin, installed
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.conformance import problem_sentence
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.lint import what, why
from p2pgame.testing import NotDeterministicError, conformance, lint_rules
from p2pgame.testing.chain import sync_test
from p2pgame.testing.processes import ProcessError, Runner, compare, probe

__all__ = ["add_arguments", "run"]

_HASH_SEEDS = (0, 1, 42)
_FRAMES = 600
_SEEDS_MIN = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="GAME",
        help=gettext("an installed game, the folder of a game, or a module with rules.py"),
    )
    parser.add_argument(
        "--frames",
        type=_positive,
        default=_FRAMES,
        metavar="N",
        help=gettext("frames for each seed (default {default})", default=_FRAMES),
    )
    parser.add_argument(
        "--seeds",
        type=_positive,
        default=None,
        metavar="N",
        help=gettext(
            "seeds 0 .. N - 1 (default {default}, or as many as there are numbers of players)",
            default=_SEEDS_MIN,
        ),
    )
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PATH",
        help=gettext("another Python to compare with; needs msgspec (repeatable)"),
    )


@dataclass(frozen=True)
class _Target:
    """A game to check, and where its package is imported from."""

    package: str
    rules: Path
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Finding:
    """One problem; `where` is a file and line, or nothing."""

    check: str
    what: str
    file: str = ""
    line: int = 0
    why: str = ""


def run(args: argparse.Namespace) -> int:
    began = time.monotonic()
    printer = Printer(json=args.json)
    check = _Check(_resolve(args.target), args)
    for python in args.python:
        try:
            probe(python)
        except ProcessError as error:
            raise UsageError(error.code, **error.params) from error
    found = 0
    for finding in check.findings():
        _show(printer, finding)
        found += 1
    if found:
        summary = ngettext("{n} problem", "{n} problems", found)
    else:
        summary = gettext(
            "deterministic in {matches} matches of {frames} frames, rolled back and played again, "
            "and the same in {processes} processes",
            matches=check.seeds,
            frames=args.frames,
            processes=len(check.runners),
        )
    printer.line(f"{args.target}: {summary} ({time.monotonic() - began:.1f} s)")
    if args.json:
        result = {"event": "checked", "game": args.target, "ok": not found, "findings": found}
        printer.object({"t": time.time(), **result, "seeds": check.seeds, "frames": args.frames})
    return Exit.FAILED if found else Exit.DONE


class _Check:
    """All checks of one game."""

    def __init__(self, target: _Target, args: argparse.Namespace) -> None:
        self.target = target
        self.frames: int = args.frames
        self.seeds: int = args.seeds or _SEEDS_MIN
        self.runners = [Runner(sys.executable, seed) for seed in (*_HASH_SEEDS, secrets.randbits(32))]
        self.runners += [Runner(python, _HASH_SEEDS[0]) for python in args.python]
        self._choose = args.seeds is None

    def findings(self) -> Iterator[_Finding]:
        """All problems; a check that makes no sense after an earlier problem is skipped."""
        rules = self.target.rules
        yield from (_Finding("lint", what(f), rules.name, f.line, why(f)) for f in lint_rules(rules))
        game = _load(self.target)
        if isinstance(game, _Finding):
            yield game
            return
        if self._choose:
            self.seeds = max(_SEEDS_MIN, game.max_players - game.min_players + 1)
        yield from (_Finding("conformance", f"{p.check}: {problem_sentence(p)}") for p in conformance(game))
        for seed in range(self.seeds):
            failure = _sync(game, self.target, seed, self.frames)
            if failure is not None:
                yield failure
                return
        yield from self._processes(game)

    def _processes(self, game: AnyGame) -> Iterator[_Finding]:
        package, paths = self.target.package, self.target.paths
        try:
            for mismatch in compare(game, package, paths, self.runners, frames=self.frames, seeds=self.seeds):
                text = sentence("processes_differ", mismatch.params)
                yield _Finding("processes", _with(text, mismatch.difference))
        except ProcessError as error:
            yield _Finding("processes", sentence(error))


def _load(target: _Target) -> AnyGame | _Finding:
    """Load the game; returns a finding if that fails."""
    try:
        module = importlib.import_module(f"{target.package}.rules")
        if Path(str(module.__file__)).resolve() != target.rules.resolve():
            raise UsageError("name_of_other_package", package=target.package, file=str(module.__file__))
        return Plugin(target.package).game
    except UsageError:
        raise
    except Exception as error:  # a stranger's module may raise anything while it is imported
        return _raised("import", error, target)


def _sync(game: AnyGame, target: _Target, seed: int, frames: int) -> _Finding | None:
    try:
        sync_test(game, seed).run(frames=frames)
    except NotDeterministicError as error:
        text = gettext("seed {seed}, {problem}", seed=seed, problem=sentence(error))
        return _Finding("sync test", _with(text, error.difference))
    except Exception as error:  # the game is what is tested: whatever it raises is a finding
        return _raised("sync test", error, target)
    return None


def _raised(check: str, error: Exception, target: _Target) -> _Finding:
    """An exception, at the innermost line of the rules that it came through."""
    lines = [
        frame.lineno or 0
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).name == target.rules.name and Path(frame.filename).samefile(target.rules)
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno or 0]
    text = sentence(error) if isinstance(error, P2PGameError) else f"{type(error).__name__}: {error}"
    return _Finding(check, text, target.rules.name if lines else "", lines[-1] if lines else 0)


def _resolve(text: str) -> _Target:
    """Resolve GAME: an installed game, a folder, or a dotted module. Raises `UsageError`."""
    registry = installed()
    plugin = registry.get(text)
    if plugin is not None:
        return _module(plugin.package)
    path = Path(text)
    if path.name == "rules.py":
        path = path.parent
    if (path / "rules.py").is_file():
        return _folder(path.resolve())
    if path.exists():
        raise UsageError("no_rules_file", path=text)
    if all(part.isidentifier() for part in text.split(".")):
        try:
            return _module(text)
        except (ImportError, ValueError):
            pass
    raise UsageError("unknown_game_or_folder", name=text, known=known_games(registry))


def _module(package: str) -> _Target:
    spec = importlib.util.find_spec(f"{package}.rules")
    if spec is None or spec.origin is None:
        raise ImportError(package)
    rules = Path(spec.origin).resolve()
    return _Target(package, rules, (str(rules.parents[len(package.split("."))]),))


def _folder(folder: Path) -> _Target:
    """The package in `folder`; it becomes importable from where its outermost package lies."""
    root, names = folder.parent, [folder.name]
    while (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
        importlib.invalidate_caches()
    return _Target(".".join(names), folder / "rules.py", (str(root),))


def _with(text: str, difference: Difference | None) -> str:
    return text if difference is None else f"{text}: {difference}"


def _show(printer: Printer, finding: _Finding) -> None:
    if printer.json:
        place = {"file": finding.file, "line": finding.line} if finding.file else {}
        text = {"check": finding.check, **place, "what": finding.what, "why": finding.why}
        printer.object({"t": time.time(), "event": "finding", **text})
        return
    place_text = f"{finding.file}:{finding.line}: " if finding.file else f"{finding.check}: "
    printer.line(f"{place_text}{finding.what}{f': {finding.why}' if finding.why else ''}")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(gettext("at least 1"))
    return value
