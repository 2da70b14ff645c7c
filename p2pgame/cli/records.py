"""`p2pgame replay` on the files of other programs: shows them, and writes a match in their formats.

Which formats there are is the games' business (`p2pgame.core.records`).
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer, escaped
from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import AnyGame
from p2pgame.core.records import FILE_MAX, Node, Record, RecordError
from p2pgame.core.registry import Plugin, installed
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.games import game_title, options
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.foreign import first_state, record_of
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.storage.files import system_reason
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.names import safe_name, safe_text

__all__ = ["export", "form_of", "in_json", "read_record", "reader_of", "show_record"]

_COMMENT: Final = 200
"""Characters of a comment that are printed."""


def in_json(path: Path) -> str:
    """The name as it is; bytes that are no UTF-8 become ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def form_of(path: Path) -> str:
    """The format that the name of a file says: ``sgf``."""
    return path.suffix.removeprefix(".").lower()


def reader_of(path: Path) -> Plugin | None:
    """The game that reads such files; None if none of the installed does."""
    form = form_of(path)
    return next((p for p in installed() if form and p.has_records and form in p.records().reads), None)


def read_record(path: Path, plugin: Plugin) -> Record:
    """Raises `RecordError` and `ReplayError`."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX)
    except OSError as error:
        raise ReplayError("unreadable", reason=error.strerror or str(error)) from None
    return plugin.records().read(data, form_of(path))


def show_record(printer: Printer, path: Path, plugin: Plugin, at: int | None) -> Exit:
    """Print players, moves and the last position, or the one after `at` moves, and what could not be read."""
    record, game = read_record(path, plugin), plugin.game
    states, moves = _played(record, game)
    if at is not None and at >= len(states):
        raise ReplayError("no_such_frame", frame=at, frames=len(states) - 1)
    frame = len(states) - 1 if at is None else at
    names = [safe_name(name, "") for name in record.names]
    text = _visible(game.render(states[frame]))
    total = record.root.count()
    if printer.json:
        printer.object(
            {
                "t": time.time(),
                "event": "record_shown",
                "file": in_json(path),
                "game": game.name,
                "config": msgspec.to_builtins(record.config),
                "names": names,
                "date": record.date,
                "result": record.result,
                "moves": [
                    {"frame": number, "player": player, "move": move, "comment": node.comment}
                    for number, (player, move, node) in enumerate(moves, 1)
                ],
                "nodes": total,
                "at": frame,
                "text": text,
                "problems": [_problem(error) for error in record.problems],
            }
        )
    if at is None:
        _print_head(printer, path, plugin, record, names, len(moves), total)
        for number, (player, move, node) in enumerate(moves, 1):
            name = (names[player] if player < len(names) else "") or gettext(
                "player {number}", number=player + 1
            )
            comment = f"  {safe_text(node.comment, _COMMENT)}" if node.comment else ""
            printer.line(f"  {number:4d}. {name}: {move}{comment}")
    printer.line(text)
    for problem in record.problems:
        printer.line(f"  {sentence(problem)}")
    return Exit.DONE


def _print_head(
    printer: Printer, path: Path, plugin: Plugin, record: Record, names: list[str], moves: int, total: int
) -> None:
    chosen = options(plugin.package, record.config)
    title = f"{game_title(plugin.game.name)}{chosen and ', '}{safe_text(chosen, TEXT_MAX)}"
    printer.line(f"{escaped(str(path))}: {title}")
    facts = [" – ".join(name or "?" for name in names), record.date, record.result]
    if line := ", ".join(safe_text(fact, TEXT_MAX) for fact in facts if fact):
        printer.line(f"  {line}")
    count = ngettext("{n} move", "{n} moves", moves)
    more = total - moves
    if more:
        beside = ngettext("{n} more in variations", "{n} more in variations", more)
        count = f"{count}; {beside}"
    printer.line(f"  {count}")
    if record.root.comment:
        printer.line(f"  {safe_text(record.root.comment, _COMMENT)}")


def _played(record: Record, game: AnyGame) -> tuple[list[Any], list[tuple[int, str, Node]]]:
    """The states of the main line, and for each move who made it and how it is written."""
    states, moves = [first_state(record, game)], []
    for node in record.root.main_line():
        state = states[-1]
        asked = game.to_move(state) or (0,)
        moves.append((asked[0], game.describe(state, node.move), node))
        inputs = tuple(node.move if player in asked else None for player in range(game.min_players))
        states.append(game.advance(state, inputs))
    return states, moves


def _problem(error: P2PGameError) -> dict[str, Any]:
    return {"code": error.code, "params": error.params, "message": sentence(error)}


def export(
    printer: Printer, path: Path, replay: Replay | None, plugin: Plugin, form: str, to: Path | None
) -> Exit:
    """Write the match of `path` in another format; `replay` is None for a file of another program."""
    records = plugin.records()
    if form not in records.writes:
        raise UsageError("no_such_format", formats=", ".join(records.writes))
    record = read_record(path, plugin) if replay is None else _recorded(replay, plugin)
    data = records.write(record, form)
    target = to if to is not None else Path(f"{path.stem}.{form}")
    try:
        with target.open("xb") as file:
            try:
                file.write(data)
                file.flush()
            except OSError:  # the disk is full
                target.unlink()
                raise
    except FileExistsError:
        raise RecordError("file_exists", file=str(target)) from None
    except OSError as error:
        raise RecordError("not_written", file=str(target), reason=system_reason(error)) from None
    if printer.json:
        printer.object(
            {
                "t": time.time(),
                "event": "record_written",
                "file": in_json(path),
                "to": in_json(target),
                "form": form,
                "bytes": len(data),
                "problems": [_problem(error) for error in record.problems],
            }
        )
    printer.line(gettext("{path}: written as {target}", path=escaped(str(path)), target=escaped(str(target))))
    for problem in record.problems:
        printer.line(f"  {sentence(problem)}")
    return Exit.DONE


def _recorded(replay: Replay, plugin: Plugin) -> Record:
    header = replay.header
    names = [safe_name(name, "") for name in header.names]
    date = f"{datetime.fromtimestamp(header.started, UTC):%Y-%m-%d}" if header.started else ""
    return record_of(Playback(replay, plugin.game), names, date)


def _visible(text: str) -> str:
    return "".join(character for character in text if character == "\n" or character.isprintable())
