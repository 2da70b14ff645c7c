"""A list of a thousand players: found by name, drawn in time, and measured only where one looks."""

import time

from p2pgame.ui.scenes.lobby import LobbyScene
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id


def fill(desk: Desk, count: int) -> None:
    for number in range(count):
        desk.client.add_peer(number, f"Player {number}")
    desk.go()


def shown(desk: Desk) -> list[str]:
    return [row.peer.name for row in desk.top(LobbyScene).peers._visible]


def seek(desk: Desk, text: str) -> None:
    lobby = desk.top(LobbyScene)
    desk.click(lobby.peer_panel.search.rect.center)
    desk.type(text)
    desk.go(0.1)


def test_there_is_a_field_to_look_for_a_player_once_the_list_is_long(desk: Desk) -> None:
    fill(desk, 5)
    lobby = desk.top(LobbyScene)
    assert lobby.peer_panel.search not in lobby.peer_panel.widgets
    fill(desk, 30)
    assert lobby.peer_panel.search in lobby.peer_panel.widgets
    seek(desk, "PLAYER 2")
    assert shown(desk) == ["Player 2", *(f"Player {n}" for n in range(20, 30))]
    assert lobby.peers.selected == peer_id(2)
    desk.press("Invite")
    assert desk.client.calls[-1][1] == peer_id(2)


def test_a_player_is_found_by_tag_and_who_comes_later_is_found_too(desk: Desk) -> None:
    fill(desk, 30)
    seek(desk, "ca7x")
    assert shown(desk) == ["Player 2"]
    desk.client.change_peer(peer_id(7), name="Ca7xandra")
    desk.go(1)
    assert shown(desk) == ["Player 2", "Ca7xandra"]


def test_people_you_know_come_first(desk: Desk) -> None:
    fill(desk, 20)
    desk.client.know(peer_id(15), met_at=1.0)
    desk.go(1)
    assert shown(desk)[:2] == ["Player 15", "Player 0"]
    desk.client.know(peer_id(17), met_at=2.0)
    desk.go(1)
    assert shown(desk)[:3] == ["Player 15", "Player 17", "Player 0"]


def test_only_rows_on_the_screen_are_measured_and_none_while_the_list_is_hidden(desk: Desk) -> None:
    fill(desk, 300)
    lobby = desk.top(LobbyScene)
    first = desk.client.round_trips
    assert 3 <= len(first) <= 12
    assert first[0] == peer_id(0)
    lobby.peers._select(peer_id(150))
    desk.go(0.5)
    assert peer_id(150) in desk.client.round_trips
    assert peer_id(0) not in desk.client.round_trips
    lobby._open_known()
    desk.go(0.5)
    assert desk.client.round_trips == ()


def test_a_list_that_has_no_room_for_all_says_so(desk: Desk) -> None:
    fill(desk, 20)
    desk.client.hall = 3021
    panel = desk.top(LobbyScene).peer_panel
    assert panel.title(desk.client.hall_count) == "20 of about 3020 players here"
    assert panel.title(23) == "Players here (20)"


def test_a_thousand_players_are_drawn_in_time_while_they_change(desk: Desk) -> None:
    fill(desk, 1024)
    lobby = desk.top(LobbyScene)
    began, frames = time.process_time(), 0
    for number in range(60):
        if number % 4 == 0:
            desk.client.change_peer(peer_id(number), rtt_ms=float(number))
        lobby.dirty = True
        desk.app.step()
        frames += 1
    assert (time.process_time() - began) / frames <= 0.016
    seek(desk, "player 1023")
    assert shown(desk) == ["Player 1023"]
