"""Records as SGF, the Smart Game Format (FF[4]), with ``GM[4]``, Gomoku and renju.

Points are two letters, the column from the left and the row from the top. What the format has no property for are
properties of our own: ``OPENING`` at the root, ``CHOICE`` and ``OFFER`` in a node (`rules.Choice`, an offered point).

The clock is ``TM`` (main time) and ``OT`` (``3x30 byo-yomi``, ``5 fischer``) at the root, ``BL`` and ``WL`` in a node,
and once the main time is over ``OB`` and ``OW``, which have the periods left, as on Go servers.
"""

import re
from typing import Final, NamedTuple, get_args

from sgfmill import sgf_grammar

from p2pgame.core.game import EndedBy, Setup
from p2pgame.core.records import NODES_MAX, Node, Record, RecordError
from p2pgame.core.terms import Clock, ClockTerms, clock_named, clock_of
from p2pgame.games.gomoku.files.draft import Draft, Found, Given, decoded, grow, played_by, size_of
from p2pgame.games.gomoku.rules import BLACK, GAME, WHITE, Choice, Config, Move, Rule, Size, State

__all__ = ["read", "write"]

_LETTERS: Final = "abcdefghijklmnopqrst"
_GAME: Final = "4"
_STONES: Final = {"B": BLACK, "W": WHITE}
_RULES: Final[dict[str, Rule]] = {
    "freestyle": "freestyle",
    "gomoku": "freestyle",
    "standard": "standard",
    "renju": "renju",
    "renju_fouls_refused": "renju_fouls_refused",
    "rif": "renju",
    "caro": "caro",
}
_CHOICES: Final[dict[str, Choice]] = {
    "black": "black",
    "white": "white",
    "more": "more",
    "offer": "offer",
}
_ENCODINGS: Final = {
    "utf-8",
    "utf8",
    "iso-8859-1",
    "latin-1",
    "gbk",
    "gb2312",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-kr",
}
_OVERTIME: Final = re.compile(r"(?:(\d{1,3})x(\d{1,5}) byo-yomi|(\d{1,5}) fischer)?", re.IGNORECASE)
_SECONDS: Final = re.compile(r"\d{1,7}(\.\d{1,6})?")
_BYTES_MAX: Final = 1024 * 1024
"""Of a file that are read: the parser makes a value of every few of them."""
_TOKENS_MAX: Final = 4 * NODES_MAX

Properties = dict[str, list[bytes]]


class _Open(NamedTuple):
    """A game tree that is not closed yet: its first node's parent, and its newest node."""

    parent: Draft
    node: Draft | None


def read(data: bytes) -> Record:
    """The first game of a file, as far as it can be read. Raises `RecordError` if that is nothing."""
    problems: list[RecordError] = []
    if len(data) > _BYTES_MAX:
        data = data[:_BYTES_MAX]
        problems.append(RecordError("foreign_too_large", most=_BYTES_MAX))
    tokens, end = sgf_grammar.tokenise(data)
    if not tokens:
        raise RecordError("foreign_not_sgf")
    if len(tokens) > _TOKENS_MAX:
        del tokens[_TOKENS_MAX:]
        problems.append(RecordError("foreign_too_many_moves", most=NODES_MAX))
    elif not _balanced(tokens):
        problems.append(RecordError("foreign_cut", byte=end))
    elif sgf_grammar.tokenise(data, end)[0]:
        problems.append(RecordError("foreign_more_games"))
    nodes, order = _nodes(tokens)
    head = nodes[0][1]
    game = _word(head, "GM")
    if game not in ("", _GAME):
        raise RecordError("foreign_other_game")
    size = _size(head, nodes)
    encoding = _word(head, "CA").lower()
    codec = encoding if encoding in _ENCODINGS else "utf-8"
    names = (_text(head, "PB", codec)[:60], _text(head, "PW", codec)[:60])
    found = Found(
        root=order[0],
        size=size,
        rule=_RULES.get(_word(head, "RU").lower()),
        opening=_word(head, "OPENING") or "no_opening",
        clock=_clock(head),
        black=_points(head, "AB", size),
        white=_points(head, "AW", size),
        colour={"B": BLACK, "W": WHITE}.get(_word(head, "PL").upper()[:1]),
        names=names,
        date=_text(head, "DT", codec)[:40],
        result=_text(head, "RE", codec)[:40],
        problems=problems,
    )
    for number, (draft, properties) in enumerate(nodes):
        draft.comment = _text(properties, "C", codec)
        draft.given = _given(properties, size)
        draft.clock = _left(properties)
        if number and any(name in properties for name in ("AB", "AW", "AE")):
            problems.append(RecordError("foreign_setup_inside"))
            draft.given, draft.children = [], []
    return grow(found)


def _balanced(tokens: list[tuple[str, bytes]]) -> bool:
    return tokens.count(("D", b"(")) == tokens.count(("D", b")"))


def _nodes(tokens: list[tuple[str, bytes]]) -> tuple[list[tuple[Draft, Properties]], list[Draft]]:
    """Each node with its properties, in the order of the file, and the root first. Raises `RecordError`."""
    top = Draft()
    trees: list[_Open] = []
    nodes: list[tuple[Draft, Properties]] = []
    name = ""
    for kind, token in tokens:
        if kind == "D":
            name = ""
            if token == b"(":
                trees.append(_Open(trees[-1].node or trees[-1].parent if trees else top, None))
            elif token == b")":
                trees.pop()
            else:
                tree = trees[-1]
                draft = Draft()
                (tree.node or tree.parent).children.append(draft)
                trees[-1] = _Open(tree.parent, draft)
                nodes.append((draft, {}))
        elif kind == "I":
            name = token.decode("ascii")
        elif name and nodes:
            nodes[-1][1].setdefault(name, []).append(token)
    if not nodes:
        raise RecordError("foreign_not_sgf")
    return nodes, [nodes[0][0]]


def _size(head: Properties, nodes: list[tuple[Draft, Properties]]) -> Size:
    """As the file says; else the smallest of the usual boards that has all points."""
    written = _word(head, "SZ").split(":")[0]
    if written:
        return size_of(int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 0)
    values = [value for _, found in nodes for name in ("B", "W") for value in found.get(name, ())]
    most = max((max(value) - ord("a") for value in values if len(value) == 2), default=0)
    return 15 if most < 15 else 19 if most < 19 else 20


def _given(properties: Properties, size: Size) -> list[Given]:
    found = []
    for name, values in properties.items():
        value = values[0].strip()
        if name in _STONES:
            point = _point(value, size)
            found.append(Given("pass" if point is None else Move(point), _STONES[name]))
        elif name == "OFFER":
            point = _point(value, size)
            if point is not None:
                found.append(Given(Move(point)))
        elif name == "CHOICE":
            choice = _CHOICES.get(value.decode("ascii", "replace"))
            if choice is not None:
                found.append(Given(choice))
    return found


def _clock(head: Properties) -> str:
    """The clock of the match, if it is one that is played with here."""
    main, overtime = _word(head, "TM"), _OVERTIME.fullmatch(_word(head, "OT"))
    if not main and _word(head, "OT") in get_args(Clock):
        return _word(head, "OT")
    if not _SECONDS.fullmatch(main) or overtime is None:
        return "no clock"
    periods, period, increment = (int(number or 0) for number in overtime.groups())
    terms = ClockTerms(round(float(main) * 1000), increment * 1000, period * 1000, periods)
    return clock_named(terms) or "no clock"


def _left(properties: Properties) -> tuple[int, int] | None:
    """The time that is left to who moved."""
    for left, periods in (("BL", "OB"), ("WL", "OW")):
        seconds, number = _word(properties, left), _word(properties, periods)
        if _SECONDS.fullmatch(seconds):
            return round(float(seconds) * 1000), int(number) if number.isdecimal() and len(number) < 4 else 0
    return None


def _point(value: bytes, size: int) -> int | None:
    """None for a pass; a point off the board for what is no point."""
    if not value:
        return None
    text = value.decode("ascii", "replace")
    x, y = (_LETTERS.find(letter) for letter in (text[:1], text[1:2] or "?"))
    return (size - 1 - y) * size + x if len(text) == 2 and 0 <= x < size and 0 <= y < size else size * size


def _points(properties: Properties, name: str, size: int) -> tuple[int, ...]:
    """The points of a list, in which ``aa:cc`` is a rectangle."""
    found: list[int] = []
    for value in properties.get(name, ())[: size * size]:
        first, _, last = value.strip().partition(b":")
        one, other = _point(first, size), _point(last or first, size)
        if one is None or other is None or max(one, other) >= size * size:
            raise RecordError("foreign_setup")
        xs, ys = sorted((one % size, other % size)), sorted((one // size, other // size))
        found += [y * size + x for y in range(ys[0], ys[1] + 1) for x in range(xs[0], xs[1] + 1)]
    return tuple(dict.fromkeys(found))


def _word(properties: Properties, name: str) -> str:
    value = properties.get(name, [b""])[0]
    return str(value.decode("ascii", "replace")).strip()[:40]


def _text(properties: Properties, name: str, codec: str) -> str:
    value = sgf_grammar.text_value(properties.get(name, [b""])[0])
    return decoded(value, codec)


# --- writing


def write(record: Record) -> bytes:
    """The whole tree."""
    config: Config = record.config
    state: State = record.start or GAME.initial(Setup(2, 0, config))
    top = sgf_grammar.Coarse_game_tree()
    head: Properties = {
        "GM": [_GAME.encode()],
        "FF": [b"4"],
        "CA": [b"UTF-8"],
        "AP": [b"p2pgame"],
        "SZ": [str(config.size).encode()],
        "RU": [config.rule.encode()],
    }
    if config.opening != "no_opening" and record.start is None:
        head["OPENING"] = [config.opening.encode()]
    if (terms := clock_of(config)) is not None:
        head |= _clock_properties(terms)
    if record.start is not None:
        for name, colour in (("AB", BLACK), ("AW", WHITE)):
            stones = [p for p, stone in enumerate(state.board) if stone == colour + 1]
            if stones:
                head[name] = [_letters(point, state.size) for point in stones]
        head["PL"] = [b"BW"[state.colour : state.colour + 1]]
    last = state
    for node in record.root.main_line():
        last = played_by(last, node.move)
    by_colour = (
        (record.names if last.black == 0 else record.names[::-1]) if len(record.names) == 2 else ("", "")
    )
    for name, text in (
        ("PB", by_colour[0]),
        ("PW", by_colour[1]),
        ("DT", record.date),
        ("RE", record.result or _result(record, last)),
    ):
        if text:
            head[name] = [_escaped(text)]
    if record.root.comment:
        head["C"] = [_escaped(record.root.comment)]
    top.sequence.append(head)
    waiting: list[tuple[Node, State, sgf_grammar.Coarse_game_tree]] = [(record.root, state, top)]
    while waiting:
        node, state, tree = waiting.pop()
        while len(node.children) == 1:
            node, state = _append(tree, node.children[0], state)
        for child in node.children:
            branch = sgf_grammar.Coarse_game_tree()
            tree.children.append(branch)
            waiting.append((*_append(branch, child, state), branch))
    written: bytes = sgf_grammar.serialise_game_tree(top)
    return written


def _result(record: Record, last: State) -> str:
    """How a match of ours ended: ``B+``, ``W+R``, ``0`` for a draw; nothing if it did not."""
    ended = record.ended
    if ended is None:
        return ""
    if not ended.winners:
        return "0" if ended.ended_by in (EndedBy.RULES, EndedBy.DRAW_AGREED) else "Void"
    side = "BW"[last.colour_of(ended.winners[0])]
    return f"{side}+{'R' if ended.ended_by is EndedBy.RESIGNED else ''}"


def _clock_properties(terms: ClockTerms) -> Properties:
    if terms.patience:
        return {"OT": [(clock_named(terms) or "").encode()]}
    found = {"TM": [f"{terms.main // 1000}".encode()]}
    if terms.periods:
        found["OT"] = [f"{terms.periods}x{terms.period // 1000} byo-yomi".encode()]
    elif terms.increment:
        found["OT"] = [f"{terms.increment // 1000} fischer".encode()]
    return found


def _seconds(milliseconds: int) -> bytes:
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".").encode()


def _append(tree: sgf_grammar.Coarse_game_tree, node: Node, state: State) -> tuple[Node, State]:
    properties: Properties = {}
    asked, move = state.asked, node.move
    name = "BW"[state.colour]
    if isinstance(move, Move):
        offering = asked is not None and asked.act == "offer"
        properties["OFFER" if offering else name] = [_letters(move.point, state.size)]
    elif move == "pass":
        properties[name] = [b""]
    else:
        properties["CHOICE"] = [move.encode()]
    if node.clock is not None:
        side, (left, periods) = "BW"[state.colour_of(state.turn)], node.clock
        properties[f"{side}L"] = [_seconds(left)]
        if periods:
            properties[f"O{side}"] = [str(periods).encode()]
    if node.comment:
        properties["C"] = [_escaped(node.comment)]
    tree.sequence.append(properties)
    return node, played_by(state, move)


def _letters(point: int, size: int) -> bytes:
    return f"{_LETTERS[point % size]}{_LETTERS[size - 1 - point // size]}".encode()


def _escaped(text: str) -> bytes:
    escaped: bytes = sgf_grammar.escape_text(text.encode("utf-8", "replace"))
    return escaped
