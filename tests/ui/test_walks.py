"""From the name to the result and a rematch: with the keyboard alone, with the mouse alone, and by itself."""

import pygame

from p2pgame.core import Outcome
from p2pgame.games.gomoku.rules import CENTRE, Config, Move, State
from p2pgame.session.events import ErrorEvent, MatchDesync, RoomLeft
from p2pgame.session.room_view import RoomSeat
from p2pgame.ui.autoplay import Autoplay, Pace
from p2pgame.ui.scenes.dialogs import InviteDialog
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from tests.ui.desk import Desk
from tests.ui.fake_client import FakeClient, member, person, room_of


def first_free(state: State, player: int) -> Move:
    """A bot of no strength."""
    del player
    return Move(state.board.index(0))


def test_keyboard_alone() -> None:
    desk = Desk(first_run=True)
    assert desk.shows == "NameScene"
    desk.key(*[pygame.K_BACKSPACE] * 4)
    desk.type("Zoë")
    desk.key(pygame.K_RETURN)
    assert desk.client.calls == [("set_name", "Zoë")]
    assert desk.shows == "LobbyScene"

    desk.client.add_peer(1, "Ben")
    clara = desk.client.add_peer(2, "Clara").peer
    desk.go()
    desk.key(pygame.K_DOWN, pygame.K_RIGHT)  # Clara, then over to the games
    desk.key(pygame.K_TAB, pygame.K_RIGHT)  # the rule: standard
    lobby = desk.top(LobbyScene)
    desk.tab_to(lobby.invite_panel.invite_button)
    desk.key(pygame.K_SPACE)
    assert desk.client.calls[-1] == ("invite", clara, "gomoku", Config(rule="standard"))
    assert desk.shows == "InviteSentDialog"

    desk.client.peer_accepts()
    desk.go()
    assert desk.shows == "MatchScene"
    desk.key(pygame.K_RETURN, pygame.K_RETURN)  # the cursor shows, then the stone falls
    desk.client.peer_moves(0)
    desk.go()
    desk.key(pygame.K_LEFT, pygame.K_UP, pygame.K_RETURN)
    assert [c[1] for c in desk.client.calls if c[0] == "submit"] == [Move(CENTRE), Move(CENTRE + 14)]

    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "MatchMenu"
    desk.key(*[pygame.K_DOWN] * 4, pygame.K_RETURN)
    assert desk.shows == "Confirm"
    desk.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert desk.shows == "Result"
    desk.key(pygame.K_RETURN)
    assert desk.client.calls[-2:] == [("rematch",), ("invite", clara, "gomoku", Config(rule="standard"))]
    desk.client.peer_accepts()
    desk.go()
    assert desk.shows == "MatchScene"
    assert desk.top(MatchScene).match.me == 1


def test_mouse_alone() -> None:
    desk = Desk(first_run=True)
    desk.press("Continue")
    assert desk.client.calls == [("set_name", "Anna")], "the offered name is kept for the next launch"
    desk.client.add_peer(1, "Ben")
    clara = desk.client.add_peer(2, "Clara").peer
    desk.go()
    lobby = desk.top(LobbyScene)
    row = lobby.peers.rect.move(0, 0)
    desk.click((row.left + 40, row.top + 100))
    assert lobby.peers.selected == clara
    desk.press("Invite")
    assert desk.client.calls[-1] == ("invite", clara, "gomoku", Config())
    desk.client.peer_accepts()
    desk.go()
    desk.click(desk.point(17))
    assert desk.client.calls[-1] == ("submit", Move(17))
    desk.press("Resign")
    desk.press("Resign")
    assert desk.shows == "Result"
    desk.press("Back to the lobby")
    assert desk.shows == "LobbyScene"
    assert desk.client.calls[-1] == ("leave",)


def test_winning_shows_who_and_why_and_the_line(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    result = desk.top(Result)
    assert result.outcome == Outcome(winners=(0,), reason="five in a row")
    assert result.match.state.line == (0, 1, 2, 3, 4)


def test_the_other_sides_rematch_is_accepted_from_the_result(desk: Desk) -> None:
    ben = desk.start_match()
    desk.win()
    invite = desk.client.peer_invites(ben, rematch=True)
    desk.go(0.7)
    assert desk.top(InviteDialog).heading == "Ben (BA7X-AAAA) wants a rematch"
    desk.key(pygame.K_RETURN)
    assert ("accept", invite) in desk.client.calls
    assert desk.shows == "MatchScene"


def test_autoplay_invites_plays_and_leaves() -> None:
    autoplay = Autoplay("inviter", first_free, "gomoku", Config(), Pace(linger=2.0))
    desk = Desk(autoplay=autoplay)
    try:
        ben = desk.client.add_peer(1, "Ben").peer
        desk.go(0.5)
        assert desk.shows == "LobbyScene", "a person can watch"
        desk.go(1.0)
        assert desk.client.calls[-1] == ("invite", ben, "gomoku", Config())
        desk.client.peer_accepts()
        theirs = iter(range(224, 100, -2))
        for _ in range(2000):
            desk.go(0.05)
            match = desk.client.match()
            if match is None or match.outcome is not None:
                break
            if match.me not in match.to_move:
                desk.client.peer_moves(next(theirs))
        desk.go(0.1)
        assert desk.shows == "Result"
        assert desk.app.exit_code is None
        desk.go(3.0)
        assert desk.app.exit_code == 0
        assert desk.client.calls[-1] == ("leave",)
    finally:
        autoplay.close()


def test_autoplay_accepts() -> None:
    client = FakeClient()
    autoplay = Autoplay("accepter", first_free, "gomoku", Config())
    desk = Desk(autoplay=autoplay, client=client)
    try:
        invite = client.peer_invites(client.add_peer(1, "Ben").peer)
        desk.go(2.0)
        assert client.calls[0] == ("accept", invite)
    finally:
        autoplay.close()


def test_autoplay_waits_out_a_pause_and_a_mended_desync() -> None:
    autoplay = Autoplay("accepter", first_free, "gomoku", Config(), Pace(accept=0.1, move=0.1))
    desk = Desk(autoplay=autoplay)
    try:
        desk.client.peer_invites(desk.client.add_peer(1, "Ben").peer)
        while (match := desk.client.match()) is None:
            desk.go(0.05)
        desk.client.pause()
        running = match.match
        desk.client.tell(
            MatchDesync(match=running, frame=0, ours="", theirs="", path=None, mended=True, taken="ours")
        )
        desk.client.tell(
            ErrorEvent(code="not_recorded", params={"reason": "match_not_recorded", "cause": "disk_full"})
        )
        desk.go(5)
        assert [call for call in desk.client.calls if call[0] in ("submit", "leave")] == []
        assert desk.app.exit_code is None
        desk.client.go_on()
        for _ in range(100):
            desk.go(0.05)
        assert [call[0] for call in desk.client.calls].count("submit") == 1
    finally:
        autoplay.close()


def test_autoplay_in_a_room_is_ready_when_all_are_there_plays_its_seats_and_leaves() -> None:
    pace = Pace(accept=0.2, linger=1.0)
    autoplay = Autoplay("room", lambda state, player: player % 2 * 3, "tron", object(), pace)
    desk = Desk(autoplay=autoplay)
    members = (member("Anna", local=2), member("Ben", 1, ready=True))
    seats = (person("Anna"), person("Anna (2)"), person("Ben", 1))
    try:
        desk.client.room_view = room_of(members, [*seats[:2], RoomSeat(kind="open")])
        desk.go(2.0)
        assert desk.client.calls == [], "somebody is missing"
        desk.client.change_room(seats=seats)
        desk.go(1.0)
        assert desk.client.calls[0] == ("set_ready", True)
        desk.client.change_room(members=(member("Anna", local=2, ready=True), members[1]), phase="countdown")
        desk.client.start_round(0, (0, 1))
        desk.go(0.5)
        submitted = [call for call in desk.client.calls if call[0] == "submit"]
        assert submitted == [("submit", 0), ("submit", 3, 1)]
        desk.client.end_round((2,))
        desk.go(3.0)
        assert desk.client.calls[-1] == ("leave_room",)
        assert desk.app.exit_code == 0
    finally:
        autoplay.close()


def test_autoplay_ends_when_the_room_does() -> None:
    autoplay = Autoplay("room", lambda state, player: 0, "tron", object(), Pace(linger=0.5))
    desk = Desk(autoplay=autoplay)
    try:
        desk.client.tell(RoomLeft(room="00", reason="closed"))
        desk.go(1.0)
        assert desk.app.exit_code == 5
    finally:
        autoplay.close()
