"""What the platform expects of every game, as checks that anyone can run: ``assert conformance(GAME) == []``.

Each check uses the public methods of the game, plays a few random matches where needed, and yields a code and
parameters for each problem. Whether the game is deterministic is the sync test's business.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

from p2pgame.core.errors import IllegalMoveError, P2PGameError, Param
from p2pgame.core.game import AnyGame, Outcome, Setup, next_state
from p2pgame.core.snapshot import encode
from p2pgame.testing.inputs import RandomInputs, setups
from p2pgame.testing.values import Dice, all_values, random_value
from p2pgame.testing.walk import impure_types, impure_values

__all__ = ["CHECKS", "ConformanceProblem", "conformance"]

_NAME: Final = re.compile(r"[a-z0-9-]{1,24}")
_PLAYERS_MAX: Final = 8
_TICK_RATES: Final = range(241)
_STATE_MAX: Final = 48 * 1024
"""Bytes of an encoded state: it must fit into one frame of a link, with what stands around it."""
_INPUT_MAX: Final = {False: 4096, True: 32}
"""Bytes of an encoded input, by turns and in real time, where many inputs share one datagram."""
_CONFIG_MAX: Final = 4096
_MATCHES: Final = 4
_FRAMES: Final = 240
_VALUES: Final = 32
"""Inputs that are all tried in each state, where there are no more."""
_SHOWN: Final = 5
"""Problems shown of one check."""
_GARBAGE: Final = (b"", b"\xc1", b"\xff\xff\xff", b"\x81\xa1x", b"\xdd\xff\xff\xff\xff", b"\xa1\xff")
_STRANGE: Final[tuple[object, ...]] = (
    None,
    True,
    0,
    -1,
    1 << 63,
    -(1 << 63),
    "",
    "x",
    b"x",
    [],
    [0],
    {},
    {"x": 0},
)


class ConformanceProblem(msgspec.Struct, frozen=True):
    """One expectation that a game does not meet. `p2pgame.i18n.conformance` says it in words."""

    check: str
    """Name of the check, such as ``inputs``."""
    code: str
    """What does not hold: ``changed_by_encoding``."""
    params: dict[str, Param] = {}


Found = Iterator[tuple[str, dict[str, Param]]]
"""Codes and parameters."""


def conformance(game: AnyGame) -> list[ConformanceProblem]:
    """The problems of `game`, the first few of every check; empty if it is fit to be played.

    Raises nothing that the game raises.
    """
    problems: list[ConformanceProblem] = []
    for name in CHECKS:
        found: list[ConformanceProblem] = []
        for problem in _run(name, game):
            if problem not in found:
                found.append(problem)
        problems += found[:_SHOWN]
    return problems


def _run(name: str, game: AnyGame) -> Iterator[ConformanceProblem]:
    try:
        for code, params in CHECKS[name](game):
            yield ConformanceProblem(name, code, params)
    except P2PGameError as error:
        yield ConformanceProblem(name, error.code, error.params)
    except Exception as error:  # the game is what is tested: whatever it raises is a finding
        yield ConformanceProblem(name, "raised", {"error": f"{type(error).__name__}: {error}{_place(error)}"})


def _attributes(game: AnyGame) -> Found:
    if not _NAME.fullmatch(str(game.name)):
        yield "bad_name", {"name": repr(game.name)}
    if not (isinstance(game.title, str) and 1 <= len(game.title.strip()) <= 40):
        yield "bad_title", {"title": repr(game.title)}
    if not 1 <= game.min_players <= game.max_players <= _PLAYERS_MAX:
        yield "bad_player_bounds", {"least": game.min_players, "most": game.max_players}
    if game.tick_rate not in _TICK_RATES:
        yield "bad_tick_rate", {"tick_rate": repr(game.tick_rate), "most": _TICK_RATES[-1]}


def _types(game: AnyGame) -> Found:
    for role in ("state", "input", "config"):
        kind = getattr(game, f"{role}_type")
        for impurity in impure_types(kind):
            yield "impure_type", {"role": role, **impurity._asdict()}
    for role in ("state", "config"):
        if not isinstance(inspect.type_info(getattr(game, f"{role}_type")), inspect.StructType):
            yield "not_a_struct", {"role": role}


def _config(game: AnyGame) -> Found:
    kind = inspect.type_info(game.config_type)
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            if field.required:
                yield "no_default", {"field": field.name}
    default = game.config_type()
    data = encode(default)
    if len(data) > _CONFIG_MAX:
        yield "config_too_large", {"size": len(data), "most": _CONFIG_MAX}
    for config in all_values(game.config_type, 256) or [default]:
        if game.decode_config(encode(config)) != config:
            yield "changed_by_encoding", {"value": str(config)}
    if game.decode_config(data) != default:
        yield "default_not_of_type", {}


def _begin(game: AnyGame) -> Found:
    for config in all_values(game.config_type, 256) or [game.config_type()]:
        for players in range(game.min_players, game.max_players + 1):
            state = game.initial(Setup(players=players, seed=(1 << 64) - 1, config=config))
            if not isinstance(state, game.state_type):
                yield "wrong_type", _wrong("initial", state, game.state_type)
            if game.outcome(state) is not None:
                yield "over_at_the_start", {"players": players, "config": str(config)}


def _states(game: AnyGame) -> Found:
    for setup, state, _ in _play(game):
        for impurity in impure_values(state):
            yield "impure_value", {"where": "state", **impurity._asdict()}
        if (size := len(encode(state))) > _STATE_MAX:
            yield "state_too_large", {"players": setup.players, "size": size, "most": _STATE_MAX}
        if not isinstance(state, game.state_type):
            yield "wrong_type", _wrong("advance", state, game.state_type)
        if not isinstance(game.render(state), str):
            yield "no_text", {"method": "render"}


def _turns(game: AnyGame) -> Found:
    for setup, state, _ in _play(game):
        asked = game.to_move(state)
        if game.to_move(state) != asked:
            yield "to_move_differs", {}
        if asked is None:
            continue
        if game.tick_rate:
            yield "to_move_in_real_time", {}
        if not isinstance(asked, tuple) or sorted(set(asked)) != list(asked):
            yield "to_move_not_in_order", {"value": repr(asked)}
        elif not set(asked) <= set(range(setup.players)):
            yield "to_move_names_nobody", {"value": repr(asked), "players": setup.players}
        elif not asked and game.outcome(state) is None:
            yield "nobody_to_move", {}


def _inputs(game: AnyGame) -> Found:
    limit = _INPUT_MAX[game.tick_rate > 0]
    for _, state, inputs in _play(game):
        for move in inputs:
            if move is None:
                continue
            data = encode(move)
            if game.decode_input(data) != move:
                yield "changed_by_encoding", {"value": str(move)}
            if len(data) > limit:
                yield "input_too_large", {"size": len(data), "most": limit}
            for impurity in impure_values(move):
                yield "impure_value", {"where": str(move), **impurity._asdict()}
            if not isinstance(game.describe(state, move), str):
                yield "no_text", {"method": "describe"}


def _neutral(game: AnyGame) -> Found:
    if game.tick_rate == 0:
        return
    if game.decode_input(encode(game.neutral)) != game.neutral:
        yield "bad_neutral", {"value": repr(game.neutral), "type": str(game.input_type)}
    dice = Dice(0)
    values = all_values(game.input_type, _VALUES)
    for setup, state, inputs in _play(game):
        some = [random_value(game.input_type, dice)] if values is None else values
        for player in range(setup.players):
            for move in (game.neutral, game.predict(game.neutral), *some):
                try:
                    game.validate(state, player, move)
                except IllegalMoveError as error:
                    code = "neutral_refused" if move == game.neutral else "refused_in_real_time"
                    yield code, {"value": repr(move), "reason": str(error)}
        predicted = tuple(map(game.predict, inputs))
        if any(game.decode_input(encode(move)) != move for move in predicted):
            yield "bad_prediction", {}
        game.advance(state, predicted)


def _refusals(game: AnyGame) -> Found:
    """Whatever a hostile peer sends is refused in form or by the rules, and with no other error."""
    moves = []
    for data in (*_GARBAGE, *map(encode, _STRANGE)):
        try:
            moves.append(game.decode_input(data))
        except msgspec.DecodeError:
            continue
    for setup, state, inputs in _play(game):
        asked = game.to_move(state)
        for player in range(setup.players):
            for move in moves:
                if _refuses(game, state, player, move):
                    continue
                if game.decode_input(encode(move)) != move:
                    yield "not_an_input", {"value": repr(move)}
            if asked is not None and player not in asked and asked:
                other = inputs[asked[0]]
                if not _refuses(game, state, player, other):
                    yield "moves_out_of_turn", {"player": player, "asked": repr(asked)}


def _ends(game: AnyGame) -> Found:
    for setup, state, _ in _play(game):
        ended: Any = game.outcome(state)
        if ended is None:
            continue
        if not isinstance(ended, Outcome):
            yield "not_an_outcome", {"value": repr(ended)}
            continue
        winners = ended.winners
        if sorted(set(winners)) != sorted(winners) or not set(winners) <= set(range(setup.players)):
            yield "bad_winners", {"winners": repr(winners)}
        if not 1 <= len(ended.reason) <= 64:
            yield "bad_reason", {"reason": repr(ended.reason)}
        if game.tick_rate:
            later = game.advance(state, (game.neutral,) * setup.players)
            if game.outcome(later) != ended:
                yield "outcome_changes", {}


def _refuses(game: AnyGame, state: Any, player: int, move: Any) -> bool:
    try:
        game.validate(state, player, move)
    except IllegalMoveError:
        return True
    return False


def _play(game: AnyGame) -> Iterator[tuple[Setup[Any], Any, tuple[Any, ...]]]:
    """Setup, state and random inputs of the frames of some matches; no inputs with the last state of each."""
    span = game.max_players - game.min_players + 1
    for seed in range(max(_MATCHES, span)):
        setup = setups(game, seed)
        source = RandomInputs(game, seed)
        state = game.initial(setup)
        for _ in range(_FRAMES):
            if game.outcome(state) is not None:
                break
            inputs = source(state, setup.players)
            yield setup, state, inputs
            state = next_state(game, state, inputs)
        yield setup, state, (game.neutral,) * setup.players


def _wrong(method: str, value: object, kind: type) -> dict[str, Param]:
    return {"method": method, "type": type(value).__name__, "expected": kind.__name__}


def _place(error: Exception) -> str:
    """`` (rules.py:12)``: the innermost line of the traceback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f" ({file}:{trace.tb_lineno})"


CHECKS: Final[dict[str, Callable[[AnyGame], Found]]] = {
    "attributes": _attributes,
    "types": _types,
    "config": _config,
    "begin": _begin,
    "states": _states,
    "turns": _turns,
    "inputs": _inputs,
    "neutral": _neutral,
    "refusals": _refusals,
    "ends": _ends,
}
"""By name; each yields code and parameters of what does not hold, for use in a parametrised test."""
