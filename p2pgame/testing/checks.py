"""What the platform expects of every game, as checks that anyone can run: ``assert conformance(GAME) == []``.

Each check looks at the game from outside, plays a few random matches where it has to, and says in one sentence what
does not hold. Whether the game is deterministic is the sync test's business.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

from p2pgame.core.errors import IllegalMoveError, P2PGameError
from p2pgame.core.game import AnyGame, Outcome, Setup
from p2pgame.core.snapshot import encode
from p2pgame.testing.inputs import RandomInputs, setups
from p2pgame.testing.values import all_values
from p2pgame.testing.walk import impure_types, impure_values

__all__ = ["CHECKS", "Problem", "conformance"]

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
_SHOWN: Final = 5
"""Problems told of one check."""
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


class Problem(msgspec.Struct, frozen=True):
    """One expectation that a game does not meet."""

    check: str
    """Name of the check, such as ``inputs``."""
    what: str


def conformance(game: AnyGame) -> list[Problem]:
    """The problems of `game`, the first few of every check; empty if it is fit to be played.

    Raises nothing that the game raises.
    """
    found = (list(dict.fromkeys(_run(name, game)))[:_SHOWN] for name in CHECKS)
    return [problem for problems in found for problem in problems]


def _run(name: str, game: AnyGame) -> Iterator[Problem]:
    try:
        for what in CHECKS[name](game):
            yield Problem(name, what)
    except P2PGameError as error:
        yield Problem(name, str(error))
    except Exception as error:  # the game is what is tested: whatever it raises is a finding
        yield Problem(name, f"{type(error).__name__}: {error}{_place(error)}")


def _attributes(game: AnyGame) -> Iterator[str]:
    if not _NAME.fullmatch(str(game.name)):
        yield f"name {game.name!r} is not 1-24 characters of a-z, 0-9 and '-'"
    if not (isinstance(game.title, str) and 1 <= len(game.title.strip()) <= 40):
        yield f"title {game.title!r} is not 1-40 characters"
    if not 1 <= game.min_players <= game.max_players <= _PLAYERS_MAX:
        yield f"min_players {game.min_players} and max_players {game.max_players} are not in order within 1-8"
    if game.tick_rate not in _TICK_RATES:
        yield f"tick_rate {game.tick_rate!r} is not an integer from 0 to {_TICK_RATES[-1]}"


def _types(game: AnyGame) -> Iterator[str]:
    for role in ("state", "input", "config"):
        kind = getattr(game, f"{role}_type")
        for path, why in impure_types(kind):
            yield f"{role}_type: {path}: {why}"
    for role in ("state", "config"):
        if not isinstance(inspect.type_info(getattr(game, f"{role}_type")), inspect.StructType):
            yield f"{role}_type is not a msgspec.Struct"


def _config(game: AnyGame) -> Iterator[str]:
    kind = inspect.type_info(game.config_type)
    if isinstance(kind, inspect.StructType):
        yield from (f"field {f.name} has no default" for f in kind.fields if f.required)
    default = game.config_type()
    data = encode(default)
    if len(data) > _CONFIG_MAX:
        yield f"takes {len(data)} bytes, more than {_CONFIG_MAX}"
    for config in all_values(game.config_type, 256) or [default]:
        if game.decode_config(encode(config)) != config:
            yield f"{config} is another once encoded and decoded"
    if game.decode_config(data) != default:
        yield "the default does not survive its own types"


def _begin(game: AnyGame) -> Iterator[str]:
    for config in all_values(game.config_type, 256) or [game.config_type()]:
        for players in range(game.min_players, game.max_players + 1):
            state = game.initial(Setup(players=players, seed=(1 << 64) - 1, config=config))
            if not isinstance(state, game.state_type):
                yield f"initial gives a {type(state).__name__}, not a {game.state_type.__name__}"
            if game.outcome(state) is not None:
                yield f"with {players} players and {config} a match is over before it begins"


def _states(game: AnyGame) -> Iterator[str]:
    for setup, state, _ in _play(game):
        for path, why in impure_values(state):
            yield f"{path}: {why}"
        if (size := len(encode(state))) > _STATE_MAX:
            yield f"with {setup.players} players a state takes over {_STATE_MAX} bytes ({size})"
        if not isinstance(state, game.state_type):
            yield f"advance gives a {type(state).__name__}, not a {game.state_type.__name__}"
        if not isinstance(game.render(state), str):
            yield "render does not give a string"


def _turns(game: AnyGame) -> Iterator[str]:
    for setup, state, _ in _play(game):
        asked = game.to_move(state)
        if game.to_move(state) != asked:
            yield "to_move gives two different answers for one state"
        if asked is None:
            continue
        if game.tick_rate:
            yield "to_move names players, but in real time every player moves in every frame: return None"
        if not isinstance(asked, tuple) or sorted(set(asked)) != list(asked):
            yield f"to_move gives {asked!r}, not a tuple of players in order, each once"
        elif not set(asked) <= set(range(setup.players)):
            yield f"to_move gives {asked!r}, but there are {setup.players} players"
        elif not asked and game.outcome(state) is None:
            yield "nobody is to move and the match is not over"


def _inputs(game: AnyGame) -> Iterator[str]:
    limit = _INPUT_MAX[game.tick_rate > 0]
    for _, state, inputs in _play(game):
        for move in inputs:
            if move is None:
                continue
            data = encode(move)
            if game.decode_input(data) != move:
                yield f"{move} is another once encoded and decoded"
            if len(data) > limit:
                yield f"an input takes {len(data)} bytes, more than {limit}"
            for path, why in impure_values(move):
                yield f"{move}: {path}: {why}"
            if not isinstance(game.describe(state, move), str):
                yield "describe does not give a string"


def _neutral(game: AnyGame) -> Iterator[str]:
    if game.tick_rate == 0:
        return
    if game.decode_input(encode(game.neutral)) != game.neutral:
        yield f"neutral {game.neutral!r} is not a {game.input_type}"
    for setup, state, inputs in _play(game):
        for player in range(setup.players):
            for move in (game.neutral, game.predict(game.neutral)):
                try:
                    game.validate(state, player, move)
                except IllegalMoveError as error:
                    yield f"{move!r}, which a silent player is taken to give, is refused: {error}"
        predicted = tuple(map(game.predict, inputs))
        if any(game.decode_input(encode(move)) != move for move in predicted):
            yield "predict gives what is no input"
        game.advance(state, predicted)


def _refusals(game: AnyGame) -> Iterator[str]:
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
                    yield f"{move!r} is taken for an input"
            if asked is not None and player not in asked and asked:
                other = inputs[asked[0]]
                if not _refuses(game, state, player, other):
                    yield f"validate lets player {player} move when {asked} are to move"


def _ends(game: AnyGame) -> Iterator[str]:
    for setup, state, _ in _play(game):
        ended: Any = game.outcome(state)
        if ended is None:
            continue
        if not isinstance(ended, Outcome):
            yield f"outcome gives {ended!r}, not an Outcome"
            continue
        winners = ended.winners
        if sorted(set(winners)) != sorted(winners) or not set(winners) <= set(range(setup.players)):
            yield f"the winners {winners!r} are not players, each once"
        if not 1 <= len(ended.reason) <= 64:
            yield f"the reason {ended.reason!r} is not 1-64 characters"
        if game.tick_rate:
            later = game.advance(state, (game.neutral,) * setup.players)
            if game.outcome(later) != ended:
                yield "a frame after the end changes the outcome; prediction may run past it"


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
            state = game.advance(state, inputs)
        yield setup, state, (game.neutral,) * setup.players


def _place(error: Exception) -> str:
    """`` (rules.py:12)``: the innermost line of the traceback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f" ({file}:{trace.tb_lineno})"


CHECKS: Final[dict[str, Callable[[AnyGame], Iterator[str]]]] = {
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
"""By name; each yields what does not hold, for use in a parametrised test."""
