"""Keys become actions; Space is text in a text field; what an input method uses is its own."""

import pygame
import pytest

from p2pgame.ui.inputs import (
    Control,
    Devices,
    Join,
    KeySet,
    MenuAction,
    Pointer,
    PointerKind,
    Press,
    Secondary,
    Typed,
    waiting_events,
)
from tests.ui.keys import key_event


def key(key: int, mod: int = 0, kind: int = pygame.KEYDOWN, place: int | None = None) -> pygame.event.Event:
    return key_event(kind, key, mod, place)


def test_space_confirms_or_is_text() -> None:
    assert Devices().translate(key(pygame.K_SPACE), typing=False) == Press(MenuAction.CONFIRM)
    assert Devices().translate(key(pygame.K_SPACE), typing=True) is None
    assert Devices().translate(pygame.event.Event(pygame.TEXTINPUT, text=" "), typing=True) == Typed(" ")


def test_holding_repeats_arrows_and_not_enter() -> None:
    devices = Devices()
    assert devices.translate(key(pygame.K_RETURN), typing=False) == Press(MenuAction.CONFIRM)
    assert devices.translate(key(pygame.K_RETURN), typing=False) is None
    devices.translate(key(pygame.K_RETURN, kind=pygame.KEYUP), typing=False)
    assert devices.translate(key(pygame.K_RETURN), typing=False) == Press(MenuAction.CONFIRM)
    for _ in range(3):
        assert devices.translate(key(pygame.K_DOWN), typing=False) == Press(MenuAction.DOWN)


def test_tab_both_ways() -> None:
    assert Devices().translate(key(pygame.K_TAB), typing=True) == Press(MenuAction.NEXT)
    assert Devices().translate(key(pygame.K_TAB, pygame.KMOD_LSHIFT), typing=True) == Press(
        MenuAction.PREVIOUS
    )


def test_enter_belongs_to_a_composing_input_method() -> None:
    devices = Devices()
    assert devices.translate(key(pygame.K_RETURN), typing=True, composing=True) is None
    devices.translate(key(pygame.K_RETURN, kind=pygame.KEYUP), typing=True)
    assert devices.translate(key(pygame.K_RETURN), typing=True) == Press(MenuAction.CONFIRM)


def test_the_right_button_takes_something_back() -> None:
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 5), button=3)
    assert Devices().translate(event, typing=False) == Secondary()


@pytest.mark.parametrize("button", [2, 4, 9])
def test_other_mouse_buttons_do_nothing(button: int) -> None:
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 5), button=button)
    assert Devices().translate(event, typing=False) is None


def test_the_pointer_is_scaled_to_the_canvas() -> None:
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(10, 7), button=1)
    assert Devices().translate(event, typing=False, factors=(2.0, 3.0)) == Pointer(PointerKind.DOWN, (20, 21))


def test_what_is_held_is_all_that_is_down() -> None:
    devices = Devices()
    assert devices.held == frozenset()
    for code in (pygame.K_UP, pygame.K_d, pygame.K_SPACE, pygame.K_F3):
        devices.translate(key(code), typing=False)
    assert devices.held == {Control.UP, Control.RIGHT, Control.FIRE}
    devices.translate(key(pygame.K_w), typing=False)
    devices.translate(key(pygame.K_UP, kind=pygame.KEYUP), typing=False)
    assert Control.UP in devices.held, "another key for it is still down"
    devices.translate(key(pygame.K_w, kind=pygame.KEYUP), typing=False)
    assert devices.held == {Control.RIGHT, Control.FIRE}


@pytest.mark.parametrize("layout", ["wasd", "zqsd", ",aoe", "цфыв", "ςασδ"])
def test_letters_are_keys_by_their_place(layout: str) -> None:
    devices = Devices()
    places = (pygame.KSCAN_W, pygame.KSCAN_A, pygame.KSCAN_S, pygame.KSCAN_D)
    for letter, place, control in zip(
        layout, places, (Control.UP, Control.LEFT, Control.DOWN, Control.RIGHT), strict=True
    ):
        devices.translate(key(ord(letter), place=place), typing=False)
        assert devices.held == {control}
        devices.translate(key(pygame.K_w, kind=pygame.KEYUP, place=place), typing=False)
        assert devices.held == frozenset(), "the layout may change while a key is down"


@pytest.mark.parametrize(
    ("code", "place", "pastes"),
    [
        (pygame.K_v, pygame.KSCAN_V, True),
        (pygame.K_v, pygame.KSCAN_PERIOD, True),  # Dvorak
        (pygame.K_k, pygame.KSCAN_V, False),  # Dvorak
        (ord("м"), pygame.KSCAN_V, True),
        (ord("ω"), pygame.KSCAN_V, True),
        (ord("é"), pygame.KSCAN_2, False),  # French
        (pygame.K_F12, pygame.KSCAN_F12, False),
    ],
)
def test_pasting_is_a_letter_where_the_keyboard_has_it(code: int, place: int, *, pastes: bool) -> None:
    pressed = Devices().translate(key(code, pygame.KMOD_LCTRL, place=place), typing=True)
    assert (pressed == Press(MenuAction.PASTE)) == pastes


def test_letters_are_text_while_typing() -> None:
    devices = Devices()
    devices.translate(key(pygame.K_w), typing=True)
    assert devices.held == frozenset()


def test_losing_the_focus_releases_all() -> None:
    devices = Devices()
    devices.translate(key(pygame.K_UP), typing=False)
    devices.translate(hat(1, 0), typing=False)
    devices.translate(pygame.event.Event(pygame.WINDOWFOCUSLOST), typing=False)
    assert devices.held == frozenset()


def hat(x: int, y: int) -> pygame.event.Event:
    return pygame.event.Event(pygame.JOYHATMOTION, value=(x, y), hat=0, instance_id=3)


def stick(axis: int, value: float) -> pygame.event.Event:
    return pygame.event.Event(pygame.JOYAXISMOTION, axis=axis, value=value, instance_id=3)


def test_a_gamepad_that_is_gone_before_it_is_looked_at_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: int) -> None:
        raise pygame.error("Invalid joystick device number")

    monkeypatch.setattr(pygame.joystick, "Joystick", gone)
    devices = Devices()
    assert devices.translate(pygame.event.Event(pygame.JOYDEVICEADDED, device_index=0), typing=False) is None
    assert devices.translate(pygame.event.Event(pygame.JOYDEVICEREMOVED, instance_id=3), typing=False) is None
    assert devices.translate(key(pygame.K_RETURN), typing=False) == Press(MenuAction.CONFIRM)


def test_an_event_that_cannot_be_read_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pygame 2.6 fails to read that a gamepad was added, once it is gone."""
    waiting: list[pygame.event.Event | Exception] = [
        key(pygame.K_UP),
        SystemError("<built-in function poll> returned a result with an exception set"),
        key(pygame.K_RETURN),
    ]

    def poll() -> pygame.event.Event:
        event = waiting.pop(0) if waiting else pygame.event.Event(pygame.NOEVENT)
        if isinstance(event, Exception):
            raise event
        return event

    monkeypatch.setattr(pygame.event, "poll", poll)
    assert [event.key for event in waiting_events()] == [pygame.K_UP, pygame.K_RETURN]


def test_events_without_end_do_not_stop_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygame.event, "poll", lambda: key(pygame.K_UP))
    assert 0 < len(waiting_events()) < 10_000


def test_a_stick_that_rests_off_centre_holds_nothing() -> None:
    devices = Devices()
    for value in (0.7, 0.8, 0.62, 1.0):
        assert devices.translate(stick(1, value), typing=False) is None
    assert devices.held == frozenset()
    assert devices.translate(stick(1, 0.1), typing=False) is None
    assert devices.translate(stick(1, 0.7), typing=False) == Press(MenuAction.DOWN)
    assert devices.held == {Control.DOWN}, "it has been in the centre, so it works"


def test_the_device_that_was_used_last_holds_alone() -> None:
    """A stick that does not come back to its centre takes the keyboard away from nobody."""
    devices = Devices()
    for value in (0.0, 0.9):
        devices.translate(stick(1, value), typing=False)
    assert devices.held == {Control.DOWN}
    devices.translate(key(pygame.K_UP), typing=False)
    assert devices.held == {Control.UP}
    devices.translate(stick(1, 0.8), typing=False)
    assert devices.held == {Control.UP}, "it trembles where it is"
    devices.translate(key(pygame.K_UP, kind=pygame.KEYUP), typing=False)
    assert devices.held == frozenset()
    for value in (0.1, -0.9):
        devices.translate(stick(1, value), typing=False)
    assert devices.held == {Control.UP}, "the stick is used again"


def test_a_stuck_key_takes_no_gamepad_with_it() -> None:
    devices = Devices()
    devices.translate(key(pygame.K_UP), typing=False)
    devices.translate(hat(0, -1), typing=False)
    assert devices.held == {Control.DOWN}


def test_a_key_that_repeats_is_used_again_and_again() -> None:
    """A stick that flickers takes the keyboard away for no longer than it takes a key to repeat."""
    devices = Devices()
    devices.translate(key(pygame.K_UP), typing=False)
    for value in (0.1, 0.9):
        devices.translate(stick(1, value), typing=False)
    devices.translate(key(pygame.K_UP), typing=False)
    assert devices.held == {Control.UP}


def test_a_gamepad_holds_by_hat_stick_and_button() -> None:
    devices = Devices()
    for axis in (0, 1):
        devices.translate(stick(axis, 0.0), typing=False)
    devices.translate(hat(1, 1), typing=False)
    assert devices.held == {Control.UP, Control.RIGHT}
    devices.translate(hat(0, 0), typing=False)
    assert devices.held == frozenset()
    for event, held in (
        (stick(1, 0.9), {Control.DOWN}),
        (stick(0, -0.9), {Control.DOWN, Control.LEFT}),
        (stick(1, 0.5), {Control.DOWN, Control.LEFT}),
        (stick(1, -0.9), {Control.UP, Control.LEFT}),
        (stick(1, 0.1), {Control.LEFT}),
        (pygame.event.Event(pygame.JOYBUTTONDOWN, button=0, instance_id=3), {Control.LEFT, Control.FIRE}),
        (pygame.event.Event(pygame.JOYBUTTONUP, button=0, instance_id=3), {Control.LEFT}),
        (pygame.event.Event(pygame.JOYDEVICEREMOVED, instance_id=3), set()),
    ):
        devices.translate(event, typing=False)
        assert devices.held == held


def button(number: int, pad: int = 3, kind: int = pygame.JOYBUTTONDOWN) -> pygame.event.Event:
    return pygame.event.Event(kind, button=number, instance_id=pad)


def at(place: int, kind: int = pygame.KEYDOWN) -> pygame.event.Event:
    """A key by its place, on a keyboard whose letters nobody knows."""
    return key(0x3B1, kind=kind, place=place)


OF_OTHERS = [(pygame.KSCAN_W, KeySet.WASD), (pygame.KSCAN_J, KeySet.IJKL), (pygame.KSCAN_KP8, KeySet.NUMPAD)]


@pytest.mark.parametrize(("place", "keys"), OF_OTHERS)
def test_a_key_of_nobody_joins_where_one_may(place: int, keys: KeySet) -> None:
    devices = Devices()
    devices.translate(key(pygame.K_RETURN), typing=False)
    assert devices.translate(at(place), typing=False) is None
    devices.translate(at(place, pygame.KEYUP), typing=False)
    assert devices.translate(at(place), typing=True, joining=True) is None, "it is text"
    devices.translate(at(place, pygame.KEYUP), typing=False)
    assert devices.translate(at(place), typing=False, joining=True) == Join(keys)
    assert devices.translate(at(place), typing=False, joining=True) is None, "it repeats"
    devices.translate(at(place, pygame.KEYUP), typing=False)
    devices.players.join(keys)
    assert devices.translate(at(place), typing=False, joining=True) is None, "somebody has these keys"


def test_arrows_and_enter_are_the_first_players_wherever_one_may_join() -> None:
    devices = Devices()
    assert devices.translate(key(pygame.K_DOWN), typing=False, joining=True) == Press(MenuAction.DOWN)
    assert devices.translate(key(pygame.K_RETURN), typing=False, joining=True) == Press(MenuAction.CONFIRM)


def test_a_gamepad_joins_unless_the_first_player_came_with_it() -> None:
    devices = Devices()
    devices.translate(button(0), typing=False)
    devices.translate(button(0, kind=pygame.JOYBUTTONUP), typing=False)
    assert devices.translate(button(0), typing=False, joining=True) == Press(MenuAction.CONFIRM)
    assert devices.translate(button(0, pad=4), typing=False, joining=True) == Join(4)
    devices.players.join(4)
    assert devices.translate(button(0, pad=4), typing=False, joining=True) == Press(MenuAction.CONFIRM)
    devices.translate(key(pygame.K_RETURN), typing=False)
    assert devices.translate(button(0), typing=False, joining=True) == Join(3), (
        "it is the keyboard's turn now"
    )


def test_the_first_thing_that_is_used_at_all_is_the_first_players() -> None:
    devices = Devices()
    assert devices.translate(button(0), typing=False, joining=True) == Press(MenuAction.CONFIRM)
    assert devices.translate(button(0, pad=4), typing=False, joining=True) == Join(4)


def test_each_player_holds_what_is_on_the_own_device() -> None:
    devices = Devices()
    devices.players.join(KeySet.WASD)
    devices.players.join(3)
    for event in (key(pygame.K_UP), key(pygame.K_a), hat(0, -1)):
        devices.translate(event, typing=False)
    assert devices.holds == ({Control.UP}, {Control.LEFT}, {Control.DOWN})
    devices.translate(key(pygame.K_a, kind=pygame.KEYUP), typing=False)
    assert devices.holds == ({Control.UP}, frozenset(), {Control.DOWN})


def test_a_lone_player_has_every_key_and_gamepad() -> None:
    devices = Devices()
    for event, held in (
        (at(pygame.KSCAN_W), {Control.UP}),
        (at(pygame.KSCAN_L), {Control.UP, Control.RIGHT}),
        (hat(-1, 0), {Control.LEFT}),
    ):
        devices.translate(event, typing=False)
        assert devices.holds == (held,)


def test_players_get_free_keys_in_order_and_the_last_ones_go_first() -> None:
    players = Devices().players
    players.join(KeySet.IJKL)
    players.fit(4)
    assert players.others == [KeySet.IJKL, KeySet.WASD, KeySet.NUMPAD]
    players.fit(2)
    assert players.others == [KeySet.IJKL]
    players.fit(0)
    assert (players.others, len(players)) == ([], 1)
    players.join(7)
    players.join(7)
    assert len(players) == 2
