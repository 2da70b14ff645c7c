"""A round of a room: several seats of ours, who is waited for, drops out and comes back, watching, leaving, the end."""

from typing import Any

import msgspec
import pygame
import pytest

from p2pgame.games.tron.rules import NONE
from p2pgame.session import events as ev
from p2pgame.session.room_view import RoomSeat, RoomView, RoomVote
from p2pgame.session.status import Status, StatusCode
from p2pgame.ui.emotes import EmoteButton
from p2pgame.ui.room_words import player_names
from p2pgame.ui.scenes import match as match_scene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.room import RoomScene
from p2pgame.ui.text import Fonts
from p2pgame.ui.wait_state import WaitState
from p2pgame.ui.widgets import Button
from tests.ui.desk import Desk
from tests.ui.fake_client import ME, FakeClient, member, peer_id, person, room_of

BOT = RoomSeat(kind="bot", level="easy")


def four(**fields: Any) -> RoomView:
    """We have two seats, Ben has one, and there is a bot."""
    members = [member("Anna", local=2, ready=True), member("Ben", 1, ready=True)]
    seats = [person("Anna"), person("Ben", 1), person("Anna (2)"), BOT]
    return room_of(members, seats, **fields)


@pytest.fixture
def tron(desk: Desk) -> Desk:
    """A round of Tron; seats 1 and 3 are ours: arrow keys, and the keys W, A, S and D."""
    return begin(desk, four(), 0, (0, 2))


def begin(desk: Desk, room: RoomView, me: int, seats: tuple[int, ...], **fields: Any) -> Desk:
    desk.client.add_peer(1, "Ben")
    desk.client.room_view = room
    desk.go(0.2)
    desk.client.start_round(me, seats, **fields)
    desk.go(0.2)
    assert desk.shows == "MatchScene"
    desk.client.calls.clear()
    return desk


def submitted(desk: Desk) -> list[tuple[Any, ...]]:
    return [call[1:] for call in desk.client.calls if call[0] == "submit"]


def scene(desk: Desk) -> MatchScene:
    return desk.top(MatchScene)


def labels(desk: Desk) -> list[str]:
    """Of all buttons that can be pressed, but for the emotes."""
    buttons = [w for w in desk.scene.form.widgets if isinstance(w, Button) and w.enabled]
    return [button.label for button in buttons if not isinstance(button, EmoteButton)]


# --- our seats


def test_each_of_us_steers_the_own_seat(tron: Desk) -> None:
    tron.down(pygame.K_UP)
    tron.down(pygame.K_a)
    tron.go(0.2)
    up, left = submitted(tron)
    assert len(up) == 1, "our first seat needs no number"
    assert left[1] == 2
    assert up[0] != left[0]
    live = tron.client.live
    assert live is not None
    assert (live.inputs[0], live.inputs[2]) == (up[0], left[0])


def test_a_tap_of_one_is_not_lost_while_the_other_taps(tron: Desk) -> None:
    for keys in ((pygame.K_UP, pygame.K_a), (pygame.K_RIGHT, pygame.K_s)):
        tron.down(*keys)
        tron.up(*keys)
    tron.go(0.5)
    taps = [call for call in submitted(tron) if call[0] != NONE]
    assert [len(call) for call in taps].count(1) == 2
    assert [len(call) for call in taps].count(2) == 2


def test_it_says_who_has_which_keys(tron: Desk) -> None:
    assert scene(tron)._hint == "Anna: arrow keys · Anna (2): W A S D"


def test_by_turns_the_keys_are_those_of_whose_turn_it_is(desk: Desk) -> None:
    view = room_of([member("Anna", local=2)], [person("Anna"), person("Anna (2)")], game="gomoku")
    begin(desk, view, 0, (0, 1))
    for player in (0, 1, 0):
        assert scene(desk).turn == player
        match = desk.client.match()
        assert match is not None
        point = match.state.board.index(0)
        desk.click(desk.point(point))
        desk.go(0.1)
    assert [call[1:] for call in submitted(desk)] == [(), (1,), ()]


def test_a_bot_has_a_name_though_nobody_gave_it_one(tron: Desk) -> None:
    assert player_names(scene(tron).match) == ("Anna", "Ben", "Anna (2)", "Bot 4")
    assert scene(tron).match_board.view.names == ("Anna", "Ben", "Anna (2)", "Bot 4")


# --- who is waited for


def wait_for(desk: Desk, *names: str, since: float = 0.0, **fields: Any) -> None:
    desk.client.change_match(waiting_for=tuple((name, desk.now - since) for name in names), **fields)


def test_after_two_seconds_it_says_for_whom_it_waits_and_how_long(tron: Desk) -> None:
    wait_for(tron, "Ben")
    tron.go(1.9)
    assert scene(tron).absent.lines() == []
    tron.go(0.2)
    assert scene(tron).absent.lines() == [("Waiting for Ben", "2 s")]
    before = tron.picture()
    tron.go(1)
    assert scene(tron).absent.lines() == [("Waiting for Ben", "3 s")]
    assert tron.picture() != before, "the bar grows"
    tron.client.change_match(waiting_for=())
    tron.go(0.1)
    assert scene(tron).absent.lines() == []


def test_each_who_is_waited_for_has_a_line_the_longest_wait_first(tron: Desk) -> None:
    now = tron.now
    tron.client.change_match(waiting_for=(("Ben", now - 3), ("Clara", now - 8), ("Dan", now - 1)))
    tron.go(0.1)
    assert scene(tron).absent.lines() == [("Waiting for Clara", "8 s"), ("Waiting for Ben", "3 s")]


def test_only_the_host_may_let_a_bot_play_on_by_keys_or_mouse(tron: Desk) -> None:
    wait_for(tron, "Ben", since=3, host=peer_id(1))
    tron.go(0.1)
    assert "Let a bot play on" not in labels(tron)
    wait_for(tron, "Ben", since=3, host=ME)
    tron.go(0.1)
    tron.press("Let a bot play on")
    tron.tab_to(tron.button("Let a bot play on"))
    tron.key(pygame.K_RETURN)
    assert [call for call in tron.client.calls if call[0] == "drop_absent"] == [("drop_absent",)] * 2


def test_a_stall_offers_no_claim_in_a_room(tron: Desk) -> None:
    assert tron.client.live is not None
    tron.client.live.silent = True
    tron.go(40)
    assert scene(tron).waiting.seconds is None
    assert "Claim the match" not in labels(tron)


# --- what happens among the players


def test_it_says_who_dropped_out_who_hosts_and_who_is_back(tron: Desk) -> None:
    match = scene(tron).match.match
    tron.client.change_match(bots=(1, 3))
    tron.client.tell(ev.HostChanged(match=match, host=peer_id(2), name="Clara", epoch=2))
    tron.go(0.1)
    assert scene(tron).news.lines == ["Clara hosts now", "Ben dropped out, a bot plays on"]
    tron.client.change_match(bots=(3,))
    tron.client.tell(ev.HostChanged(match=match, host=ME, name="Anna", epoch=3))
    tron.go(0.1)
    assert scene(tron).news.lines[-2:] == ["You host now", "Ben is back"]
    tron.go(6)
    assert scene(tron).news.lines == []


def test_somebody_else_in_the_seat_of_a_bot_is_nobody_who_is_back(tron: Desk) -> None:
    names = ("Anna", "Ben", "Anna (2)", "Dan")
    tron.client.change_match(bots=(), names=names)
    tron.go(0.1)
    assert scene(tron).news.lines == ["Dan takes over from a bot"]


def test_who_leaves_the_round_watches_it_and_may_come_back(tron: Desk) -> None:
    tron.press("Leave round")
    tron.press("Leave the round")
    assert tron.client.calls[-1] == ("leave_round",)
    tron.client.change_match(me=-1, seats=(), bots=(0, 2, 3))
    tron.go(0.1)
    assert scene(tron).watching
    assert scene(tron).news.lines == ["A bot plays on for you"]
    assert labels(tron) == ["Chat", "Leave room", "Menu"]
    tron.client.calls.clear()
    tron.key(pygame.K_UP)
    tron.go(0.3)
    assert submitted(tron) == []
    tron.client.change_match(me=2, seats=(2,), bots=(0, 3))
    tron.go(0.1)
    assert scene(tron).news.lines[-1] == "You play on"


def test_who_gets_a_seat_from_a_bot_is_counted_in_while_a_bot_steers_on(tron: Desk) -> None:
    tron.client.change_match(me=-1, seats=(), bots=(0, 2, 3))
    tron.go(0.1)
    tron.client.change_match(me=2, seats=(2,), bots=(0, 3))
    tron.go(0.05)
    board = scene(tron).count_in
    assert board.number == 3
    tron.client.calls.clear()
    tron.key(pygame.K_UP)
    tron.go(1.0)
    assert board.number == 2
    live = tron.client.live
    assert live is not None
    steered = scene(tron).handback.move(scene(tron).match, 2)
    assert live.inputs[2] == steered, "the key did nothing"
    tron.go(1.0)
    assert board.number == 0
    tron.client.calls.clear()
    tron.down(pygame.K_UP)
    tron.go(0.1)
    assert [len(call) for call in submitted(tron)] == [1], "now the keys steer"


def test_only_seats_that_come_new_are_counted_in(tron: Desk) -> None:
    tron.client.change_match(me=0, seats=(0,), bots=(2, 3))
    tron.go(0.1)
    assert scene(tron).count_in.number == 0
    tron.client.change_match(me=0, seats=(0, 2), bots=(3,))
    tron.go(0.1)
    assert scene(tron).count_in.number == 3
    tron.client.calls.clear()
    tron.down(pygame.K_UP)
    tron.go(0.1)
    assert [call for call in submitted(tron) if len(call) == 1] != [], "the first one of us steers on"


def test_escape_leads_to_both_ways_out(tron: Desk) -> None:
    tron.key(pygame.K_ESCAPE)
    tron.press("Leave round")
    assert labels(tron) == ["Stay", "Leave the round", "Leave the room"]
    tron.key(pygame.K_DOWN, pygame.K_DOWN, pygame.K_RETURN)
    assert tron.client.calls[-1] == ("leave_room",)
    tron.client.room_view = None
    tron.go(0.1)
    assert tron.shows == "LobbyScene"


def test_closing_the_window_in_a_round_asks(tron: Desk) -> None:
    tron.close_window()
    assert tron.shows == "LeaveRoundDialog"
    tron.key(pygame.K_ESCAPE)
    assert tron.app.exit_code is None


def test_a_watcher_sees_it_and_steers_nothing(desk: Desk) -> None:
    room = room_of(
        [member("Anna", local=0), member("Ben", 1), member("Clara", 2)],
        [person("Ben", 1), person("Clara", 2)],
    )
    desk.client.room_view = room
    desk.go(0.2)
    match = desk.client.start_round(-1, ())
    desk.client.tell(ev.Spectating(match=match.match, frame=0))
    desk.go(0.3)
    assert scene(desk).watching
    for key in (pygame.K_UP, pygame.K_SPACE, pygame.K_w):
        desk.key(key)
    desk.click(scene(desk).board.rect.center)
    assert submitted(desk) == []
    assert labels(desk) == ["Chat", "Leave room", "Menu"]


@pytest.mark.parametrize("game", ["gomoku", "pong", "tron"])
def test_every_game_can_be_watched(desk: Desk, game: str) -> None:
    room = room_of(
        [member("Anna", local=0), member("Ben", 1), member("Clara", 2)],
        [person("Ben", 1), person("Clara", 2)],
        game=game,
    )
    desk.client.room_view = room
    desk.go(0.2)
    desk.client.start_round(-1, ())
    desk.go(1)
    assert scene(desk).match_board.failed is None
    for key in (pygame.K_UP, pygame.K_SPACE):
        desk.key(key)
    desk.click(scene(desk).board.rect.center)
    assert submitted(desk) == []


# --- votes, errors and the end


def test_a_vote_is_answered_in_a_round(tron: Desk) -> None:
    vote = RoomVote(
        peer=peer_id(1), kind="restart", argument="", yes=1, no=0, needed=2, until=tron.now + 20, ours=None
    )
    tron.client.change_room(vote=vote)
    tron.go(0.1)
    assert scene(tron).form.focused is scene(tron).board, "the keys stay with the game"
    tron.tab_to(tron.button("No"))
    tron.key(pygame.K_RETURN)
    assert tron.client.calls[-1] == ("cast_vote", False)
    tron.client.change_room(vote=None)
    tron.go(0.1)
    assert "No" not in labels(tron)


def test_the_end_stays_for_a_moment_and_then_the_table_shows(tron: Desk) -> None:
    tron.client.end_round((1,))
    tron.go(0.5)
    outcome = scene(tron).match.outcome
    assert outcome is not None
    assert outcome.winners == (1,)
    tron.go(3)
    room = tron.top(RoomScene).room
    assert (room.phase, room.wins) == ("table", (0, 1, 0, 0))
    tron.client.start_round(0, (0, 2))
    tron.go(0.2)
    assert tron.shows == "MatchScene"
    assert isinstance(tron.app.router.stack[1], RoomScene)


def test_the_next_round_may_begin_before_the_last_one_is_off_the_screen(tron: Desk) -> None:
    tron.client.end_round((1,))
    tron.go(0.2)
    second = tron.client.start_round(0, (0, 2)).match
    tron.go(5)
    assert scene(tron).match.match == second


def test_a_round_that_is_gone_is_left_for_the_room(tron: Desk) -> None:
    tron.client.leave()
    tron.go(0.2)
    assert tron.shows == "RoomScene"


def test_an_error_in_a_room_is_a_notice_and_ends_no_round(tron: Desk) -> None:
    tron.client.tell(ev.ErrorEvent(code="connection_lost", params={"name": "Ben"}))
    tron.go(0.1)
    assert tron.shows == "MatchScene"
    assert tron.toast == "The connection to Ben is lost"


# --- places


def eight() -> RoomView:
    members = [member("Anna", local=2)] + [member(f"Player with a long name {i}", i) for i in range(1, 7)]
    seats = [person("Anna"), person("Anna (2)")]
    seats += [person(f"Player with a long name {i}", i) for i in range(1, 7)]
    return room_of(members, seats)


@pytest.mark.parametrize("size", [(640, 480), (640, 360), (480, 900), (1060, 680)])
def test_the_two_ways_out_of_a_round_have_place_for_their_words(desk: Desk, size: tuple[int, int]) -> None:
    desk.resize(size)
    begin(desk, eight(), 0, (0, 1))
    canvas = scene(desk).canvas
    for button in scene(desk)._ways_out():
        width = canvas.fonts.width(button.label, canvas.px("body"), bold=True)
        assert width <= button.rect.width - canvas.u(16), button.label


@pytest.mark.parametrize("size", [(640, 480), (960, 640), (1920, 1080), (480, 900)])
@pytest.mark.parametrize("vote", [False, True])
def test_eight_players_fit_every_size(size: tuple[int, int], vote: bool) -> None:
    desk = Desk()
    desk.resize(size)
    begin(desk, eight(), 0, (0, 1), host=ME)
    if vote:
        running = RoomVote(
            peer=peer_id(1), kind="kick", argument=peer_id(2), yes=1, no=0, needed=2, until=130, ours=None
        )
        desk.client.change_room(vote=running)
    wait_for(desk, *(f"Player with a long name {i}" for i in range(1, 7)), since=3)
    desk.go(0.3)
    board, canvas = scene(desk).match_board, pygame.Rect((0, 0), desk.app.window.size)
    assert len(board.cards) == 8
    assert all(card.bottom < board.board.top for card in board.cards)
    rects = [*board.cards, *(w.rect for w in scene(desk).form.widgets if w is not scene(desk).board)]
    assert all(canvas.contains(rect) for rect in rects)
    assert board.board.contains(scene(desk).absent.rect)
    beside = [rect for rect in rects if not board.board.contains(rect)]
    assert [(a, b) for i, a in enumerate(beside) for b in beside[:i] if a.colliderect(b)] == []


def test_drawing_the_board_alone_gives_the_picture_of_drawing_all(tron: Desk) -> None:
    tron.client.change_match(bots=(1, 3))
    wait_for(tron, "Ben", since=3)
    assert tron.client.live is not None
    tron.client.live.silent = True
    tron.go(0.5)
    canvas = pygame.display.get_surface()
    assert canvas is not None
    scene(tron).draw_live(canvas)
    part = tron.picture()
    scene(tron).draw(canvas)
    assert tron.picture() == part


def test_a_match_by_invitation_is_as_it_was() -> None:
    client = FakeClient()
    desk = Desk(client=client)
    desk.start_match(game="tron")
    assert labels(desk) == ["Chat", "Resign", "Menu"]
    assert not scene(desk).watching
    assert len(scene(desk).match_board.cards) == 2


def test_what_happens_among_the_players_covers_no_cycle_in_a_small_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does the hint at the beginning: both stand beside the board."""
    desk = Desk()
    desk.resize((460, 480))
    begin(desk, eight(), 0, (0, 1), host=ME)
    desk.go(0.1)
    assert desk.client.live is not None
    desk.client.live.silent = True
    canvas = pygame.Surface(desk.app.window.size)
    board = scene(desk).match_board.board

    def picture() -> bytes:
        scene(desk).draw(canvas)
        return pygame.image.tobytes(canvas.subsurface(board), "RGB")

    scene(desk).news.say("Ben is back")
    with_news = picture()
    scene(desk).news.clear()
    assert picture() == with_news
    monkeypatch.setattr(match_scene, "_HINT", -1.0)
    assert picture() == with_news


def test_who_watches_is_not_offered_a_claim_that_would_be_refused(tron: Desk) -> None:
    waits = Status(code=StatusCode.CONNECTION, since=0.0, claim_at=30.0)
    match, wait = scene(tron).match, WaitState()
    for me, offered in ((0, True), (-1, False)):
        seen = msgspec.structs.replace(match, me=me, status=waits)
        wait.update(40.0, seen)
        assert wait.offers is offered


def test_the_view_has_a_name_for_everybody_and_for_who_takes_over_from_a_bot(tron: Desk) -> None:
    tron.client.change_match(names=("Anna", "Ben", "Anna (2)", ""))
    tron.go(0.1)
    assert scene(tron).match_board.match.names[3] == "Bot 4"
    tron.client.change_match(names=("Anna", "Ben", "Anna (2)", "Eve"), bots=())
    tron.go(0.1)
    assert scene(tron).match_board.match.names[3] == "Eve"


def test_players_keep_their_colours_for_who_comes_back_while_bots_play_for_them(desk: Desk) -> None:
    room = four()
    begin(desk, room, 0, (0, 2))
    looks = scene(desk).match_board.looks
    match = desk.client.match()
    assert match is not None
    first = tuple("" if seat in match.bots else peer for seat, peer in enumerate(match.players))
    back = msgspec.structs.replace(match, bots=(0, 1, 2, 3), players=(peer_id(1),) * 4, first_players=first)
    again = MatchScene(scene(desk).context, back, scene(desk).match_board.view)
    assert again.match_board.looks == looks


@pytest.mark.parametrize("game", ["tron", "pong"])
def test_in_teams_a_name_has_the_colour_of_its_team(desk: Desk, game: str) -> None:
    begin(desk, four(game=game), 0, (0, 2), teams=(0, 1, 0, 1))
    desk.client.change_match(bots=())
    desk.go(0.2)
    board, theme = scene(desk).match_board, desk.app.canvas.theme
    screen, card = pygame.display.get_surface(), board.cards[2]
    assert screen is not None
    beside = card.left + desk.app.canvas.u(40)  # what the view draws of the player
    spots = [(x, y) for x in range(beside, card.right) for y in range(card.top, card.bottom)]
    shown = {tuple(screen.get_at(spot))[:3] for spot in spots}
    assert theme.ink(0) in shown
    assert theme.ink(2) not in shown


# --- by turns


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every line of text, as it is drawn."""
    lines: list[str] = []
    render = Fonts.render

    def noting(self: Fonts, text: str, *args: Any, **kwargs: Any) -> pygame.Surface:
        lines.append(text)
        return render(self, text, *args, **kwargs)

    monkeypatch.setattr(Fonts, "render", noting)
    return lines


def watched(desk: Desk) -> None:
    """Ben and Clara play Gomoku, and we watch."""
    members = [member("Anna", local=0), member("Ben", 1), member("Clara", 2)]
    begin(desk, room_of(members, [person("Ben", 1), person("Clara", 2)], game="gomoku"), -1, ())


def test_after_the_end_by_turns_nobody_is_said_to_think(desk: Desk, drawn: list[str]) -> None:
    watched(desk)
    assert "Ben is thinking…" in drawn
    desk.client.end_round((1,))
    desk.go(0.2)
    drawn.clear()
    desk.go(2.0)
    scene(desk).dirty = True
    desk.go(0.1)
    assert "Clara won" in drawn
    assert not [line for line in drawn if "thinking" in line]


def test_who_watches_by_turns_is_told_so_beside_the_board_and_for_whom_it_waits(
    desk: Desk, drawn: list[str]
) -> None:
    watched(desk)
    room = desk.client.room_view
    assert room is not None
    assert [line for line in drawn if line.startswith("You watch · ")]
    drawn.clear()
    away = tuple(msgspec.structs.replace(one, connected=one.name != "Ben") for one in room.members)
    desk.client.change_room(members=away)
    desk.go(0.2)
    assert "Waiting for Ben…" in drawn


def test_who_watches_sees_a_vote_and_has_none(desk: Desk) -> None:
    watched(desk)
    vote = RoomVote(
        peer=peer_id(1), kind="pause", argument="", yes=1, no=0, needed=2, until=desk.now + 20, ours=None
    )
    desk.client.change_room(vote=vote)
    desk.go(0.1)
    assert scene(desk).votes.height
    assert not {"Yes", "No"} & set(labels(desk))
