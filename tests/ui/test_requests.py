"""What players ask each other for in a match by turns, and the clocks beside their names."""

from functools import partial
from typing import Any

import msgspec
import pytest

from p2pgame.core.terms import ClockTerms
from p2pgame.games.gomoku.rules import Config
from p2pgame.netcode.clocks import ClockFace, Clocks
from p2pgame.session import events as ev
from p2pgame.session.view import Requests
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.match_board import clock_text
from p2pgame.ui.scenes.requests import RequestPanel
from tests.ui.desk import Desk
from tests.ui.test_practice import practise, think


@pytest.fixture
def match(desk: Desk) -> Desk:
    """A match of Gomoku against Ben; we are Black."""
    desk.start_match()
    desk.client.calls.clear()
    return desk


def show(desk: Desk, **fields: Any) -> None:
    view = desk.client._match
    assert view is not None
    desk.client._match = msgspec.structs.replace(view, **fields)
    desk.go(0.1)


def asks(desk: Desk) -> RequestPanel:
    return desk.top(MatchScene).requests


def face(main: int, *, running: bool = False, used: int = 0, periods: int = 0, at: float = 0.0) -> ClockFace:
    return ClockFace(main=main, period=30_000, periods=periods, used=used, running=running, at=at)


def test_our_player_asks(match: Desk) -> None:
    show(
        match,
        config=Config(clock="5 min"),
        requests=Requests(may_take_back=True),
        clocks=(face(60_000), face(60_000)),
    )
    for label in ("Take back", "Offer draw", "Give 15 s"):
        match.press(label)
    assert match.client.calls == [("ask_takeback",), ("offer_draw",), ("give_time",)]
    assert not match.button("Adjourn").enabled
    show(match, requests=Requests(may_adjourn=True))
    match.press("Adjourn")
    assert match.client.calls[-1] == ("adjourn",)


def test_in_a_room_and_under_a_passing_identity_nothing_is_adjourned(match: Desk) -> None:
    show(match, room="ab")
    assert [button.label for button in asks(match).buttons] == ["Take back", "Offer draw"]
    match.client.resumes = False
    kept = RequestPanel(match.app.canvas, match.client.send, lambda: "Ben", kept=False)
    view = match.client.match()
    assert view is not None
    kept.update(0.0, msgspec.structs.replace(view, room=""))
    assert [button.label for button in kept.buttons] == ["Take back", "Offer draw"]


def test_the_buttons_to_ask_fit_their_words(match: Desk) -> None:
    show(match, config=Config(clock="5 min"), clocks=(face(60_000), face(60_000)))
    buttons = asks(match).buttons
    assert len(buttons) == 4
    assert len({button.rect.top for button in buttons}) == 2
    fonts, px = match.app.canvas.fonts, match.app.canvas.px("body")
    for button in buttons:
        assert fonts.width(button.label, px, bold=True) <= button.rect.width


def test_an_adjournment_is_answered(match: Desk) -> None:
    show(match, requests=Requests(adjourn_asked=True))
    assert asks(match).words == "Ben wants to adjourn"
    match.press("Accept")
    match.press("Refuse")
    assert match.client.calls == [("adjourn",), ("refuse_adjourn",)]
    show(match, requests=Requests(asking_adjourn=True))
    assert asks(match).words == "You asked to adjourn"


def test_without_a_clock_no_time_is_given(match: Desk) -> None:
    assert [button.label for button in asks(match).buttons] == ["Take back", "Offer draw", "Adjourn"]
    show(match, clocks=(face(0, periods=1),))  # the last minute of patience
    assert [button.label for button in asks(match).buttons] == ["Take back", "Offer draw", "Adjourn"]


def test_a_takeback_is_answered_at_the_edge_of_the_board(match: Desk) -> None:
    show(match, requests=Requests(takeback_by=1, answers_takeback=True))
    panel = asks(match)
    assert panel.words == "Ben wants to take a move back"
    assert panel.rect.bottom <= match.top(MatchScene).board.rect.bottom
    match.press("Allow")
    match.press("Refuse")
    assert match.client.calls == [("answer_takeback", True), ("answer_takeback", False)]


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080)])
def test_a_question_is_shown_whole(match: Desk, size: tuple[int, int]) -> None:
    match.resize(size)
    show(
        match,
        names=("Ann", "Bartholomew of Norwich"),
        requests=Requests(takeback_by=1, answers_takeback=True),
    )
    panel = asks(match)
    assert panel.words == "Bartholomew of Norwich wants to take a move back"
    assert panel.words in match.words_of(partial(panel.draw, form=match.top(MatchScene).form))


def test_a_draw_is_answered(match: Desk) -> None:
    show(match, requests=Requests(draw_offered=True))
    assert asks(match).words == "Ben offers a draw"
    match.press("Accept")
    match.press("Refuse")
    assert match.client.calls == [("offer_draw",), ("refuse_draw",)]


@pytest.mark.parametrize(
    ("requests", "answer"),
    [
        (Requests(takeback_by=1, answers_takeback=True), ("answer_takeback", False)),
        (Requests(draw_offered=True), ("refuse_draw",)),
        (Requests(adjourn_asked=True), ("refuse_adjourn",)),
    ],
)
def test_who_does_not_answer_refuses_after_twenty_seconds(
    match: Desk, requests: Requests, answer: Any
) -> None:
    show(match, requests=requests)
    match.go(19.5)
    assert match.client.calls == []
    assert asks(match).seconds <= 1
    match.go(1.0)
    assert match.client.calls == [answer]


def test_a_question_does_not_take_a_stone_that_is_put_beside_it(match: Desk) -> None:
    show(match, requests=Requests(takeback_by=1, answers_takeback=True))
    match.click(asks(match).rect.center)
    assert not match.client.calls


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (ev.TakebackRefused, "Ben does not allow it"),
        (ev.DrawRefused, "Ben refuses the draw"),
        (ev.AdjournRefused, "Ben does not want to adjourn"),
    ],
)
def test_what_became_of_it_is_said(match: Desk, event: Any, words: str) -> None:
    told = match.client.match()
    assert told is not None
    match.client.tell(event(match=told.match, player=0))
    match.go()
    assert match.toast == words


@pytest.mark.parametrize(
    ("clock", "later", "text"),
    [
        (face(300_000), 9.0, "5:00"),
        (face(300_000, running=True), 0.5, "5:00"),
        (face(300_000, running=True), 1.0, "4:59"),
        (face(9_900, running=True), 0.2, "9.7"),
        (face(9_900, running=True), 12.0, "0.0"),
        (face(600_000, periods=3), 0.0, "10:00 ×3"),
        (face(0, periods=1, running=True), 5.0, "0:25 ×1"),
        (face(0, periods=2, running=True), 31.0, "0:29 ×1"),
    ],
)
def test_what_a_clock_shows(clock: ClockFace, later: float, text: str) -> None:
    assert clock_text(clock, later) == text


def test_a_clock_that_runs_is_drawn_by_itself_and_heard_at_the_end(
    match: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(match.app.canvas.sounds, "play", heard.append)
    clocks = Clocks(ClockTerms(12_000), 2)
    faces = tuple(clocks.face(seat, 0, running=seat == 0, at=match.now) for seat in range(2))
    show(match, clocks=faces)
    before = match.picture()
    match.go(5.0)
    assert match.picture() != before
    assert heard == ["tick"] * 4  # nine, eight, seven, six


def test_in_practice_a_move_is_taken_back_at_once(desk: Desk) -> None:
    scene = practise(desk, "gomoku")
    assert not scene.match.requests.may_take_back
    desk.click(desk.point(112))
    think(desk)
    first = scene.match.state
    desk.click(desk.point(first.board.index(0)))
    think(desk)
    assert sum(map(bool, scene.match.state.board)) == 4
    desk.press("Take back")
    desk.go()
    assert scene.match.state == first
    assert scene.match.to_move == (0,)
    assert scene.match_board.played == 2, "what was taken back is no move"
    desk.press("Take back")
    desk.go()
    assert not any(scene.match.state.board)
    assert scene.match_board.played == 0
    assert not scene.match.requests.may_take_back
