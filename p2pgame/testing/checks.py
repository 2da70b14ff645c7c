"""What the platform expects of every game, as checks that anyone can run: ``assert conformance(GAME) == []``.

Each check uses the public methods of the game, plays a few random matches where needed, and yields a code and
parameters for each problem. Whether the game is deterministic is the sync test's business.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from p2pgame.core.errors import IllegalMoveError, Param
from p2pgame.core.game import Absence, AnyGame, Outcome, Setup, next_state
from p2pgame.core.guard import Guard
from p2pgame.core.snapshot import encode
from p2pgame.testing.errors import NoInputError
from p2pgame.testing.inputs import PLAYERS_MAX, RandomInputs, configurations, line_ups, setups
from p2pgame.testing.values import Dice, all_values, random_value
from p2pgame.testing.walk import impure_types, impure_values

__all__ = ["CHECKS", "ConformanceProblem", "conformance"]

_NAME: Final = re.compile(r"[a-z0-9-]{1,24}")
_TEAMS_FROM: Final = 4
"""Players of the smallest match in teams: two of two."""
_TICK_RATES: Final = range(241)
_STATE_MAX: Final = 48 * 1024
"""Bytes of an encoded state: it must fit into one frame of a link, with what stands around it."""
_INPUT_MAX: Final = {False: 4096, True: 32}
"""Bytes of an encoded input, by turns and in real time, where many inputs share one datagram."""
_CONFIG_MAX: Final = 4096
_MATCHES: Final = 4
_FRAMES: Final = 240
_LONG_PLAY: Final = 1200
"""Frames of a match in which the state is watched for growth, at most."""
_LONG_MATCH: Final = 4096
"""Moves of a long match by turns; in real time a long one takes an hour."""
_PARTS: Final = 8
"""Parts of a match, each of at least so many frames, in all of which a state has to grow to count as growing."""
_AFTER_THE_END: Final = 60
"""Frames that are played on, as a prediction may be."""
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

    A fault is told once, by the first check that finds it. Raises nothing that the game raises.
    """
    problems: list[ConformanceProblem] = []
    told: set[tuple[str, str]] = set()
    for name in CHECKS:
        shown = 0
        for problem in _run(name, game):
            fault = _fault(problem)
            if fault not in told and shown < _SHOWN:
                told.add(fault)
                problems.append(problem)
                shown += 1
    return problems


def _fault(problem: ConformanceProblem) -> tuple[str, str]:
    """Equal for the same fault, however often, with whatever values and by whichever check it is found."""
    params = problem.params
    match problem.code:
        case "raised":
            return "raised", f"{params['error']} {params['place']}"
        case "impure_type" | "impure_value":  # a field is named by both, in the type and in each value
            field = re.sub(r"\[\d*\]", "", str(params["path"])).rpartition(".")[2]
            return "impure", f"{field} {params['why']}"
        case "no_text" | "wrong_type":
            return problem.code, str(params["method"])
        case "no_default" | "not_a_struct":
            return problem.code, str(params)
    return problem.code, ""


def _run(name: str, game: AnyGame) -> Iterator[ConformanceProblem]:
    try:
        for code, params in CHECKS[name](game):
            yield ConformanceProblem(name, code, params)
    except NoInputError as error:
        yield ConformanceProblem(name, error.code, error.params)
    except (Exception, SystemExit) as error:  # the game is what is tested: whatever it raises is a finding
        fault = Guard(type(game).__module__.rpartition(".")[0]).failure(error).params
        place = str(fault["place"])
        yield ConformanceProblem(
            name, "raised", {"error": fault["error"], "place": place if ":" in place else ""}
        )


def _attributes(game: AnyGame) -> Found:
    if not _NAME.fullmatch(str(game.name)):
        yield "bad_name", {"name": repr(game.name)}
    if not (isinstance(game.title, str) and 1 <= len(game.title.strip()) <= 40):
        yield "bad_title", {"title": repr(game.title)}
    if not 1 <= game.min_players <= game.max_players <= PLAYERS_MAX:
        yield "bad_player_bounds", {"least": game.min_players, "most": game.max_players}
    if game.tick_rate not in _TICK_RATES:
        yield "bad_tick_rate", {"tick_rate": repr(game.tick_rate), "most": _TICK_RATES[-1]}
    for name, kind in (("teams", bool), ("join", bool), ("absence", Absence)):
        if not isinstance(getattr(game, name), kind):
            yield "bad_attribute", {"name": name, "value": repr(getattr(game, name)), "type": kind.__name__}
    if game.teams and game.max_players < _TEAMS_FROM:
        yield "too_few_for_teams", {"most": game.max_players, "least": _TEAMS_FROM}


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
    wrong = list(_refused_fields(default))
    if wrong:
        yield from wrong
        return
    data = encode(default)
    if len(data) > _CONFIG_MAX:
        yield "config_too_large", {"size": len(data), "most": _CONFIG_MAX}
    for config in configurations(game):
        if game.decode_config(encode(config)) != config:
            yield "changed_by_encoding", {"value": str(config)}
    if game.decode_config(data) != default:
        yield "default_not_of_type", {}


def _refused_fields(default: Any) -> Found:
    """Fields of a default configuration whose type does not have the value that stands there."""
    for field, kind in get_type_hints(type(default), include_extras=True).items():
        value = getattr(default, field)
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            choices = ", ".join(map(repr, get_args(kind))) if get_origin(kind) is Literal else str(kind)
            path = f"{type(default).__name__}.{field}"
            yield "bad_default", {"path": path, "value": repr(value), "choices": choices}


def _begin(game: AnyGame) -> Found:
    for config in configurations(game):
        for players, teams in line_ups(game):
            state = game.initial(Setup(players, (1 << 64) - 1, config, teams))
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
            if move is None or move is game.neutral:  # that has a check of its own
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
    try:
        same = game.decode_input(encode(game.neutral)) == game.neutral
    except (msgspec.DecodeError, TypeError):  # what cannot be encoded is a TypeError
        same = False
    if not same:
        yield "bad_neutral", {"value": repr(game.neutral), "type": str(game.input_type)}
        return
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
    for seed in range(max(_MATCHES, len(line_ups(game)))):
        setup = setups(game, seed)
        *_, state = _long_play(game, setup, seed, idle=False)
        ended: Any = game.outcome(state)
        if ended is None:
            continue
        if not isinstance(ended, Outcome):
            yield "not_an_outcome", {"value": repr(ended)}
            continue
        winners = ended.winners
        if sorted(set(winners)) != sorted(winners) or not set(winners) <= set(range(setup.players)):
            yield "bad_winners", {"winners": repr(winners)}
        elif not _whole_teams(setup.teams, winners):
            yield "part_of_a_team_wins", {"winners": repr(winners), "teams": repr(setup.teams)}
        if not 1 <= len(ended.reason) <= 64:
            yield "bad_reason", {"reason": repr(ended.reason)}
        if game.tick_rate:
            later = state
            for _ in range(_AFTER_THE_END):
                later = game.advance(later, (game.neutral,) * setup.players)
            if game.outcome(later) != ended:
                yield "outcome_changes", {"before": str(ended), "after": str(game.outcome(later))}


def _whole_teams(teams: tuple[int, ...], winners: tuple[int, ...]) -> bool:
    """Whether all players of a team win or none."""
    won = {teams[player] for player in winners} if teams else set()
    return all((player in winners) == (team in won) for player, team in enumerate(teams))


def _refuses(game: AnyGame, state: Any, player: int, move: Any) -> bool:
    try:
        game.validate(state, player, move)
    except IllegalMoveError:
        return True
    return False


def _play(game: AnyGame) -> Iterator[tuple[Setup[Any], Any, tuple[Any, ...]]]:
    """Setup, state and random inputs of the frames of some matches; no inputs with the last state of each."""
    for seed in range(max(_MATCHES, len(line_ups(game)))):
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


def _growth(game: AnyGame) -> Found:
    """A state is hashed in every frame, kept for a rollback, and sent as a whole after a difference."""
    long = 3600 * game.tick_rate or _LONG_MATCH
    found = line_ups(game)
    for seed, (players, teams) in enumerate(
        (found[0], found[-1])
    ):  # the fewest and, in teams if it has them, the most
        setup = Setup(players, seed, game.config_type(), teams)
        for idle in (False, True)[: 1 + (game.tick_rate > 0)]:
            sizes = [len(encode(state)) for state in _long_play(game, setup, seed, idle=idle)]
            each = _growing(sizes)
            if each is not None and sizes[-1] + each * (long - len(sizes)) > _STATE_MAX:
                facts: dict[str, Param] = {"first": sizes[0], "last": sizes[-1], "frames": len(sizes) - 1}
                yield "state_grows", {**facts, "most": _STATE_MAX}
                return


def _long_play(game: AnyGame, setup: Setup[Any], seed: int, *, idle: bool) -> Iterator[Any]:
    """The states of a match, with random inputs or with neutral ones."""
    source, state = RandomInputs(game, seed), game.initial(setup)
    for _ in range(_LONG_PLAY):
        yield state
        if game.outcome(state) is not None:
            return
        inputs = (game.neutral,) * setup.players if idle else source(state, setup.players)
        state = next_state(game, state, inputs)
    yield state


def _growing(sizes: list[int]) -> float | None:
    """Bytes a frame by which states grow; None if they do not in every part of the match, or it is too short to say."""
    part = len(sizes) // _PARTS
    if part < _PARTS:
        return None
    largest = [max(sizes[index * part : (index + 1) * part]) for index in range(_PARTS)]
    if any(later <= earlier for earlier, later in pairwise(largest)):
        return None
    return (largest[-1] - largest[0]) / ((_PARTS - 1) * part)


def _wrong(method: str, value: object, kind: type) -> dict[str, Param]:
    return {"method": method, "type": type(value).__name__, "expected": kind.__name__}


CHECKS: Final[dict[str, Callable[[AnyGame], Found]]] = {
    "attributes": _attributes,
    "types": _types,
    "config": _config,
    "begin": _begin,
    "neutral": _neutral,
    "states": _states,
    "growth": _growth,
    "turns": _turns,
    "inputs": _inputs,
    "refusals": _refusals,
    "ends": _ends,
}
"""By name; each yields code and parameters of what does not hold, for use in a parametrised test."""
