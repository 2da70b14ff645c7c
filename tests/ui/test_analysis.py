"""Hints and evaluation in practice, the analysis of a recorded match, and that neither is there against a person."""

import pygame
import pytest

from p2pgame.core.analysis import Assessment, Candidate
from p2pgame.core.guard import GuardedAnalysis
from p2pgame.core.registry import Plugin
from p2pgame.games.gomoku.rules import Move, State
from p2pgame.ui.practice import LineUp
from p2pgame.ui.scenes.practice import PracticeScene
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.viewer import Viewer
from p2pgame.ui.widgets import Switch
from tests.ui.desk import Desk
from tests.ui.test_practice import practise, think
from tests.ui.test_viewer import recorded, show

BEST = 112
"""H8."""


class Oracle:
    """Black is better with an even number of stones, until its third one; the best move is H8, or H9."""

    asked = 0
    fails = False
    thinks = False

    def assessment(self, state: State) -> Assessment | None:
        Oracle.asked += 1
        if Oracle.fails:
            raise KeyError("left")
        if Oracle.thinks:
            return None
        black = 600 if len(state.moves) < 5 else 1
        return Assessment(
            chances=(black, 1000 - black), line=(Move(BEST + 15 if state.board[BEST] else BEST),)
        )

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    Oracle.asked, Oracle.fails, Oracle.thinks = 0, False, False
    monkeypatch.setattr(Plugin, "analysis", lambda self: GuardedAnalysis(Oracle(), self.game, self.guard))


@pytest.fixture(autouse=True)
def quick(desk: Desk) -> None:
    """The bot thinks without a process."""
    desk.app.router._line_ups["gomoku"] = LineUp(players=2, level=2)


def switch(desk: Desk, label: str) -> Switch:
    return next(w for w in desk.scene.form.widgets if isinstance(w, Switch) and w.label == label)


def test_a_hint_is_shown_when_it_is_asked_for_until_the_next_move(desk: Desk) -> None:
    scene = practise(desk, "gomoku")
    desk.go(0.3)
    assert Oracle.asked == 0, "nothing thinks unless it is asked"
    before = desk.picture()
    desk.press("Hint")
    assert desk.toast == "Best: H8"
    assert desk.picture() != before
    assert not desk.button("Hint").enabled
    desk.click(desk.point(0))
    think(desk)
    assert scene.match.frame == 2
    assert desk.button("Hint").enabled
    desk.go(1)
    assert Oracle.asked == 1


def test_a_hint_waits_for_the_thought_and_nothing_waits_for_it(desk: Desk) -> None:
    Oracle.thinks = True
    practise(desk, "gomoku")
    desk.press("Hint")
    assert desk.button("Thinking…")
    desk.click(desk.point(0))
    think(desk)
    assert desk.top(PracticeScene).match.frame == 2
    Oracle.thinks = False
    desk.press("Hint")
    assert desk.toast == "Best: H8"


def test_the_bar_is_off_until_it_is_switched_on_and_stays_so(desk: Desk) -> None:
    practise(desk, "gomoku")
    assert not switch(desk, "Evaluation").on
    before = desk.picture()
    desk.tab_to(switch(desk, "Evaluation"))
    desk.key(pygame.K_RETURN)
    assert desk.app.preferences.now.practice_evaluation
    desk.go(0.3)
    assert Oracle.asked == 1
    assert desk.picture() != before
    desk.press("Stop")
    desk.press("Stop")
    desk.press("Back to the lobby")
    practise(desk, "gomoku")
    assert switch(desk, "Evaluation").on


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (640, 1000)])
def test_all_has_its_place(desk: Desk, size: tuple[int, int]) -> None:
    desk.resize(size)
    scene = practise(desk, "gomoku")
    desk.app.context.change(practice_evaluation=True)
    assert scene.help is not None
    scene.help.switch.on = True
    scene._again()
    desk.go(0.2)
    rects = [w.rect for w in scene.form.widgets if w not in (scene.board, scene.menu_button)]
    for i, rect in enumerate(rects):
        assert scene.match_board.panel.contains(rect)
        assert rect.collidelist(rects[:i]) == -1
    assert scene.match_board.controls.top + 30 < min(rect.top for rect in rects), (
        "whose turn it is can be seen"
    )


def test_an_analysis_that_fails_costs_the_help_alone(desk: Desk) -> None:
    Oracle.fails = True
    practise(desk, "gomoku")
    desk.press("Hint")
    assert "KeyError" in desk.toast
    assert desk.shows == "PracticeScene"
    desk.click(desk.point(0))
    think(desk)
    assert desk.top(PracticeScene).match.frame == 2


def test_there_is_none_in_a_match_against_a_person(desk: Desk) -> None:
    desk.app.context.change(practice_evaluation=True, replay_analysis=True)
    desk.start_match()
    desk.go(0.5)
    labels = [getattr(widget, "label", "") for widget in desk.scene.form.widgets]
    assert "Hint" not in labels
    assert "Evaluation" not in labels
    assert Oracle.asked == 0


def test_there_is_none_where_two_people_play_at_one_computer(desk: Desk) -> None:
    desk.app.router._line_ups["gomoku"] = LineUp(players=2, local=2)
    practise(desk, "gomoku")
    assert "Hint" not in [getattr(widget, "label", "") for widget in desk.scene.form.widgets]


def test_after_a_match_with_a_person_the_viewer_goes_where_it_turned(desk: Desk) -> None:
    desk.start_match()
    match = desk.client.match()
    assert match is not None
    desk.client.replays[match.match] = recorded(desk, "gomoku", 9)
    desk.win()
    assert desk.shows == "Result"
    desk.press("Where it turned")
    desk.go(0.5)
    viewer = desk.top(Viewer)
    assert viewer.analysis is not None
    assert viewer.analysis.switch.on
    assert not desk.app.preferences.now.replay_analysis, "it is on for this once"
    assert (viewer.player.frame, viewer.player.playing) == (4, False)
    assert viewer.analysis._words_of() == "Move 5 turned it: Anna played M1, better H8"
    assert (4, "turned") in viewer.scrub.marks


def test_after_practice_too_though_nothing_was_recorded(desk: Desk) -> None:
    scene = practise(desk, "gomoku")
    for _ in range(3):
        desk.click(desk.point(scene.match.state.board.index(0)))  # the bot plays where it likes
        think(desk)
    assert scene.match.frame == 6
    desk.press("Stop")
    desk.press("Stop")
    assert desk.shows == "Result"
    desk.press("Where it turned")
    desk.go(1)
    viewer = desk.top(Viewer)
    assert viewer.player.frames == 6
    assert viewer.player.frame == 4
    desk.press("Back")
    desk.top(Result)


def test_where_nothing_was_played_there_is_nothing_to_look_at(desk: Desk) -> None:
    practise(desk, "gomoku")
    desk.press("Stop")
    desk.press("Stop")
    assert "Where it turned" not in [getattr(w, "label", "") for w in desk.scene.form.widgets]


def test_the_analysis_of_a_recording_is_switched_on_by_keys(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "gomoku", 9))
    desk.key(pygame.K_SPACE)
    at = viewer.player.frame
    assert viewer.analysis is not None
    desk.go(0.5)
    assert Oracle.asked == 0
    assert "Go there" not in [getattr(w, "label", "") for w in viewer.form.widgets]
    desk.tab_to(viewer.analysis.switch)
    desk.key(pygame.K_RETURN)
    desk.go(1)
    assert desk.app.preferences.now.replay_analysis
    assert viewer.player.frame == at, "it goes nowhere by itself"
    desk.tab_to(viewer.analysis.jump)
    desk.key(pygame.K_RETURN)
    assert viewer.player.frame == 4
    desk.tab_to(viewer.analysis.switch)
    desk.key(pygame.K_RETURN)
    desk.go(0.2)
    assert not desk.app.preferences.now.replay_analysis


def test_an_analysis_that_fails_leaves_the_recording_as_it_is(desk: Desk) -> None:
    Oracle.fails = True
    viewer = show(desk, recorded(desk, "gomoku", 9))
    assert viewer.analysis is not None
    desk.click(viewer.analysis.switch.rect.center)
    desk.go(0.3)
    assert "KeyError" in desk.toast
    assert not viewer.analysis.switch.on
    desk.go(20)
    assert viewer.player.frame == 9


def test_a_game_without_an_analysis_offers_none(desk: Desk) -> None:
    viewer = show(desk, recorded(desk, "pong", 120))
    assert viewer.analysis is None


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (640, 1000)])
def test_the_analysis_has_its_place(desk: Desk, size: tuple[int, int]) -> None:
    desk.resize(size)
    viewer = show(desk, recorded(desk, "gomoku", 9))
    assert viewer.analysis is not None
    desk.click(viewer.analysis.switch.rect.center)
    desk.go(0.3)
    panel = viewer.match_board.panel
    for rect in (viewer.analysis.switch.rect, viewer.analysis.jump.rect, viewer.analysis._bar):
        assert panel.contains(rect)
        assert all(not rect.colliderect(card) for card in viewer.match_board.cards)


def ranking(self: Oracle, state: State) -> tuple[Candidate, ...]:
    free = [point for point in (BEST, BEST + 15, BEST + 30) if not state.board[point]]
    return tuple(
        Candidate(chances=(600 - 100 * number, 400 + 100 * number), line=(Move(point),))
        for number, point in enumerate(free)
    )


@pytest.fixture
def ranked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """A recording at rest, with the analysis on."""
    monkeypatch.setattr(Oracle, "ranking", ranking, raising=False)
    viewer = show(desk, recorded(desk, "gomoku", 9))
    desk.key(pygame.K_SPACE)
    assert viewer.analysis is not None
    desk.click(viewer.analysis.switch.rect.center)
    desk.go(0.5)
    return viewer


def test_several_moves_are_listed_and_the_line_of_the_chosen_one_is_drawn(desk: Desk, ranked: Viewer) -> None:
    assert ranked.analysis is not None
    rows = ranked.analysis.ranking
    assert len(rows.keys()) == 3
    first = desk.picture()
    desk.click(rows.row_at(1).center)
    assert rows.looked_at is not None
    assert rows.looked_at.line == (Move(BEST + 15),)
    assert desk.picture() != first
    desk.tab_to(rows)
    desk.key(pygame.K_DOWN)
    desk.hover((5, 5))
    assert rows.looked_at.line == (Move(BEST + 30),)
    ranked._rest_at(3)
    desk.go(0.2)
    assert rows.looked_at is None, "another position begins with its best line"


def test_nothing_is_compared_while_the_recording_plays(desk: Desk, ranked: Viewer) -> None:
    assert ranked.analysis is not None
    desk.click(ranked.play.rect.center)
    desk.go(0.3)
    assert ranked.analysis.ranking.keys() == []
    desk.click(ranked.play.rect.center)
    desk.go(0.3)
    assert len(ranked.analysis.ranking.keys()) == 3


def test_the_curve_has_all_positions_and_a_click_goes_there(desk: Desk, ranked: Viewer) -> None:
    scrub = ranked.scrub
    assert scrub.curve
    assert sorted(scrub.shares) == [*range(10)]
    assert scrub.shares[2] == (600, 400)
    assert scrub.shares[5] == (1, 999)
    assert (4, "turned") in scrub.marks
    top = scrub.rect.top + scrub.curve // 2
    desk.click((scrub.rect.left + scrub.rect.width * 7 // 9, top))
    desk.go(0.1)
    assert ranked.player.frame == 7
    desk.key(pygame.K_LEFT)
    assert ranked.player.frame == 6


def test_the_curve_is_gone_with_the_analysis(desk: Desk, ranked: Viewer) -> None:
    assert ranked.analysis is not None
    board = ranked.match_board.board.height
    desk.click(ranked.analysis.switch.rect.center)
    desk.go(0.2)
    assert not ranked.scrub.curve
    assert ranked.match_board.board.height > board
    assert (4, "turned") not in ranked.scrub.marks
