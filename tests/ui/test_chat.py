"""Chat in the window: in the lobby, a room and a match, by keyboard and by mouse, and never in the way of a game."""

from typing import Any

import pygame
import pytest

from p2pgame.session import events as ev
from p2pgame.ui.inputs import Control
from p2pgame.ui.scenes.chat import AuthorDialog, ChatScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.room import RoomScene
from tests.ui.desk import Desk
from tests.ui.fake_client import member, peer_id, person, room_of

SIZES = [(640, 480), (1280, 720), (1920, 1080), (800, 900)]


def said(desk: Desk) -> list[tuple[Any, ...]]:
    return [call[1:] for call in desk.client.calls if call[0] == "say"]


def lines(desk: Desk) -> list[tuple[str, str, bool]]:
    """Of the place that is open: author, text, whether it is still on its way."""
    return [(entry.name, entry.text, entry.pending) for entry in desk.top(ChatScene).talk.lines]


def write(desk: Desk, text: str) -> None:
    desk.type(text)
    desk.key(pygame.K_RETURN)


@pytest.fixture
def lobby(desk: Desk) -> Desk:
    desk.client.add_peer(1, "Ben")
    desk.go()
    return desk


def test_t_opens_enter_says_and_escape_closes_and_keeps_what_was_not_said(lobby: Desk) -> None:
    lobby.key(pygame.K_t)
    write(lobby, "Hello from Anna")
    assert said(lobby) == [("lobby", "text", "Hello from Anna")]
    assert lines(lobby) == [("Anna", "Hello from Anna", True)], "it stands at once, as not yet confirmed"
    lobby.client.hear(0, "Hello from Anna")
    lobby.client.hear(1, "Hi")
    lobby.go()
    assert lines(lobby) == [("Anna", "Hello from Anna", False), ("Ben", "Hi", False)]
    lobby.type("half a sen")
    lobby.key(pygame.K_ESCAPE)
    assert lobby.shows == "LobbyScene"
    lobby.key(pygame.K_t)
    lobby.type("tence")
    lobby.key(pygame.K_RETURN)
    assert said(lobby)[-1] == ("lobby", "text", "half a sentence")


def test_the_bar_opens_it_with_the_mouse_and_shows_what_is_unread(lobby: Desk) -> None:
    for number in range(3):
        lobby.client.hear(1, f"line {number}")
    lobby.go()
    chat = lobby.app.context.chat
    assert chat.unread == 3
    lobby.press("Chat")
    assert lobby.shows == "ChatScene"
    assert chat.unread == 0
    lobby.client.hear(1, "while open")
    lobby.go()
    assert chat.unread == 0
    lobby.press("×")
    lobby.client.hear(1, "while closed")
    lobby.go()
    assert chat.unread == 1


def test_a_click_beside_it_closes_it(lobby: Desk) -> None:
    lobby.key(pygame.K_t)
    lobby.click((5, 5))
    assert lobby.shows == "LobbyScene"


def test_number_keys_say_phrases_as_codes_while_the_field_is_empty(lobby: Desk) -> None:
    lobby.key(pygame.K_t)
    lobby.type("1")
    lobby.type("4")
    assert said(lobby) == [("lobby", "phrase", "hello"), ("lobby", "phrase", "good_game")]
    write(lobby, "at 8")
    lobby.type("a")
    lobby.type("1")
    lobby.key(pygame.K_RETURN)
    assert said(lobby)[2:] == [("lobby", "text", "at 8"), ("lobby", "text", "a1")]


def test_who_is_refused_is_told_why_and_the_line_is_gone(lobby: Desk) -> None:
    lobby.key(pygame.K_t)
    write(lobby, "spam")
    lobby.client.tell(ev.ErrorEvent(code="not_now", params={"reason": "chat_too_fast", "seconds": 2}))
    lobby.go(0.2)
    assert lines(lobby) == []
    assert "2" in lobby.toast


def test_a_line_opens_what_can_be_done_about_its_author(lobby: Desk) -> None:
    lobby.client.hear(1, "rude")
    lobby.client.hear(0, "polite")
    lobby.go()
    lobby.key(pygame.K_t)
    lobby.go()
    scene = lobby.top(ChatScene)
    rect = next(rect for rect, entry in scene.lines._placed if entry.text == "rude")
    lobby.click(rect.center)
    lobby.top(AuthorDialog)
    lobby.press("Mute")
    assert ("set_muted", peer_id(1), True) in lobby.client.calls
    assert lines(lobby) == [("Anna", "polite", False)], "what it said before is gone, too"


# --- in a room


def test_a_room_has_a_chat_of_its_own_beside_the_lobbys(lobby: Desk) -> None:
    lobby.client.room_view = room_of([member("Anna"), member("Ben", 1)], [person("Anna"), person("Ben", 1)])
    lobby.go(0.2)
    room = lobby.client.room_view.room
    lobby.client.hear(1, "to the room", where=room)
    lobby.client.hear(1, "to all")
    lobby.go()
    lobby.key(pygame.K_t)
    assert lines(lobby) == [("Ben", "to the room", False)]
    write(lobby, "in here")
    assert said(lobby) == [(room, "text", "in here")]
    scene = lobby.top(ChatScene)
    assert scene.places is not None
    lobby.click((scene.places.rect.right - 10, scene.places.rect.centery))
    assert lines(lobby) == [("Ben", "to all", False)]
    write(lobby, "out there")
    assert said(lobby)[-1] == ("lobby", "text", "out there")
    lobby.client.room_view = None
    lobby.go(0.2)
    assert lobby.app.context.chat.party is None


def test_emotes_stand_over_seats_of_a_room_and_a_line_is_heard_once_in_a_while(lobby: Desk) -> None:
    played: list[str] = []
    lobby.app.canvas.sounds.play = lambda name, pan=0.0: played.append(name)  # type: ignore[method-assign]
    lobby.client.hear(1, "to all")
    lobby.go(0.2)
    assert "chat" not in played, "the lobby talks all the time"
    lobby.client.room_view = room_of([member("Anna"), member("Ben", 1)], [person("Anna"), person("Ben", 1)])
    lobby.go(0.2)
    where = lobby.client.room_view.room
    lobby.client.hear(1, "laugh", "emote", where=where)
    lobby.client.hear(1, "ready?", where=where)
    lobby.client.hear(0, "yes", where=where)
    lobby.go(0.2)
    assert lobby.top(RoomScene)._emotes == {1: "laugh"}
    assert played.count("chat") == 1
    lobby.go(4)
    assert lobby.top(RoomScene)._emotes == {}


def test_who_leads_the_room_can_silence_a_member(lobby: Desk) -> None:
    lobby.client.room_view = room_of([member("Anna"), member("Ben", 1)], [person("Anna"), person("Ben", 1)])
    lobby.go(0.2)
    lobby.client.hear(1, "rude", where=lobby.client.room_view.room)
    lobby.go()
    lobby.key(pygame.K_t)
    lobby.go()
    scene = lobby.top(ChatScene)
    lobby.click(scene.lines._placed[0][0].center)
    lobby.press("Silence in this room")
    assert ("silence", peer_id(1), True) in lobby.client.calls


# --- in a match


def test_enter_opens_it_in_real_time_and_keys_held_are_released(lobby: Desk) -> None:
    match = lobby.start_match(2, "Cid", "pong") and lobby.client.match()
    assert match is not None
    held: list[frozenset[Control]] = []
    scene = lobby.top(MatchScene)
    scene.match_board.view.hold = lambda controls, match: held.append(controls) or None  # type: ignore[method-assign]
    lobby.down(pygame.K_UP)
    assert held[-1] == {Control.UP}
    lobby.key(pygame.K_RETURN)
    assert lobby.shows == "ChatScene"
    assert held[-1] == frozenset()
    write(lobby, "wait")
    assert said(lobby) == [(match.match, "text", "wait")]
    assert lobby.shows == "MatchScene", "in a match the keys are the game's again at once"
    assert lobby.client.live is not None, "and it went on meanwhile"
    frame = lobby.client.match()
    assert frame is not None
    assert frame.frame > match.frame


def test_space_and_the_button_of_a_gamepad_open_nothing(lobby: Desk) -> None:
    lobby.start_match(2, "Cid", "pong")
    lobby.key(pygame.K_SPACE)
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, instance_id=1, joy=0, button=0))
    lobby.go(0.1)
    assert lobby.shows == "MatchScene"


def test_by_turns_enter_places_a_stone_and_opens_the_chat_while_the_other_thinks(lobby: Desk) -> None:
    lobby.start_match(2, "Cid")
    scene = lobby.top(MatchScene)
    if scene.match.me not in scene.match.to_move:
        lobby.client.peer_moves(0)
        lobby.go()
    frame = lobby.top(MatchScene).match.frame
    lobby.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert lobby.top(MatchScene).match.frame == frame + 1
    lobby.key(pygame.K_RETURN)
    assert lobby.shows == "ChatScene"


def test_emotes_stand_over_their_players_seat_for_a_while(lobby: Desk) -> None:
    lobby.start_match(2, "Cid")
    match = lobby.client.match()
    assert match is not None
    before = lobby.picture()
    lobby.client.hear(2, "wow", "emote", where=match.match)
    lobby.go(0.2)
    scene = lobby.top(MatchScene)
    assert scene._emotes == {1 - match.me: "wow"}
    assert lobby.picture() != before
    lobby.go(4.0)
    assert scene._emotes == {}


def test_the_finished_match_has_its_chat_until_it_is_left(lobby: Desk) -> None:
    lobby.start_match(2, "Cid")
    match = lobby.client.match()
    assert match is not None
    lobby.win()
    assert lobby.shows == "Result"
    lobby.key(pygame.K_t)
    write(lobby, "good game")
    assert said(lobby) == [(match.match, "text", "good game")]


# --- looks


@pytest.mark.parametrize("size", SIZES)
def test_everything_has_its_place_at_every_size(size: tuple[int, int]) -> None:
    desk = Desk(size=size)
    desk.client.announce()
    desk.client.add_peer(1, "Ben")
    desk.go()
    window = pygame.Rect((0, 0), desk.app.window.size)
    for text in ("short", "a longer line that has to be wrapped in any chat " * 3, "x" * 200):
        desk.client.hear(1, text)
    for stage in ("lobby", "room", "pong"):
        if stage == "room":
            desk.client.room_view = room_of(
                [member("Anna"), member("Ben", 1)], [person("Anna"), person("Ben", 1)]
            )
            desk.go(0.2)
        if stage == "pong":
            desk.client.room_view = None
            desk.go(0.2)
            desk.start_match(2, "Cid", "pong")
        bar = desk.button("Chat").rect
        assert window.contains(bar)
        others = [w.rect for w in desk.scene.form.widgets if w.rect != bar and w.rect.width]
        assert bar.collidelist(others) == -1, f"{stage}: the bar is over {others[bar.collidelist(others)]}"
        desk.key(pygame.K_t)
        desk.go()
        scene = desk.top(ChatScene)
        assert window.contains(scene._box)
        rects = [w.rect for w in scene.form.widgets]
        for i, rect in enumerate(rects):
            assert scene._box.contains(rect)
            assert rect.collidelist(rects[i + 1 :]) == -1
        assert scene.lines.rect.height >= desk.app.canvas.u(80)
        if stage == "pong" and size[0] > size[1]:
            board = desk.app.router.stack[-2]
            assert isinstance(board, MatchScene)
            assert not scene._box.colliderect(board.board.rect), "the field stays in sight"
        desk.key(pygame.K_ESCAPE)
