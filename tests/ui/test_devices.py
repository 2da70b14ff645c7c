"""Every scene is reached, used and left with one device alone: keyboard, mouse or gamepad."""

from collections.abc import Callable
from typing import Protocol

import pygame
import pytest

from p2pgame.games.gomoku.rules import Move
from p2pgame.session.room_view import RoomSeat
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.scenes.viewer import Viewer
from p2pgame.ui.widgets import Button, Widget
from tests.ui.desk import Desk
from tests.ui.fake_client import member, peer_id, person, room_of
from tests.ui.recorded import record
from tests.ui.test_history import fill

LEAVES = ("Back", "Close", "Cancel", "Save", "Stay", "Play on", "Not now", "×")
"""Buttons that do what Escape does, for who has a mouse alone."""


class Device(Protocol):
    """What a person can do with one device."""

    def press(self, desk: Desk, widget: Widget) -> None: ...
    def back(self, desk: Desk) -> None: ...
    def down(self, desk: Desk, rows: RowList, index: int) -> None:
        """Choose the next row, which is number `index`."""

    def menu(self, desk: Desk) -> None:
        """Open the menu of a match."""

    def place(self, desk: Desk) -> None:
        """Put a stone anywhere."""


def focused(desk: Desk, widget: Widget, step: Callable[[], None]) -> None:
    for _ in range(40):
        if desk.scene.form.focused is widget:
            return
        step()
    raise AssertionError(f"{desk.shows}: {getattr(widget, 'label', widget)} cannot be reached")


class Keyboard:
    def press(self, desk: Desk, widget: Widget) -> None:
        focused(desk, widget, lambda: desk.key(pygame.K_TAB))
        desk.key(pygame.K_RETURN)

    def back(self, desk: Desk) -> None:
        desk.key(pygame.K_ESCAPE)

    menu = back

    def down(self, desk: Desk, rows: RowList, index: int) -> None:
        del index
        focused(desk, rows, lambda: desk.key(pygame.K_TAB))
        desk.key(pygame.K_DOWN)

    def place(self, desk: Desk) -> None:
        desk.key(pygame.K_LEFT, pygame.K_RETURN)


class Mouse:
    def press(self, desk: Desk, widget: Widget) -> None:
        window = pygame.Rect((0, 0), desk.app.window.size)
        assert window.contains(widget.rect), (
            f"{desk.shows}: {getattr(widget, 'label', widget)} is out of sight"
        )
        desk.click(widget.rect.center)

    def back(self, desk: Desk) -> None:
        found = [w for w in desk.scene.form.widgets if isinstance(w, Button) and w.label in LEAVES]
        assert found, f"{desk.shows} has no button that leads back"
        self.press(desk, found[0])

    def menu(self, desk: Desk) -> None:
        desk.press("Menu")

    def down(self, desk: Desk, rows: RowList, index: int) -> None:
        desk.click(rows.row_at(index).center)

    def place(self, desk: Desk) -> None:
        state = desk.top(MatchScene).match.state
        desk.click(desk.point(state.board.index(0)))


class Gamepad:
    @staticmethod
    def button(desk: Desk, number: int) -> None:
        for kind in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, instance_id=1, joy=0, button=number))
        desk.go(0.05)

    @staticmethod
    def hat(desk: Desk, x: int, y: int) -> None:
        for value in ((x, y), (0, 0)):
            pygame.event.post(
                pygame.event.Event(pygame.JOYHATMOTION, instance_id=1, joy=0, hat=0, value=value)
            )
        desk.go(0.05)

    def press(self, desk: Desk, widget: Widget) -> None:
        focused(desk, widget, lambda: self.button(desk, 5))
        self.button(desk, 0)

    def walk(self, desk: Desk, widget: Widget) -> None:
        """To `widget` by the arrows: up or down first, then along the row."""

        def step() -> None:
            at = desk.scene.form.focused
            assert at is not None
            if at.rect.centery != widget.rect.centery:
                self.hat(desk, 0, 1 if at.rect.centery > widget.rect.centery else -1)
            else:
                self.hat(desk, 1 if at.rect.centerx < widget.rect.centerx else -1, 0)

        focused(desk, widget, step)

    def back(self, desk: Desk) -> None:
        self.button(desk, 1)

    menu = back

    def down(self, desk: Desk, rows: RowList, index: int) -> None:
        del index
        focused(desk, rows, lambda: self.button(desk, 5))
        self.hat(desk, 0, -1)

    def place(self, desk: Desk) -> None:
        self.hat(desk, -1, 0)
        self.button(desk, 0)


class Walk:
    """A person with one device, who says what is to be seen after each step."""

    def __init__(self, desk: Desk, device: Device) -> None:
        self.desk, self.device = desk, device

    def press(self, label: str, then: str) -> None:
        found = [w for w in self.desk.scene.form.widgets if getattr(w, "label", "") == label]
        assert found, f"no {label!r} in {self.desk.shows}"
        self.device.press(self.desk, found[0])
        self.sees(then, label)

    def back(self, then: str) -> None:
        self.device.back(self.desk)
        self.sees(then, "back")

    def menu(self) -> None:
        self.device.menu(self.desk)
        self.sees("MatchMenu", "the menu")

    def sees(self, scene: str, after: str = "") -> None:
        self.desk.go(0.7)  # a dialog that opens by itself takes no press at once
        assert self.desk.shows == scene, f"{self.desk.shows} after {after!r}"


@pytest.fixture(params=[Keyboard, Mouse, Gamepad])
def walk(desk: Desk, request: pytest.FixtureRequest) -> Walk:
    return Walk(desk, request.param())


def test_the_lobby_and_what_lies_behind_it(walk: Walk) -> None:
    desk = walk.desk
    peer = desk.client.add_peer(1, "Ben").peer
    desk.client.know(peer, met_at=1.7e9)
    fill(desk.client)
    desk.go(1.2)
    for label, scene in (
        ("How to play", "HowToScene"),
        ("Rename", "NameScene"),
        ("People you know", "KnownPeersScene"),
        ("Chat", "ChatScene"),
        ("Practice", "PracticeDialog"),
        ("Details", "Person"),
        ("Invite", "InviteSentDialog"),
        ("History", "HistoryScene"),
    ):
        walk.press(label, scene)
        walk.back("LobbyScene")
    on = desk.app.preferences.now.sound
    walk.press("Sound on or off", "LobbyScene")
    assert desk.app.preferences.now.sound is not on
    walk.press("Open a room", "LobbyScene")
    assert desk.client.calls[-1][0] == "open_room"


def test_a_recording_is_watched(walk: Walk) -> None:
    desk = walk.desk
    fill(desk.client)
    plugin = desk.client.registry.get("gomoku")
    assert plugin is not None
    entry = next(each for each in desk.client.entries if each.game == "gomoku")
    desk.client.entries = [entry]
    desk.client.replays[entry.match] = record(
        plugin, lambda state, player, frame: Move(3 * frame), 30, winners=(1,)
    )
    walk.press("History", "HistoryScene")
    walk.press("Watch", "Viewer")
    playing = desk.top(Viewer).player.playing
    walk.press("Play or pause", "Viewer")
    assert desk.top(Viewer).player.playing is not playing
    at = desk.top(Viewer).player.frame
    walk.press("One move forward", "Viewer")
    assert desk.top(Viewer).player.frame == at + 1
    walk.back("HistoryScene")
    walk.back("LobbyScene")


def test_all_settings_and_the_log_of_notices(walk: Walk) -> None:
    desk = walk.desk
    walk.press("Settings", "SettingsScene")
    scene = desk.top(SettingsScene)
    names = list(scene.sections.names)
    for index, name in enumerate(names):
        if index:
            walk.device.down(desk, scene.list, index)
        assert scene.list.selected == name
    walk.press("Show", "NoticesScene")
    walk.back("SettingsScene")
    walk.back("LobbyScene")


def test_a_match_from_the_invitation_to_the_result(walk: Walk) -> None:
    desk = walk.desk
    desk.client.peer_invites(desk.client.add_peer(1, "Ben").peer, game="gomoku")
    walk.sees("InviteDialog")
    walk.press("Accept", "MatchScene")
    while (match := desk.top(MatchScene).match).me not in match.to_move:
        desk.client.peer_moves(match.state.board.index(0))
        desk.go()
    walk.device.place(desk)
    assert desk.client.calls[-1][0] == "submit"
    walk.press("Offer draw", "MatchScene")
    assert desk.client.calls[-1][0] == "offer_draw"
    walk.press("laughs", "MatchScene")
    assert desk.client.calls[-1][0] == "say"
    walk.press("Chat", "ChatScene")
    walk.press("Good luck!", "MatchScene")
    for label, scene in (("How to play", "HowToScene"), ("Settings", "SettingsScene")):
        walk.menu()
        walk.press(label, scene)
        walk.back("MatchScene")
    walk.menu()
    walk.press("Figures of the connection", "MatchScene")
    assert desk.top(MatchScene).network is not None
    walk.press("Resign", "Confirm")
    walk.back("MatchScene")
    walk.menu()
    walk.press("Resign", "Confirm")
    walk.press("Resign", "Result")
    desk.go(4)
    walk.press("Back to the lobby", "LobbyScene")


def test_a_room_and_its_dialogs(walk: Walk) -> None:
    desk = walk.desk
    desk.client.add_peer(1, "Ben")
    desk.client.add_peer(2, "Dan")
    members = [member("Anna", ready=True), member("Ben", 1, ready=True), member("Dan", 2)]
    seats = [person("Anna"), person("Ben", 1), person("Dan", 2), RoomSeat(kind="open")]
    desk.client.room_view = room_of(members, seats)
    walk.sees("RoomScene")
    walk.press("Game", "RulesDialog")
    walk.back("RoomScene")
    walk.press("Vote", "StartVoteDialog")
    walk.back("RoomScene")
    walk.press("Chat", "ChatScene")
    walk.back("RoomScene")
    for label, scene in (("How to play", "HowToScene"), ("Settings", "SettingsScene")):
        walk.press(label, scene)
        walk.back("RoomScene")
    walk.press("Lock", "RoomScene")
    assert desk.client.calls[-1][0] == "set_locked"
    card = next(w for w in desk.scene.form.widgets if type(w).__name__ == "SeatCard" and w.focusable)
    walk.device.press(desk, card)
    walk.sees("SeatDialog", "a seat")
    walk.back("RoomScene")
    walk.press("Leave the room", "LeaveRoundDialog")
    walk.press("Leave the room", "RoomScene")
    assert desk.client.calls[-1][0] == "leave_room"


def test_codes_are_compared(walk: Walk) -> None:
    desk = walk.desk
    desk.client.know(desk.client.add_peer(1, "Ben").peer, met_at=1.7e9)
    desk.client.peer_wants_codes(peer_id(1))
    walk.sees("VerifyRequestDialog")
    walk.press("Compare", "VerifyDialog")
    desk.client.code_is_there(peer_id(1))
    desk.go(0.7)
    walk.press("They are the same", "VerifyDialog")
    assert desk.client.calls[-1][0] == "confirm_code"


def test_practice_asks_a_bot_for_nothing_that_it_cannot_answer(walk: Walk) -> None:
    desk = walk.desk
    walk.press("Practice", "PracticeDialog")
    walk.press("Start", "PracticeScene")
    labels = [w.label for w in desk.scene.form.widgets if isinstance(w, Button)]
    assert "Take back" in labels
    assert not {"Offer draw", "Adjourn", "laughs"} & set(labels)
    walk.menu()
    walk.press("Play on", "PracticeScene")
    walk.press("Stop", "Confirm")
    walk.press("Stop", "Result")
