"""Records as PSQ, the files of the Piskvork manager: a heading, and a stone a line as column, row and milliseconds.

Columns and rows count from 1, rows from the top. There are no comments, no variations, no passes and no choices.
"""

import re
from typing import Final

from p2pgame.core.game import Setup
from p2pgame.core.records import Record, RecordError
from p2pgame.games.gomoku.files.draft import Draft, Found, Given, clean, grow, played_by, size_of
from p2pgame.games.gomoku.rules import GAME, POINTS, Config, Move, State

__all__ = ["read", "write"]

_HEADING: Final = re.compile(r"\s*Piskvorky (\d{1,3})x(\d{1,3}), *-?\d{1,4}:-?\d{1,4}, *-?\d{1,4}\s*")
_STONE: Final = re.compile(r"\s*(\d{1,3}),(\d{1,3})(?:,\d{1,12})?\s*")
_END: Final = re.compile(r"-?\d{1,6}")
_LINES_MAX: Final = 2 * POINTS


def read(data: bytes) -> Record:
    """Raises `RecordError` if the heading is not one."""
    lines = data[: 64 * 1024].decode("utf-8", "replace").splitlines()
    heading = _HEADING.fullmatch(lines[0]) if lines else None
    if heading is None:
        raise RecordError("foreign_not_psq")
    if heading[1] != heading[2]:
        raise RecordError("foreign_board_size", size=int(heading[1]))
    size = size_of(int(heading[1]))
    root = draft = Draft()
    number = 1
    while number < len(lines) and number < _LINES_MAX and (stone := _STONE.fullmatch(lines[number])):
        x, y = int(stone[1]) - 1, int(stone[2]) - 1
        inside = 0 <= x < size and 0 <= y < size
        child = Draft()
        child.given = [Given(Move((size - 1 - y) * size + x if inside else size * size))]
        draft.children = [child]
        draft, number = child, number + 1
    rest = [clean(line)[:60] for line in lines[number : number + 3]]
    names = (
        [_player(line) for line in rest[:2]] if len(rest) > 2 and not _END.fullmatch(rest[0]) else ["", ""]
    )
    problems = []
    if not any(_END.fullmatch(line) for line in rest):
        problems.append(RecordError("foreign_cut", byte=len(data)))
    return grow(Found(root=root, size=size, names=(names[0], names[1]), problems=problems))


def _player(line: str) -> str:
    """A name, of a program without its folder."""
    return re.split(r"[\\/]", line)[-1]


def write(record: Record) -> bytes:
    """The main line. Raises `RecordError` for a beginning with stones, and for a pass."""
    config: Config = record.config
    if record.start is not None:
        raise RecordError("foreign_no_setup")
    state: State = GAME.initial(Setup(2, 0, config))
    size = config.size
    lines = [f"Piskvorky {size}x{size}, 0:0, 0"]
    for node in record.root.main_line():
        asked = state.asked
        if node.move == "pass":
            raise RecordError("foreign_no_pass")
        if isinstance(node.move, Move) and (asked is None or asked.act != "offer"):
            x, y = node.move.point % size, node.move.point // size
            lines.append(f"{x + 1},{size - y},0")
        state = played_by(state, node.move)
    names = record.names if len(record.names) == 2 else ("", "")
    by_colour = names if state.black == 0 else names[::-1]
    lines += [" ".join(name.split()) or f"player {number}" for number, name in enumerate(by_colour, 1)]
    return "\r\n".join([*lines, "0", ""]).encode()
