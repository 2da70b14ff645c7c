"""`p2pgame replay`: the files of matches. Is one good, what is in it, and where do two begin to differ?

Only reads, joins and prints; what is found is found by `p2pgame.replay`. Knows nothing of where matches are recorded.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from p2pgame.cli.common import count
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer
from p2pgame.core.game import AnyGame
from p2pgame.core.ids import tag_of
from p2pgame.core.registry import Plugin, installed
from p2pgame.i18n.replay_errors import replay_text
from p2pgame.replay.codec import FILE_MAX
from p2pgame.replay.compare import Comparison, compare, reports
from p2pgame.replay.errors import Problem, ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.verify import verify
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.names import safe_name, safe_text

__all__ = ["add_arguments", "run"]

T = TypeVar("T")
_NOTES_SHOWN: Final = 100
"""Of each kind."""
_NOTES: Final = {
    "connection": "paused: connection",
    "restarted": "paused: restarted",
    "desync": "paused: desync",
    "running": "resumed",
    "resign": "resigned",
}
"""Codes of notes, in words."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("verify", "show", "diff"),
        help="verify: play it again, and say whether it is whole, deterministic and signed; show: print it; "
        "diff: find where two files begin to differ, or say what one desync report holds",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--at", type=count, metavar="FRAME", help="show: the state after so many frames, not the last"
    )
    parser.epilog = (
        "exit codes: 0 all is well, for diff: no difference; 1 diff found one; "
        "7 a file cannot be read, or does not verify"
    )


def run(args: argparse.Namespace) -> int:
    paths: list[Path] = args.files
    if args.at is not None and args.what != "show":
        raise UsageError("--at goes with show")
    if args.what == "diff" and len(paths) > 2:
        raise UsageError("diff compares two files, or reads one desync report")
    printer = Printer(json=args.json)
    if args.what == "diff":
        return _diff(printer, paths)
    one = _verify if args.what == "verify" else partial(_show, at=args.at)
    codes = [_guarded(printer, path, partial(_looked_at, printer, path, one)) for path in paths]
    return max(Exit.BAD_FILE if code is None else code for code in codes)


def _guarded(printer: Printer, path: Path, call: Callable[[], T]) -> T | None:
    """What `call` returns; None after one line if the file is of no use, so that those after it are looked at."""
    try:
        return call()
    except ReplayError as error:
        message = replay_text(error.code, error.params)
        _tell(
            printer, "error", path, code="bad_file", reason=error.code, params=error.params, message=message
        )
        printer.line(f"{path}: {message}")
        return None


def _looked_at(printer: Printer, path: Path, look: Callable[[Printer, Path, Replay], Exit]) -> Exit:
    return look(printer, path, _read(path))


def _read(path: Path) -> Replay:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX + 1)
    except OSError as error:
        raise ReplayError("unreadable", reason=error.strerror or str(error)) from None
    return read(data)


def _plugin(replay: Replay) -> Plugin:
    plugin = installed().get(replay.header.game)
    if plugin is None:
        raise ReplayError("game_not_installed", game=replay.header.game)
    return plugin


def _tell(printer: Printer, event: str, path: Path, **fields: Any) -> None:
    if printer.json:
        printer.object({"t": time.time(), "event": event, "file": str(path), **fields})


# --- verify


def _verify(printer: Printer, path: Path, replay: Replay) -> Exit:
    plugin = _plugin(replay)
    verdict = verify(replay, plugin.game, plugin.digest)
    found = msgspec.to_builtins(verdict)
    found["problems"] = [_facts_of(replay, problem) for problem in verdict.problems]
    _tell(printer, "replay_verified", path, ok=verdict.ok, **found, **_facts(replay))
    if not verdict.ok:
        printer.line(f"{path}: not good")
        for problem in verdict.problems:
            printer.line(f"  {_text(replay, problem)}")
        return Exit.BAD_FILE
    signers = " and ".join(_name(replay, player) for player in verdict.signed_by)
    printer.line(f"{path}: good. Whole, all {replay.frames} frames come out as recorded, signed by {signers}")
    note = "; that was decided, the rules know nothing of it" if verdict.decided else ""
    printer.line(f"  {_ending(replay)}{note}")
    return Exit.DONE


# --- show


def _show(printer: Printer, path: Path, replay: Replay, *, at: int | None) -> Exit:
    if at is not None and at > replay.frames:
        raise ReplayError("no_such_frame", frame=at, frames=replay.frames)
    plugin = _plugin(replay) if at is not None else installed().get(replay.header.game)
    if at is None:
        _print_header(printer, path, replay)
    if plugin is None:
        _tell(printer, "replay_shown", path, **_facts(replay))
        printer.line(f"  {replay.header.game} is not installed here, so what was played cannot be shown")
        return Exit.DONE
    playback = Playback(replay, plugin.game)
    frame = replay.frames if at is None else at
    state = playback.state(frame)
    text = _visible(playback.rules.render(frame, state))
    moves = _moves(playback) if at is None and not plugin.game.tick_rate else []
    _tell(
        printer,
        "replay_shown",
        path,
        **_facts(replay),
        config=msgspec.to_builtins(playback.config),
        moves=[{"frame": number, "player": player, "move": move} for number, player, move in moves],
        at=frame,
        state=msgspec.to_builtins(state),
        text=text,
    )
    if at is None:
        _print_figures(printer, playback)
    for number, player, move in moves:
        printer.line(f"  {number:4d}. {_name(replay, player)}: {move}")
    if at is not None or not plugin.game.tick_rate:
        printer.line(text)
    return Exit.DONE


def _moves(playback: Playback) -> list[tuple[int, int, str]]:
    """``(number, player, move in the game's notation)``."""
    return [
        (frame + 1, player, playback.rules.describe(frame, state, move))
        for frame, state in playback.states()
        if frame < playback.frames
        for player, move in enumerate(playback.inputs(frame))
        if move is not None
    ]


def _print_header(printer: Printer, path: Path, replay: Replay) -> None:
    header = replay.header
    begun = ""
    if header.started:
        begun = f", begun {datetime.fromtimestamp(header.started, UTC):%Y-%m-%d %H:%M:%S} UTC"
    players = ", ".join(
        f"{_name(replay, index)} ({tag_of(player)}{', host' if player == header.host else ''})"
        for index, player in enumerate(header.players)
    )
    system = safe_text(header.platform, TEXT_MAX) or "a system without a name"
    printer.line(f"{path}: {header.game}, match {header.match}{begun}")
    printer.line(f"  {players}; recorded by {_name(replay, header.me)}")
    printer.line(f"  p2pgame {safe_text(header.version, TEXT_MAX)} on {system}, rules {header.digest}")
    printer.line(f"  seed {header.seed}; {replay.frames} frames; {_ending(replay)}")
    if replay.damage is not None:
        damage = _text(replay, replay.damage)
        printer.line(f"  from byte {replay.whole} on it cannot be read: {damage}")
    for note in replay.notes[:_NOTES_SHOWN]:
        printer.line(f"  frame {note.frame}: {_NOTES.get(note.what, note.what.replace('_', ' '))}")
    for frame, repaired in list(replay.repaired.items())[:_NOTES_SHOWN]:
        printer.line(f"  frame {frame}: went on from another state ({repaired.reason.replace('_', ' ')})")
    for desync in replay.desyncs[:_NOTES_SHOWN]:
        printer.line(f"  frame {desync.frame}: the two sides differed (`p2pgame replay diff` names where)")


def _print_figures(printer: Printer, playback: Playback) -> None:
    game, inputs = playback.game, playback.replay.inputs
    settings = msgspec.to_builtins(playback.config)
    chosen = "".join(f", {key.replace('_', ' ')} {value}" for key, value in settings.items())
    printer.line(f"  {game.title}{safe_text(chosen, TEXT_MAX)}")
    if not game.tick_rate:
        return
    changes = [0] * playback.rules.setup.players
    for before, now in pairwise(inputs):
        if now is not before:
            for player, move in enumerate(now):
                changes[player] += move != before[player]
    told = ", ".join(f"{_name(playback.replay, player)} {times}" for player, times in enumerate(changes))
    seconds = playback.frames / game.tick_rate
    printer.line(f"  {seconds:.1f} s at {game.tick_rate} frames a second; changes of input: {told}")


# --- diff


def _diff(printer: Printer, paths: list[Path]) -> Exit:
    replays = [_guarded(printer, path, partial(_read, path)) for path in paths]
    files = [(path, replay) for path, replay in zip(paths, replays, strict=True) if replay is not None]
    if len(files) < len(paths):
        return Exit.BAD_FILE
    call = _report if len(files) == 1 else _compare
    code = _guarded(printer, paths[0], partial(call, printer, files))
    return Exit.BAD_FILE if code is None else code


def _report(printer: Printer, files: list[tuple[Path, Replay]]) -> Exit:
    (path, replay), *_ = files
    if not replay.desyncs:
        raise UsageError(f"{path} is no desync report: name a second file to compare it with")
    header = replay.header
    names = [_name(replay, header.me), "the other side"]
    for found in reports(replay, _game(replay)):
        _tell(printer, "replay_desync", path, **msgspec.to_builtins(found), **_facts(replay))
        printer.line(f"{path}: {header.game}, match {header.match}: frame {found.frame} differs")
        for side in (0, 1):
            again = "the same state" if found.reproduced[side] else "another state: it was wrong"
            system = f"p2pgame {safe_text(found.versions[side], TEXT_MAX)}"
            system += f" on {safe_text(found.platforms[side], TEXT_MAX)}"
            printer.line(f"  {names[side]}: {system}; playing that frame again gave {again}")
        for difference in found.differences:
            printer.line(f"  {difference}")
    return Exit.FAILED


def _compare(printer: Printer, files: list[tuple[Path, Replay]]) -> Exit:
    (path, a), (other, b) = files
    found = compare(a, b, _game(a))
    same = found.kind == "same"
    fields = msgspec.to_builtins(found)
    _tell(printer, "replay_compared", path, other=str(other), same=same, **fields)
    printer.line(_in_words(found, files))
    for difference in found.differences:
        printer.line(f"  {difference}")
    return Exit.DONE if same else Exit.FAILED


def _in_words(found: Comparison, files: list[tuple[Path, Replay]]) -> str:
    (path, a), (other, b) = files
    match found.kind:
        case "same":
            return f"no difference in {found.frame} frames"
        case "match":
            return "these are two different matches"
        case "length":
            longer = path if (a.frames, a.end is not None) > (b.frames, b.end is not None) else other
            return f"no difference in {found.frame} frames; {longer} goes on"
        case "end":
            return f"no difference in {found.frame} frames, but they end differently"
        case "inputs":
            who = " and ".join(_name(a, player) for player in found.players)
            return f"in frame {found.frame} other inputs are recorded of {who}; all before is equal"
    text = f"after frame {found.frame} the states differ, though all inputs up to there are equal"
    if found.by_the_rules is not None:
        right = [str(name) for (name, _), good in zip(files, found.by_the_rules, strict=True) if good]
        text += f"; {right[0] if right else 'neither file'} has there what the rules give"
    if not found.differences:
        return f"{text}. The files hold no states that tell where"
    return f"{text}. States of frame {found.seen_at}:" if found.seen_at != found.frame else f"{text}:"


# --- words


def _game(replay: Replay) -> AnyGame | None:
    plugin = installed().get(replay.header.game)
    return None if plugin is None else plugin.game


def _facts(replay: Replay) -> dict[str, Any]:
    """What a file says of itself, for programs."""
    header, end = replay.header, replay.end
    return {
        "match": header.match,
        "game": header.game,
        "version": header.version,
        "platform": header.platform,
        "digest": header.digest,
        "seed": header.seed,
        "frame_limit": header.frame_limit,
        "players": header.players,
        "names": [_name(replay, player) for player in range(len(header.players))],
        "host": header.host,
        "me": header.me,
        "started": header.started,
        "frames": replay.frames,
        "outcome": None if end is None else msgspec.to_builtins(end.outcome),
        "agreed": end is not None and end.agreed,
        "hash": None if end is None else end.hash.hex(),
        "chain": None if replay.chain is None else replay.chain.hex(),
        "decisions": [msgspec.to_builtins(decision) for decision in replay.decisions.decisions],
        "repaired": list(replay.repaired),
        "desyncs": [desync.frame for desync in replay.desyncs],
        "damage": None if replay.damage is None else _facts_of(replay, replay.damage),
    }


def _ending(replay: Replay) -> str:
    """``Ann wins (five in a row)``."""
    end = replay.end
    if end is None:
        return "not ended"
    winners = " and ".join(_name(replay, winner) for winner in end.outcome.winners)
    alone = "" if end.agreed else ", ended by one side alone"
    reason = safe_text(end.outcome.reason, TEXT_MAX)
    return f"{f'{winners} wins' if winners else 'no winner'} ({reason}){alone}"


def _text(replay: Replay, problem: Problem) -> str:
    names = [_name(replay, player) for player in range(len(replay.header.players))]
    return replay_text(problem.code, problem.params, names)


def _facts_of(replay: Replay, problem: Problem) -> dict[str, Any]:
    """A problem, for programs."""
    return {"code": problem.code, "params": problem.params, "message": _text(replay, problem)}


def _name(replay: Replay, player: int) -> str:
    return safe_name(replay.header.names[player], f"player {player + 1}")


def _visible(text: str) -> str:
    """A drawing of several lines, without what would move the cursor of a terminal."""
    return "".join(character for character in text if character == "\n" or character.isprintable())
