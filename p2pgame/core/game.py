"""What a game is to the platform: pure functions over immutable states.

A turn-based and a real-time game are the same thing here. A match is a seed, a configuration and a log of
confirmed inputs; `advance` is the only way a state changes. In a real-time game a frame passes every
``1 / tick_rate`` seconds, in a turn-based one when the players named by `to_move` have moved.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar, get_args, get_origin

import msgspec
import msgspec.inspect

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.snapshot import decode

__all__ = [
    "Absence",
    "AnyGame",
    "Bot",
    "EndedBy",
    "Game",
    "Level",
    "NoConfig",
    "Outcome",
    "Setup",
    "SlowBot",
    "levels_of",
    "make_bot",
    "next_state",
]

S = TypeVar("S")
"""State: a frozen `msgspec.Struct` of integers, strings, tuples and frozen structs; no floats, no sets."""
I = TypeVar("I")  # noqa: E741  (the input)
C = TypeVar("C")
I_con = TypeVar("I_con", covariant=True)
S_con = TypeVar("S_con", contravariant=True)


class NoConfig(msgspec.Struct, frozen=True):
    """The configuration of a game that has nothing to choose."""


class Setup(msgspec.Struct, Generic[C], frozen=True):
    """How a match begins, the same on all peers."""

    players: int
    """Number of players; the players are 0 .. players - 1."""
    seed: int
    """0 <= seed < 2**64, made from the nonces of all players, so chosen by none of them."""
    config: C
    teams: tuple[int, ...] = ()
    """The team of each player: two teams at least, numbered from 0 without a gap, all with the same number of players,
    two at least (`core.setup_check.check_teams`). Empty: everybody plays for itself."""

    @property
    def sides(self) -> tuple[int, ...]:
        """For each player the number of those it plays with: its team, or its own index where there are no teams."""
        return self.teams or tuple(range(self.players))


class Absence(Enum):
    """What happens to the seat of a player who dropped out of a match."""

    WAIT = "wait"
    """The match pauses."""
    BOT = "bot"
    """A bot of the game plays on; where the game has none, the match pauses."""
    OUT = "out"
    """The platform resigns for the player."""


class EndedBy(Enum):
    """What ended a match: the rules of the game, or the platform in one of its own ways."""

    RULES = "rules"
    FRAME_LIMIT = "frame_limit"
    RESIGNED = "resigned"
    DRAW_AGREED = "draw_agreed"
    TIME = "time"
    """The time of a player is used up."""
    CLAIMED = "claimed"
    """The other side did not come back."""
    ABANDONED = "abandoned"
    """A player left the match, or gave up an interrupted one."""
    CONNECTION_LOST = "connection_lost"
    FAULT = "fault"
    """The other side broke a rule of the protocol, or the rules of the game failed here."""
    DISPUTED = "disputed"
    """The states differ beyond repair, or what one side says was played is not what the other recorded."""


class Outcome(msgspec.Struct, frozen=True):
    """How a match ended. The rules of a game leave `ended_by` alone; only the platform sets it."""

    winners: tuple[int, ...]
    """Player indices; empty for a draw or an unfinished match."""
    reason: str
    """One or two plain words: the game's own (``five in a row``, ``board full``), else the name of `ended_by`."""
    ended_by: EndedBy = EndedBy.RULES

    @classmethod
    def by(cls, ended_by: EndedBy, winners: tuple[int, ...] = (), reason: str = "") -> "Outcome":
        """An end of the platform's own."""
        return cls(winners=winners, reason=reason or ended_by.value.replace("_", " "), ended_by=ended_by)


class Game(ABC, Generic[S, I, C]):
    """The rules of a game. Stateless: one instance serves all matches.

    A subclass sets the class attributes and writes `initial`, `validate`, `advance` and `outcome`. The three types are
    those that it names in brackets, as in ``Game[State, Move, Config]``, unless it sets them.
    All methods are pure and deterministic: same arguments, same result, on every machine.
    """

    name: ClassVar[str]
    """Id on the wire: 1-24 characters of ``a-z 0-9 -``."""
    title: ClassVar[str]
    """Name on screen."""
    min_players: ClassVar[int] = 2
    max_players: ClassVar[int] = 2
    tick_rate: ClassVar[int] = 0
    """Frames a second; 0: turn-based."""
    teams: ClassVar[bool] = False
    """Whether the rules know `Setup.teams`. The winners of a match in teams are all players of a team."""
    join: ClassVar[bool] = True
    """Real-time: whether somebody may take over the seat of a bot while a match runs."""
    absence: ClassVar[Absence] = Absence.WAIT
    """What becomes of the seat of a player who dropped out. Default: `BOT` in real time, `WAIT` by turns."""
    neutral: ClassVar[Any] = None
    """Real-time: the input of a player who does nothing; stands in until the first real one arrives."""
    state_type: ClassVar[Any]
    input_type: ClassVar[Any]
    config_type: ClassVar[Any] = NoConfig
    """A frozen struct with a default for every field; fields of type `Literal` are offered as choices."""
    notes: ClassVar[Mapping[str, str]] = {}
    """One short sentence in English for a choice that is a word, by the word: ``{"wrap": "The edges are open."}``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        for name, kind in zip(_TYPES, _types_of(cls), strict=False):
            if name not in own and not isinstance(kind, TypeVar):
                setattr(cls, name, kind)
        if "tick_rate" in own and "absence" not in own:
            cls.absence = Absence.BOT if cls.tick_rate else Absence.WAIT

    @abstractmethod
    def initial(self, setup: Setup[C]) -> S:
        """The state of frame 0."""

    @abstractmethod
    def validate(self, state: S, player: int, move: I) -> None:
        """Raise `IllegalMoveError`, with the reason in plain words, if `player` may not give `move` now.

        By turns the move is refused. In real time nobody knows the state that an input will meet, so every value of
        `input_type` may be given; one that is refused in the state of its frame counts as `neutral` (`next_state`).
        """

    @abstractmethod
    def advance(self, state: S, inputs: Sequence[I | None]) -> S:
        """The state one frame later. `inputs` has one entry a player, None for who is not in `to_move`."""

    @abstractmethod
    def outcome(self, state: S) -> Outcome | None:
        """How the match ended, or None while it goes on."""

    def to_move(self, state: S) -> tuple[int, ...] | None:
        """The players whose inputs the next frame needs; None: every player, as in real-time games.

        By turns, the inputs of several are sealed: nobody sees one before all players have given theirs.
        """
        del state
        return None

    def predict(self, last: I) -> I:
        """Real-time: what a player will probably do next, after `last`. Default: the same again."""
        return last

    def describe(self, state: S, move: I) -> str:
        """`move` in the notation of the game, for logs and the terminal."""
        del state
        return str(move)

    def render(self, state: S) -> str:
        """The state as plain text, for terminals and logs."""
        return repr(state)

    def decode_input(self, data: bytes) -> I:
        """An input from the wire, validated in form. Raises `msgspec.DecodeError`."""
        value: I = decode(data, self.input_type)
        return value

    def decode_config(self, data: bytes) -> C:
        """A configuration from the wire, validated in form. Raises `msgspec.DecodeError`."""
        value: C = decode(data, self.config_type)
        return value


AnyGame = Game[Any, Any, Any]

_TYPES: Final = ("state_type", "input_type", "config_type")


def _types_of(cls: type) -> tuple[Any, ...]:
    """The types in brackets behind `Game` in the bases of `cls`; empty without."""
    return next(
        (get_args(base) for base in vars(cls).get("__orig_bases__", ()) if get_origin(base) is Game), ()
    )


def next_state(game: AnyGame, state: Any, inputs: Sequence[Any]) -> Any:
    """The state one frame after `state`, as every peer, file and test computes it.

    In real time this is the only place that asks `Game.validate`: with the state that the input meets, which is the
    same for everybody, so a refusal is too. Before that, only the form of an input is judged (`Game.decode_input`),
    by each peer in a state of its own.
    """
    if game.tick_rate:
        inputs = tuple([_admitted(game, state, player, move) for player, move in enumerate(inputs)])
    return game.advance(state, inputs)


def _admitted(game: AnyGame, state: Any, player: int, move: Any) -> Any:
    try:
        game.validate(state, player, move)
    except IllegalMoveError:
        return game.neutral
    return move


class Level(Enum):
    """How strong a bot plays."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Bot(Protocol[S_con, I_con]):
    """Plays a game without a person. Bots may keep memory and use `random`.

    Made as ``Bot(seed)``; a class with ``options: ClassVar``, a frozen struct with a default for every field, is made
    as ``Bot(seed, options)``. A field ``level`` of that struct, a whole number from 1 to its ``le``, is how strong it
    plays. A bot may also have the methods of `SlowBot`; ``allow(seconds)``, called before a choice while the clock of
    its player runs: how long it may take; and ``close()``, called once when it is not needed any more.
    """

    def choose(self, state: S_con, player: int) -> I_con:
        """The input of `player` in `state`. Called only when `player` is to move. May raise `ForfeitError`."""
        ...


class SlowBot(Bot[S_con, I_con], Protocol[S_con, I_con]):
    """By turns: a bot that thinks elsewhere. Who must not wait for it asks again and again."""

    def thought(self, state: S_con, player: int) -> I_con | None:
        """As `choose`, but returns at once: None as long as it thinks."""
        ...


def make_bot(
    bot_type: Callable[..., Bot[S, I]],
    seed: int,
    level: Level,
    chosen: Mapping[str, object] = MappingProxyType({}),
) -> Bot[S, I]:
    """A new bot of that class. One without levels plays as it does, whatever `level` says.

    `chosen`: options by name; a `level` among them counts instead of `level`. Raises `msgspec.ValidationError` for what
    is no option.
    """
    kind = _options_of(bot_type)
    if kind is None:
        if chosen:
            raise msgspec.ValidationError(f"no option {next(iter(chosen))}")
        return bot_type(seed)
    names = kind.__struct_fields__
    for name in chosen:
        if name not in names:
            raise msgspec.ValidationError(f"no option {name}")
    most = levels_of(bot_type)
    usual = {"level": _THIRDS[level] * most // len(Level) or 1} if most else {}
    values = {**usual, **chosen}
    return bot_type(seed, msgspec.convert(values, kind, strict=False))


def levels_of(bot_type: Callable[..., Bot[Any, Any]]) -> int:
    """How many levels bots of that class have, the weakest 1; 0: they play as they do."""
    kind = _options_of(bot_type)
    for field in msgspec.inspect.type_info(kind).fields if kind is not None else ():  # type: ignore[attr-defined]
        if field.name == "level":
            return int(field.type.le)
    return 0


def _options_of(bot_type: Callable[..., Bot[Any, Any]]) -> type[msgspec.Struct] | None:
    return getattr(bot_type, "options", None)


_THIRDS: Final = {Level.EASY: 1, Level.MEDIUM: 2, Level.HARD: 3}
"""How many thirds of the levels of a bot."""
