"""The list never moves under a click; what cannot be played is greyed with its reason; direct connect; renaming."""

import pygame
import pytest

from p2pgame.ui.scenes.lobby import LobbyScene
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id


def row(desk: Desk, index: int) -> tuple[int, int]:
    """Where row `index` of the list is."""
    peers = desk.top(LobbyScene).peers
    return peers.rect.left + 40, peers.rect.top + round(68 * desk.app.canvas.scale) * index + 20


def names(desk: Desk) -> list[str]:
    return [r.peer.name for r in desk.top(LobbyScene).peers.rows]


def test_the_selection_stays_with_its_peer_while_others_come_and_go(desk: Desk) -> None:
    for i, name in enumerate(("Ben", "Clara", "Dan")):
        desk.client.add_peer(i, name)
    desk.go()
    desk.click(row(desk, 1))
    assert desk.top(LobbyScene).peers.selected == peer_id(1)
    desk.hover((2, 2))
    desk.client.remove_peer(peer_id(0))
    desk.client.add_peer(9, "Eve")
    desk.go(5)
    assert names(desk) == ["Clara", "Dan", "Eve"]
    assert desk.top(LobbyScene).peers.selected == peer_id(1)
    desk.client.change_peer(peer_id(1), name="Clara B", rtt_ms=90.0)
    desk.go(1)
    assert names(desk) == ["Clara B", "Dan", "Eve"]
    desk.press("Invite")
    assert desk.client.calls[-1][1] == peer_id(1)


def test_rows_do_not_move_while_the_pointer_is_over_the_list(desk: Desk) -> None:
    for i, name in enumerate(("Ben", "Clara", "Dan")):
        desk.client.add_peer(i, name)
    desk.go()
    desk.hover(row(desk, 2))
    desk.client.remove_peer(peer_id(0))
    desk.go(10)
    assert names(desk) == ["Ben", "Clara", "Dan"], "Ben's place stays, so that Dan does not slide"
    desk.click(row(desk, 2))
    assert desk.top(LobbyScene).peers.selected == peer_id(2)
    desk.hover((2, 2))
    desk.go(0.2)
    assert names(desk) == ["Clara", "Dan"]


def test_a_peer_that_comes_back_takes_its_old_row(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben")
    desk.client.add_peer(1, "Clara")
    desk.go()
    desk.client.remove_peer(peer_id(0))
    desk.go(1)
    desk.client.add_peer(0, "Ben again")
    desk.go(5)
    assert names(desk) == ["Ben again", "Clara"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"compatible": False, "reason": "other protocol version"}, "other protocol version"),
        ({"status": "busy", "playing": "gomoku"}, "Ben is playing"),
        ({"games": {}}, "Ben does not have Gomoku"),
        ({"games": {"gomoku": "0" * 16}}, "Ben has other rules of Gomoku"),
    ],
)
def test_who_cannot_be_invited_is_not_and_it_says_why(
    desk: Desk, fields: dict[str, object], why: str
) -> None:
    desk.client.add_peer(0, "Ben", **fields)
    desk.go()
    desk.click(row(desk, 0))
    assert not desk.button("Invite").enabled
    desk.key(pygame.K_RETURN)
    assert desk.toast == why
    assert desk.client.calls == []


def test_the_button_follows_the_peer(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben", status="busy")
    desk.go()
    desk.click(row(desk, 0))
    assert not desk.button("Invite").enabled
    desk.client.change_peer(peer_id(0), status="idle")
    desk.go(0.5)
    assert desk.button("Invite").enabled
    desk.client.remove_peer(peer_id(0))
    desk.go()
    assert not desk.button("Invite").enabled


def test_a_double_click_invites(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben")
    desk.client.add_peer(1, "Clara")
    desk.go()
    desk.click(row(desk, 1))
    assert desk.client.calls == []
    desk.click(row(desk, 1))
    assert desk.client.calls[0][:2] == ("invite", peer_id(1))


def test_the_empty_lobby_looks_different_and_offers_an_address(desk: Desk) -> None:
    empty = desk.picture()
    lobby = desk.top(LobbyScene)
    desk.tab_to(lobby.direct.address)
    desk.type("192.168.1.50:41421")
    desk.key(pygame.K_RETURN)
    assert desk.client.calls == [("add_seed", "192.168.1.50:41421")]
    assert desk.toast == "Looking for 192.168.1.50:41421…"
    desk.client.add_peer(0, "Ben")
    desk.go()
    assert desk.picture() != empty


def test_f2_renames_and_escape_keeps_the_name(desk: Desk) -> None:
    desk.key(pygame.K_F2)
    desk.type("X")
    desk.key(pygame.K_ESCAPE)
    assert desk.client.name == "Anna"
    desk.key(pygame.K_F2)
    desk.type(" B")
    desk.key(pygame.K_RETURN)
    assert desk.client.name == "Anna B"
    assert desk.shows == "LobbyScene"


def test_our_own_name_and_address_are_kept_up_to_date(desk: Desk) -> None:
    before = desk.picture()
    desk.client.name = "Renamed elsewhere"
    desk.go(0.5)
    renamed = desk.picture()
    assert renamed != before
    desk.client.addresses = ("10.0.0.7:41421",)
    desk.go(0.5)
    assert desk.picture() != renamed


def test_a_long_list_scrolls_to_the_selection(desk: Desk) -> None:
    for i in range(60):
        desk.client.add_peer(i, f"Player {i}")
    desk.go()
    desk.key(*[pygame.K_DOWN] * 59)
    lobby = desk.top(LobbyScene)
    assert lobby.peers.selected == peer_id(59)
    desk.key(pygame.K_RETURN)
    assert desk.client.calls[-1][1] == peer_id(59)


def test_escape_asks_before_leaving(desk: Desk) -> None:
    desk.key(pygame.K_ESCAPE)
    assert desk.app.exit_code is None
    desk.press("Stay")
    assert desk.shows == "LobbyScene"
    desk.key(pygame.K_ESCAPE)
    desk.press("Leave")
    assert desk.app.exit_code == 0


HOSTILE = [
    "",
    " ",
    "\u202e\u202dgnp",
    "a" + "\u0301" * 300,
    "\ud800\udfff",
    "\0\x1b[31m\n\r\t",
    "𒐫" * 24,
    "﷽" * 24,
    "张伟",
    "👨‍👩‍👧‍👦" * 6,
    "\u200b" * 20,
    "W" * 5000,
    "{0}%s%n",
    "<b>&amp;",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:24])
def test_no_name_crashes_any_scene(name: str) -> None:
    desk = Desk()
    desk.client.name = name
    peer = desk.client.add_peer(0, name, reason=name, playing=name).peer
    desk.go()
    desk.click(row(desk, 0))
    desk.press("Invite")
    desk.client.peer_declines("busy", name=name)
    desk.go()
    desk.client.peer_invites(peer)
    desk.go(0.7)
    desk.press("Accept")
    desk.go()
    desk.client.resign()
    desk.go()
    assert desk.shows == "Result"
    desk.client.remove_peer(peer)
    desk.go()
    assert not desk.button("Rematch").enabled
