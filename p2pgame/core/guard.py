"""The one way into the code of a game: whatever it raises, or gives of a wrong type, is a `GameError`.

A game is somebody else's code inside our program. `Guard` calls it, `GuardedGame` and `GuardedBot` have the interfaces
of the rules and of a bot and call through a `Guard`. So nothing above has to expect more than one error from a game.
"""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import PurePath
from types import CodeType, TracebackType
from typing import Annotated, Any, ClassVar, Final, NoReturn, TypeVar

import msgspec

from p2pgame.core.analysis import RANKED_MAX, Analysis, Assessment, Candidate
from p2pgame.core.errors import ForfeitError, IllegalMoveError, P2PGameError
from p2pgame.core.game import AnyGame, Bot, Game, Outcome, Setup
from p2pgame.core.records import Record, RecordError, Records
from p2pgame.core.snapshot import encode

__all__ = ["GameError", "Guard", "GuardedAnalysis", "GuardedBot", "GuardedGame", "GuardedRecords"]

T = TypeVar("T")

_ATTRIBUTES: Final = (
    "name", "title", "min_players", "max_players", "tick_rate", "teams", "join", "absence", "neutral",
    "state_type", "input_type", "config_type", "notes",
)  # fmt: skip


class GameError(P2PGameError):
    """The code of a game failed. Parameters: ``game``, its name; ``error``, in Python's words; ``place``.

    `place` is the innermost line of the game's own files that it came through (``nim/view.py:12``), else the name of
    the package.
    """

    CODE: ClassVar = "game_failed"

    def __init__(self, game: str, error: str, place: str) -> None:
        super().__init__(self.CODE, game=game, error=error, place=place)


class Guard:
    """Calls the code of the game in `package`."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.game = package
        """The name for errors: the package, until the name of the game is known."""

    def call(
        self, function: Callable[..., T], /, *args: Any, may_raise: tuple[type[Exception], ...] = ()
    ) -> T:
        """What `function` gives. Raises `GameError` for anything that it raises, but what it `may_raise`."""
        try:
            return function(*args)
        except may_raise:
            raise
        except BaseException as error:
            self.reraise(error)

    def reraise(self, error: BaseException) -> NoReturn:
        """Raise what becomes of an `error` that the game raised: a `GameError`, unless it is not the game's."""
        if isinstance(error, GameError | ForfeitError) or not isinstance(error, Exception | SystemExit):
            raise error
        if isinstance(error, SystemExit) and _is_a_signal(error):
            raise error
        raise self.failure(error) from error  # also for `exit`, which does not end our program

    def load(self, module: str, name: str) -> Any:
        """The object `name` of a module of the package, imported now. Raises `GameError`."""
        return self.call(lambda: getattr(importlib.import_module(f"{self.package}.{module}"), name))

    def checked(self, value: object, kind: Any, function: Callable[..., Any]) -> Any:
        """`value`, which `function` gave, as a `kind`. Raises `GameError`."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise self.wrong(function, str(error)) from error

    def input(self, game: AnyGame, move: object, function: Callable[..., Any]) -> Any:
        """`move`, which `function` gave, as it arrives at the other players. Raises `GameError` unless it is an input.

        What does not arrive as an input would be held against us as a broken rule.
        """
        try:
            return game.decode_input(encode(move))
        except GameError:
            raise
        except Exception as error:  # also what the encoder raises for what nobody can send
            raise self.wrong(function, f"{move!r:.40} is no input: {error}") from error

    def failure(self, error: BaseException) -> GameError:
        """The `GameError` for what the game raised."""
        try:
            text = error.msg if isinstance(error, SyntaxError) else str(error)
        except Exception:  # errors are code of the game, too
            text = ""
        name = type(error).__name__
        return self._error(f"{name}: {text}" if text else name, self._innermost(error))

    def wrong(self, function: Callable[..., Any], problem: str) -> GameError:
        """The `GameError` for what `function` of the game gave."""
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        place = (code.co_filename, code.co_firstlineno) if isinstance(code, CodeType) else None
        return self._error(f"{getattr(function, '__name__', 'it')}: {problem}", self._inside(place))

    def _error(self, words: str, place: tuple[str, int] | None) -> GameError:
        shown = self.package if place is None else f"{place[0]}:{place[1]}"
        return GameError(self.game, words, shown)

    def _innermost(self, error: BaseException) -> tuple[str, int] | None:
        found = None
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            found = self._inside((trace.tb_frame.f_code.co_filename, trace.tb_lineno)) or found
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.filename:
            found = self._inside((error.filename, error.lineno or 1)) or found
        return found

    def _inside(self, place: tuple[str, int] | None) -> tuple[str, int] | None:
        """`place` with its file as seen from beside the package; None if it is outside the package."""
        if place is None:
            return None
        for folder in self._folders():
            file = PurePath(place[0])
            if file.is_relative_to(folder):
                return f"{folder.name}/{file.relative_to(folder).as_posix()}", place[1]
        return None

    def _folders(self) -> list[PurePath]:
        try:
            spec = importlib.util.find_spec(self.package)
        except Exception:  # looking for a package imports those around it
            return []
        return [PurePath(folder) for folder in (spec.submodule_search_locations or ())] if spec else []


class GuardedAnalysis:
    """An `Analysis`, called through a `Guard`. Every method raises `GameError`."""

    def __init__(self, analysis: Analysis[Any], game: AnyGame, guard: Guard) -> None:
        self._analysis = analysis
        self._game = game
        self._guard = guard

    def assessment(self, state: Any, players: int) -> Assessment | None:
        """As `Analysis.assessment`; its chances are those of so many players, and its line is legal."""
        guard, asked = self._guard, self._analysis.assessment
        found = guard.call(asked, state)
        if found is None:
            return None
        if not isinstance(found, Assessment):
            raise guard.wrong(asked, "no Assessment")
        known = {name: getattr(found, name) for name in Assessment.__struct_fields__}
        checked: Assessment = guard.checked(known, Assessment, asked)
        if checked.chances:
            self._check_chances(checked.chances, players, asked)
        return msgspec.structs.replace(checked, line=self._legal(checked.line, state, players, asked))

    def ranking(self, state: Any, players: int) -> tuple[Candidate, ...] | None:
        """As ``Analysis.ranking``, checked like an assessment; nothing from an analysis without one."""
        guard = self._guard
        asked = guard.call(getattr, self._analysis, "ranking", None)
        if asked is None:
            return ()
        found = guard.call(asked, state)
        if found is None:
            return None
        if not (isinstance(found, tuple) and all(isinstance(each, Candidate) for each in found)):
            raise guard.wrong(asked, "no tuple of Candidate")
        plain = [{name: getattr(each, name) for name in Candidate.__struct_fields__} for each in found]
        kind = Annotated[tuple[Candidate, ...], msgspec.Meta(max_length=RANKED_MAX)]
        checked: tuple[Candidate, ...] = guard.checked(plain, kind, asked)
        ranked = []
        for each in checked:
            self._check_chances(each.chances, players, asked)
            if not each.line:
                raise guard.wrong(asked, "a candidate has no input")
            line = self._legal(each.line, state, players, asked)
            ranked.append(msgspec.structs.replace(each, line=line))
        return tuple(ranked)

    def _check_chances(self, chances: tuple[int, ...], players: int, asked: Callable[..., Any]) -> None:
        if len(chances) != players or sum(chances) != 1000:
            raise self._guard.wrong(asked, f"chances of {players} players are not {chances}")

    def _legal(
        self, given: Sequence[Any], state: Any, players: int, asked: Callable[..., Any]
    ) -> tuple[Any, ...]:
        """The inputs as they would arrive, each legal after those before it."""
        guard, line = self._guard, []
        for move in given:
            to_move = self._game.to_move(state) or ()
            if len(to_move) != 1:
                raise guard.wrong(asked, "a line goes on where not one player is to move")
            line.append(guard.input(self._game, move, asked))
            try:
                self._game.validate(state, to_move[0], line[-1])
            except IllegalMoveError as error:
                raise guard.wrong(asked, f"{move!r:.40} is illegal: {error}") from error
            state = self._game.advance(state, [line[-1] if p in to_move else None for p in range(players)])
        return tuple(line)

    def close(self) -> None:
        """It is not needed any more."""
        self._guard.call(self._analysis.close)


class GuardedRecords:
    """The records of a game, called through a `Guard`: they raise `RecordError` and `GameError`."""

    def __init__(self, records: Records, guard: Guard) -> None:
        self._records = records
        self._guard = guard
        names = tuple[Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]{1,16}\Z")], ...]
        made = type(records)
        self.reads: Sequence[str] = guard.checked(guard.call(getattr, records, "reads"), names, made)
        self.writes: Sequence[str] = guard.checked(guard.call(getattr, records, "writes"), names, made)

    def read(self, data: bytes, form: str) -> Record:
        found = self._guard.call(self._records.read, data, form, may_raise=(RecordError,))
        if not isinstance(found, Record):
            raise self._guard.wrong(self._records.read, "no Record")
        return found

    def write(self, record: Record, form: str) -> bytes:
        written = self._guard.call(self._records.write, record, form, may_raise=(RecordError,))
        if not isinstance(written, bytes):
            raise self._guard.wrong(self._records.write, "no bytes")
        return written


class GuardedGame(Game[Any, Any, Any]):
    """The rules of a game, called through a `Guard`.

    Every method raises `GameError` besides what `Game` documents, and gives what `Game` says.
    """

    def __init__(self, game: AnyGame, guard: Guard) -> None:
        """Raises `GameError` if `game` lacks something that a `Game` has."""
        self._game = game
        self._guard = guard
        vars(self).update({name: guard.call(getattr, game, name) for name in _ATTRIBUTES})
        if type(game).to_move is Game.to_move:  # ours: it needs no guard
            vars(self)["to_move"] = game.to_move

    def initial(self, setup: Setup[Any]) -> Any:
        return self._state(self._guard.call(self._game.initial, setup), self._game.initial)

    def validate(self, state: Any, player: int, move: Any) -> None:
        try:  # for each player in each frame: `Guard.call` without its call
            self._game.validate(state, player, move)
        except IllegalMoveError as error:
            if not _can_be_said(error):
                raise self._guard.failure(error) from error
            raise
        except BaseException as error:
            self._guard.reraise(error)

    def advance(self, state: Any, inputs: Sequence[Any]) -> Any:
        try:  # in each frame: `Guard.call` without its call
            after = self._game.advance(state, inputs)
        except BaseException as error:
            self._guard.reraise(error)
        return self._state(after, self._game.advance)

    def outcome(self, state: Any) -> Outcome | None:
        try:
            ended = self._game.outcome(state)
        except BaseException as error:
            self._guard.reraise(error)
        if ended is None:
            return None
        if not isinstance(ended, Outcome):
            raise self._guard.wrong(self._game.outcome, f"{ended!r:.40} is no Outcome")
        checked: Outcome = self._guard.checked(msgspec.structs.asdict(ended), Outcome, self._game.outcome)
        return checked

    def to_move(self, state: Any) -> tuple[int, ...] | None:
        asked = self._guard.call(self._game.to_move, state)
        if asked is not None and not (isinstance(asked, tuple) and all(type(p) is int for p in asked)):
            raise self._guard.wrong(self._game.to_move, f"{asked!r:.40} is not a tuple of players")
        return asked

    def predict(self, last: Any) -> Any:
        predicted = self._guard.call(self._game.predict, last)
        return self._guard.input(self, predicted, self._game.predict)

    def describe(self, state: Any, move: Any) -> str:
        text: str = self._guard.checked(
            self._guard.call(self._game.describe, state, move), str, self._game.describe
        )
        return text

    def render(self, state: Any) -> str:
        text: str = self._guard.checked(self._guard.call(self._game.render, state), str, self._game.render)
        return text

    def decode_input(self, data: bytes) -> Any:
        return self._guard.call(self._game.decode_input, data, may_raise=(msgspec.DecodeError,))

    def decode_config(self, data: bytes) -> Any:
        return self._guard.call(self._game.decode_config, data, may_raise=(msgspec.DecodeError,))

    def _state(self, state: Any, function: Callable[..., Any]) -> Any:
        kind = self.state_type
        if isinstance(kind, type) and not isinstance(state, kind):
            raise self._guard.wrong(function, f"{state!r:.40} is no {kind.__name__}")
        return state


class GuardedBot:
    """A `Bot`, called through a `Guard`. Also a `SlowBot`: one that thinks at once gives its input at once."""

    def __init__(self, bot: Bot[Any, Any], game: AnyGame, guard: Guard) -> None:
        self._bot = bot
        self._game = game
        self._guard = guard
        self._choose = guard.call(getattr, bot, "choose")
        self._slow = guard.call(getattr, bot, "thought", None)

    def choose(self, state: Any, player: int) -> Any:
        """Raises `GameError`, also for what is no input of the game, and by turns for what is illegal in `state`.

        And `ForfeitError`, if the bot does.
        """
        return self._checked(self._guard.call(self._choose, state, player), state, player)

    def thought(self, state: Any, player: int) -> Any | None:
        """As `choose`; None: ask again later."""
        if self._slow is None:
            return self.choose(state, player)
        move = self._guard.call(self._slow, state, player)
        return None if move is None else self._checked(move, state, player)

    def allow(self, seconds: float) -> None:
        """By turns: how long the next input may take. Raises `GameError`."""
        allow = self._guard.call(getattr, self._bot, "allow", None)
        if allow is not None:
            self._guard.call(allow, seconds)

    def close(self) -> None:
        """The bot is not needed any more. Raises `GameError`."""
        close = self._guard.call(getattr, self._bot, "close", None)
        if close is not None:
            self._guard.call(close)

    def _checked(self, move: Any, state: Any, player: int) -> Any:
        choose, guard, game = self._choose, self._guard, self._game
        move = guard.input(game, move, choose)
        if not game.tick_rate:
            try:
                game.validate(state, player, move)
            except IllegalMoveError as error:
                raise guard.wrong(choose, f"{move!r:.40} is illegal: {error}") from error
        return move


def _is_a_signal(error: SystemExit) -> bool:
    """Raised by our own handler of a signal, which runs wherever the main thread is."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("p2pgame.cli.")


def _can_be_said(error: IllegalMoveError) -> bool:
    """Text, and facts that travel and can be shown."""
    return isinstance(error.code, str) and all(
        type(fact) in (str, int, float) for fact in error.params.values()
    )
