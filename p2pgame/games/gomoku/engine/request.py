"""One question to the engine and its answer, as values that travel to another process."""

import random
from collections.abc import Callable
from typing import Annotated, Final

import msgspec

from p2pgame.games.gomoku.engine.levels import ANALYSIS, LEVEL_MAX, strength_of
from p2pgame.games.gomoku.engine.opening import Balance
from p2pgame.games.gomoku.engine.player import Player
from p2pgame.games.gomoku.engine.variant import BLACK, Variant, Wins
from p2pgame.games.gomoku.openings import OPENINGS, Step
from p2pgame.games.gomoku.rules import Input, Move, State, forbidden, legal_inputs

__all__ = ["Answer", "Ranked", "Request", "answer", "variant_of"]

_CHOICE_SECONDS: Final = 1.5
"""For one decision of an opening."""
_EVEN: Final = 90
"""A score below which a position is even."""
_OFFERS: Final = 24
"""Points compared for an offer or an opening stone."""


class Request(msgspec.Struct, frozen=True):
    """What to do in `state`, which is not over, and how well."""

    number: int
    state: State
    level: Annotated[int, msgspec.Meta(ge=ANALYSIS, le=LEVEL_MAX)]
    seed: int
    seconds: float | None = None
    """It takes no longer; None: as long as the level says."""
    count: int = 1
    """How many moves are compared."""


class Ranked(msgspec.Struct, frozen=True):
    """A move that is not the best."""

    score: int
    line: tuple[int, ...]
    """It and what would follow."""


class Answer(msgspec.Struct, frozen=True):
    """What to do."""

    number: int
    """That of the request."""
    move: Input
    score: int = 0
    """For who is to move, as `engine.search.Found`; 0 for what is decided otherwise."""
    depth: int = 0
    nodes: int = 0
    line: tuple[int, ...] = ()
    others: tuple[Ranked, ...] = ()
    """The next best moves, best first; fewer than asked for where there are no more to compare."""


def variant_of(state: State) -> Variant:
    """The variant of the engine for the rules of a state."""
    match state.rule:
        case "standard":
            wins = (Wins.EXACTLY_FIVE, Wins.EXACTLY_FIVE)
        case "renju" | "renju_fouls_refused":
            wins = (Wins.EXACTLY_FIVE, Wins.FIVE_OR_MORE)
        case "caro":
            wins = (Wins.UNBLOCKED, Wins.UNBLOCKED)
        case _:
            wins = (Wins.FIVE_OR_MORE, Wins.FIVE_OR_MORE)
    return Variant(state.size, wins, state.renju)


def answer(request: Request, clock: Callable[[], float]) -> Answer:
    """Think. `clock`: seconds."""
    state = request.state
    chance = random.Random(request.seed * 1_000 + len(state.moves))
    if state.asked is not None:
        seconds = min(_CHOICE_SECONDS, request.seconds or _CHOICE_SECONDS)
        return Answer(request.number, _opening(state, state.asked, clock, chance, seconds))
    size = state.size
    strength = strength_of(request.level)
    player = Player(variant_of(state), strength.sight, clock, _forbidden(size), chance, near=strength.near)
    limits = strength.limits
    if request.seconds is not None:
        limits = limits._replace(seconds=min(request.seconds, limits.seconds or request.seconds))
    found, *others = player.ranked(state.board, state.colour, limits, request.count)
    move: Input = Move(found.point)
    if state.renju and state.colour == BLACK and forbidden(state.board, size, found.point) is not None:
        move = "pass" if "pass" in state.choices else next(legal_inputs(state))  # every point is a foul
    ranked = tuple(Ranked(other.score, other.line) for other in others)
    return Answer(request.number, move, found.score, found.depth, found.nodes, found.line, ranked)


def _forbidden(size: int) -> Callable[[bytes, int], bool]:
    return lambda board, point: forbidden(board, size, point) is not None


def _opening(
    state: State, asked: Step, clock: Callable[[], float], chance: random.Random, seconds: float
) -> Input:
    """What to say or put in an opening that asks for it."""
    balance = Balance(variant_of(state), clock, chance, _forbidden(state.size))
    legal = [*legal_inputs(state)]
    points = [move.point for move in legal if isinstance(move, Move)]
    board, colour = state.board, state.colour
    match asked.act:
        case "choose":
            return _choice(state, balance, seconds, chance)
        case "offer":  # the other side picks the worst of them for Black
            near = _near(state, points, chance)
            return Move(balance.ranked(board, colour, near, seconds if asked.points <= 2 else seconds / 4)[0])
        case "pick":
            return Move(balance.ranked(board, colour, points, seconds)[-1])
        case _:
            if not any(board) and len(points) > 1:
                return Move(chance.choice(_middle(state, points)))
            if len(points) == 1:
                return Move(points[0])
            near = _near(state, points, chance)
            if _may_be_taken(state):
                return Move(balance.even(board, colour, near, seconds))
            return Move(balance.ranked(board, colour, near, seconds)[0])


def _choice(state: State, balance: Balance, seconds: float, chance: random.Random) -> Input:
    choices = state.choices
    better = balance.takes(state.board, state.colour, seconds)
    if "offer" in choices:
        return "black" if chance.random() < 0.5 else "offer"
    if "more" in choices and abs(balance.score(state.board, state.colour, seconds / 2)) < _EVEN:
        return "more"
    wanted: Input = "black" if better == BLACK else "white"
    return wanted if wanted in choices else choices[0]


def _may_be_taken(state: State) -> bool:
    """Whether somebody may still choose a colour after this stone."""
    steps = OPENINGS[state.opening]
    return any(step.act == "choose" for step in steps[state.step + 1 :])


def _near(state: State, points: list[int], chance: random.Random) -> list[int]:
    """Some of the points, those near stones first, in an order of chance."""
    size = state.size
    stones = [(p % size, p // size) for p, stone in enumerate(state.board) if stone]

    def away(point: int) -> int:
        x, y = point % size, point // size
        return min((max(abs(x - a), abs(y - b)) for a, b in stones), default=0)

    mixed = chance.sample(points, len(points))
    return sorted(mixed, key=away)[:_OFFERS] if stones else mixed[:_OFFERS]


def _middle(state: State, points: list[int]) -> list[int]:
    size = state.size
    edge = min(4, (size - 1) // 2)
    return [p for p in points if edge <= p % size < size - edge and edge <= p // size < size - edge] or points
