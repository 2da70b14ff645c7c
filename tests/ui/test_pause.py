"""A match that stands still: what is said, what is not played, claiming, mending, and going on."""

import pygame
import pytest

from p2pgame.core import Outcome
from p2pgame.core.game import EndedBy
from p2pgame.games.gomoku.rules import Move
from p2pgame.session import events as ev
from p2pgame.session.view import COUNT_IN
from p2pgame.ui.scenes.count_in import CountIn
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.waiting import Waiting
from tests.ui.desk import Desk


@pytest.fixture
def match(desk: Desk) -> Desk:
    """A match of Gomoku against Ben; we are Black."""
    desk.start_match()
    desk.client.calls.clear()
    return desk


def waiting(desk: Desk) -> Waiting:
    return desk.top(MatchScene).waiting


def said(desk: Desk) -> str:
    shown = waiting(desk)
    return " / ".join([shown._heading(), *shown._lines])


def test_it_names_whom_and_why_and_how_long(match: Desk) -> None:
    match.client.pause()
    match.go(0.2)
    assert waiting(match).seconds is None, "too short to be worth a word"
    match.go(12)
    assert said(match) == (
        "Waiting for Ben… 12 s / The connection is lost; looking for Ben… / You can claim the match in 18 s."
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("closed", "Ben closed the program, and may come back."),
        ("restarted", "This program was restarted; looking for Ben…"),
        ("desync", "The two games differ; comparing…"),
    ],
)
def test_other_reasons_have_other_words(match: Desk, reason: str, words: str) -> None:
    match.client.pause(reason, claim_in=None)
    match.go(0.4)
    assert words in said(match)


def test_a_stall_over_a_live_link_can_be_claimed_too(match: Desk) -> None:
    match.client.pause("stalled")
    match.go(3)
    assert said(match) == "Waiting for Ben… 3 s"
    match.go(4)
    assert said(match) == (
        "Waiting for Ben… 7 s / Ben is connected, but nothing comes. / You can claim the match in 23 s."
    )
    match.go(24)
    assert waiting(match).widgets
    match.press("Claim the match")
    assert match.client.calls == [("claim",)]


@pytest.mark.parametrize(("answer", "go_on"), [("Play on", True), ("End the match", False)])
def test_two_states_that_both_are_right_are_for_the_players_to_judge(
    match: Desk, answer: str, go_on: bool
) -> None:
    match.client.pause("disputed")
    match.go(1)
    assert said(match).startswith("The two games differ / Both programs computed their state again")
    match.press(answer)
    assert match.client.calls == [("answer_dispute", go_on)]
    match.go(0.1)
    assert waiting(match).widgets == ()
    assert said(match).endswith("Waiting for Ben…")


def test_a_desync_that_is_mended_at_once_veils_nothing(match: Desk) -> None:
    before = match.picture()
    match.client.pause("desync", claim_in=None)
    match.go(0.2)
    assert waiting(match).card.width == 0
    match.client.go_on()
    match.go(0.2)
    assert match.toast == ""
    assert match.picture() == before


def test_nothing_is_played_meanwhile_and_all_as_before_afterwards(match: Desk) -> None:
    before = match.picture()
    match.client.pause()
    match.go(2)
    assert match.picture() != before
    match.click(match.point(3))
    match.key(pygame.K_RETURN, pygame.K_RETURN)
    assert match.client.calls == []
    assert match.toast == "Ben is not here yet"
    match.go(5)
    match.client.go_on()
    match.go(0.2)
    assert match.toast == "Ben is back"
    match.click(match.point(3))
    assert match.client.calls == [("submit", Move(3))]


def test_real_time_keys_wait_until_it_goes_on(desk: Desk) -> None:
    desk.start_match(game="pong")
    desk.client.calls.clear()
    desk.client.pause()
    desk.go(0.1)
    desk.down(pygame.K_UP)
    desk.go(3)
    assert desk.client.calls == []
    desk.client.go_on()
    desk.go(0.1)
    assert desk.client.calls == [("submit", -1)], "the key is still down"


@pytest.mark.parametrize("game", ["gomoku", "pong"])
def test_claiming_by_keys_comes_late_enough_and_not_by_a_slip(desk: Desk, game: str) -> None:
    desk.start_match(game=game)
    desk.client.calls.clear()
    desk.client.pause()
    desk.go(29.5)
    assert waiting(desk).widgets == ()
    desk.go(0.7)
    desk.key(pygame.K_RETURN)  # meant for the game
    desk.go(1)
    assert waiting(desk).widgets, "the choice is still there"
    desk.key(pygame.K_RETURN)  # on "keep waiting"
    assert waiting(desk).widgets == ()
    assert desk.client.calls == []
    desk.go(16)
    desk.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert desk.client.calls == [("claim",)]
    assert desk.top(Result).heading == "You won"


def test_claiming_by_gamepad(match: Desk) -> None:
    match.client.pause()
    match.go(31)
    for kind, fields in (
        (pygame.JOYHATMOTION, {"hat": 0, "value": (1, 0)}),
        (pygame.JOYHATMOTION, {"hat": 0, "value": (0, 0)}),
        (pygame.JOYBUTTONDOWN, {"button": 0}),
    ):
        pygame.event.post(pygame.event.Event(kind, instance_id=0, **fields))
        match.go(0.1)
    assert match.client.calls == [("claim",)]


def test_claiming_by_mouse(match: Desk) -> None:
    match.client.pause()
    match.go(31)
    match.press("Claim the match")
    assert match.client.calls == [("claim",)]
    assert match.top(Result).outcome == Outcome.by(EndedBy.CLAIMED, (0,))


def test_a_claim_that_came_to_nothing_can_be_made_again(match: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match.client, "end", lambda outcome: None)
    match.client.pause()
    match.go(31)
    match.press("Claim the match")
    assert "Claiming the match…" in said(match)
    match.go(4)
    match.press("Claim the match")
    assert match.client.calls == [("claim",)] * 2


def test_the_choice_goes_when_they_come_back(match: Desk) -> None:
    match.client.pause()
    match.go(40)
    assert waiting(match).widgets
    match.client.go_on()
    match.go(0.1)
    assert waiting(match).widgets == ()
    assert match.scene.form.focused is match.top(MatchScene).board


def test_giving_up_and_leaving_work_in_a_pause(match: Desk) -> None:
    match.client.pause()
    match.go(2)
    match.close_window()
    assert match.app.exit_code is None
    match.press("Play on")
    match.press("Resign")
    match.press("Resign")
    assert match.client.calls == [("resign",)]
    assert match.shows == "Result"


def test_closing_in_a_pause_asks_once_and_leaves(match: Desk) -> None:
    match.client.pause()
    match.go(2)
    match.close_window()
    match.press("Resign and leave")
    assert match.app.exit_code == 0
    assert match.client.calls == [("leave",)]


def desync(match: str, *, mended: bool, taken: str = "") -> ev.MatchDesync:
    return ev.MatchDesync(
        match=match,
        frame=120,
        ours="ab" * 16,
        theirs="cd" * 16,
        path="balls[0].vx",
        differences=("balls[0].vx: 512 ≠ 513", "tick: 3 ≠ 4"),
        mended=mended,
        taken=taken,
    )


@pytest.mark.parametrize("game", ["gomoku", "pong"])
def test_a_mended_desync_is_named_and_the_match_goes_on(desk: Desk, game: str) -> None:
    desk.start_match(game=game)
    desk.go(1)
    scene = desk.top(MatchScene)
    unit = "frame" if scene.match.tick_rate else "move"
    desk.client.tell(desync(scene.match.match, mended=True, taken="theirs"))
    desk.go(0.2)
    assert desk.toast == "The two games differed; repaired"
    assert scene._mended == (
        f"The two games differed at {unit} 120. Ben's state was taken; the match goes on.",
        "balls[0].vx: 512 ≠ 513; tick: 3 ≠ 4",
    )
    desk.go(10)
    assert scene._mended is not None, "it can be read"
    desk.go(6)
    assert scene._mended is None
    assert desk.shows == "MatchScene"


def test_a_desync_that_ends_the_match_names_the_fields(match: Desk) -> None:
    running = match.top(MatchScene).match.match
    match.client.tell(desync(running, mended=False))
    match.client.tell(ev.ErrorEvent(code="desync", params={"name": "Ben"}))
    match.client.end(Outcome(winners=(), reason="desync"))
    match.go()
    error = match.top(ErrorScene)
    assert "balls[0].vx: 512 ≠ 513; tick: 3 ≠ 4" in error.details


@pytest.mark.parametrize("game", ["gomoku", "pong"])
@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 900)])
def test_the_wait_fits_the_board_at_every_size(game: str, size: tuple[int, int]) -> None:
    desk = Desk()
    desk.start_match(name="Ein sehr langer Name, sehr", game=game)
    desk.resize(size)
    desk.client.pause()
    desk.go(35)
    scene = desk.top(MatchScene)
    assert scene.match_board.board.contains(scene.waiting.card)
    assert all(scene.waiting.card.contains(w.rect) for w in scene.waiting.widgets)


def test_it_goes_on_after_ready_three_two_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.start_match(game="pong")
    desk.go(1)
    sounds: list[str] = []
    monkeypatch.setattr(desk.app.canvas.sounds, "play", lambda name, pan=0.0: sounds.append(name))
    scene = desk.top(MatchScene)
    calm = desk.picture()
    assert desk.client.live is not None
    desk.client.live.silent = True
    desk.client.change_match(goes_on_at=desk.now + 1.8)
    seen = []
    for _ in range(40):
        if scene.count_in.number not in seen[-1:]:
            seen.append(scene.count_in.number)
            assert desk.picture() != calm or not scene.count_in.number
        desk.go(0.05)
    assert [number for number in seen if number] == [3, 2, 1]
    assert scene.count_in.number == 0
    assert [name for name in sounds if name in ("beat", "go")][-4:] == ["beat", "beat", "beat", "go"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_number_that_counts_in_hides_the_one_that_the_game_counts(desk: Desk, *, dark: bool) -> None:
    canvas, pictures = desk.app.canvas, []
    for under in ("black", "white"):
        surface = pygame.Surface((400, 300))
        surface.fill(under)
        count_in = CountIn(canvas)
        count_in.update(COUNT_IN / 1000)
        count_in.draw(surface, surface.get_rect(), dark=dark)
        number = pygame.Rect(0, 0, 44, 44)
        number.center = surface.get_rect().center
        pictures.append(pygame.image.tobytes(surface.subsurface(number), "RGB"))
    assert pictures[0] == pictures[1]
