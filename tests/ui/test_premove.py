"""A move that is chosen while the other side thinks: played in its turn, and not before; taken back in three ways."""

import pygame
import pytest

from p2pgame.games.gomoku.rules import Move
from p2pgame.ui.scenes.match import MatchScene
from tests.ui.desk import Desk


@pytest.fixture
def match(desk: Desk) -> Desk:
    """A match of Gomoku, in which it is Ben's turn."""
    desk.app.context.change(premove=True)
    desk.start_match()
    desk.click(desk.point(112))
    assert moves(desk) == (112,)
    return desk


def moves(desk: Desk) -> tuple[int, ...]:
    view = desk.client.match()
    assert view is not None
    found: tuple[int, ...] = view.state.moves
    return found


def chosen(desk: Desk) -> object:
    return desk.top(MatchScene).premove.move


def right_click(desk: Desk) -> None:
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 5), button=3))
    desk.go(0.05)


def test_it_is_shown_and_played_in_its_turn(match: Desk) -> None:
    before = match.picture()
    match.click(match.point(113))
    assert chosen(match) == Move(113)
    assert match.picture() != before
    assert match.top(MatchScene).premove.words == "Then I8. Right click or Esc cancels it."
    match.go(1)
    assert moves(match) == (112,), "nobody hears of it before"
    match.client.peer_moves(0)
    match.go()
    assert moves(match) == (112, 0, 113)
    assert chosen(match) is None


def test_another_choice_takes_its_place(match: Desk) -> None:
    match.click(match.point(113))
    match.click(match.point(114))
    match.client.peer_moves(0)
    match.go()
    assert moves(match) == (112, 0, 114)


def test_right_click_and_escape_cancel_it(match: Desk) -> None:
    match.click(match.point(113))
    right_click(match)
    assert chosen(match) is None
    match.click(match.point(113))
    match.key(pygame.K_ESCAPE)
    assert chosen(match) is None
    assert match.shows == "MatchScene"
    match.client.peer_moves(0)
    match.go()
    assert moves(match) == (112, 0)
    match.key(pygame.K_ESCAPE)
    assert match.shows == "MatchMenu"


def test_it_is_chosen_by_keys_and_the_chat_stays_closed(match: Desk) -> None:
    match.key(pygame.K_RIGHT, pygame.K_RIGHT, pygame.K_RETURN)
    assert match.shows == "MatchScene"
    assert chosen(match) == Move(113)


def test_one_that_is_illegal_when_its_turn_comes_is_told_and_forgotten(match: Desk) -> None:
    match.click(match.point(113))
    match.client.peer_moves(113)
    match.go()
    assert moves(match) == (112, 113)
    assert match.toast == "I8 is taken"
    assert chosen(match) is None


def test_without_the_setting_it_is_not_ones_turn(match: Desk) -> None:
    match.app.context.change(premove=False)
    match.click(match.point(113))
    assert chosen(match) is None
    assert match.toast == "It is not your turn"


def test_a_move_of_our_own_turn_is_played_at_once(match: Desk) -> None:
    match.client.peer_moves(0)
    match.go()
    match.click(match.point(113))
    assert moves(match) == (112, 0, 113)


def test_where_moves_are_confirmed_one_in_advance_is_given_twice_too(match: Desk) -> None:
    match.app.context.change(confirm_moves=True)
    match.click(match.point(113))
    assert chosen(match) is None
    assert match.toast == "The same again chooses it"
    match.click(match.point(114))
    assert chosen(match) is None, "another move is not confirmed by it"
    match.click(match.point(114))
    assert chosen(match) == Move(114)
    match.client.peer_moves(0)
    match.go()
    assert moves(match) == (112, 0, 114), "and is played at once in its turn"


def test_a_slip_before_the_other_side_moved_is_no_first_time_after_it(match: Desk) -> None:
    match.app.context.change(confirm_moves=True)
    match.click(match.point(113))
    match.client.peer_moves(0)
    match.go()
    match.click(match.point(113))
    assert moves(match) == (112, 0)
    match.click(match.point(113))
    assert moves(match) == (112, 0, 113)


def test_the_move_that_is_to_be_confirmed_is_shown(match: Desk) -> None:
    match.client.peer_moves(0)
    match.go()
    match.app.context.change(confirm_moves=True)
    match.hover((5, 5))
    match.go(5)
    before = match.picture()
    match.click(match.point(113))
    match.hover((5, 5))
    match.go(10)
    assert match.picture() != before, "after the notice is gone"
    assert moves(match) == (112, 0)
