"""What a file says, before the rules were asked; and the record that becomes of it.

A file may hold anything. `grow` plays each branch as far as it is legal, and says where it had to cut.
"""

import contextlib
from typing import Final, NamedTuple

import msgspec

from p2pgame.core.game import Setup
from p2pgame.core.records import NODES_MAX, Node, Record, RecordError
from p2pgame.games.gomoku.rules import (
    GAME,
    Config,
    Input,
    Move,
    Rule,
    Size,
    State,
    illegal,
    position,
)

__all__ = ["COMMENT_MAX", "Draft", "Found", "Given", "clean", "decoded", "grow", "played_by", "size_of"]

COMMENT_MAX: Final = 4000
"""Characters of one comment that are kept."""
_PROBLEMS_MAX: Final = 20
"""Problems that are told of a file."""
_RULES: Final[tuple[Rule, ...]] = ("freestyle", "renju", "standard", "caro")
"""Tried in this order where a file does not say by which it was played."""
_TRIED_MAX: Final = 5000
"""Nodes of a file for which several rules are tried."""
_SIZES: Final[tuple[Size, ...]] = (15, 13, 19, 20)


class Given(NamedTuple):
    """One input as a file has it."""

    move: Input
    colour: int | None = None
    """Whose stone or pass it is, where the file says so."""


class Draft:
    """A node of a file: any number of inputs one after the other, a comment, and what follows."""

    __slots__ = ("children", "clock", "comment", "given")

    def __init__(self) -> None:
        self.clock: tuple[int, int] | None = None
        """As in `core.records.Node`."""
        self.given: list[Given] = []
        self.comment = ""
        self.children: list[Draft] = []


class Found(msgspec.Struct, kw_only=True):
    """All that a reader found in a file."""

    root: Draft
    size: Size
    rule: Rule | None = None
    """None: the file does not say."""
    opening: str = "no_opening"
    clock: str = "no clock"
    black: tuple[int, ...] = ()
    """Stones that are there at the beginning."""
    white: tuple[int, ...] = ()
    colour: int | None = None
    """Who is to move then."""
    names: tuple[str, str] = ("", "")
    """Of Black and White, at the end of the main line."""
    date: str = ""
    result: str = ""
    problems: list[RecordError] = []


def size_of(number: int) -> Size:
    """Raises `RecordError` for a board that is not played on here."""
    for size in _SIZES:
        if size == number:
            return size
    raise RecordError("foreign_board_size", size=number)


def clean(text: str) -> str:
    """Text of a stranger: lines of printable characters, not too long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or c.isprintable())[:COMMENT_MAX].strip()


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """Text whose encoding is `encoding`, if that can be; else Chinese (GB 2312), if more than half of it is and that is
    more than a word of another language with two accents side by side; else Latin-1."""
    high = sum(byte >= 0x80 for byte in data)
    for codec in (encoding, "gb2312" if high > 2 and 2 * high > len(data.strip()) else encoding):
        with contextlib.suppress(UnicodeDecodeError):
            return clean(data.decode(codec))
    return clean(data.decode("latin-1"))


def grow(found: Found) -> Record:
    """The record of a file, by the rule that it names, or else by the one by which the most of it is legal.

    Raises `RecordError` if its first position is impossible.
    """
    rules = (found.rule,) if found.rule is not None else _RULES
    if found.rule is None and _count(found.root) > _TRIED_MAX:
        rules = _RULES[:1]
    best = _grown(found, rules[0])
    for rule in rules[1:]:
        if not best.problems:
            break
        record = _grown(found, rule)
        if len(record.problems) < len(best.problems):
            best = record
    best.problems = tuple([*found.problems, *best.problems][:_PROBLEMS_MAX])
    return best


def _count(root: Draft) -> int:
    total, waiting = 0, [root]
    while waiting and total <= _TRIED_MAX:
        draft = waiting.pop()
        total += 1
        waiting += draft.children
    return total


def _grown(found: Found, rule: Rule) -> Record:
    try:
        config = msgspec.convert(
            {"rule": rule, "size": found.size, "opening": found.opening, "clock": found.clock},
            Config,
            strict=True,
        )
    except msgspec.ValidationError:
        raise RecordError("foreign_opening", opening=found.opening[:20]) from None
    start = None
    if found.black or found.white:
        try:
            start = position(config, found.black, found.white, colour=_first_colour(found))
        except ValueError:
            raise RecordError("foreign_setup") from None
    root, problems, last = _played(found.root, start or GAME.initial(Setup(2, 0, config)))
    names = found.names if last.black == 0 else found.names[::-1]
    return Record(
        config=config,
        start=start,
        names=names,
        date=found.date,
        result=found.result,
        root=root,
        problems=tuple(problems),
    )


def _first_colour(found: Found) -> int | None:
    """Who is to move after the stones of the beginning: as the file says, or whose the first stone is."""
    if found.colour is not None:
        return found.colour
    draft = found.root
    while not draft.given and draft.children:
        draft = draft.children[0]
    return draft.given[0].colour if draft.given else None


def _played(draft: Draft, start: State) -> tuple[Node, list[RecordError], State]:
    """The tree as far as it is legal, what is not, and the state at the end of its main line."""
    root, problems, nodes, last = Node(), list[RecordError](), 0, start
    waiting = [(draft, root, start, True)]
    while waiting:
        draft, node, state, main = waiting.pop()
        legal = True
        for given in draft.given:
            error = _refused(state, given)
            if error is None and nodes >= NODES_MAX:
                error = RecordError("foreign_too_many_moves", most=NODES_MAX)
            if error is not None:
                legal = False
                if len(problems) < _PROBLEMS_MAX:
                    problems.append(error)
                break
            node, state, nodes = node.add(given.move), played_by(state, given.move), nodes + 1
            last = state if main else last
        if draft.given:
            node.clock = draft.clock
        if not legal:
            continue
        if draft.comment and len(node.comment) < COMMENT_MAX:
            node.comment = f"{node.comment}\n{draft.comment}".strip()
        waiting += [
            (child, node, state, main and number == 0)
            for number, child in reversed([*enumerate(draft.children)])
        ]
    return root, problems, last


def played_by(state: State, move: Input) -> State:
    """The state after an input of whoever is to move."""
    return GAME.advance(state, (move, None) if state.turn == 0 else (None, move))


def _refused(state: State, given: Given) -> RecordError | None:
    number = len(state.moves) + 1
    if state.over:
        return RecordError("foreign_after_end", number=number)
    if given.colour is not None and given.colour != state.colour:
        return RecordError("foreign_out_of_turn", number=number)
    error = illegal(state, given.move)
    if error is None:
        return None
    name = GAME.describe(state, given.move) if isinstance(given.move, Move) else given.move
    return RecordError("foreign_illegal_move", number=number, move=name)
