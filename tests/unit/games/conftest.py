"""Fonts for the views of all games, and matches to draw."""

from collections.abc import Callable, Iterator
from typing import Any

import pygame.freetype
import pytest

from p2pgame.core.game import AnyGame
from p2pgame.session.view import MatchView

NAMES = ("Ada", "Grace", "Linus", "Margaret", "Alan", "Katherine", "Dennis", "Barbara")
ShowMatch = Callable[..., MatchView]


@pytest.fixture(autouse=True, scope="module")
def fonts() -> Iterator[None]:
    pygame.freetype.init()
    yield
    pygame.freetype.quit()


@pytest.fixture
def show() -> ShowMatch:
    """Makes the match that a view is given: ``show(game, state, previous, at=..., confirmed=..., me=..., seats=...)``;
    `me` -1: a watcher."""

    def make(
        game: AnyGame,
        state: Any,
        previous: Any = None,
        *,
        players: int = 2,
        at: float = 0.0,
        confirmed: int | None = None,
        me: int = 0,
        seats: tuple[int, ...] | None = None,
    ) -> MatchView:
        return MatchView(
            match="m",
            game=game.name,
            host="a",
            players=tuple("abcdefgh"[:players]),
            names=NAMES[:players],
            me=me,
            seats=((me,) if me >= 0 else ()) if seats is None else seats,
            config=game.config_type(),
            state=state,
            frame=state.frame,
            to_move=tuple(range(players)),
            outcome=game.outcome(state),
            rtt_ms=5.0,
            hash="",
            tick_rate=game.tick_rate,
            previous=previous,
            at=at,
            confirmed=state.frame if confirmed is None else confirmed,
        )

    return make
