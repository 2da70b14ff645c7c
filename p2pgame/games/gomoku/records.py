"""Records of Gomoku: which formats there are, and who reads and writes each."""

from collections.abc import Callable
from typing import Final

from p2pgame.core.game import Setup
from p2pgame.core.records import Record, RecordError
from p2pgame.games.gomoku.files import psq, renlib, sgf
from p2pgame.games.gomoku.files.draft import played_by
from p2pgame.games.gomoku.rules import GAME, State

__all__ = ["Records"]

_READERS: Final[dict[str, Callable[[bytes], Record]]] = {
    "sgf": sgf.read,
    "psq": psq.read,
    "lib": renlib.read,
}


def _last(record: Record) -> State:
    """The state at the end of the main line."""
    state: State = record.start or GAME.initial(Setup(2, 0, record.config))
    for node in record.root.main_line():
        state = played_by(state, node.move)
    return state


def _text(record: Record) -> bytes:
    """The last position as text, and the moves below it."""
    state: State = record.start or GAME.initial(Setup(2, 0, record.config))
    moves = []
    for node in record.root.main_line():
        moves.append(GAME.describe(state, node.move))
        state = played_by(state, node.move)
    return f"{GAME.render(state)}\n{' '.join(moves)}\n".encode()


def _picture(record: Record) -> bytes:
    """The last position as PNG. Imports pygame."""
    from p2pgame.games.gomoku.drawing import png

    return png(_last(record))


_WRITERS: Final[dict[str, Callable[[Record], bytes]]] = {
    "sgf": sgf.write,
    "psq": psq.write,
    "txt": _text,
    "png": _picture,
}


class Records:
    """SGF, PSQ and RenLib; the last position as text and as a picture."""

    reads = tuple(_READERS)
    writes = tuple(_WRITERS)

    def read(self, data: bytes, form: str) -> Record:
        """Raises `RecordError`."""
        if form not in _READERS:
            raise RecordError("foreign_format", form=form)
        return _READERS[form](data)

    def write(self, record: Record, form: str) -> bytes:
        """Raises `RecordError`."""
        if form not in _WRITERS:
            raise RecordError("foreign_format", form=form)
        return _WRITERS[form](record)
