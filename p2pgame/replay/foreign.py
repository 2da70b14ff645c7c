"""Between a match file and a record of another program: one becomes the other.

A record has a tree of moves, a match file one line; so a line of the tree is chosen first.
"""

from collections.abc import Sequence

from p2pgame.core.game import AnyGame, Setup
from p2pgame.core.records import Node, Record, RecordError
from p2pgame.core.snapshot import encode
from p2pgame.core.terms import clock_of
from p2pgame.netcode.clocks import Clocks
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import End, Header, Repaired
from p2pgame.wire.decisions import Timed
from p2pgame.wire.names import safe_name
from p2pgame.wire.takeback import Takeback

__all__ = ["first_state", "main_line", "record_of", "replay_of"]

_MATCH = "0" * 16
_NOBODY = "-"
"""Players of a record have no peer ids, and nobody is host."""


def record_of(playback: Playback, names: Sequence[str], date: str) -> Record:
    """The match as a record, with the times of its clock. What was taken back are its variations.

    Raises `RecordError` for a game in which several players move at a time.
    """
    root = Node()
    after = [root]
    left = _times_left(playback)
    for frame in range(playback.frames):
        moves = [move for move in playback.inputs(frame) if move is not None]
        if len(moves) != 1:
            raise RecordError("foreign_real_time", game=playback.game.name)
        move, before = moves[0], after[-1]
        if isinstance(move, Takeback):
            after.append(after[move.frame])
        else:
            after.append(Node(move))
            after[-1].clock = left.get(frame + 1)
            before.children.insert(0, after[-1])  # the newest is the main line
    end = playback.replay.end
    return Record(
        config=playback.config,
        names=tuple(names),
        date=date,
        root=root,
        ended=end.outcome if end is not None else playback.outcome(playback.frames),
    )


def _times_left(playback: Playback) -> dict[int, tuple[int, int]]:
    """By frame: what who moved last had left then, as in `Node.clock`; nothing without a clock."""
    found: dict[int, tuple[int, int]] = {}
    setup = playback.rules.setup
    terms = clock_of(setup.config)
    if terms is None:
        return found
    clocks = Clocks(terms, setup.players)
    for decision in playback.replay.decisions.decisions:
        clocks.apply(decision.what)
        if isinstance(decision.what, Timed) and decision.what.seat < setup.players:
            face = clocks.face(decision.what.seat, 0, running=False, at=0.0)
            found[decision.frame] = (face.main, 0) if face.main else face.shown(0.0)
    return found


def first_state(record: Record, game: AnyGame) -> object:
    """The state before the first move."""
    if record.start is not None:
        return record.start
    return game.initial(Setup(game.min_players, 0, record.config))


def main_line(node: Node) -> list[Node]:
    """`node` and what follows it, always the first child; without it if it has no move."""
    return [*([] if node.move is None else [node]), *node.main_line()]


def replay_of(record: Record, line: Sequence[Node], game: AnyGame, digest: str) -> Replay:
    """What a match file would hold, had `line` been played by two whom nobody knows. It is only for playing back."""
    state = first_state(record, game)
    first = state
    inputs = []
    for node in line:
        asked = game.to_move(state) or ()
        moves = tuple(node.move if player in asked else None for player in range(game.min_players))
        inputs.append(tuple(None if move is None else encode(move) for move in moves))
        state = game.advance(state, moves)
    names = [*record.names, *[""] * game.min_players][: game.min_players]
    header = Header(
        version="",
        game=game.name,
        digest=digest,
        match=_MATCH,
        seed=0,
        config=encode(record.config),
        players=("",) * game.min_players,
        names=tuple(safe_name(name, f"{number}") for number, name in enumerate(names, 1)),
        host=_NOBODY,
        me=-1,
    )
    end = None
    if record.ended is not None and [*line] == main_line(record.root):
        blank = bytes(16)
        end = End(frame=len(inputs), hash=blank, chain=blank, decisions=blank, outcome=record.ended)
    repaired = {}
    if record.start is not None:
        repaired[0] = Repaired(frame=0, state=encode(first), chain=bytes(16), reason="")
    return Replay(
        header=header,
        inputs=inputs,
        links=[],
        chain=None,
        snapshots={},
        repaired=repaired,
        sealed={},
        decisions=DecisionLog(_MATCH),
        notes=[],
        told=0,
        desyncs=[],
        end=end,
        signatures=[],
        whole=0,
        damage=None,
    )
