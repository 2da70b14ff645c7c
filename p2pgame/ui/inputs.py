"""Devices become a few input values, so that nothing above knows keyboards, mice or gamepads.

`Devices.translate` is the only place where pygame events are read. Scenes, widgets and the views of games get
`Input` values; the views of real-time games also `Devices.held`, what is down at this moment.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

import pygame

__all__ = ["Action", "Composing", "Devices", "Input", "Pointer", "PointerKind", "Press", "Typed", "Wheel"]


class Action(Enum):
    """What a key or button asks for."""

    UP = auto()
    DOWN = auto()
    LEFT = auto()
    RIGHT = auto()
    CONFIRM = auto()
    BACK = auto()
    NEXT = auto()
    PREVIOUS = auto()
    HOME = auto()
    END = auto()
    ERASE = auto()
    DELETE = auto()
    PASTE = auto()
    RENAME = auto()
    OVERLAY = auto()
    PEOPLE = auto()
    HISTORY = auto()
    FULLSCREEN = auto()
    SCREENSHOT = auto()


class PointerKind(Enum):
    MOVE = auto()
    DOWN = auto()
    UP = auto()


@dataclass(frozen=True)
class Press:
    """A key or a gamepad button."""

    action: Action


@dataclass(frozen=True)
class Pointer:
    """The mouse (its left button) or a finger, in canvas pixels."""

    kind: PointerKind
    at: tuple[int, int]


@dataclass(frozen=True)
class Wheel:
    """Scrolling; positive `steps` is up."""

    at: tuple[int, int]
    steps: int


@dataclass(frozen=True)
class Typed:
    """Finished text."""

    text: str


@dataclass(frozen=True)
class Composing:
    """Text an input method is still working on; empty when it is done."""

    text: str


Input: TypeAlias = Press | Pointer | Wheel | Typed | Composing

_KEYS = {
    pygame.K_UP: Action.UP,
    pygame.K_DOWN: Action.DOWN,
    pygame.K_LEFT: Action.LEFT,
    pygame.K_RIGHT: Action.RIGHT,
    pygame.K_RETURN: Action.CONFIRM,
    pygame.K_KP_ENTER: Action.CONFIRM,
    pygame.K_SPACE: Action.CONFIRM,
    pygame.K_ESCAPE: Action.BACK,
    pygame.K_HOME: Action.HOME,
    pygame.K_END: Action.END,
    pygame.K_BACKSPACE: Action.ERASE,
    pygame.K_DELETE: Action.DELETE,
    pygame.K_F2: Action.RENAME,
    pygame.K_F3: Action.OVERLAY,
    pygame.K_F4: Action.PEOPLE,
    pygame.K_F5: Action.HISTORY,
    pygame.K_F11: Action.FULLSCREEN,
    pygame.K_F12: Action.SCREENSHOT,
}
_HELD_KEYS = {
    key: action
    for key, action in _KEYS.items()
    if action in (Action.UP, Action.DOWN, Action.LEFT, Action.RIGHT, Action.CONFIRM)
}
_HELD_LETTERS = {
    pygame.K_w: Action.UP,
    pygame.K_a: Action.LEFT,
    pygame.K_s: Action.DOWN,
    pygame.K_d: Action.RIGHT,
}
_BUTTONS = {0: Action.CONFIRM, 1: Action.BACK, 4: Action.PREVIOUS, 5: Action.NEXT}
_HATS = {(0, 1): Action.UP, (0, -1): Action.DOWN, (-1, 0): Action.LEFT, (1, 0): Action.RIGHT}
_REPEATS = frozenset(
    {
        Action.UP,
        Action.DOWN,
        Action.LEFT,
        Action.RIGHT,
        Action.ERASE,
        Action.DELETE,
        Action.NEXT,
        Action.PREVIOUS,
    }
)
"""What holding a key repeats. Holding Enter must not press the button of the dialog that comes up."""
_STICK_ON, _STICK_OFF = 0.6, 0.4


class Devices:
    """Keyboard, mouse and gamepads. Remembers which keys are down and where sticks are."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._down: dict[Hashable, tuple[Action, ...]] = {}
        """What each key, button, hat or stick that is down asks for."""
        self._sticks: dict[tuple[int, int], int] = {}
        self._pads: dict[int, pygame.joystick.JoystickType] = {}
        self._composing = False

    @property
    def held(self) -> frozenset[Action]:
        """The directions and `CONFIRM`, as far as a key, button or stick for them is down. WASD are directions."""
        return frozenset(action for actions in self._down.values() for action in actions)

    def translate(self, event: pygame.event.Event, *, typing: bool, factor: float = 1.0) -> Input | None:
        """The input in `event`, or None. `typing`: a text field has the focus, so Space is text.

        `factor` is canvas pixels per window pixel.
        """
        match event.type:
            case pygame.KEYDOWN:
                return self._key(event, typing=typing)
            case pygame.KEYUP:
                self._held.discard(event.key)
                self._hold(event.key)
            case pygame.TEXTINPUT:
                self._composing = False
                return Typed(event.text) if typing else None
            case pygame.TEXTEDITING:
                self._composing = bool(event.text)
                return Composing(event.text) if typing else None
            case pygame.MOUSEMOTION:
                return Pointer(PointerKind.MOVE, _scaled(event.pos, factor))
            case pygame.MOUSEBUTTONDOWN if event.button == 1:
                return Pointer(PointerKind.DOWN, _scaled(event.pos, factor))
            case pygame.MOUSEBUTTONUP if event.button == 1:
                return Pointer(PointerKind.UP, _scaled(event.pos, factor))
            case pygame.MOUSEWHEEL if event.y:
                return Wheel(_scaled(pygame.mouse.get_pos(), factor), event.y)
            case pygame.JOYBUTTONDOWN:
                action = _BUTTONS.get(event.button)
                if action is Action.CONFIRM:
                    self._hold((_pad(event), "button", event.button), action)
                return Press(action) if action else None
            case pygame.JOYBUTTONUP:
                self._hold((_pad(event), "button", event.button))
            case pygame.JOYHATMOTION:
                x, y = event.value
                parts = (_HATS.get((x, 0)), _HATS.get((0, y)))
                self._hold((_pad(event), "hat", event.hat), *(part for part in parts if part))
                action = _HATS.get((x, y))
                return Press(action) if action else None
            case pygame.JOYAXISMOTION if event.axis in (0, 1):
                return self._stick(event)
            case pygame.JOYDEVICEADDED:
                pad = pygame.joystick.Joystick(event.device_index)
                self._pads[pad.get_instance_id()] = pad
            case pygame.JOYDEVICEREMOVED:
                self._pads.pop(event.instance_id, None)
                for source in [s for s in self._down if isinstance(s, tuple) and s[0] == event.instance_id]:
                    self._hold(source)
            case pygame.WINDOWFOCUSLOST:
                self._held.clear()
                self._down.clear()
        return None

    def _key(self, event: pygame.event.Event, *, typing: bool) -> Input | None:
        repeated = event.key in self._held
        self._held.add(event.key)
        if not typing and (action := _HELD_KEYS.get(event.key) or _HELD_LETTERS.get(event.key)):
            self._hold(event.key, action)
        if self._composing:  # Enter, Escape and arrows belong to the input method
            return None
        if event.key == pygame.K_TAB:
            return Press(Action.PREVIOUS if event.mod & pygame.KMOD_SHIFT else Action.NEXT)
        if event.key == pygame.K_v and event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
            return Press(Action.PASTE) if typing else None
        if event.key == pygame.K_RETURN and event.mod & pygame.KMOD_ALT:
            return None if repeated else Press(Action.FULLSCREEN)
        action = _KEYS.get(event.key)
        if action is None or (typing and event.key == pygame.K_SPACE):
            return None
        return None if repeated and action not in _REPEATS else Press(action)

    def _stick(self, event: pygame.event.Event) -> Input | None:
        key = (_pad(event), event.axis)
        before = self._sticks.get(key, 0)
        now = before
        if abs(event.value) > _STICK_ON:
            now = 1 if event.value > 0 else -1
        elif abs(event.value) < _STICK_OFF:
            now = 0
        self._sticks[key] = now
        actions = (Action.LEFT, Action.RIGHT) if event.axis == 0 else (Action.UP, Action.DOWN)
        self._hold((_pad(event), "stick", event.axis), *([actions[now > 0]] if now else []))
        if now in (0, before):
            return None
        return Press(actions[now > 0])

    def _hold(self, source: Hashable, *actions: Action) -> None:
        """`source`, a key or a part of a gamepad, now asks for these actions."""
        if actions:
            self._down[source] = actions
        else:
            self._down.pop(source, None)


def _pad(event: pygame.event.Event) -> int:
    return int(getattr(event, "instance_id", 0))


def _scaled(at: tuple[int, int], factor: float) -> tuple[int, int]:
    return (at[0], at[1]) if factor == 1.0 else (round(at[0] * factor), round(at[1] * factor))
