"""`p2pgame replay`: verifies, shows and compares the files of matches.

Only reads and prints; `p2pgame.replay` does the work. Does not know where matches are recorded.
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
from p2pgame.cli.output import Printer, escaped, joined
from p2pgame.cli.records import export, form_of, in_json, reader_of, show_record
from p2pgame.core.game import AnyGame
from p2pgame.core.ids import long_tag_of
from p2pgame.core.records import RecordError
from p2pgame.core.registry import Plugin, installed
from p2pgame.i18n.catalogue import enumerated, gettext, gettext_noop, ngettext
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.games import game_title, options, outcome_reason
from p2pgame.replay.codec import FILE_MAX
from p2pgame.replay.compare import Comparison, compare, reports
from p2pgame.replay.errors import Problem, ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.verify import Verdict, verify
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.names import safe_name, safe_text

__all__ = ["add_arguments", "run"]

T = TypeVar("T")
_NOTES_SHOWN: Final = 100
"""Of each kind."""
_NOTES: Final = {
    "adjourn": gettext_noop("asked to adjourn"),
    "adjourned": gettext_noop("adjourned, and waiting for the other side to go on"),
    "closed": gettext_noop("paused: the other side closed its program"),
    "connection": gettext_noop("paused: the other side is not heard"),
    "desync": gettext_noop("paused: the states differ"),
    "draw": gettext_noop("offered a draw"),
    "resign": gettext_noop("resigned"),
    "restarted": gettext_noop("paused: the program was started again"),
    "running": gettext_noop("continued"),
}
"""What the match did or waited for, by the code in the file."""
_REPAIRS: Final = {
    "cut": gettext_noop("frame {frame}: a decision ended the match here, and later frames were taken back"),
    "desync": gettext_noop("frame {frame}: continued from another state (desync)"),
}
"""Why the match continued from another state."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("verify", "show", "diff", "export"),
        help=gettext(
            "verify: play it again, and say whether it is whole, deterministic and signed; show: print it, or a file "
            "of another program; diff: find where two files begin to differ, or say what one desync report holds; "
            "export: write it in the format of another program"
        ),
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--at",
        type=count,
        metavar="FRAME",
        help=gettext("show: the state after so many frames, not the last"),
    )
    parser.add_argument(
        "--format",
        dest="form",
        metavar="FORMAT",
        help=gettext("export: sgf, psq, txt (the last position) or png (a picture of it)"),
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help=gettext("export: the new file; default: the name of the old one, here, with another ending"),
    )
    parser.epilog = gettext(
        "exit codes: 0 all is well, for diff: no difference; 1 diff found one; "
        "7 a file cannot be read, or does not verify"
    )


def run(args: argparse.Namespace) -> int:
    paths: list[Path] = args.files
    if args.at is not None and args.what != "show":
        raise UsageError("only_with_show")
    if args.what == "diff" and len(paths) > 2:
        raise UsageError("too_many_files")
    if (args.form or args.to) and args.what != "export":
        raise UsageError("only_with_export")
    if args.to is not None and len(paths) > 1:
        raise UsageError("one_file_to_export")
    printer = Printer(json=args.json)
    if args.what == "diff":
        return _diff(printer, paths)
    form = (args.form or (form_of(args.to) if args.to else "") or "sgf").lower()
    looks: dict[str, Callable[[Printer, Path, Replay], Exit]] = {
        "verify": _verify,
        "show": partial(_show, at=args.at),
        "export": partial(_export, form=form, to=args.to),
    }
    codes = []
    for path in paths:
        plugin = None if args.what == "verify" else reader_of(path)
        if plugin is None:
            call = partial(_read_and, printer, path, looks[args.what])
        elif args.what == "show":
            call = partial(show_record, printer, path, plugin, args.at)
        else:
            call = partial(export, printer, path, None, plugin, form, args.to)
        codes.append(_guarded(printer, path, call))
    return max(Exit.BAD_FILE if code is None else code for code in codes)


def _guarded(printer: Printer, path: Path, call: Callable[[], T]) -> T | None:
    """What `call` returns; None after one line if the file is of no use, so that those after it are looked at."""
    try:
        return call()
    except (ReplayError, RecordError) as error:
        message = sentence(error)
        _emit(
            printer, "error", path, code="bad_file", reason=error.code, params=error.params, message=message
        )
        printer.line(f"{_shown(path)}: {message}")
        return None


def _read_and(printer: Printer, path: Path, look: Callable[[Printer, Path, Replay], Exit]) -> Exit:
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


def _emit(printer: Printer, event: str, path: Path, **fields: Any) -> None:
    if printer.json:
        printer.object({"t": time.time(), "event": event, "file": in_json(path), **fields})


def _export(printer: Printer, path: Path, replay: Replay, *, form: str, to: Path | None) -> Exit:
    return export(printer, path, replay, _plugin(replay), form, to)


# --- verify


def _verify(printer: Printer, path: Path, replay: Replay) -> Exit:
    plugin = _plugin(replay)
    verdict = verify(replay, plugin.game, plugin.digest)
    found = msgspec.to_builtins(verdict)
    found["problems"] = [_problem(replay, problem) for problem in verdict.problems]
    _emit(printer, "replay_verified", path, ok=verdict.ok, **found, **_facts(replay))
    _show_disputes(printer, replay, verdict)
    if not verdict.ok:
        printer.line(gettext("{path}: not good", path=_shown(path)))
        for problem in verdict.problems:
            printer.line(f"  {_text(replay, problem)}")
        return Exit.BAD_FILE
    if verdict.adjourned:
        printer.line(
            ngettext(
                "{path}: good so far. Adjourned by agreement, the {n} frame comes out as recorded; not signed yet",
                "{path}: good so far. Adjourned by agreement, all {n} frames come out as recorded; not signed yet",
                replay.frames,
                path=_shown(path),
            )
        )
        return Exit.DONE
    printer.line(
        ngettext(
            "{path}: good. Whole, the {n} frame comes out as recorded, signed by {signers}",
            "{path}: good. Whole, all {n} frames come out as recorded, signed by {signers}",
            replay.frames,
            path=_shown(path),
            signers=joined([_name(replay, player) for player in verdict.signed_by]),
        )
    )
    note = gettext("decided by the players, not by the rules") if verdict.decided else ""
    printer.line(f"  {_ending(replay, plugin)}{note and '; '}{note}")
    for player in verdict.false_openings:
        name = _name(replay, player)
        printer.line(gettext("  {name} opened another input than it had committed to", name=name))
    return Exit.DONE


def _show_disputes(printer: Printer, replay: Replay, verdict: Verdict) -> None:
    """Whose state was right where the two sides could not agree, and what the file takes from the other side."""
    me = replay.header.me
    them = next((player for player in range(len(replay.header.players)) if player != me), me)
    if verdict.told:
        printer.line(
            ngettext(
                "  {n} frame is as {name} told it after a restart",
                "  {n} frames are as {name} told them after a restart",
                verdict.told,
                name=_name(replay, them),
            )
        )
    for dispute in verdict.disputes:
        if dispute.follows == "neither":
            printer.line(
                gettext("  frame {frame}: disputed; the rules give neither state", frame=dispute.frame)
            )
        else:
            name = _name(replay, me if dispute.follows == "ours" else them)
            printer.line(
                gettext(
                    "  frame {frame}: disputed; the rules give the state of {name}",
                    frame=dispute.frame,
                    name=name,
                )
            )


# --- show


def _show(printer: Printer, path: Path, replay: Replay, *, at: int | None) -> Exit:
    if at is not None and at > replay.frames:
        raise ReplayError("no_such_frame", frame=at, frames=replay.frames)
    plugin = _plugin(replay) if at is not None else installed().get(replay.header.game)
    if at is None:
        _print_header(printer, path, replay, plugin)
    if plugin is None:
        _emit(printer, "replay_shown", path, **_facts(replay))
        printer.line(
            gettext("  {game} is not installed here, so the match cannot be shown", game=replay.header.game)
        )
        return Exit.DONE
    playback = Playback(replay, plugin.game)
    frame = replay.frames if at is None else at
    state = playback.state(frame)
    text = _visible(playback.rules.render(frame, state))
    moves = _moves(playback) if at is None and not plugin.game.tick_rate else []
    _emit(
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
        _print_figures(printer, playback, plugin)
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


def _print_header(printer: Printer, path: Path, replay: Replay, plugin: Plugin | None) -> None:
    header = replay.header
    lines = [
        gettext("{path}: {game}, match {match}", path=_shown(path), game=header.game, match=header.match)
    ]
    if header.started:
        began = f"{datetime.fromtimestamp(header.started, UTC):%Y-%m-%d %H:%M:%S} UTC"
        lines[0] += gettext(", begun {time}", time=began)
    lines.append(
        gettext("{players}; recorded by {name}", players=_players(replay), name=_name(replay, header.me))
    )
    lines.append(
        gettext(
            "p2pgame {version} on {system}, rules {digest}",
            version=safe_text(header.version, TEXT_MAX),
            system=safe_text(header.platform, TEXT_MAX) or gettext("a system without a name"),
            digest=header.digest,
        )
    )
    lines.append(
        ngettext(
            "seed {seed}; {n} frame; {end}",
            "seed {seed}; {n} frames; {end}",
            replay.frames,
            seed=header.seed,
            end=_ending(replay, plugin),
        )
    )
    if replay.end is not None and replay.end.late_ms:
        names = [_name(replay, player) for player in range(len(header.players))]
        late = [
            gettext("{name} {n} ms", name=name, n=n)
            for name, n in zip(names, replay.end.late_ms, strict=False)
        ]
        lines.append(gettext("inputs late on average: {late}", late=enumerated(late)))
    if replay.damage is not None:
        reason = _text(replay, replay.damage)
        lines.append(
            gettext("from byte {byte} on it cannot be read: {reason}", byte=replay.whole, reason=reason)
        )
    lines += [
        gettext("frame {frame}: {note}", frame=note.frame, note=_note(note.what))
        for note in replay.notes[:_NOTES_SHOWN]
    ]
    lines += [
        gettext(_REPAIRS.get(repaired.reason, _REPAIRS["desync"]), frame=frame)
        for frame, repaired in list(replay.repaired.items())[:_NOTES_SHOWN]
    ]
    lines += [
        gettext(
            "frame {frame}: the two sides differed (`p2pgame replay diff` names where)", frame=desync.frame
        )
        for desync in replay.desyncs[:_NOTES_SHOWN]
    ]
    for line in [lines[0], *(f"  {line}" for line in lines[1:])]:
        printer.line(line)


def _players(replay: Replay) -> str:
    """``Ann (7F3K-QX2A, host), Ben (ML5T-3RRC)``."""
    header = replay.header
    parts = []
    for index, player in enumerate(header.players):
        values = {"name": _name(replay, index), "tag": long_tag_of(player)}
        host = player == header.host
        parts.append(
            gettext("{name} ({tag}, host)", **values) if host else gettext("{name} ({tag})", **values)
        )
    return enumerated(parts)


def _note(what: str) -> str:
    """What the match did or waited for, from the code that the file has."""
    known = _NOTES.get(what)
    return gettext(known) if known is not None else safe_text(what, TEXT_MAX).replace("_", " ")


def _print_figures(printer: Printer, playback: Playback, plugin: Plugin) -> None:
    game, inputs = playback.game, playback.replay.inputs
    chosen = options(plugin.package, playback.config)
    printer.line(f"  {game_title(game.name)}{chosen and ', '}{safe_text(chosen, TEXT_MAX)}")
    if not game.tick_rate:
        return
    changes = [0] * playback.rules.setup.players
    for before, now in pairwise(inputs):
        if now is not before:
            for player, move in enumerate(now):
                changes[player] += move != before[player]
    counts = enumerated(f"{_name(playback.replay, player)} {times}" for player, times in enumerate(changes))
    printer.line(
        gettext(
            "  {seconds} s at {rate} frames a second; changes of input: {counts}",
            seconds=f"{playback.frames / game.tick_rate:.1f}",
            rate=game.tick_rate,
            counts=counts,
        )
    )


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
        raise UsageError("not_a_desync_report", path=_shown(path))
    header = replay.header
    names = [_name(replay, header.me), gettext("the other side")]
    for found in reports(replay, _game(replay)):
        _emit(printer, "replay_desync", path, **msgspec.to_builtins(found), **_facts(replay))
        printer.line(
            gettext(
                "{path}: {game}, match {match}: frame {frame} differs",
                path=_shown(path),
                game=header.game,
                match=header.match,
                frame=found.frame,
            )
        )
        for side in (0, 1):
            facts = {
                "name": names[side],
                "version": safe_text(found.versions[side], TEXT_MAX),
                "system": safe_text(found.platforms[side], TEXT_MAX),
            }
            if found.reproduced[side]:
                line = gettext(
                    "  {name}: p2pgame {version} on {system}; playing that frame again gave the same state",
                    **facts,
                )
            else:
                line = gettext(
                    "  {name}: p2pgame {version} on {system}; "
                    "playing that frame again gave another state: it was wrong",
                    **facts,
                )
            printer.line(line)
        for difference in found.differences:
            printer.line(f"  {difference}")
    return Exit.FAILED


def _compare(printer: Printer, files: list[tuple[Path, Replay]]) -> Exit:
    (path, a), (other, b) = files
    found = compare(a, b, _game(a))
    same = found.kind == "same"
    fields = msgspec.to_builtins(found)
    _emit(printer, "replay_compared", path, other=in_json(other), same=same, **fields)
    printer.line(_in_words(found, files))
    for difference in found.differences:
        printer.line(f"  {difference}")
    return Exit.DONE if same else Exit.FAILED


def _in_words(found: Comparison, files: list[tuple[Path, Replay]]) -> str:
    (path, a), (other, b) = files
    match found.kind:
        case "same":
            return ngettext("no difference in {n} frame", "no difference in {n} frames", found.frame)
        case "match":
            return gettext("these are two different matches")
        case "length":
            longer = path if (a.frames, a.end is not None) > (b.frames, b.end is not None) else other
            return ngettext(
                "no difference in {n} frame; {path} continues",
                "no difference in {n} frames; {path} continues",
                found.frame,
                path=_shown(longer),
            )
        case "end":
            return ngettext(
                "no difference in {n} frame, but they end differently",
                "no difference in {n} frames, but they end differently",
                found.frame,
            )
        case "inputs":
            return gettext(
                "in frame {frame} other inputs are recorded of {names}; everything before is equal",
                frame=found.frame,
                names=joined([_name(a, player) for player in found.players]),
            )
    text = gettext(
        "after frame {frame} the states differ, though all inputs up to there are equal", frame=found.frame
    )
    if found.by_the_rules is not None:
        right = [_shown(name) for (name, _), good in zip(files, found.by_the_rules, strict=True) if good]
        text += "; "
        text += (
            gettext("{path} has there what the rules give", path=right[0])
            if right
            else gettext("neither file has there what the rules give")
        )
    if not found.differences:
        return f"{text}. {gettext('The files hold no states that tell where')}"
    if found.seen_at != found.frame:
        return f"{text}. {gettext('States of frame {frame}:', frame=found.seen_at)}"
    return f"{text}:"


# --- words


def _game(replay: Replay) -> AnyGame | None:
    plugin = installed().get(replay.header.game)
    return None if plugin is None else plugin.game


def _facts(replay: Replay) -> dict[str, Any]:
    """The facts in a file, for programs."""
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
        "damage": None if replay.damage is None else _problem(replay, replay.damage),
    }


def _ending(replay: Replay, plugin: Plugin | None) -> str:
    """``Ann wins (five in a row)``."""
    end = replay.end
    if end is None:
        return gettext("not ended")
    reason = outcome_reason(plugin.package if plugin else "", safe_text(end.outcome.reason, TEXT_MAX))
    if names := [_name(replay, winner) for winner in end.outcome.winners]:
        text = ngettext(
            "{names} wins ({reason})",
            "{names} win ({reason})",
            len(names),
            names=joined(names),
            reason=reason,
        )
    else:
        text = gettext("no winner ({reason})", reason=reason)
    return text if end.agreed else gettext("{end}, ended by one side alone", end=text)


def _text(replay: Replay, problem: Problem) -> str:
    names = [_name(replay, player) for player in range(len(replay.header.players))]
    return sentence(problem.code, problem.params, names=names)


def _problem(replay: Replay, problem: Problem) -> dict[str, Any]:
    """A problem, for programs."""
    return {"code": problem.code, "params": problem.params, "message": _text(replay, problem)}


def _shown(path: Path) -> str:
    """The name of a file, which may have come with it from a stranger."""
    return escaped(str(path))


def _name(replay: Replay, player: int) -> str:
    return safe_name(replay.header.names[player], gettext("player {number}", number=player + 1))


def _visible(text: str) -> str:
    """A drawing of several lines, without what would move the cursor of a terminal."""
    return "".join(character for character in text if character == "\n" or character.isprintable())
