"""Pixels to points and back, cursor, buttons and switches, and what the view sends."""

import msgspec
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core import Setup
from p2pgame.games.gomoku.drawing import Geometry, picture
from p2pgame.games.gomoku.rules import (
    CENTRE,
    GAME,
    Choice,
    Config,
    Input,
    Move,
    Rule,
    State,
    centre,
    format_point,
    parse_point,
    position,
    winning_lines,
)
from p2pgame.games.gomoku.view import View
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import MenuAction, Pointer, PointerKind, Press

RECT = pygame.Rect(20, 10, 600, 500)


def match(state: State | None = None) -> MatchView:
    shown = state or GAME.initial(Setup(players=2, seed=1, config=Config()))
    return MatchView(
        match="m", game="gomoku", host="a", players=("a", "b"), names=("A", "B"), me=shown.turn, seats=(0, 1),
        config=Config(), state=shown, frame=0, to_move=GAME.to_move(shown), outcome=GAME.outcome(shown),
        rtt_ms=None, hash="",
    )  # fmt: skip


def played(config: Config, text: str) -> State:
    state = GAME.initial(Setup(2, 1, config))
    for word in text.split():
        move: Input = Move(parse_point(word, config.size)) if word[0].isupper() else word  # type: ignore[assignment]
        GAME.validate(state, state.turn, move)
        state = GAME.advance(state, (move, None) if state.turn == 0 else (None, move))
    return state


@pytest.mark.parametrize("strip", [False, True])
@given(
    data=st.data(),
    size=st.sampled_from((13, 15, 19, 20)),
    width=st.integers(200, 2000),
    height=st.integers(200, 2000),
)
def test_every_point_is_found_where_it_is_drawn(
    data: st.DataObject, size: int, width: int, height: int, strip: bool
) -> None:
    point = data.draw(st.integers(0, size * size - 1))
    rect = pygame.Rect(7, 3, width, height)
    geometry = Geometry(rect, size, strip=strip)
    assert geometry.point(geometry.at(point)) == point
    assert geometry.board.collidepoint(geometry.at(point))
    assert rect.contains(geometry.board)
    assert not strip or rect.contains(geometry.strip)
    for right in (False, True):
        corner = geometry.corner(right=right, top=True)
        assert geometry.board.contains(corner)
        assert not corner.collidepoint(geometry.at(point))


def test_a1_is_at_the_bottom_left() -> None:
    geometry = Geometry(RECT, 19)
    assert geometry.at(0)[0] < geometry.at(18)[0]
    assert geometry.at(0)[1] > geometry.at(19 * 19 - 1)[1]


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


SWAP2 = Config("freestyle", 15, "swap2")
THREE = played(SWAP2, "H8 A1 O15")


def strip_of(state: State) -> pygame.Rect:
    return Geometry(RECT, state.size, strip=True).strip


def click(view: View, at: tuple[int, int], state: State) -> Input | None:
    view.handle(Pointer(PointerKind.MOVE, at), match(state), RECT)
    assert view.handle(Pointer(PointerKind.DOWN, at), match(state), RECT) is None
    return view.handle(Pointer(PointerKind.UP, at), match(state), RECT)


def press(view: View, state: State, *actions: MenuAction) -> Input | None:
    """What comes of the last one."""
    *before, last = actions
    for action in before:
        assert view.handle(Press(action), match(state), RECT) is None
    return view.handle(Press(last), match(state), RECT)


def test_choices_are_buttons_for_the_mouse() -> None:
    view, strip = View(GAME, 1, ("A", "B")), strip_of(THREE)
    places = [strip.left + strip.width * part // 6 for part in (1, 3, 5)]
    found = [click(view, (x, strip.centery), THREE) for x in places]
    assert found == ["black", "white", "more"]
    assert all(GAME.decode_input(msgspec.msgpack.encode(choice)) == choice for choice in found)


def test_choices_are_buttons_for_keys_and_gamepads() -> None:
    view = View(GAME, 1, ("A", "B"))
    assert press(view, THREE, MenuAction.CONFIRM) is None, "the first press only shows where the keys are"
    assert press(view, THREE, MenuAction.CONFIRM) == "black"
    assert press(view, THREE, MenuAction.RIGHT, MenuAction.CONFIRM) == "white"
    assert press(view, THREE, MenuAction.RIGHT, MenuAction.RIGHT, MenuAction.CONFIRM) == "more"
    after = played(SWAP2, "H8 A1 O15 more")
    assert press(view, after, MenuAction.CONFIRM) == Move(CENTRE), "and then they are on the board again"


def test_a_pass_is_below_the_board_for_the_keys() -> None:
    state = position(Config("renju"), [112, 113, 0], [97, 98])
    view = View(GAME, 1, ("A", "B"))
    assert press(view, state, *[MenuAction.DOWN] * 8, MenuAction.CONFIRM) == Move(parse_point("H1"))
    assert press(view, state, MenuAction.DOWN, MenuAction.CONFIRM) == "pass"
    assert press(view, state, MenuAction.UP, MenuAction.CONFIRM) == Move(parse_point("H1"))
    strip = strip_of(state)
    assert click(view, (strip.right - 5, strip.centery), state) == "pass"
    assert click(view, (strip.left + 5, strip.centery), state) is None


def test_switches_are_above_the_board_for_the_keys_and_in_the_corners_for_the_mouse() -> None:
    state = position(Config("renju"), [112, 113, 0], [97, 98])
    view = View(GAME, 1, ("A", "B"))
    assert view.on == {"numbers": False, "fouls": True}
    press(view, state, *[MenuAction.UP] * 8, MenuAction.UP, MenuAction.CONFIRM)
    assert view.on == {"numbers": False, "fouls": False}
    press(view, state, MenuAction.LEFT, MenuAction.CONFIRM)
    assert view.on == {"numbers": True, "fouls": False}
    geometry = Geometry(RECT, 15, strip=True)
    click(view, geometry.corner(right=True, top=True).center, state)
    click(view, geometry.corner(right=False, top=True).center, state)
    assert view.on == {"numbers": False, "fouls": True}
    press(view, state, MenuAction.HOME)
    press(view, state, MenuAction.END)
    assert view.on == {"numbers": True, "fouls": False}


def test_cards_follow_the_colours_that_were_chosen() -> None:
    view = View(GAME, 0, ("A", "B"))
    view.update(0.0, match(THREE))
    assert [view.side(player) for player in (0, 1)] == ["Black", "White"]
    view.update(0.0, match(played(SWAP2, "H8 A1 O15 black")))
    assert [view.side(player) for player in (0, 1)] == ["White", "Black"]


FOUL = position(Config("renju"), [parse_point(p) for p in ("F8", "G8", "H9", "H10")], [0, 14, 210, 224])


@pytest.mark.parametrize("size", [(320, 320), (640, 480), (1280, 720)])
def test_fouls_are_marked_in_renju_until_they_are_switched_off(size: tuple[int, int]) -> None:
    rect = pygame.Rect(0, 0, *size)

    def drawn(*events: MenuAction) -> bytes:
        view, surface, canvas = View(GAME, 0, ("A", "B")), pygame.Surface(size), Canvas()
        for event in events:
            view.handle(Press(event), match(FOUL), rect)
        view.draw(surface, rect, match(FOUL), canvas)
        at = Geometry(rect, 15, strip=True).at(parse_point("H8"))
        return pygame.image.tobytes(surface.subsurface(pygame.Rect(at[0] - 4, at[1] - 4, 9, 9)), "RGB")

    assert drawn() != drawn(MenuAction.END)
    assert drawn(MenuAction.END, MenuAction.END) == drawn()


STATES = {
    "offers": played(Config("renju", 13, "RIF"), "G7 G8 H8 white F5 I9"),
    "picks": played(Config("renju", 13, "RIF"), "G7 G8 H8 white F5 I9 C3"),
    "far": played(Config("freestyle", 20, "long_pro"), "K11 L12"),
    "near": played(Config("renju", 19, "taraguchi_10"), "J10 black"),
    "ten": played(Config("renju", 19, "taraguchi_10"), "J10 black J11 white K11 white L13"),
    "foul": GAME.advance(FOUL, (Move(parse_point("H8")), None)),
    "passed": GAME.advance(position(Config("renju", 19), [1, 2, 3], [50, 51]), (None, "pass")),
    "over": GAME.advance(position(Config("caro", 20), [1, 2, 3, 4], [50, 51, 60, 61]), (Move(5), None)),
}


@pytest.mark.parametrize("name", STATES)
def test_every_step_is_drawn_and_said(name: str) -> None:
    state = STATES[name]
    for me, keys in ((0, False), (1, True)):
        view, surface, canvas = View(GAME, me, ("A", "B")), pygame.Surface((400, 400)), Canvas()
        rect = surface.get_rect()
        if keys:
            press(view, state, MenuAction.RIGHT, MenuAction.RIGHT, MenuAction.HOME)
        else:
            view.handle(Pointer(PointerKind.MOVE, (200, 390)), match(state), rect)
        view.draw(surface, rect, match(state), canvas)
        assert view.status(match(state))


def test_every_choice_has_words() -> None:
    words = set()
    for state in (STATES["ten"], THREE, position(Config("renju"), [112, 113, 0], [97, 98])):
        choices: tuple[Choice, ...] = state.choices
        assert choices
        words.add(View(GAME, 0, ("A", "B")).status(match(state)))
    assert len(words) == 3


def test_a_board_is_saved_as_a_picture() -> None:
    plain, numbered = (picture(THREE, 300, Canvas(), numbers=numbers) for numbers in (False, True))
    assert plain.get_size() == (300, 300)
    assert pygame.image.tobytes(plain, "RGB") != pygame.image.tobytes(numbered, "RGB")


@pytest.mark.parametrize("size", [13, 19, 20])
def test_the_cursor_begins_in_the_centre_of_every_board(size: int) -> None:
    state = GAME.initial(Setup(2, 1, Config(size=size)))
    view = View(GAME, 0, ("A", "B"))
    assert press(view, state, MenuAction.CONFIRM, MenuAction.CONFIRM) == Move(centre(size))
    corner = press(view, state, *[MenuAction.RIGHT] * 20, *[MenuAction.UP] * 9, MenuAction.CONFIRM)
    assert (corner == Move(centre(size) + 9 * size + (size - 1) // 2)) == (size >= 19)


def test_a_new_stone_moves_for_a_moment() -> None:
    view, before = View(GAME, 0, ("A", "B")), match()
    assert not view.update(0.01, before)
    after = msgspec.structs.replace(before, state=GAME.advance(before.state, [Move(5), None]), frame=1)
    assert view.update(0.01, after)
    assert not view.update(1.0, after)
