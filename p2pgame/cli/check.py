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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from p2pgame.cli.common import known_games
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer, escaped
from p2pgame.core.diff import Difference
from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import AnyGame, Game
from p2pgame.core.guard import GameError, Guard
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import enumerated, gettext, ngettext
from p2pgame.i18n.conformance import problem_sentence
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.lint import what, why
from p2pgame.testing import ConformanceProblem, NoInputError, NotDeterministicError, conformance, lint_rules
from p2pgame.testing.chain import sync_test
from p2pgame.testing.inputs import LineUp, combinations, line_ups
from p2pgame.testing.lint import field_line
from p2pgame.testing.processes import ProcessError, Runner, compare, probe

__all__ = ["add_arguments", "run"]

_HASH_SEEDS = (0, 1, 42)
_FRAMES = 600
_FRAMES_IN_ALL = 10_000
"""Frames of all seeds together, if neither is given: the more combinations, the fewer frames of each."""
_SEEDS_MIN = 4
_SEEDS_MAX = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="GAME",
        help=gettext("an installed game, the folder of a game, or a module with rules.py"),
    )
    parser.add_argument(
        "--frames",
        type=_positive,
        default=None,
        metavar="N",
        help=gettext("frames for each seed (default {default}, fewer for many seeds)", default=_FRAMES),
    )
    parser.add_argument(
        "--seeds",
        type=_positive,
        default=None,
        metavar="N",
        help=gettext(
            "seeds 0 .. N - 1 (default: one for each number of players and teams with each choice of options, "
            "{least} to {most})",
            least=_SEEDS_MIN,
            most=_SEEDS_MAX,
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
            frames=check.frames,
            processes=len(check.runners),
        )
        summary += gettext("; players: {line_ups}", line_ups=enumerated(check.line_ups))
        if check.seeds < check.combinations:
            summary += gettext(
                "; {seeds} of {n} combinations of players, teams and options",
                seeds=check.seeds,
                n=check.combinations,
            )
    printer.line(f"{escaped(args.target)}: {summary} ({time.monotonic() - began:.1f} s)")
    if args.json:
        result = {"event": "checked", "game": args.target, "ok": not found, "findings": found}
        played = {"seeds": check.seeds, "combinations": check.combinations, "frames": check.frames}
        printer.object({"t": time.time(), **result, **played, "line_ups": check.line_ups})
    return Exit.FAILED if found else Exit.DONE


class _Check:
    """All checks of one game."""

    def __init__(self, target: _Target, args: argparse.Namespace) -> None:
        self.target = target
        self.combinations = 0
        """Numbers of players and teams with each choice of options."""
        self.line_ups: list[str] = []
        """What is played: ``3`` players, ``2+2`` in teams."""
        self.seeds: int = args.seeds or _SEEDS_MIN
        self.frames: int = args.frames or _FRAMES
        self.runners = [Runner(sys.executable, seed) for seed in (*_HASH_SEEDS, secrets.randbits(32))]
        self.runners += [Runner(python, _HASH_SEEDS[0]) for python in args.python]
        self._given = (args.seeds, args.frames)
        self._guard = Guard(target.package)

    def findings(self) -> Iterator[_Finding]:
        """All problems, each once: what one check found is not said again by another."""
        seen: set[tuple[str, str, int]] = set()
        for finding in self._findings():
            fault = (finding.what, finding.file, finding.line)
            if fault not in seen:
                seen.add(fault)
                yield finding

    def _findings(self) -> Iterator[_Finding]:
        """Checks that make no sense after an earlier problem are left out."""
        rules = self.target.rules
        linted = lint_rules(rules, self.target.package)
        yield from (_Finding("lint", what(f), f.file, f.line, why(f)) for f in linted)
        if any(finding.what == "syntax_error" for finding in linted):
            return
        try:
            game = self._load()
            if not isinstance(game, Game):
                yield _Finding(
                    "import", gettext("GAME is not an object of a class derived from p2pgame.core.Game")
                )
                return
            for name in ("state_type", "input_type"):
                if not hasattr(game, name):
                    kind = type(game).__name__
                    yield _Finding(
                        "import",
                        gettext(
                            "{name} is missing: write the types behind Game, as in "
                            "`class {kind}(Game[State, Move, Config])`",
                            name=name,
                            kind=kind,
                        ),
                    )
                    return
            self._choose(game)
        except GameError as error:
            yield self._raised("import", error)
            return
        lines = {(finding.file, finding.line) for finding in linted}
        problems = conformance(game)
        for problem in problems:
            finding = self._problem(problem)
            if (
                problem.check != "types" or (finding.file, finding.line) not in lines
            ):  # the lint says more about that line
                yield finding
        from p2pgame.cli.check_parts import faults  # which imports pygame

        try:
            for where, fault in faults(self.target.package):
                yield self._raised("parts", fault, where)
        except P2PGameError as error:  # what is not even loaded: mostly said already
            if not problems:
                yield _Finding("parts", sentence(error))
        for seed in range(self.seeds):
            failure = self._sync(game, seed)
            if failure is not None:
                yield failure
                return
        yield from self._processes(game)

    def _load(self) -> object:
        """`GAME` as it is, unguarded. Raises `GameError`, and `UsageError` if another package has its name."""
        target = self.target
        game: object = self._guard.load("rules", "GAME")
        file = str(sys.modules[f"{target.package}.rules"].__file__)
        if Path(file).resolve() != target.rules.resolve():
            raise UsageError("name_of_other_package", package=target.package, file=file)
        return game

    def _choose(self, game: AnyGame) -> None:
        seeds, frames = self._given
        self.combinations = self._guard.call(combinations, game)
        self.seeds = seeds or min(max(_SEEDS_MIN, self.combinations), _SEEDS_MAX)
        self.frames = frames or min(_FRAMES, _FRAMES_IN_ALL // self.seeds)
        self.line_ups = [_label(line_up) for line_up in line_ups(game)[: self.seeds]]

    def _problem(self, problem: ConformanceProblem) -> _Finding:
        """A problem, at the line of the rules that it is about, if that is known."""
        text, file, line = problem_sentence(problem), "", 0
        if problem.code in ("no_legal_input", "no_legal_input_found"):
            return _Finding("inputs", text)
        if problem.code == "raised":
            file, line = _split(str(problem.params["place"]))
            text = str(problem.params["error"])
        elif problem.code in ("impure_type", "bad_default"):
            file, line = field_line(self.target.rules, self.target.package, str(problem.params["path"]))
        return _Finding("conformance", text if file else f"{problem.check}: {text}", file, line)

    def _sync(self, game: AnyGame, seed: int) -> _Finding | None:
        try:
            self._guard.call(
                lambda: sync_test(game, seed).run(frames=self.frames),
                may_raise=(NotDeterministicError, NoInputError),
            )
        except NotDeterministicError as error:
            text = gettext("seed {seed}, {problem}", seed=seed, problem=sentence(error))
            return _Finding("sync test", _with(text, error.difference))
        except NoInputError as error:
            return _Finding("inputs", sentence(error))
        except GameError as error:
            return self._raised("sync test", error)
        return None

    def _processes(self, game: AnyGame) -> Iterator[_Finding]:
        package, paths = self.target.package, self.target.paths
        told: set[str] = set()
        try:
            for mismatch in compare(game, package, paths, self.runners, frames=self.frames, seeds=self.seeds):
                python = mismatch.runners[1].python
                if python in told:  # another hash seed tells nothing new
                    continue
                told.add(python)
                text = sentence("processes_differ", mismatch.params)
                yield _Finding("processes", _with(text, mismatch.difference))
        except ProcessError as error:
            yield _Finding("processes", sentence(error))

    def _raised(self, check: str, error: GameError, where: str = "") -> _Finding:
        file, line = _split(str(error.params["place"]))
        text = str(error.params["error"])
        return _Finding(check, f"{text} ({where})" if where else text, file, line)


def _label(line_up: LineUp) -> str:
    """``3`` for three players, ``2+2`` for two teams of two."""
    players, teams = line_up
    return "+".join(str(teams.count(team)) for team in sorted(set(teams))) or str(players)


def _split(place: str) -> tuple[str, int]:
    """File and line of ``package/file.py:12``; nothing of a package alone."""
    path, _, line = place.rpartition(":")
    return (path.partition("/")[2], int(line)) if path else ("", 0)


def _resolve(text: str) -> _Target:
    """Resolve GAME: an installed game, a folder, or a dotted module. Raises `UsageError`."""
    registry = installed()
    plugin = registry.get(text)
    if plugin is not None:
        return _module(plugin.package)
    path = Path(text)
    if path.name == "rules.py":
        path = path.parent
    if _rules_in(path).is_file():
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
    find = importlib.util.find_spec  # which runs the packages around it
    spec = Guard(package).call(find, f"{package}.rules", may_raise=(ImportError, ValueError))
    if spec is None or spec.origin is None:
        raise ImportError(package)
    rules = Path(spec.origin).resolve()
    depth = len(package.split(".")) + (rules.name == "__init__.py")
    return _Target(package, rules, (str(rules.parents[depth]),))


def _rules_in(folder: Path) -> Path:
    """The rules of the game in `folder`, if it has any."""
    package = folder / "rules" / "__init__.py"
    return package if package.is_file() else folder / "rules.py"


def _folder(folder: Path) -> _Target:
    """The package in `folder`; it becomes importable from where its outermost package lies."""
    root, names = folder.parent, [folder.name]
    while (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
        importlib.invalidate_caches()
    return _Target(".".join(names), _rules_in(folder), (str(root),))


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
