"""The views of the real-time games on many states and sizes: they draw, within their rectangle, and change nothing."""

from collections.abc import Callable
from typing import Any

import pygame
import pytest

from p2pgame.core import Setup, encode
from p2pgame.core.registry import Plugin
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas

NAMES = ("Ada", "Grace", "Linus", "Margaret", "Alan", "Katherine", "Dennis", "Barbara")
KINDS: tuple[tuple[str, int, dict[str, Any], tuple[int, ...]], ...] = (
    ("pong", 2, {}, ()),
    ("pong", 3, {}, ()),
    ("pong", 4, {}, (0, 1, 1, 0)),
    ("tron", 2, {}, ()),
    ("tron", 3, {"edge": "wrap"}, ()),
    ("tron", 4, {}, (0, 1, 0, 1)),
    ("tron", 6, {}, (2, 1, 0, 0, 1, 2)),
    ("tron", 8, {"best_of": 9}, ()),
    ("tron", 8, {}, (0, 0, 0, 0, 1, 1, 1, 1)),
)
SIZES = ((64, 48), (320, 200), (801, 533), (1280, 720))
OUTSIDE = (255, 0, 255)


def blank(size: tuple[int, int], rect: pygame.Rect) -> pygame.Surface:
    surface = pygame.Surface(size)
    surface.fill(OUTSIDE)
    surface.fill((0, 0, 0), rect)
    return surface


@pytest.mark.parametrize(("name", "players", "config", "teams"), KINDS)
def test_drawing_stays_inside_changes_nothing_and_is_the_same_twice(
    name: str, players: int, config: dict[str, Any], teams: tuple[int, ...], show: Callable[..., MatchView]
) -> None:
    plugin = Plugin(f"p2pgame.games.{name}")
    game = plugin.game
    now = 0.0
    view = plugin.view_class()(game, players - 1, NAMES[:players], clock=lambda: now)
    canvas = Canvas()
    previous = state = game.initial(
        Setup(players=players, seed=4, config=game.config_type(**config), teams=teams)
    )
    bots = [plugin.bot(seed) for seed in range(players)]
    pictures = set()
    for frame in range(1500):
        inputs = [bot.choose(state, player) for player, bot in enumerate(bots)]
        previous, state = state, game.advance(state, inputs)
        match = show(game, state, previous, players=players, at=now, me=players - 1)
        now += 1 / 60
        view.update(1 / 60, match)
        if frame % 60 not in (0, 1):
            continue
        size = SIZES[frame // 60 % len(SIZES)]
        canvas.rescale(size)
        rect = pygame.Rect(5, 7, size[0] - 20, round((size[0] - 20) / view.aspect))
        surface = blank((size[0], rect.height + 30), rect)
        before, clip = encode(match.state), surface.get_clip()
        view.draw(surface, rect, match, canvas)
        first = pygame.image.tobytes(surface, "RGB")
        view.draw(surface, rect, match, canvas)
        assert pygame.image.tobytes(surface, "RGB") == first
        assert encode(match.state) == before
        assert surface.get_clip() == clip
        surface.fill((0, 0, 0), rect)
        untouched = pygame.image.tobytes(blank(surface.get_size(), rect), "RGB")
        assert pygame.image.tobytes(surface, "RGB") == untouched
        pictures.add(first)
    assert len(pictures) > 35


@pytest.mark.parametrize(("name", "players", "config", "teams"), KINDS)
def test_a_picture_does_not_depend_on_what_was_drawn_before(
    name: str, players: int, config: dict[str, Any], teams: tuple[int, ...], show: Callable[..., MatchView]
) -> None:
    """As after a rollback: a view that saw other futures draws a state as a new view does."""
    plugin = Plugin(f"p2pgame.games.{name}")
    game, canvas = plugin.game, Canvas()
    rect = pygame.Rect(0, 0, 480, 300)

    def picture(view: Any, state: Any) -> bytes:
        surface = blank(rect.size, rect)
        view.draw(surface, rect, show(game, state, state, players=players), canvas)
        return pygame.image.tobytes(surface, "RGB")

    state = game.initial(Setup(players=players, seed=4, config=game.config_type(**config), teams=teams))
    bots = [plugin.bot(seed) for seed in range(players)]
    states = [state]
    for _ in range(400):
        states.append(
            game.advance(states[-1], [bot.choose(states[-1], player) for player, bot in enumerate(bots)])
        )
    other = states[-30]
    for _ in range(25):
        other = game.advance(other, [3 if name == "tron" else 1] * players)
    used = plugin.view_class()(game, 0, NAMES[:players], clock=lambda: 1.0)
    for drawn in (states[-30], states[-1], other, states[200], states[-2], other, states[-1]):
        fresh = plugin.view_class()(game, 0, NAMES[:players], clock=lambda: 1.0)
        assert picture(used, drawn) == picture(fresh, drawn)


@pytest.mark.parametrize(("name", "players", "config", "teams"), KINDS)
def test_the_end_is_drawn_and_comes_to_rest(
    name: str, players: int, config: dict[str, Any], teams: tuple[int, ...], show: Callable[..., MatchView]
) -> None:
    plugin = Plugin(f"p2pgame.games.{name}")
    game, canvas = plugin.game, Canvas()
    view = plugin.view_class()(game, 0, NAMES[:players], clock=lambda: 1.0)
    previous = state = game.initial(
        Setup(players=players, seed=4, config=game.config_type(**config), teams=teams)
    )
    while game.outcome(state) is None:
        previous, state = state, game.advance(state, (game.neutral,) * players)
    match = show(game, state, previous, players=players, confirmed=0)
    assert view.update(1 / 60, match), "the last event is still seen"
    assert view.cues()
    for _ in range(120):
        moving = view.update(1 / 60, match)
    assert not moving
    assert not view.cues()
    rect = pygame.Rect(0, 0, 480, 300)
    view.draw(blank(rect.size, rect), rect, match, canvas)


@pytest.mark.parametrize(("name", "players", "config", "teams"), KINDS)
def test_every_player_has_a_picture_and_a_word_of_its_own(
    name: str, players: int, config: dict[str, Any], teams: tuple[int, ...], show: Callable[..., MatchView]
) -> None:
    plugin = Plugin(f"p2pgame.games.{name}")
    view, canvas = plugin.view_class()(plugin.game, 0, NAMES[:players]), Canvas()
    start = plugin.game.initial(
        Setup(players=players, seed=4, config=plugin.game.config_type(**config), teams=teams)
    )
    view.update(1 / 60, show(plugin.game, start, players=players))
    rect = pygame.Rect(0, 0, 44, 44)
    pictures = []
    for player in range(players):
        surface = blank(rect.size, rect)
        view.draw_side(surface, rect, player, canvas)
        grey = pygame.transform.grayscale(surface)
        pictures.append(pygame.image.tobytes(grey, "RGB"))
    assert len(set(pictures)) == players, "told apart without colours"
    if not (name == "tron" and teams):  # a team has one name
        assert len({view.side(player) for player in range(players)}) == players
    state = plugin.game.initial(
        Setup(players=players, seed=4, config=plugin.game.config_type(**config), teams=teams)
    )
    assert view.status(show(plugin.game, state, players=players))
    assert view.hint


@pytest.mark.parametrize(("name", "players", "config", "teams"), KINDS)
def test_a_watcher_and_several_players_here_see_the_same_match_with_their_own_marks(
    name: str,
    players: int,
    config: dict[str, Any],
    teams: tuple[int, ...],
    show: Callable[..., MatchView],
) -> None:
    plugin = Plugin(f"p2pgame.games.{name}")
    game, canvas = plugin.game, Canvas()
    state = game.initial(Setup(players=players, seed=4, config=game.config_type(**config), teams=teams))
    bots = [plugin.bot(seed) for seed in range(players)]
    shots: dict[tuple[int, ...], set[bytes]] = {(): set(), (0,): set(), tuple(range(players)): set()}
    views = {seats: plugin.view_class()(game, -1, NAMES[:players], clock=lambda: 1.0) for seats in shots}
    while game.outcome(state) is None and state.frame < 1200:
        state = game.advance(state, [bot.choose(state, player) for player, bot in enumerate(bots)])
        for seats, view in views.items():
            match = show(game, state, state, players=players, me=min(seats, default=-1), seats=seats)
            view.update(1 / 60, match)
            if state.frame % 100 == 0:
                size = SIZES[1 + state.frame // 100 % 3]
                canvas.rescale(size)
                rect = pygame.Rect(0, 0, size[0], round(size[0] / view.aspect))
                surface = blank(rect.size, rect)
                view.draw(surface, rect, match, canvas)
                shots[seats].add(pygame.image.tobytes(surface, "RGB"))
    watching, one, all_of_us = shots.values()
    if name != "tron" or players > 2:  # of two riders it says the card which one is ours
        assert watching != one
    if players > 2:
        assert not one & all_of_us
