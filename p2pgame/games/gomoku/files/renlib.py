"""Libraries of RenLib (``.lib``), read only: a tree of stones on 15 x 15 with comments.

After a head of 20 bytes each node has two: the point, and bits. Nodes come in preorder; a node that is no leaf is
followed by its first child, and a node with a sibling by that sibling, once all below the node was told.
"""

from typing import Final

from p2pgame.core.records import NODES_MAX, Record, RecordError
from p2pgame.games.gomoku.files.draft import Draft, Found, Given, decoded, grow
from p2pgame.games.gomoku.rules import Move

__all__ = ["read"]

_HEAD: Final = b"\xffRenLib\xff"
_HEAD_SIZE: Final = 20
_SIZE: Final = 15
_SIBLING: Final = 0x80
_LEAF: Final = 0x40
_OLD_COMMENT: Final = 0x20
_COMMENT: Final = 0x08
_NO_MOVE: Final = 0x02
_EXTENDED: Final = 0x01
_BOARD_TEXT: Final = 0x01
"""In the second byte of an extension."""


def read(data: bytes) -> Record:
    """Raises `RecordError` if the head is not one, or there is no node."""
    if not data.startswith(_HEAD) or len(data) < _HEAD_SIZE + 2:
        raise RecordError("foreign_not_renlib")
    root = Draft()
    problems: list[RecordError] = []
    parent, waiting, at = root, list[Draft](), _HEAD_SIZE
    for number in range(NODES_MAX + 1):
        if at + 2 > len(data):
            problems.append(RecordError("foreign_cut", byte=at))
            break
        if number == NODES_MAX:
            problems.append(RecordError("foreign_too_many_moves", most=NODES_MAX))
            break
        place, bits, at = data[at], data[at + 1], at + 2
        draft = Draft()
        more = 0
        if bits & _EXTENDED:
            more, at = (data[at + 1] if at + 1 < len(data) else 0), at + 2
        if bits & (_COMMENT | _OLD_COMMENT):
            draft.comment, at = _text(data, at)
        if more & _BOARD_TEXT:
            _, at = _text(data, at)
        if (place or number) and not bits & _NO_MOVE:  # the first node may stand for the empty board
            draft.given = [Given(_move(place) if place else "pass")]
        parent.children.append(draft)
        if bits & _SIBLING:
            waiting.append(parent)
        if not bits & _LEAF:
            parent = draft
        elif waiting:
            parent = waiting.pop()
        else:
            break
    return grow(Found(root=root, size=_SIZE, problems=problems))


def _move(place: int) -> Move:
    """Columns from 1, rows from 0 at the top."""
    x, y = place % 16 - 1, _SIZE - 1 - place // 16
    return Move(y * _SIZE + x if 0 <= x < _SIZE and 0 <= y < _SIZE else _SIZE * _SIZE)


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Text up to a zero, and where the next pair of bytes begins. The first line ends with a backspace."""
    end = data.find(b"\0", at)
    end = len(data) if end < 0 else end
    return decoded(data[at:end].replace(b"\b", b"\n")), end + 2 - (end - at) % 2
