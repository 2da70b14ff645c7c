"""Keys become actions; Space is text in a text field; what an input method uses is its own."""

import pygame
import pytest

from p2pgame.ui.inputs import Action, Devices, Pointer, PointerKind, Press, Typed


def key(key: int, mod: int = 0, kind: int = pygame.KEYDOWN) -> pygame.event.Event:
    return pygame.event.Event(kind, key=key, mod=mod)


def test_space_confirms_or_is_text() -> None:
    assert Devices().translate(key(pygame.K_SPACE), typing=False) == Press(Action.CONFIRM)
    assert Devices().translate(key(pygame.K_SPACE), typing=True) is None
    assert Devices().translate(pygame.event.Event(pygame.TEXTINPUT, text=" "), typing=True) == Typed(" ")


def test_holding_repeats_arrows_and_not_enter() -> None:
    devices = Devices()
    assert devices.translate(key(pygame.K_RETURN), typing=False) == Press(Action.CONFIRM)
    assert devices.translate(key(pygame.K_RETURN), typing=False) is None
    devices.translate(key(pygame.K_RETURN, kind=pygame.KEYUP), typing=False)
    assert devices.translate(key(pygame.K_RETURN), typing=False) == Press(Action.CONFIRM)
    for _ in range(3):
        assert devices.translate(key(pygame.K_DOWN), typing=False) == Press(Action.DOWN)


def test_tab_both_ways() -> None:
    assert Devices().translate(key(pygame.K_TAB), typing=True) == Press(Action.NEXT)
    assert Devices().translate(key(pygame.K_TAB, pygame.KMOD_LSHIFT), typing=True) == Press(Action.PREVIOUS)


def test_enter_belongs_to_a_composing_input_method() -> None:
    devices = Devices()
    devices.translate(pygame.event.Event(pygame.TEXTEDITING, text="zh", start=0, length=2), typing=True)
    assert devices.translate(key(pygame.K_RETURN), typing=True) is None
    devices.translate(pygame.event.Event(pygame.TEXTINPUT, text="张"), typing=True)
    devices.translate(key(pygame.K_RETURN, kind=pygame.KEYUP), typing=True)
    assert devices.translate(key(pygame.K_RETURN), typing=True) == Press(Action.CONFIRM)


@pytest.mark.parametrize("button", [2, 3, 4, 9])
def test_other_mouse_buttons_do_nothing(button: int) -> None:
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 5), button=button)
    assert Devices().translate(event, typing=False) is None


def test_the_pointer_is_scaled_to_the_canvas() -> None:
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(10, 7), button=1)
    assert Devices().translate(event, typing=False, factor=2.0) == Pointer(PointerKind.DOWN, (20, 14))
