"""What a game has beside its rules does what the app asks of it: bot, view, lessons, puzzles and analysis.

The bots play short matches, for the fewest players, the most, and the most in teams; the view draws them and is given
presses, clicks and controls, as in the window. Nothing is shown.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import Any, Final

import pygame
import pygame.freetype

from p2pgame.core.errors import ForfeitError
from p2pgame.core.game import AnyGame, Level, Setup, next_state
from p2pgame.core.guard import GameError, GuardedBot
from p2pgame.core.lesson import Lesson
from p2pgame.core.puzzle import Puzzle
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.testing import NoInputError, RandomInputs
from p2pgame.testing.inputs import LineUp, line_ups
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Control, Input, MenuAction, Pointer, PointerKind, Press
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.still import Still
from p2pgame.ui.view import load_view

__all__ = ["faults"]

_FRAMES: Final = {False: 40, True: 300}
"""Frames of each match, by turns and in real time."""
_POSITIONS: Final = 8
"""Of each match that are drawn."""
_SIZE: Final = (1280, 720)
_CARD: Final = (320, 240)
_TIMED: Final = 5
"""Pictures of one position whose quickest counts."""
_PICTURES_A_SECOND: Final = 60
_SEED: Final = 1
_HELD: Final = (frozenset(), *(frozenset({control}) for control in Control), frozenset(Control))
_PRESSES: Final = (
    MenuAction.UP, MenuAction.LEFT, MenuAction.DOWN, MenuAction.RIGHT, MenuAction.CONFIRM, MenuAction.BACK,
)  # fmt: skip


def faults(package: str) -> Iterator[tuple[str, GameError]]:
    """What fails, each part on its own, and where it is not plain, in what. Raises `P2PGameError` as `Plugin` does."""
    plugin = Plugin(package)
    with _without_a_screen():
        chosen = _chosen(plugin.game)
        for line_up in chosen:
            states: list[Any] = []
            yield from _failed("", _play, plugin, line_up, states)
            if plugin.has_view:
                yield from _failed("", _look, plugin, line_up[0], states, line_up is chosen[-1])
        yield from _pictures(plugin)
        if plugin.has_analysis:
            yield from _failed("", lambda: plugin.analysis().close())


def _failed(where: str, act: Callable[..., object], *args: object) -> Iterator[tuple[str, GameError]]:
    try:
        act(*args)
    except GameError as error:
        yield where, error


@contextmanager
def _without_a_screen() -> Iterator[None]:
    """A view may load and convert pictures: pygame needs a display for that, if only one without a screen."""
    before = os.environ.get("SDL_VIDEODRIVER")
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    try:
        pygame.display.init()
        pygame.freetype.init()
        pygame.display.set_mode((1, 1))
        yield
    finally:
        pygame.display.quit()
        if before is None:
            del os.environ["SDL_VIDEODRIVER"]
        else:
            os.environ["SDL_VIDEODRIVER"] = before


def _chosen(game: AnyGame) -> Sequence[LineUp]:
    """The fewest players, the most, and the most in teams."""
    found = line_ups(game)
    alone = [line_up for line_up in found if not line_up[1]]
    return list(dict.fromkeys((alone[0], alone[-1], found[-1])))


def _play(plugin: Plugin, line_up: LineUp, states: list[Any]) -> None:
    """Fill `states` with those of a match of the bots, else of random inputs."""
    game, (players, teams) = plugin.game, line_up
    states.append(game.initial(Setup(players, _SEED, game.config_type(), teams)))
    source = RandomInputs(game, _SEED)
    bots: list[GuardedBot] = []
    taken: list[float] = []
    try:
        if plugin.has_bot:
            bots.extend(plugin.bot(_SEED + seat, Level.EASY) for seat in range(players))
        for _ in range(_FRAMES[game.tick_rate > 0]):
            if game.outcome(states[-1]) is not None:
                break
            began = time.process_time()
            inputs = _chosen_inputs(game, bots, states[-1]) if bots else source(states[-1], players)
            taken.append(time.process_time() - began)
            states.append(next_state(game, states[-1], inputs))
    except (ForfeitError, NoInputError):  # the one is allowed, the other is found by another check
        return
    finally:
        for bot in bots:
            bot.close()
    if bots and game.tick_rate and median(taken) > 1 / game.tick_rate:
        problem = gettext(
            "{players} bots take {n} ms a frame, and a frame has {most} ms",
            players=players, n=round(median(taken) * 1000), most=round(1000 / game.tick_rate),
        )  # fmt: skip
        raise plugin.guard.wrong(plugin.guard.load("bot", "Bot").choose, problem)


def _chosen_inputs(game: AnyGame, bots: Sequence[GuardedBot], state: Any) -> tuple[Any, ...]:
    asked = game.to_move(state)
    return tuple(
        bot.choose(state, seat) if asked is None or seat in asked else None for seat, bot in enumerate(bots)
    )


def _look(plugin: Plugin, players: int, states: Sequence[Any], timed: bool) -> None:
    """The match as a watcher sees it, and its first player."""
    last = len(states) - 1
    names = [gettext("Player {number}", number=number + 1) for number in range(players)]
    for me in (-1, 0):
        view = load_view(plugin, me, names)
        for frame in (*range(0, last, max(1, last // _POSITIONS)), last):
            board = MatchBoard(Canvas(), view, _match(plugin.game, names, me, states, frame))
            board.canvas.rescale(_SIZE)
            board.layout(_SIZE)
            _use(board)
    if timed:
        _time(plugin, board)


def _match(game: AnyGame, names: Sequence[str], me: int, states: Sequence[Any], frame: int) -> MatchView:
    state = states[frame]
    outcome = game.outcome(state)
    return MatchView(
        match="", game=game.name, host="", players=("",) * len(names), names=tuple(names), me=me,
        config=game.config_type(), state=state, frame=frame,
        to_move=() if outcome else (game.to_move(state) or ()), outcome=outcome, rtt_ms=None, hash="",
        tick_rate=game.tick_rate, previous=states[max(0, frame - 1)], at=time.monotonic(), confirmed=frame,
        seats=() if me < 0 else (me,), bots=tuple(range(1, len(names))),
    )  # fmt: skip


def _use(board: MatchBoard) -> None:
    """All that a scene asks of a view. Raises `GameError`."""
    surface, match = pygame.Surface(_SIZE), board.match
    board.update(1 / _PICTURES_A_SECOND, quiet=True)
    board.draw(surface)
    _ = board.status
    if match.outcome is None:
        for held in _HELD if match.tick_rate else ():
            board.hold(held)
        for event in _events(board.board):
            board.handle(event)
        board.draw_board(surface)
    if board.failed is not None:
        raise board.failed


def _events(rect: pygame.Rect) -> Iterator[Input]:
    yield from map(Press, _PRESSES)
    for at in (rect.center, rect.topleft, (rect.right - 1, rect.bottom - 1), (rect.left - 9, rect.top - 9)):
        for kind in PointerKind:
            yield Pointer(kind, at)


def _time(plugin: Plugin, board: MatchBoard) -> None:
    """Raises `GameError` if a view draws too slowly, by the time of this machine's processor."""
    surface, took = pygame.Surface(_SIZE), []
    for _ in range(_TIMED):
        began = time.process_time()
        board.draw_board(surface)
        took.append(time.process_time() - began)
    if min(took) > 1 / _PICTURES_A_SECOND:
        problem = gettext(
            "a picture takes {n} ms, and while something moves there are {number} a second: "
            "keep what does not change on a surface",
            n=round(min(took) * 1000), number=_PICTURES_A_SECOND,
        )  # fmt: skip
        raise plugin.guard.wrong(board.view.draw, problem)


def _pictures(plugin: Plugin) -> Iterator[tuple[str, GameError]]:
    """All positions that a game shows of itself, drawn as on its card."""
    parts: dict[str, Callable[[], Sequence[Lesson | Puzzle]]] = {
        "LESSONS": plugin.lessons,
        "SHOW": lambda: _steps(plugin),
        "PUZZLES": plugin.puzzles,
    }
    for name, asked in parts.items():
        try:
            found = asked()
        except GameError as error:
            yield name, error
            continue
        for number, shown in enumerate(found):
            where = gettext(
                "{name}[{number}], {players} players", name=name, number=number, players=shown.players
            )
            yield from _failed(where, _draw, plugin, shown)


def _steps(plugin: Plugin) -> Sequence[Lesson]:
    """As `p2pgame.ui.living` shows them."""
    players = max(2, plugin.game.min_players)
    return [Lesson("", partial(_itself, state), players) for state in plugin.show()]


def _itself(state: Any) -> Any:
    return state


def _draw(plugin: Plugin, shown: Lesson | Puzzle) -> None:
    state = plugin.guard.call(shown.state)
    if plugin.has_view:
        Still(plugin, shown.players).draw(state, _CARD, Canvas())
