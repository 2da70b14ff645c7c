"""Which games are installed. Built-in games and other packages register in the same way.

An entry point of the group ``p2pgame.games`` names a package (``gomoku = "p2pgame.games.gomoku"``) that has

- ``rules.py``, or a package ``rules``, with ``GAME``, a `Game`: pure, imports `p2pgame.core` and modules of its own;
- ``view.py`` with ``View``, which draws it (loaded only where there is a window);
- ``bot.py`` with ``Bot``, if it has one;
- ``lessons.py`` with ``LESSONS``, for the page "How to play", if it has one;
- ``analysis.py`` with ``Analysis``, if it can say what a position is worth;
- ``puzzles.py`` with ``PUZZLES``, if it has any;
- ``records.py`` with ``Records``, if it reads or writes files of other programs.
"""

import importlib.util
import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

import msgspec

from p2pgame.core.analysis import Analysis
from p2pgame.core.digest import short_digest
from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import Absence, AnyGame, Bot, Level, levels_of, make_bot
from p2pgame.core.guard import Guard, GuardedAnalysis, GuardedBot, GuardedGame, GuardedRecords
from p2pgame.core.lesson import Lesson
from p2pgame.core.puzzle import PUZZLES_MAX, Puzzle
from p2pgame.core.records import RecordError, Records
from p2pgame.core.rules_text import rules_modules
from p2pgame.core.snapshot import encode

__all__ = ["GROUP", "Plugin", "Registry", "installed", "rules_digest"]

GROUP = "p2pgame.games"
_NAME = re.compile(r"[a-z0-9-]{1,24}")
_LESSONS_MAX = 4
_SHOWN_MAX = 64
_log = logging.getLogger(__name__)


class Plugin:
    """One installed game: its rules at once, its view and bot when asked for.

    Its code is somebody else's: all calls of it go through `guard`, and raise `GameError` only.
    """

    def __init__(self, package: str) -> None:
        """Raises `P2PGameError` for a package without rules that can be played by."""
        self.package = package
        self.guard = Guard(package)
        self.game: AnyGame = GuardedGame(self.guard.load("rules", "GAME"), self.guard)
        if not (isinstance(self.game.name, str) and _NAME.fullmatch(self.game.name)):
            raise P2PGameError("bad_game_name", package=package)
        self.guard.game = self.game.name
        self.guard.call(_check_form, self.game)
        self.digest = _digest_of(package)
        """The rules digest: peers of one digest play by the same rules. See `rules_digest`."""

    @property
    def has_view(self) -> bool:
        return self._has("view")

    @property
    def has_bot(self) -> bool:
        return self._has("bot")

    @property
    def bot_levels(self) -> int:
        """How many levels `bot` has, 0: none. Imports the bot. Raises `GameError`."""
        return self.guard.call(levels_of, self._bot_type()) if self.has_bot else 0

    def bot(
        self,
        seed: int,
        level: Level = Level.MEDIUM,
        chosen: Mapping[str, object] = MappingProxyType({}),
    ) -> GuardedBot:
        """A new bot of this game; `chosen`: its options by name, as `core.game.make_bot` takes them.

        Raises `P2PGameError` if it has none or no such option, and `GameError` if it fails.
        """
        if not self.has_bot:
            raise P2PGameError("no_bot", game=self.game.name)
        try:
            made: Bot[Any, Any] = self.guard.call(
                make_bot, self._bot_type(), seed, level, chosen, may_raise=(msgspec.ValidationError,)
            )
        except msgspec.ValidationError as error:
            if not chosen:
                raise self.guard.failure(error) from error
            raise P2PGameError("bad_bot_option", game=self.game.name, problem=str(error)) from error
        return GuardedBot(made, self.game, self.guard)

    def _bot_type(self) -> Any:
        return self.guard.load("bot", "Bot")

    def lessons(self) -> tuple[Lesson, ...]:
        """What the page "How to play" shows; empty if the game has no ``lessons.py``. Raises `GameError`."""
        if not self._has("lessons"):
            return ()
        found = self.guard.load("lessons", "LESSONS")
        return self.guard.call(_checked_lessons, found)

    def show(self) -> tuple[Any, ...]:
        """States of a short game by turns, for its card: ``SHOW`` of ``lessons.py``, if there is one.

        Raises `GameError`.
        """
        if not self._has("lessons"):
            return ()
        module = self.guard.call(importlib.import_module, f"{self.package}.lessons")
        made = getattr(module, "SHOW", tuple)
        return tuple(self.guard.call(lambda: tuple(made())))[:_SHOWN_MAX]

    @property
    def has_puzzles(self) -> bool:
        return self._has("puzzles") and self.has_bot

    def puzzles(self) -> tuple[Puzzle, ...]:
        """Those of the game, in its order. Raises `GameError`."""
        found = self.guard.load("puzzles", "PUZZLES") if self.has_puzzles else ()
        return self.guard.call(_checked_puzzles, found)

    @property
    def has_analysis(self) -> bool:
        return self._has("analysis") and not self.game.tick_rate

    def analysis(self) -> GuardedAnalysis:
        """What says what positions are worth; only if the game `has_analysis`. Raises `GameError`."""
        made: Analysis[Any] = self.guard.call(self.guard.load("analysis", "Analysis"))
        return GuardedAnalysis(made, self.game, self.guard)

    @property
    def has_records(self) -> bool:
        return self._has("records")

    def records(self) -> Records:
        """What reads and writes the files of other programs. Raises `P2PGameError` if this game has nothing for it."""
        if not self.has_records:
            raise RecordError("no_records", game=self.game.name)
        made: Records = self.guard.call(self.guard.load("records", "Records"))
        return GuardedRecords(made, self.guard)

    def _has(self, module: str) -> bool:
        return importlib.util.find_spec(f"{self.package}.{module}") is not None

    def view_class(self) -> Any:
        """The class that draws the game (see `p2pgame.ui.view.View`). Imports pygame. Raises `GameError`."""
        return self.guard.load("view", "View")


def _checked_lessons(found: Any) -> tuple[Lesson, ...]:
    lessons = tuple(found)[:_LESSONS_MAX]
    for lesson in lessons:
        if not isinstance(lesson, Lesson):
            raise TypeError("LESSONS has something that is no Lesson")
    return lessons


def _checked_puzzles(found: Any) -> tuple[Puzzle, ...]:
    puzzles = tuple(found)[:PUZZLES_MAX]
    for puzzle in puzzles:
        if not isinstance(puzzle, Puzzle):
            raise TypeError("PUZZLES has something that is no Puzzle")
        msgspec.convert(vars(puzzle), _PuzzleForm)
    if len({puzzle.name for puzzle in puzzles}) < len(puzzles):
        raise ValueError("two puzzles have the same name")
    return puzzles


class _PuzzleForm(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    task: Annotated[str, msgspec.Meta(max_length=200)]
    moves: Annotated[int, msgspec.Meta(ge=1, le=100)]
    grade: Annotated[int, msgspec.Meta(ge=1, le=5)]
    players: Annotated[int, msgspec.Meta(ge=1, le=8)]


class _Form(msgspec.Struct, frozen=True):
    """What the app reads of every installed game, whether it is played or not."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    min_players: Annotated[int, msgspec.Meta(ge=1)]
    max_players: int
    tick_rate: Annotated[int, msgspec.Meta(ge=0)]
    teams: bool
    join: bool
    absence: Absence
    notes: dict[str, Annotated[str, msgspec.Meta(max_length=100)]]


def _check_form(game: AnyGame) -> None:
    """Raises whatever the first use of such a game would."""
    msgspec.convert({field: getattr(game, field) for field in _Form.__struct_fields__}, _Form)
    if game.min_players > game.max_players:
        raise ValueError("min_players > max_players")
    get_type_hints(game.config_type)  # the choices of the lobby
    game.decode_config(encode(game.config_type()))
    if game.tick_rate:
        game.decode_input(encode(game.neutral))


def _digest_of(package: str) -> str:
    try:
        rules, *others = rules_modules(resources.files(package), package)
    except (OSError, SyntaxError) as error:
        raise P2PGameError("no_rules_source", package=package) from error
    return rules_digest(rules.source, {module.name: module.source for module in others})


def rules_digest(source: str, modules: Mapping[str, str] = MappingProxyType({})) -> str:
    """16 hex digits over the text of ``rules``, with the label ``p2pgame.rules``.

    `modules`: names and texts of the other modules of the game that it imports (`core.rules_text`); they count in the
    order of their names. Line ends are normalised first: CR LF and CR become LF, and one LF at the end of a text is
    left out. Comments and spaces count. A peer in another language claims these rules with the digest of the texts it
    follows.
    """
    parts = [_text(source)]
    for name in sorted(modules):
        parts += (name.encode(), _text(modules[name]))
    return short_digest("rules", *parts)[:8].hex()


def _text(source: str) -> bytes:
    return source.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").encode()


class Registry:
    """Games by name, in the order of their titles."""

    def __init__(self, plugins: list[Plugin]) -> None:
        self._plugins = {p.game.name: p for p in sorted(plugins, key=lambda p: p.game.title)}

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self._plugins.values())

    def get(self, name: str) -> Plugin | None:
        return self._plugins.get(name)

    def digests(self) -> dict[str, str]:
        """Game name to rules digest, as a peer announces it."""
        return {name: plugin.digest for name, plugin in self._plugins.items()}


@cache
def installed() -> Registry:
    """All games of this environment. One that cannot be loaded is logged, once, and left out.

    Loading them takes 50 ms, too long for a second time while a match runs.
    """
    plugins = []
    for point in entry_points(group=GROUP):
        try:
            plugins.append(Plugin(point.value))
        except P2PGameError as error:  # a package of somebody else must not stop the app
            _log.warning("game %s cannot be loaded: %s", point.name, error)
    return Registry(plugins)
