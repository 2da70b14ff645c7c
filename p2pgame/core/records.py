"""What the ``records.py`` of a game offers: matches in the files of other programs, with comments and variations.

A record is a tree: each node has one input of the game and what follows it. The first child of each node is the main
line. Files come from strangers: a reader bounds what it takes, takes what is right, and says what is not.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import Outcome

__all__ = ["FILE_MAX", "NODES_MAX", "Node", "Record", "RecordError", "Records"]

FILE_MAX = 8 * 1024 * 1024
"""Bytes of a file that are read at most."""
NODES_MAX = 50_000
"""Nodes of a record at most."""


class RecordError(P2PGameError):
    """A file of another program that cannot be read or written, or a part of one that is left out."""


class Node:
    """One input, and what followed it. The root of a record has none."""

    __slots__ = ("children", "clock", "comment", "move")

    def __init__(self, move: Any = None, comment: str = "") -> None:
        self.move = move
        self.comment = comment
        self.clock: tuple[int, int] | None = None
        """Milliseconds that who gave it had left after it, and how many periods, 0 while the main time runs."""
        self.children: list[Node] = []

    def add(self, move: Any, comment: str = "") -> "Node":
        """A new last child."""
        child = Node(move, comment)
        self.children.append(child)
        return child

    def main_line(self) -> Iterator["Node"]:
        """The nodes after this one, always the first child."""
        node = self
        while node.children:
            node = node.children[0]
            yield node

    def count(self) -> int:
        """The nodes of the tree below, this one not counted."""
        total, waiting = 0, [self]
        while waiting:
            node = waiting.pop()
            total += len(node.children)
            waiting += node.children
        return total


class Record(msgspec.Struct, kw_only=True):
    """A match or an analysis, of a game by turns in which one player moves at a time."""

    config: Any
    """Of the game: its `config_type`."""
    start: Any = None
    """The first state, where it is not that of a new match."""
    names: tuple[str, ...] = ()
    """By player index; an empty one is not known. As they are now: an opening may have changed sides."""
    date: str = ""
    """``2026-11-27``, or empty."""
    result: str = ""
    """As the file has it: ``B+R``. Empty: not said."""
    ended: Outcome | None = None
    """How a match of ours ended."""
    root: Node
    problems: tuple[RecordError, ...] = ()
    """What was left out, and why; the first few."""


class Records(Protocol):
    """Made without arguments. A format is named by the ending of its files, without the dot: ``sgf``."""

    @property
    def reads(self) -> Sequence[str]: ...

    @property
    def writes(self) -> Sequence[str]: ...

    def read(self, data: bytes, form: str) -> Record:
        """The first record of a file. Raises `RecordError` if there is nothing in it that can be shown."""
        ...

    def write(self, record: Record, form: str) -> bytes:
        """A file. Raises `RecordError` for what the format cannot say."""
        ...
