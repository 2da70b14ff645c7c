"""Pixels to points and back, the key cursor, and what the view sends."""

import msgspec
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core import Setup
from p2pgame.games.gomoku.rules import (
    CENTRE,
    GAME,
    POINTS,
    Config,
    Move,
    Rule,
    format_point,
    parse_point,
)
from p2pgame.games.gomoku.view import Geometry, View, winning_lines
from p2pgame.session.view import MatchView
from p2pgame.ui.inputs import MenuAction, Pointer, PointerKind, Press

RECT = pygame.Rect(20, 10, 600, 500)


def match() -> MatchView:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    return MatchView(
        match="m", game="gomoku", host="a", players=("a", "b"), names=("A", "B"), me=0, seats=(0,), config=Config(),
        state=state, frame=0, to_move=(0,), outcome=None, rtt_ms=None, hash="",
    )  # fmt: skip


@given(point=st.integers(0, POINTS - 1), width=st.integers(150, 2000), height=st.integers(150, 2000))
def test_every_point_is_found_where_it_is_drawn(point: int, width: int, height: int) -> None:
    geometry = Geometry(pygame.Rect(7, 3, width, height))
    assert geometry.point(geometry.at(point)) == point
    assert geometry.board.collidepoint(geometry.at(point))


def test_a1_is_at_the_bottom_left() -> None:
    geometry = Geometry(RECT)
    assert geometry.at(0)[0] < geometry.at(14)[0]
    assert geometry.at(0)[1] > geometry.at(POINTS - 1)[1]


@pytest.mark.parametrize("at", [(0, 0), (21, 11), (619, 509), (-50, 200)])
def test_beside_the_lines_is_no_point(at: tuple[int, int]) -> None:
    assert Geometry(RECT).point(at) is None


def test_the_key_cursor_starts_in_the_centre_and_stays_on_the_board() -> None:
    view = View(GAME, 0, ("A", "B"))
    assert view.handle(Press(MenuAction.CONFIRM), match(), RECT) is None, "the first press only shows it"
    assert view.handle(Press(MenuAction.CONFIRM), match(), RECT) == Move(CENTRE)
    for _ in range(30):
        view.handle(Press(MenuAction.LEFT), match(), RECT)
        view.handle(Press(MenuAction.DOWN), match(), RECT)
    assert view.handle(Press(MenuAction.CONFIRM), match(), RECT) == Move(0)


def test_a_click_needs_down_and_up_on_one_point() -> None:
    view, geometry = View(GAME, 0, ("A", "B")), Geometry(RECT)
    assert view.handle(Pointer(PointerKind.DOWN, geometry.at(5)), match(), RECT) is None
    assert view.handle(Pointer(PointerKind.UP, geometry.at(6)), match(), RECT) is None
    view.handle(Pointer(PointerKind.DOWN, geometry.at(5)), match(), RECT)
    assert view.handle(Pointer(PointerKind.UP, geometry.at(5)), match(), RECT) == Move(5)


@pytest.mark.parametrize(
    ("rule", "black", "expected"),
    [
        # one stone at H8 completes a row and a column
        (
            "freestyle",
            "D8 E8 F8 G8 H4 H5 H6 H7 H8",
            [["D8", "E8", "F8", "G8", "H8"], ["H4", "H5", "H6", "H7", "H8"]],
        ),
        # both diagonals, H8 in the middle
        (
            "standard",
            "F6 G7 I9 J10 F10 G9 I7 J6 H8",
            [["F6", "G7", "H8", "I9", "J10"], ["F10", "G9", "H8", "I7", "J6"]],
        ),
        # a row of six wins in one rule and lies beside the winning column in the other
        ("standard", "C8 D8 E8 F8 H8 G4 G5 G6 G7 G8", [["G4", "G5", "G6", "G7", "G8"]]),
        (
            "freestyle",
            "C8 D8 E8 F8 H8 G4 G5 G6 G7 G8",
            [["C8", "D8", "E8", "F8", "G8", "H8"], ["G4", "G5", "G6", "G7", "G8"]],
        ),
        ("freestyle", "D8 E8 F8 G8", []),
    ],
)
def test_all_lines_that_the_last_stone_completes_are_lit(
    rule: Rule, black: str, expected: list[list[str]]
) -> None:
    state = GAME.initial(Setup(players=2, seed=1, config=Config(rule=rule)))
    for i, name in enumerate(black.split()):
        state = GAME.advance(state, [Move(parse_point(name)), None])
        if not state.over:
            state = GAME.advance(state, [None, Move((0, 4, 8, 12, 30, 34, 38, 42, 60)[i])])
    lines = [[format_point(point) for point in line] for line in winning_lines(state)]
    assert lines == expected
    assert state.over == bool(expected)


def test_a_new_stone_moves_for_a_moment() -> None:
    view, before = View(GAME, 0, ("A", "B")), match()
    assert not view.update(0.01, before)
    after = msgspec.structs.replace(before, state=GAME.advance(before.state, [Move(5), None]), frame=1)
    assert view.update(0.01, after)
    assert not view.update(1.0, after)
