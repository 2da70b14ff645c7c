"""The list never moves under a click; what cannot be played is greyed with its reason; direct connect; renaming."""

from functools import partial

import pygame
import pytest

from p2pgame.discovery.failure import Failure, FailureCode
from p2pgame.session import events as ev
from p2pgame.ui.scenes.dialogs import CopiedIdentityDialog, NoticeDialog
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.widgets import Button, Choice
from tests.ui.desk import Desk
from tests.ui.fake_client import FakeClient, peer_id
from tests.ui.games import registry_of


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
    for _ in range(4):
        desk.go(2)
        desk.hover(row(desk, 2))
    assert names(desk) == ["Ben", "Clara", "Dan"], "Ben's place stays, so that Dan does not slide"
    desk.click(row(desk, 2))
    assert desk.top(LobbyScene).peers.selected == peer_id(2)
    desk.hover((2, 2))
    desk.go(0.2)
    assert names(desk) == ["Clara", "Dan"]


def test_a_pointer_that_rests_on_the_list_keeps_nobody_in_it_who_left(desk: Desk) -> None:
    for i, name in enumerate(("Ben", "Clara")):
        desk.client.add_peer(i, name)
    desk.go()
    desk.hover(row(desk, 1))
    desk.client.remove_peer(peer_id(0))
    desk.client.remove_peer(peer_id(1))
    desk.go(4)
    assert names(desk) == []
    assert desk.top(LobbyScene).peers.total == 0


def test_friends_come_first_and_impostors_last(desk: Desk) -> None:
    desk.client.know(peer_id(3), name="Dora", own_name="Dora", verified=True)
    desk.client.impostors[peer_id(0)] = "Dora"
    for i, name in ((0, "D0ra"), (1, "Clara"), (2, "Anton"), (3, "Dora")):
        desk.client.add_peer(i, name)
    desk.client.know(peer_id(2), name="Anton", own_name="Anton", met_at=1_790_000_000.0)
    desk.go()
    assert names(desk) == ["Dora", "Anton", "Clara", "D0ra"]
    desk.client.add_peer(4, "Emil")
    desk.go()
    assert names(desk) == ["Dora", "Anton", "Clara", "Emil", "D0ra"]


def test_the_list_scrolls_back_when_rows_go_or_the_window_grows(desk: Desk) -> None:
    for i in range(30):
        desk.client.add_peer(i, f"P{i}")
    desk.go()
    peers = desk.top(LobbyScene).peers
    desk.tab_to(peers)
    desk.key(pygame.K_END)
    assert peers.row_at(29).bottom <= peers.rect.bottom
    for i in range(25):
        desk.client.remove_peer(peer_id(i))
    desk.go(5)
    assert peers.row_at(0).top == peers.rect.top
    assert len(peers.keys()) == 5


def test_the_scroll_bar_can_be_dragged(desk: Desk) -> None:
    for i in range(40):
        desk.client.add_peer(i, f"P{i}")
    desk.go()
    peers = desk.top(LobbyScene).peers
    _, thumb = peers._bar()
    desk.drag(thumb.center, (thumb.centerx, peers.rect.bottom + 50))
    assert peers.rect.contains(peers.row_at(39))
    _, thumb = peers._bar()
    desk.drag(thumb.center, (thumb.centerx + 60, peers.rect.top - 50))
    assert peers.row_at(0).top == peers.rect.top


def test_practice_is_the_way_while_nobody_is_here(desk: Desk) -> None:
    lobby = desk.top(LobbyScene)
    practice, invite = lobby.invite_panel.practice_button, lobby.invite_panel.invite_button
    assert practice.kind == "primary"
    place = practice.rect.copy()
    desk.client.add_peer(1, "Ben")
    desk.go(1)
    assert (invite.kind, practice.kind) == ("primary", "plain")
    assert invite.rect == place, "the primary action stays where it is"


@pytest.mark.parametrize(
    ("address", "known", "answer"),
    [
        ("what is this", True, "what is this is no address"),
        ("nowhere.example", False, "There is no computer called nowhere.example"),
        ("10.0.0.9", True, "Nobody answers at 10.0.0.9: is p2pgame running there?"),
    ],
)
def test_connecting_directly_says_why_not(desk: Desk, address: str, known: bool, answer: str) -> None:
    lobby = desk.top(LobbyScene)
    desk.app.context.resolves = lambda _: known
    desk.tab_to(lobby.direct.address)
    desk.type(address)
    desk.key(pygame.K_RETURN)
    desk.go(8)
    assert (lobby.direct.answer, lobby.direct.wrong) == (answer, True)


def test_connecting_directly_says_whom_it_found(desk: Desk) -> None:
    lobby = desk.top(LobbyScene)
    desk.tab_to(lobby.direct.address)
    desk.type("10.0.0.9")
    desk.key(pygame.K_RETURN)
    desk.client.add_peer(3, "Dora")
    desk.go(1)
    assert (lobby.direct.answer, lobby.direct.wrong) == ("Found Dora", False)


def test_after_a_while_alone_the_lobby_says_what_is_wrong_here(desk: Desk) -> None:
    asked = []

    def advise() -> list[tuple[str, str]]:
        asked.append(desk.now)
        return [("Windows says this network is Public", "Set it to Private")]

    desk.app.context.advise = advise
    desk.go(6)
    assert asked == []
    desk.go(20)
    assert len(asked) == 1
    assert desk.top(LobbyScene).peer_panel.advice[0][1] == "Set it to Private"


def test_notices_cover_nothing_that_can_be_pressed(desk: Desk) -> None:
    for size in ((640, 480), (1000, 700)):
        desk.resize(size)
        scene = desk.scene
        right, top = scene.notice_corner()
        area = pygame.Rect(right - 300, top, 300, desk.app.canvas.line_height("body") + desk.app.canvas.u(16))
        buttons = [w for w in scene.form.widgets if isinstance(w, Button)]
        assert not any(area.colliderect(button.rect) for button in buttons)


def test_what_was_said_is_kept(desk: Desk) -> None:
    for text in ("one", "two", "two"):
        desk.app.toasts.say(text)
    assert list(desk.app.toasts.log) == ["two", "one"]


def test_the_title_calls_the_player_while_the_window_is_behind(desk: Desk) -> None:
    peer = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_invites(peer)
    desk.go(0.2)
    assert pygame.display.get_caption()[0] == "p2pgame", "the window is in front"
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    desk.go(0.2)
    assert "Ben" in pygame.display.get_caption()[0]
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSGAINED))
    desk.go(0.2)
    assert pygame.display.get_caption()[0] == "p2pgame"


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


def test_who_is_heard_and_not_reached_is_listed_with_the_reason_and_can_be_invited(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben", rtt_ms=1.0)
    desk.go()
    reached = desk.picture()
    failure = Failure(FailureCode.TCP_DROPPED, "10.0.0.2", 41421)
    desk.client.change_peer(peer_id(0), unreachable=failure)
    desk.go(0.5)
    assert desk.picture() != reached
    lobby = desk.top(LobbyScene)
    why = "datagrams pass, but TCP port 41421 does not answer"
    assert why in lobby.peers._words(lobby.peers.rows[0], lobby.canvas)[0]
    assert lobby.invite_panel.reason.startswith(f"Ben is heard, but not reached: {why}")
    desk.press("Invite")
    assert desk.client.calls[-1][:2] == ("invite", peer_id(0)), "it may be reached by now"


def test_the_selected_peer_is_tried_before_it_is_invited(desk: Desk) -> None:
    for i, name in enumerate(("Ben", "Clara", "Dan")):
        desk.client.add_peer(i, name, rtt_ms=1.0)
    desk.go(0.3)
    assert desk.client.checked == []
    desk.go(0.5)
    assert desk.client.checked == [peer_id(0)]
    desk.click(row(desk, 1))
    desk.go(0.2)
    desk.click(row(desk, 2))
    desk.go(20)
    assert desk.client.checked == [peer_id(0), peer_id(2)], "once, and nobody in passing"
    desk.client.change_peer(peer_id(2), unreachable=Failure(FailureCode.TCP_DROPPED, "10.0.0.2", 41421))
    desk.go(25)
    assert desk.client.checked == [peer_id(0), peer_id(2), peer_id(2), peer_id(2)], (
        "again, while it is not reached"
    )


def test_who_has_not_answered_yet_or_plays_is_not_tried(desk: Desk) -> None:
    desk.client.add_peer(0, "Ben", rtt_ms=None)
    desk.client.add_peer(1, "Clara", rtt_ms=1.0, status="busy")
    desk.go()
    for i in (0, 1):
        desk.click(row(desk, i))
        desk.go(2)
    assert desk.client.checked == []


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
    assert lobby.direct.answer == "Looking for 192.168.1.50:41421…"
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


@pytest.fixture
def many() -> Desk:
    """In the lobby, with Ben and 40 games of long names."""
    client = FakeClient()
    client.registry = registry_of(40)
    desk = Desk(client=client)
    client.announce()
    client.add_peer(0, "Ben", games=client.registry.digests())
    desk.go()
    return desk


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 900)])
def test_any_number_of_games_can_be_read_and_picked(many: Desk, size: tuple[int, int]) -> None:
    many.resize(size)
    games = many.top(LobbyScene).picker.games
    many.tab_to(games)
    for row in range(40):
        assert games.rect.contains(games.row_at(row)), "the selected row is in sight"
        assert games.rect.width > 200 * many.app.canvas.scale
        many.key(pygame.K_DOWN)
    many.tab_to(many.button("Invite"))
    many.key(pygame.K_RETURN)
    assert many.client.calls[-1][:3] == ("invite", peer_id(0), "game_39")


def test_enter_and_a_double_click_on_a_game_invite_as_they_do_on_a_player(many: Desk) -> None:
    games = many.top(LobbyScene).picker.games
    many.click(games.row_at(2).center)
    assert (games.selected, many.client.calls) == ("game_2", [])
    many.click(games.row_at(2).center)
    assert many.client.calls[0][:3] == ("invite", peer_id(0), "game_2")


def test_the_wheel_scrolls_what_is_under_the_pointer(many: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever widget has the focus; a touchpad scrolls by parts of a row."""
    lobby = many.top(LobbyScene)
    assert lobby.form.focused is lobby.peers
    games = lobby.picker.games
    top = games.row_at(0).top
    monkeypatch.setattr(pygame.mouse, "get_pos", lambda: games.rect.center)
    for steps in (-0.25, -0.25, -0.5):
        pygame.event.post(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=0, precise_x=0.0, precise_y=steps))
    many.go(0.05)
    assert games.row_at(1).top == top
    assert games.selected == "game_0"


def test_an_option_whose_values_do_not_fit_shows_one_at_a_time(desk: Desk) -> None:
    chosen: list[int] = []
    choice = Choice("Rule", ["Freestyle", "Standard", "Renju", "Caro"], chosen.append)
    for width, folded in ((500, False), (120, True)):
        choice.rect = pygame.Rect(0, 0, width, 40)
        choice.fit(desk.app.canvas)
        assert choice.folded == folded
    for x in (100, 100, 20):
        choice.clicked((x, 20))
    assert chosen == [1, 2, 1]


@pytest.mark.parametrize("size", [(1000, 700), (1280, 720), (1920, 1080)])
def test_every_value_of_an_option_is_shown_whole(desk: Desk, size: tuple[int, int]) -> None:
    desk.resize(size)
    draw_in = partial(Choice.draw, canvas=desk.app.canvas, focused=False)
    for choice in desk.top(LobbyScene).invite_panel.picker.options:
        for index, text in enumerate(choice.options):
            choice.index = index
            assert text in desk.words_of(partial(draw_in, choice))


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


def test_a_data_file_that_could_not_be_used_is_said_until_it_is_read(desk: Desk) -> None:
    params: dict[str, str | int | float] = {
        "reason": "database_replaced",
        "path": "/home/anna/.local/share/p2pgame/known.db",
        "cause": "newer_program",
        "kept": "known.db.kept-1",
    }
    desk.client.tell(ev.ErrorEvent(code="data_file", params=params))
    desk.go(1)
    dialog = desk.top(NoticeDialog)
    assert "a newer p2pgame wrote it" in dialog.lines[0]
    assert "known.db.kept-1" in dialog.lines[0]
    desk.go(30)
    desk.key(pygame.K_RETURN)
    assert desk.shows == "LobbyScene"


def copied(desk: Desk, number: int = 7) -> None:
    desk.client.tell(ev.IdentityCopied(peer=desk.client.peer_id, address=f"192.168.1.{number}"))
    desk.go(0.7)


def test_a_copied_disk_is_mended_by_one_button(desk: Desk) -> None:
    copied(desk)
    assert "192.168.1.7" in desk.top(CopiedIdentityDialog).lines[0]
    desk.key(pygame.K_RETURN)
    assert desk.client.calls == [("new_identity",)]
    assert desk.shows == "LobbyScene"


def test_a_classroom_of_copies_asks_once(desk: Desk) -> None:
    for number in range(20):
        copied(desk, number)
    desk.press("Not now")
    copied(desk, 30)
    assert desk.shows == "LobbyScene"
    assert desk.client.calls == []


def test_in_a_match_a_copied_disk_waits_for_its_end(desk: Desk) -> None:
    desk.start_match()
    copied(desk)
    assert desk.shows == "MatchScene"
    desk.press("Resign")
    desk.press("Resign")
    desk.go(0.5)
    assert desk.shows == "CopiedIdentityDialog"


@pytest.mark.parametrize("size", [(640, 480), (800, 600), (1000, 700)])
@pytest.mark.parametrize("game", ["gomoku", "pong", "tron"])
def test_nothing_in_the_lobby_overlaps_whatever_a_game_asks(
    desk: Desk, size: tuple[int, int], game: str
) -> None:
    desk.resize(size)
    lobby = desk.top(LobbyScene)
    lobby.picker.games._select(game)
    desk.go(0.2)
    widgets = [w for w in lobby.form.widgets if w.rect.width]
    for i, one in enumerate(widgets):
        for other in widgets[i + 1 :]:
            assert not one.rect.colliderect(other.rect), (one, other, one.rect, other.rect)


@pytest.mark.parametrize("size", [(1280, 720), (640, 480)])
def test_a_few_games_are_all_in_sight_beside_each_other(desk: Desk, size: tuple[int, int]) -> None:
    desk.resize(size)
    lobby = desk.top(LobbyScene)
    games = lobby.picker.games
    assert games.columns == 3
    assert all(games.rect.contains(games.row_at(number)) for number in range(3))
    desk.tab_to(games)
    for key, chosen in (
        (pygame.K_RIGHT, "pong"),
        (pygame.K_RIGHT, "tron"),
        (pygame.K_LEFT, "pong"),
        (pygame.K_HOME, "gomoku"),
        (pygame.K_END, "tron"),
    ):
        desk.key(key)
        assert games.selected == chosen
    desk.click(games.row_at(1).center)
    assert games.selected == "pong"
    desk.tab_to(games)
    desk.key(pygame.K_DOWN)
    assert lobby.form.focused in lobby.picker.options
    assert games.selected == "pong"
