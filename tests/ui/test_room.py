"""A room, with the keyboard alone, the mouse alone, a gamepad alone, and with several people at one machine."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pygame
import pytest

from p2pgame.core.ids import tag_of
from p2pgame.i18n.rooms import LEFT_SENTENCES
from p2pgame.session import events as ev
from p2pgame.session.room_view import ListedRoom, RoomSeat, RoomView, RoomVote
from p2pgame.ui.inputs import KeySet
from p2pgame.ui.room_words import round_text, seat_note, seat_title, watchers
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.room import RoomScene
from p2pgame.ui.scenes.room_dialogs import PickDialog, RulesDialog
from p2pgame.ui.scenes.seat_card import SeatCard
from p2pgame.ui.widgets import Button, Widget
from tests.ui.desk import Desk
from tests.ui.fake_client import member, peer_id, person, room_of

SIZES = [(640, 480), (960, 640), (1920, 1080), (480, 900)]
OPEN = RoomSeat(kind="open")
BOT = RoomSeat(kind="bot", level="easy")


def pair(**fields: Any) -> RoomView:
    """Anna's room with Ben in it, and two open seats."""
    return room_of(
        [member("Anna"), member("Ben", 1)], [person("Anna"), person("Ben", 1), OPEN, OPEN], **fields
    )


def full(**fields: Any) -> RoomView:
    """Eight seats of every kind, and two who watch."""
    name = "Clara with a very long name"
    members = [
        member("Anna", local=2, ready=True), member("Ben", 1, ready=True, rtt_ms=2.4), member(name, 2),
        member("Dan", 3, local=0), member("Eve", 4, local=0),
    ]  # fmt: skip
    seats = [
        person("Anna"), person("Anna (2)"), person("Ben", 1), person(name, 2), BOT,
        RoomSeat(kind="closed"), OPEN, RoomSeat(kind="kept", name="Finn"),
    ]  # fmt: skip
    return room_of(members, seats, **fields)


@pytest.fixture
def room(desk: Desk) -> Desk:
    """In a room that we lead, with Ben."""
    desk.client.add_peer(1, "Ben")
    return enter(desk, pair())


def test_a_member_that_is_called_like_somebody_verified_stands_out(room: Desk) -> None:
    ben = room.client.room_view.members[1]
    enter(room, room_of([member("Anna"), msgspec.structs.replace(ben, impostor=True)], pair().seats))
    view = room.client.room_view
    assert seat_note(view, view.seats[1]).startswith(f"impostor ({tag_of(ben.peer)})")
    cards = {w.index: w for w in room.scene.form.widgets if isinstance(w, SeatCard)}
    alarm = room.app.canvas.theme.alarm
    assert [drawn_in(cards[index].rect, alarm) for index in (0, 1)] == [False, True]


def drawn_in(rect: pygame.Rect, ink: tuple[int, ...]) -> bool:
    surface = pygame.display.get_surface()
    assert surface is not None
    return any(
        tuple(surface.get_at((x, y)))[:3] == tuple(ink)[:3]
        for x in range(rect.left, rect.right)
        for y in range(rect.top, rect.bottom)
    )


def enter(desk: Desk, view: RoomView) -> Desk:
    desk.client.room_view = view
    desk.go(0.2)
    assert desk.shows == "RoomScene"
    return desk


def change(desk: Desk, **fields: Any) -> None:
    desk.client.change_room(**fields)
    desk.go(0.2)


def labels(desk: Desk) -> list[str]:
    return [w.label for w in desk.scene.form.widgets if isinstance(w, Button) and w.enabled]


def calls(desk: Desk) -> list[tuple[Any, ...]]:
    found, desk.client.calls = desk.client.calls, []
    return found


class Pad:
    """A gamepad."""

    def __init__(self, desk: Desk, number: int = 5) -> None:
        self.desk = desk
        self.number = number

    def press(self, button: int = 0) -> None:
        for kind in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, button=button, instance_id=self.number))
        self.desk.go(0.05)

    def move(self, x: int, y: int) -> None:
        for value in ((x, y), (0, 0)):
            event = pygame.event.Event(pygame.JOYHATMOTION, value=value, hat=0, instance_id=self.number)
            pygame.event.post(event)
        self.desk.go(0.05)

    def to(self, widget: Widget) -> None:
        for _ in range(40):
            if self.desk.scene.form.focused is widget:
                return
            self.press(5)
        raise AssertionError("the shoulder buttons do not lead there")


# --- in the lobby


BENS = ListedRoom(room="aa", leader=peer_id(1), name="Ben", game="tron", seats=8, taken=3)


@pytest.fixture
def lobby(desk: Desk) -> Desk:
    """Ben and Clara are there, and Ben has a room."""
    desk.client.add_peer(1, "Ben")
    desk.client.add_peer(2, "Clara")
    desk.client.listed = [BENS]
    desk.go(0.5)
    return desk


def test_a_room_is_listed_with_the_people_and_chosen_by_nobody_but_the_player(lobby: Desk) -> None:
    scene = lobby.top(LobbyScene)
    assert list(scene.peers.keys()) == ["room aa", peer_id(1), peer_id(2)]
    assert scene.peers.selected == peer_id(1)
    assert lobby.button("Invite").enabled, "a match of two is one press, as it was"
    assert not lobby.button("Watch").enabled


def test_keys_join_a_room_and_watch_one(lobby: Desk) -> None:
    lobby.key(pygame.K_HOME, pygame.K_RETURN)
    assert calls(lobby) == [("join_room", "aa", 1)]
    lobby.tab_to(lobby.button("Watch"))
    lobby.key(pygame.K_RETURN)
    assert calls(lobby) == [("join_room", "aa", 0)]


def test_the_mouse_joins_a_room_and_watches_one(lobby: Desk) -> None:
    peers = lobby.top(LobbyScene).peers
    lobby.click((peers.rect.left + 40, peers.rect.top + 20))
    lobby.press("Join")
    lobby.press("Watch")
    assert calls(lobby) == [("join_room", "aa", 1), ("join_room", "aa", 0)]
    lobby.click((peers.rect.left + 40, peers.rect.top + round(68 * lobby.app.canvas.scale) + 20))
    lobby.press("Invite")
    assert calls(lobby)[0][:2] == ("invite", peer_id(1))


def test_a_gamepad_joins_a_room_and_opens_one(lobby: Desk) -> None:
    pad = Pad(lobby)
    pad.move(0, 1)
    pad.press()
    assert calls(lobby) == [("join_room", "aa", 1)]
    pad.to(lobby.button("Open a room"))
    pad.press()
    ((what, game, *_),) = calls(lobby)
    assert (what, game) == ("open_room", "gomoku")


def test_a_locked_room_is_watched_at_most_and_says_so(lobby: Desk) -> None:
    lobby.client.listed = [msgspec.structs.replace(BENS, locked=True)]
    lobby.go(0.5)
    lobby.key(pygame.K_HOME)
    assert not lobby.button("Join").enabled
    lobby.key(pygame.K_RETURN)
    assert (lobby.toast, calls(lobby)) == ("The room of Ben is locked", [])


def test_a_room_that_goes_leaves_the_selection_to_a_person(lobby: Desk) -> None:
    lobby.key(pygame.K_HOME)
    lobby.client.listed = []
    lobby.go(0.5)
    assert lobby.top(LobbyScene).peers.selected == peer_id(1)
    assert lobby.button("Invite").enabled


def test_a_room_of_an_impostor_is_red_and_asked_about(lobby: Desk) -> None:
    lobby.client.impostors[peer_id(1)] = "Ben"
    lobby.go(0.5)
    for key in (pygame.K_HOME, pygame.K_RETURN):
        lobby.key(key)
    assert (lobby.shows, calls(lobby)) == ("Confirm", [])
    lobby.key(pygame.K_RETURN)
    assert calls(lobby) == [], "no is what Enter does"
    lobby.press("Join")
    lobby.press("Join anyway")
    assert calls(lobby) == [("join_room", "aa", 1)]


def test_the_room_of_a_blocked_peer_is_not_listed(lobby: Desk) -> None:
    lobby.client.know(peer_id(1), blocked=True)
    lobby.go(0.5)
    assert lobby.top(LobbyScene).peers.rooms == ()


# --- coming and going


def test_the_room_shows_while_we_are_in_it(desk: Desk) -> None:
    desk.client.room_view = room_of([], [OPEN, OPEN], joining=True, leader=peer_id(1))
    desk.go(0.2)
    assert round_text(desk.top(RoomScene).room, desk.now) == "Joining…"
    assert labels(desk)[0] == "Leave the room"
    enter(desk, pair(leader=peer_id(1)))
    assert "Ready" in labels(desk)
    desk.client.room_view = None
    desk.client.tell(ev.RoomLeft(room="00", reason="kicked"))
    desk.go(0.2)
    assert (desk.shows, desk.toast) == ("LobbyScene", "You were removed from the room for a minute")


def test_the_button_that_matters_has_the_focus_once_we_are_in(desk: Desk) -> None:
    desk.client.room_view = room_of([], [OPEN, OPEN], joining=True, leader=peer_id(1))
    desk.go(0.2)
    enter(desk, pair(leader=peer_id(1)))
    desk.key(pygame.K_RETURN)
    assert calls(desk) == [("set_ready", True)]


@pytest.mark.parametrize("reason", sorted(LEFT_SENTENCES))
def test_it_says_why_we_are_out(room: Desk, reason: str) -> None:
    room.client.room_view = None
    room.client.tell(ev.RoomLeft(room="00", reason=reason))
    room.go(0.2)
    assert room.shows == "LobbyScene"
    said = LEFT_SENTENCES[reason]
    assert room.toast == ("" if reason == "left" else said[:1].upper() + said[1:])


def test_a_dialog_of_the_room_goes_with_it(room: Desk) -> None:
    room.press("Game")
    assert room.shows == "RulesDialog"
    room.client.room_view = None
    room.go(0.1)
    assert room.shows == "LobbyScene"


def test_an_offer_is_taken_watched_or_declined(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    for key, expected in (
        (pygame.K_RETURN, ("join_room", "aa", 1)),
        (pygame.K_RIGHT, ("join_room", "aa", 0)),
        (pygame.K_ESCAPE, ("decline_room", "aa")),
    ):
        desk.client.tell(ev.RoomOffered(room="aa", peer=ben, name="Ben", game="tron"))
        desk.go(0.3)
        assert desk.shows == "RoomOfferDialog"
        desk.key(pygame.K_RETURN)
        assert calls(desk) == [], "that was for what was there before"
        desk.go(0.5)
        desk.key(key)
        if key == pygame.K_RIGHT:
            desk.key(pygame.K_RETURN)
        assert (calls(desk), desk.shows) == ([expected], "LobbyScene")


def test_many_offers_are_no_stack_without_end(desk: Desk) -> None:
    for number in range(5):
        desk.client.tell(ev.RoomOffered(room=f"{number}", peer=peer_id(number), name="Ben", game="tron"))
    desk.go(0.2)
    assert calls(desk) == [("decline_room", "3"), ("decline_room", "4")]


def test_an_impostors_offer_is_red_and_no_is_what_enter_does(desk: Desk) -> None:
    ben = desk.client.add_peer(1, "Ben").peer
    desk.client.impostors[ben] = "Ben"
    desk.client.tell(ev.RoomOffered(room="aa", peer=ben, name="Ben", game="tron"))
    desk.go(0.7)
    desk.key(pygame.K_RETURN)
    assert calls(desk) == [("decline_room", "aa")]


def test_escape_asks_before_the_room_is_left(room: Desk) -> None:
    room.key(pygame.K_ESCAPE)
    assert room.shows == "LeaveRoundDialog"
    room.key(pygame.K_RETURN)
    assert (room.shows, calls(room)) == ("RoomScene", [])
    room.key(pygame.K_ESCAPE, pygame.K_DOWN, pygame.K_RETURN)
    assert calls(room) == [("leave_room",)]


def test_closing_the_window_asks_and_then_closes(room: Desk) -> None:
    room.close_window()
    assert room.shows == "LeaveRoundDialog"
    room.press("Leave the room")
    assert calls(room) == [("leave_room",)]
    assert room.app.exit_code == 0


# --- each way of using it


def test_keyboard_alone(room: Desk) -> None:
    room.key(pygame.K_RETURN)
    assert calls(room) == [("set_ready", True)], "the button that matters has the focus"
    change(room, members=(member("Anna", ready=True), member("Ben", 1)))
    assert room.button("Not ready").enabled
    room.key(pygame.K_RETURN)
    room.tab_to(room.button("Lock"))
    room.key(pygame.K_RETURN)
    room.tab_to(room.button("Start anyway"))
    room.key(pygame.K_RETURN)
    assert calls(room) == [("set_ready", False), ("set_locked", True), ("start_round",)]
    scene = room.top(RoomScene)
    room.tab_to(scene.cards[2])
    room.key(pygame.K_RETURN)
    assert room.shows == "SeatDialog"
    bots = [w for w in room.scene.form.widgets if isinstance(w, Button) and w.label.startswith("Bot")]
    room.tab_to(bots[0])
    room.key(pygame.K_RETURN)
    ((what, seat, kind, *_),) = calls(room)
    assert (what, seat, kind) == ("set_seat", 2, "bot")
    room.tab_to(room.button("Vote"))
    room.key(pygame.K_RETURN, pygame.K_DOWN, pygame.K_RETURN)
    assert calls(room) == [("start_vote", "game", "pong")]
    room.tab_to(room.button("+"))
    room.key(pygame.K_RETURN)
    assert calls(room) == [("set_local_players", 2)]


def test_mouse_alone(room: Desk) -> None:
    for label in ("Ready", "Start anyway", "Lock", "+"):
        room.press(label)
    assert calls(room) == [
        ("set_ready", True), ("start_round",), ("set_locked", True), ("set_local_players", 2),
    ]  # fmt: skip
    room.click(room.top(RoomScene).cards[1].rect.center)
    assert room.shows == "SeatDialog"
    room.press("Make leader")
    room.click(room.top(RoomScene).cards[1].rect.center)
    room.press("Remove")
    room.click(room.top(RoomScene).cards[3].rect.center)
    room.press("Closed")
    assert calls(room) == [
        ("hand_over", peer_id(1)),
        ("kick", peer_id(1)),
        ("set_seat", 3, "closed", None, None),
    ]
    room.press("Leave the room")
    room.press("Leave the room")
    assert calls(room) == [("leave_room",)]


def test_gamepad_alone(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    pad = Pad(desk)
    pad.to(desk.button("Open a room"))
    pad.press()
    assert calls(desk)[0][0] == "open_room"
    enter(desk, pair())
    pad.press()
    assert calls(desk) == [("set_ready", True)], "it is the first player's"
    pad.to(desk.top(RoomScene).cards[2])
    pad.press()
    assert desk.shows == "SeatDialog"
    pad.press(1)
    assert desk.shows == "RoomScene"
    pad.to(desk.button("Leave the room"))
    pad.press()
    pad.move(0, -1)
    pad.press()
    assert calls(desk) == [("leave_room",)]


# --- people at one machine


@pytest.mark.parametrize(
    ("key", "keys"), [(pygame.K_w, KeySet.WASD), (pygame.K_l, KeySet.IJKL), (pygame.K_KP4, KeySet.NUMPAD)]
)
def test_a_key_of_another_set_is_one_more_player(room: Desk, key: int, keys: KeySet) -> None:
    place = {pygame.K_KP4: pygame.KSCAN_KP4}.get(key)
    press(room, key, place)
    assert calls(room) == [("set_local_players", 2)]
    two = (member("Anna", local=2), member("Ben", 1))
    change(room, members=two, seats=(person("Anna"), person("Ben", 1), person("Anna (2)"), OPEN))
    assert room.app.context.players.others == [keys]
    scene = room.top(RoomScene)
    assert [card.device != "" for card in scene.cards] == [True, False, True, False]
    press(room, key, place)
    assert calls(room) == [], "these keys have a player now"


def press(desk: Desk, key: int, place: int | None = None) -> None:
    from tests.ui.keys import key_event

    for kind in (pygame.KEYDOWN, pygame.KEYUP):
        pygame.event.post(key_event(kind, key, 0, place))
    desk.go(0.05)


def test_a_second_gamepad_is_one_more_player_and_the_buttons_take_one_away(room: Desk) -> None:
    room.key(pygame.K_DOWN, pygame.K_UP)
    Pad(room, 8).press()
    assert calls(room) == [("set_local_players", 2)]
    change(room, members=(member("Anna", local=2), member("Ben", 1)))
    assert room.app.context.players.others == [8]
    room.press("−")
    assert calls(room) == [("set_local_players", 1)]
    change(room, members=(member("Anna", local=1), member("Ben", 1)))
    assert room.app.context.players.others == []
    room.press("−")
    assert calls(room) == [("set_local_players", 0)], "who takes the last one away watches"


def test_the_device_of_who_joins_is_kept_until_the_leader_has_heard_of_it(room: Desk) -> None:
    room.key(pygame.K_DOWN, pygame.K_UP)
    Pad(room, 8).press()
    change(room, locked=True)
    assert room.app.context.players.others == [8], "another change came first"
    two = (member("Anna", local=2), member("Ben", 1))
    change(room, members=two)
    change(room, locked=False)
    assert room.app.context.players.others == [8]
    Pad(room, 9).press()
    room.go(3)
    change(room, locked=True)
    assert room.app.context.players.others == [8], "nobody answered: there was no seat"


def test_who_watches_a_round_keeps_the_devices_for_the_next_one(room: Desk) -> None:
    room.key(pygame.K_DOWN, pygame.K_UP)
    Pad(room, 8).press()
    change(room, members=(member("Anna", local=2), member("Ben", 1)))
    room.client.start_round(-1, ())
    room.go(0.5)
    assert room.shows == "MatchScene"
    room.client.start_round(0, (0, 2))
    room.go(0.5)
    assert room.app.context.players.others == [8]


def test_who_watches_takes_a_seat_by_a_key_or_by_pressing_a_free_seat(desk: Desk) -> None:
    members = [member("Anna", local=0), member("Ben", 1)]
    enter(desk, room_of(members, [person("Ben", 1), OPEN, BOT], leader=peer_id(1)))
    assert "Ready" not in labels(desk)
    for index in (1, 2):
        desk.click(desk.top(RoomScene).cards[index].rect.center)
    press(desk, pygame.K_w)
    assert calls(desk) == [("set_local_players", 1)] * 3
    assert desk.app.context.players.others == [], "it is the first player here"


def test_who_finds_no_free_seat_watches_and_is_not_waited_for(desk: Desk) -> None:
    members = [member("Anna"), member("Ben", 1, ready=True), member("Clara", 2, ready=True)]
    enter(desk, room_of(members, [person("Ben", 1), person("Clara", 2)], leader=peer_id(1)))
    assert "Ready" not in labels(desk)
    assert round_text(desk.top(RoomScene).room, desk.now) == "Everybody is ready"
    assert watchers(desk.top(RoomScene).room) == ["Anna"]


def test_no_more_than_four_play_on_one_machine(room: Desk) -> None:
    room.key(pygame.K_DOWN, pygame.K_UP)
    change(room, members=(member("Anna", local=4), member("Ben", 1)))
    assert not room.button("+").enabled
    Pad(room, 8).press()
    assert calls(room) == []


# --- what others see and do


def test_who_does_not_lead_sees_no_button_of_the_leader(desk: Desk) -> None:
    enter(desk, pair(leader=peer_id(1)))
    assert labels(desk) == [
        "Ready",
        "Invite",
        "Vote",
        "Leave the room",
        "−",
        "+",
        "Chat",
        "How to play",
        "Settings",
    ]
    desk.click(desk.top(RoomScene).cards[0].rect.center)
    assert desk.shows == "RoomScene", "nothing can be done about our own seat"
    desk.click(desk.top(RoomScene).cards[1].rect.center)
    assert [b.label for b in desk.scene.form.widgets if isinstance(b, Button)] == [
        "Vote to remove", "Details", "Back",
    ]  # fmt: skip
    desk.press("Vote to remove")
    assert calls(desk) == [("start_vote", "kick", peer_id(1))]


def test_the_game_and_its_rules_are_those_of_the_room_until_others_are_taken(room: Desk) -> None:
    room.press("Game")
    dialog = room.top(RulesDialog)
    assert dialog.picker.plugin is not None
    assert dialog.picker.plugin.game.name == "tron"
    room.key(pygame.K_LEFT)
    room.press("Use these")
    ((what, game, config),) = calls(room)
    assert (what, game) == ("set_room_game", "pong")
    plugin = room.client.registry.get("pong")
    assert plugin is not None
    assert isinstance(config, plugin.game.config_type)


def test_the_leader_chooses_a_series_and_the_table_says_who_won_it(room: Desk) -> None:
    room.press("Series")
    room.key(pygame.K_DOWN)
    room.key(pygame.K_DOWN)
    room.key(pygame.K_RETURN)
    assert calls(room) == [("set_series", 3)]
    change(room, first_to=3, phase="table", starts_at=room.now + 8, round=5, wins=(2, 3, 0, 0), last=(1,))
    assert room.top(RoomScene)._winners() == "Round 5: Ben won"
    change(room, champions=(1,))
    assert room.top(RoomScene)._winners() == "Ben wins the series"
    change(room, champions=(0, 1))
    assert room.top(RoomScene)._winners() == "Anna, Ben win the series"
    change(room, champions=(), phase="gathering")
    assert room.top(RoomScene)._winners() == ""


def test_the_leader_makes_teams_with_one_press_and_undoes_them_with_the_next(room: Desk) -> None:
    room.press("Teams")
    assert calls(room) == [("set_teams", 2)]
    change(
        room, seats=tuple(msgspec.structs.replace(seat, team=n % 2) for n, seat in enumerate(pair().seats))
    )
    room.press("2 teams")
    assert calls(room) == [("set_teams", 0)]


@pytest.mark.parametrize(("seats", "counts"), [(4, [2, 0]), (5, [2, 0]), (6, [2, 3, 0]), (8, [2, 4, 0])])
def test_teams_are_offered_that_all_have_one_size(desk: Desk, seats: int, counts: list[int]) -> None:
    view = room_of([member("Anna")], [person("Anna"), *[OPEN] * (seats - 1)])
    enter(desk, view)
    for count in counts:
        button = desk.top(RoomScene).teams_button
        desk.client.calls.clear()
        button.on_press()
        assert calls(desk) == [("set_teams", count)]
        change(
            desk,
            seats=tuple(
                msgspec.structs.replace(seat, team=n % max(1, count)) for n, seat in enumerate(view.seats)
            ),
        )


def test_a_game_without_teams_has_no_button_for_them(desk: Desk) -> None:
    enter(desk, pair(game="gomoku"))
    assert "Teams" not in labels(desk)
    assert "Series" in labels(desk)


def test_people_who_have_the_game_are_invited_into_the_room(room: Desk) -> None:
    room.client.add_peer(2, "Clara")
    room.client.add_peer(3, "Dan", games={})
    room.go()
    room.press("Invite")
    assert [entry.words for entry in room.top(PickDialog).list.entries] == ["Clara"], "Ben is in it"
    room.key(pygame.K_RETURN)
    assert calls(room) == [("invite_into_room", peer_id(2))]
    room.client.remove_peer(peer_id(2))
    room.go()
    room.press("Invite")
    room.key(pygame.K_RETURN)
    assert (room.shows, calls(room)) == ("RoomScene", []), "there is nobody to invite"


def test_a_vote_is_answered_once_and_shows_how_it_stands(room: Desk) -> None:
    vote = RoomVote(
        peer=peer_id(1), kind="game", argument="pong", yes=1, no=0, needed=2, until=room.now + 20, ours=None
    )
    change(room, vote=vote)
    room.press("Yes")
    assert calls(room) == [("cast_vote", True)]
    change(room, vote=msgspec.structs.replace(vote, yes=2, ours=True))
    assert "Yes" not in labels(room)
    seconds = room.top(RoomScene).votes.seconds
    room.go(2)
    assert seconds is not None
    assert room.top(RoomScene).votes.seconds == seconds - 2
    change(room, vote=None)
    assert room.top(RoomScene).votes.seconds is None


def test_who_presses_enter_twice_to_join_is_not_out_again(desk: Desk) -> None:
    desk.client.room_view = pair(joining=True)
    desk.go(0.1)
    desk.key(pygame.K_RETURN)
    assert calls(desk) == []
    desk.go(1.0)
    desk.key(pygame.K_RETURN)
    assert calls(desk) == [("leave_room",)]


def test_who_is_asked_whether_it_is_ready_says_so_with_enter(room: Desk) -> None:
    change(room, phase="playing")
    change(room, phase="open")
    calls(room)
    room.key(pygame.K_RETURN)
    assert calls(room) == [("set_ready", True)]


def test_who_won_and_dropped_out_is_named_and_keeps_its_colour(room: Desk) -> None:
    looks = room.top(RoomScene).looks
    kept = RoomSeat(kind="kept", peer=peer_id(1), name="Ben")
    seats = (room.top(RoomScene).room.seats[0], kept, *room.top(RoomScene).room.seats[2:])
    change(room, phase="table", last=(1,), round=1, seats=seats)
    assert room.top(RoomScene)._winners() == "Round 1: Ben won"
    assert room.top(RoomScene).looks == looks


def test_it_says_who_left_who_leads_what_was_voted_for_and_that_the_game_changed(room: Desk) -> None:
    change(room, leader=peer_id(1))
    here = pair().room
    for event, words in (
        (
            ev.MemberLeft(room=here, peer=peer_id(4), name="Eve", reason="kicked"),
            "Eve was removed from the room",
        ),
        (ev.LeaderChanged(room=here, peer=peer_id(1), name="Ben"), "Ben leads the room now"),
        (ev.LeaderChanged(room=here, peer=room.client.peer_id, name="Anna"), "You lead the room now"),
        (ev.VoteEnded(room=here, kind="game", argument="pong", passed=True), "Agreed: play Pong next"),
        (
            ev.VoteEnded(room=here, kind="kick", argument=peer_id(1), passed=False),
            "Not agreed: remove Ben from the room",
        ),
    ):
        room.client.tell(event)
        room.go(0.1)
        assert room.app.toasts.log[0] == words
    change(room, game="pong")
    assert "everybody has to be ready again" in room.app.toasts.log[0]


def test_a_held_round_is_not_proposed_to_be_paused(room: Desk) -> None:
    change(room, phase="table", held=True)
    room.press("Vote")
    words = [entry.words for entry in room.top(PickDialog).list.entries]
    assert "Start the round again" in words
    assert "Pause the next round" not in words


def test_the_countdown_counts_and_stops_when_somebody_is_not_ready(room: Desk) -> None:
    change(room, phase="countdown", starts_at=room.now + 3)
    seen = set()
    for _ in range(28):
        seen.add(room.top(RoomScene)._count(room.now))
        before = room.picture()
        room.go(0.1)
    assert seen == {1, 2, 3}
    change(room, phase="open", starts_at=None)
    assert room.top(RoomScene)._count(room.now) == 0
    assert room.picture() != before


def test_the_table_shows_the_series_and_can_be_held(room: Desk) -> None:
    change(room, phase="table", starts_at=room.now + 8, round=3, wins=(2, 1, 0, 0), last=(1,))
    scene = room.top(RoomScene)
    assert scene._winners() == "Round 3: Ben won"
    room.press("Hold the next round")
    assert calls(room) == [("hold_round", True)]
    change(room, held=True, starts_at=None)
    assert round_text(scene.room, room.now) == "The next round is held"
    room.press("Go on")
    assert calls(room) == [("hold_round", False)]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Waiting for you, Ben"),
        ({"members": (member("Anna", ready=True), member("Ben", 1, ready=True))}, "Everybody is ready"),
        ({"members": (member("Anna"), member("Ben", 1)), "seats": (OPEN, OPEN)}, "Nobody plays yet"),
        ({"seats": (person("Anna"), OPEN)}, "Waiting for you"),
        ({"phase": "countdown", "starts_at": 102.4}, "Starts in 3 s"),
        ({"phase": "countdown", "starts_at": 99.9}, "Starting…"),
        ({"phase": "gathering"}, "Choosing the host…"),
        ({"phase": "playing", "round": 2}, "Round 2 is on"),
        ({"phase": "table", "starts_at": 105.0}, "Next round in 5 s"),
        ({"phase": "of tomorrow"}, "Waiting for you, Ben"),
    ],
)
def test_what_the_room_is_doing_in_words(fields: dict[str, Any], text: str) -> None:
    assert round_text(msgspec.structs.replace(pair(), **fields), 100.0) == text


def test_a_seat_in_words() -> None:
    view = full()
    titles = [seat_title(seat, i) for i, seat in enumerate(view.seats)]
    assert titles[4:] == ["Bot 5", "Closed", "Open", "Kept for Finn"]
    assert [seat_note(view, seat) for seat in view.seats[:5]] == [
        "you · ready · leader", "you · ready · leader", "ready", "not ready", "easy",
    ]  # fmt: skip


# --- places


def outside(desk: Desk, rects: Sequence[pygame.Rect]) -> list[pygame.Rect]:
    canvas = pygame.Rect((0, 0), desk.app.window.size)
    return [rect for rect in rects if not canvas.contains(rect)]


def overlaps(rects: Sequence[pygame.Rect]) -> list[tuple[pygame.Rect, pygame.Rect]]:
    return [(a, b) for i, a in enumerate(rects) for b in rects[:i] if a.colliderect(b)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("phase", ["open", "countdown", "gathering", "playing", "table"])
@pytest.mark.parametrize("leads", [True, False])
def test_everything_fits_every_size_and_nothing_overlaps(
    size: tuple[int, int], phase: str, leads: bool
) -> None:
    desk = Desk()
    desk.resize(size)
    vote = RoomVote(
        peer=peer_id(1), kind="restart", argument="", yes=1, no=0, needed=2, until=130.0, ours=None
    )
    view = full(phase=phase, starts_at=110.0, round=2, vote=vote, leader=full().me if leads else peer_id(1))
    enter(desk, view)
    rects = [widget.rect for widget in desk.scene.form.widgets]
    assert len(rects) >= 8 + 4
    assert outside(desk, rects) == []
    assert overlaps(rects) == []
    assert all(rect.width >= 20 and rect.height >= 20 for rect in rects)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("leads", [True, False])
def test_a_notice_covers_nothing_that_can_be_pressed(size: tuple[int, int], leads: bool) -> None:
    desk = Desk()
    desk.resize(size)
    enter(desk, full(leader=full().me if leads else peer_id(1)))
    desk.app.toasts.say("Ben leads the room now")
    desk.go(0.5)
    assert desk.app.toasts.rect.width
    assert overlaps([desk.app.toasts.rect, *(widget.rect for widget in desk.scene.form.widgets)]) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("open_it", ["Game", "Vote", "Invite", "Leave the room", "seat"])
def test_every_dialog_fits_every_size(size: tuple[int, int], open_it: str) -> None:
    desk = Desk()
    desk.resize(size)
    for number in range(1, 30):
        desk.client.add_peer(number, f"Peer {number}")
    enter(desk, full())
    opener = desk.top(RoomScene).cards[2] if open_it == "seat" else desk.button(open_it)
    desk.tab_to(opener)
    desk.key(pygame.K_RETURN)
    assert desk.shows != "RoomScene"
    rects = [widget.rect for widget in desk.scene.form.widgets]
    assert outside(desk, rects) == []
    assert overlaps(rects) == []


def test_nothing_is_drawn_while_nothing_changes(room: Desk) -> None:
    room.go(1)
    frames = room.app.frames
    room.go(5)
    assert room.app.frames == frames
