"""Turns keyboard, mouse and gamepad events into a few input values, so that no other module reads devices.

`Devices.translate` is the only place where pygame events are read. It gives `Input` values: scenes, widgets and
views get them one at a time. A `Press` carries a `MenuAction`, one key press. The view of a real-time game also gets
`Devices.holds`: the `Control`s that each player on this machine holds down at this moment. `LocalPlayers` says whose
device is whose.

A device that is faulty or vanishes never takes another with it.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import ClassVar, NamedTuple, TypeAlias, cast

import msgspec
import pygame

from p2pgame.i18n.catalogue import gettext, gettext_noop
from p2pgame.ui.gamepads import Gamepads

__all__ = [
    "Composing",
    "Control",
    "Device",
    "Devices",
    "Input",
    "Join",
    "Key",
    "KeySet",
    "LocalPlayers",
    "MenuAction",
    "PadButton",
    "Pointer",
    "PointerKind",
    "Press",
    "Secondary",
    "Typed",
    "Wheel",
    "control_letters",
    "forget_layout",
    "key_letters",
    "key_name",
    "usual_place",
    "waiting_events",
]


class MenuAction(Enum):
    """What one press of a key or button does in menus and turn-based games."""

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
    HELP = auto()
    NOTICES = auto()
    SETTINGS = auto()
    SELECT_ALL = auto()
    COPY = auto()
    CUT = auto()
    EXTEND_LEFT = auto()
    EXTEND_RIGHT = auto()
    EXTEND_HOME = auto()
    EXTEND_END = auto()
    SOUND = auto()
    FULLSCREEN = auto()
    SCREENSHOT = auto()
    CHAT = auto()


class Control(Enum):
    """What a real-time game reads while keys, buttons or sticks are held down."""

    UP = auto()
    DOWN = auto()
    LEFT = auto()
    RIGHT = auto()
    FIRE = auto()


class KeySet(Enum):
    """The keys of one of several players at a keyboard."""

    ARROWS = auto()
    WASD = auto()
    IJKL = auto()
    NUMPAD = auto()


Device: TypeAlias = KeySet | int
"""What one player holds in the hands: keys, or the gamepad of that instance."""


class PointerKind(Enum):
    MOVE = auto()
    DOWN = auto()
    UP = auto()


@dataclass(frozen=True)
class Press:
    """A key or a gamepad button."""

    action: MenuAction
    enter: bool = field(default=False, compare=False)
    """It was the Enter key, which opens the chat where it has nothing else to do."""


class Pointer(msgspec.Struct, frozen=True):
    """The mouse (its left button) or a finger, in canvas pixels."""

    kind: PointerKind
    at: tuple[int, int]
    touch: bool = False
    """It is a finger."""


class Secondary(msgspec.Struct, frozen=True):
    """The right button of the mouse went down: what was begun is not meant. Views of games do not get it."""


class Wheel(msgspec.Struct, frozen=True):
    """Scrolling; positive `steps` is up. A step is a notch of a wheel; a touchpad makes parts of one."""

    at: tuple[int, int]
    steps: float


class Typed(msgspec.Struct, frozen=True):
    """Finished text."""

    text: str


class Composing(msgspec.Struct, frozen=True):
    """Text an input method is still working on; empty when it is done."""

    text: str


class Join(msgspec.Struct, frozen=True):
    """A key or button of a device that no player here has; only where somebody may join."""

    device: Device


class Key(msgspec.Struct, frozen=True):
    """Any key, by its place on the keyboard; only where a scene captures all of them."""

    place: int
    down: bool


class PadButton(msgspec.Struct, frozen=True):
    """Any button of a gamepad went down; only where a scene captures all of them."""

    device: int
    button: int


Input: TypeAlias = Press | Pointer | Secondary | Wheel | Typed | Composing | Join | Key | PadButton

_MENU_KEYS = {
    pygame.K_UP: MenuAction.UP,
    pygame.K_DOWN: MenuAction.DOWN,
    pygame.K_LEFT: MenuAction.LEFT,
    pygame.K_RIGHT: MenuAction.RIGHT,
    pygame.K_RETURN: MenuAction.CONFIRM,
    pygame.K_KP_ENTER: MenuAction.CONFIRM,
    pygame.K_SPACE: MenuAction.CONFIRM,
    pygame.K_ESCAPE: MenuAction.BACK,
    pygame.K_HOME: MenuAction.HOME,
    pygame.K_END: MenuAction.END,
    pygame.K_BACKSPACE: MenuAction.ERASE,
    pygame.K_DELETE: MenuAction.DELETE,
    pygame.K_F1: MenuAction.HELP,
    pygame.K_F2: MenuAction.RENAME,
    pygame.K_F3: MenuAction.OVERLAY,
    pygame.K_F4: MenuAction.PEOPLE,
    pygame.K_F5: MenuAction.HISTORY,
    pygame.K_F6: MenuAction.SOUND,
    pygame.K_F7: MenuAction.NOTICES,
    pygame.K_F10: MenuAction.SETTINGS,
    pygame.K_F11: MenuAction.FULLSCREEN,
    pygame.K_F12: MenuAction.SCREENSHOT,
    pygame.K_t: MenuAction.CHAT,
}
_EDIT_KEYS = {
    pygame.K_v: MenuAction.PASTE,
    pygame.K_a: MenuAction.SELECT_ALL,
    pygame.K_c: MenuAction.COPY,
    pygame.K_x: MenuAction.CUT,
}
"""With Ctrl, or on a Mac Cmd, in a text field. `COPY` elsewhere, too: what the scene shows, as text."""
_EXTEND_KEYS = {
    pygame.K_LEFT: MenuAction.EXTEND_LEFT,
    pygame.K_RIGHT: MenuAction.EXTEND_RIGHT,
    pygame.K_HOME: MenuAction.EXTEND_HOME,
    pygame.K_END: MenuAction.EXTEND_END,
}
"""With Shift, in a text field."""
_MENU_BUTTONS = {
    "confirm": MenuAction.CONFIRM,
    "back": MenuAction.BACK,
    "chat": MenuAction.CHAT,
    "previous": MenuAction.PREVIOUS,
    "next": MenuAction.NEXT,
}
"""By what `Gamepads` calls them."""
_MENU_DIRECTIONS = {
    (0, 1): MenuAction.UP,
    (0, -1): MenuAction.DOWN,
    (-1, 0): MenuAction.LEFT,
    (1, 0): MenuAction.RIGHT,
}
"""Of a hat or stick: right and up are positive."""

_CONTROL_KEYS = {
    pygame.K_UP: Control.UP,
    pygame.K_DOWN: Control.DOWN,
    pygame.K_LEFT: Control.LEFT,
    pygame.K_RIGHT: Control.RIGHT,
    pygame.K_RETURN: Control.FIRE,
    pygame.K_KP_ENTER: Control.FIRE,
    pygame.K_SPACE: Control.FIRE,
}
_CONTROL_PLACES = {
    KeySet.WASD: {
        pygame.KSCAN_W: Control.UP,
        pygame.KSCAN_S: Control.DOWN,
        pygame.KSCAN_A: Control.LEFT,
        pygame.KSCAN_D: Control.RIGHT,
    },
    KeySet.IJKL: {
        pygame.KSCAN_I: Control.UP,
        pygame.KSCAN_K: Control.DOWN,
        pygame.KSCAN_J: Control.LEFT,
        pygame.KSCAN_L: Control.RIGHT,
    },
    KeySet.NUMPAD: {
        pygame.KSCAN_KP8: Control.UP,
        pygame.KSCAN_KP5: Control.DOWN,
        pygame.KSCAN_KP2: Control.DOWN,
        pygame.KSCAN_KP4: Control.LEFT,
        pygame.KSCAN_KP6: Control.RIGHT,
        pygame.KSCAN_KP0: Control.FIRE,
    },
}
"""Keys by where they are, named as on an American keyboard: elsewhere other letters are on them."""
_FIRE_PLACES = {KeySet.WASD: pygame.KSCAN_Q, KeySet.IJKL: pygame.KSCAN_U}
"""The fire key of a player who shares the keyboard; alone, Space and Enter are."""
_ARROW_PLACES = {
    pygame.KSCAN_UP: Control.UP,
    pygame.KSCAN_DOWN: Control.DOWN,
    pygame.KSCAN_LEFT: Control.LEFT,
    pygame.KSCAN_RIGHT: Control.RIGHT,
    pygame.KSCAN_SPACE: Control.FIRE,
}
_CODES = {
    pygame.KSCAN_RETURN: pygame.K_RETURN,
    pygame.KSCAN_ESCAPE: pygame.K_ESCAPE,
    pygame.KSCAN_BACKSPACE: pygame.K_BACKSPACE,
    pygame.KSCAN_TAB: pygame.K_TAB,
    pygame.KSCAN_SPACE: pygame.K_SPACE,
    pygame.KSCAN_DELETE: pygame.K_DELETE,
}
"""Of keys that have a character, which is no letter."""
_NO_LETTER = 1 << 30
"""In the code of a key with no character on it; the rest is its place."""
_CONTROL_BUTTONS = {"confirm": Control.FIRE}
_CONTROL_DIRECTIONS = {
    (0, 1): Control.UP,
    (0, -1): Control.DOWN,
    (-1, 0): Control.LEFT,
    (1, 0): Control.RIGHT,
}

_REPEATS = frozenset(
    {
        MenuAction.UP,
        MenuAction.DOWN,
        MenuAction.LEFT,
        MenuAction.RIGHT,
        MenuAction.ERASE,
        MenuAction.DELETE,
        MenuAction.NEXT,
        MenuAction.PREVIOUS,
        MenuAction.EXTEND_LEFT,
        MenuAction.EXTEND_RIGHT,
    }
)
"""What holding a key repeats. Holding Enter must not press the button of the dialog that comes up."""
_PAD_EVENTS = (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP, pygame.JOYHATMOTION, pygame.JOYAXISMOTION)
_OF_GAMEPADS = (pygame.JOYBUTTONDOWN, pygame.JOYHATMOTION)
_CHOOSING = (pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN, *_OF_GAMEPADS)
"""Events of somebody who chooses something."""
_SCROLL = 40
"""Pixels that a finger goes for a notch of a wheel."""
_SCANCODES = 512
_LETTERS = range(0x21, 0x1200)
"""The characters that a keyboard of any script has on its keys; a key is named by what it types without Shift."""
_STICK_ON, _STICK_OFF = 0.6, 0.4
_EVENTS_MAX = 1000
"""Events that are read in one turn at most, so that a device that never stops does not stop the window."""


def waiting_events() -> list[pygame.event.Event]:
    """The events that came since the last call, oldest first.

    One by one, since `pygame.event.get` of pygame 2.6 fails, and drops all events that it has read, where one of them
    is of a gamepad that is gone by then.
    """
    events: list[pygame.event.Event] = []
    for _ in range(_EVENTS_MAX):
        with suppress(SystemError, pygame.error):
            event = pygame.event.poll()
            if event.type == pygame.NOEVENT:
                break
            events.append(event)
    return events


class _Bound:
    """The keys of the player's own choice, which hints name as well."""

    keys: ClassVar[Mapping[KeySet, Mapping[Control, int]]] = {}


def usual_place(keys: KeySet, control: Control) -> int:
    """Where the key for `control` usually is; 0: there is none."""
    if control is Control.FIRE and keys in _FIRE_PLACES:
        return _FIRE_PLACES[keys]
    places = _ARROW_PLACES if keys is KeySet.ARROWS else _CONTROL_PLACES[keys]
    return next((place for place, each in places.items() if each is control), 0)


_KEY_NAMES = {
    "up": gettext_noop("Up"),
    "down": gettext_noop("Down"),
    "left": gettext_noop("Left"),
    "right": gettext_noop("Right"),
    "space": gettext_noop("Space"),
    "return": gettext_noop("Enter"),
}
"""Keys that have another name in each language, by the names of SDL."""


def key_name(place: int) -> str:
    """What the player's own keyboard has on the key at this place."""
    if not place:
        return "–"
    if letter := _letters().get(place):
        return _capital(letter)
    name = pygame.key.name(_code_of(place))
    return gettext(_KEY_NAMES[name]) if name in _KEY_NAMES else name.title() or f"#{place}"


def _code_of(place: int) -> int:
    """The key code of a place with no letter on it."""
    return int(place | _NO_LETTER) if place not in _CODES else _CODES[place]


def control_letters() -> Mapping[str, str]:
    """What the player's own keyboard has on the keys that are for a lone player: ``{"up": "Z"}`` on a French one.

    For hints.
    """
    return key_letters(KeySet.WASD)


def forget_layout() -> None:
    """Read anew what is on the keys."""
    _letters.cache_clear()
    key_letters.cache_clear()


@cache
def key_letters(keys: KeySet) -> Mapping[str, str]:
    """What the player's own keyboard has on the keys of `WASD` or `IJKL`, by the name of the control.

    Call `forget_layout` when the player changes the layout of the keyboard.
    """
    own = _Bound.keys.get(keys, {})
    usual = {control: place for place, control in reversed(_CONTROL_PLACES[keys].items())}
    return {control.name.lower(): key_name(place) for control, place in (usual | dict(own)).items()}


@cache
def _letters() -> Mapping[int, str]:
    """The character on the key at each place."""
    # pygame has no function from a place to a key. The type of `get_pressed` looks a key's place up, though, and here
    # finds the place itself there.
    place_of = pygame.key.ScancodeWrapper(cast("Sequence[bool]", range(_SCANCODES)))
    found: dict[int, str] = {}
    for code in _LETTERS:
        found.setdefault(int(place_of[code]), chr(code))
    return found


def _capital(letter: str) -> str:
    """As keyboards show it; a letter that shares its capital with another, as Greek sigma does, stays small."""
    capital = letter.upper()
    return capital if capital.lower() == letter else letter


class _Source(NamedTuple):
    """What can be held down."""

    device: Device
    part: str
    number: int


class LocalPlayers:
    """Which device each player on this machine has. The first one has all that no other one has."""

    def __init__(self) -> None:
        self.others: list[Device] = []
        """The devices of the second player and of those after."""
        self.by_touch = False
        """Somebody used a finger last, and neither keys nor a mouse: what is to be hit is larger."""
        self.by_gamepad = False
        """The first player used a gamepad last, and neither keys nor a pointer: hints name what is in the hands."""

    def __len__(self) -> int:
        return 1 + len(self.others)

    def join(self, device: Device) -> None:
        """One more player, with that device."""
        if device not in self.others:
            self.others.append(device)

    def number_of(self, device: Device) -> int:
        """The player who has it, from 1."""
        return self.others.index(device) + 2 if device in self.others else 1

    def give(self, device: Device, number: int) -> None:
        """Let that player, from 1, have it. The player who had it gets what the other one had, or free keys."""
        before = self.number_of(device)
        if before == number:
            return
        other = self.others[number - 2] if number > 1 else None
        if number > 1:
            self.others[number - 2] = device
        if before > 1:
            free = next(keys for keys in _CONTROL_PLACES if keys not in self.others)
            self.others[before - 2] = free if other is None else other

    def fit(self, count: int) -> None:
        """Make it `count` players: the last ones go, or new ones get the next keys that are free."""
        del self.others[max(0, count - 1) :]
        free = [keys for keys in _CONTROL_PLACES if keys not in self.others]
        self.others += free[: max(0, count - len(self))]


class Devices:
    """Keyboard, mouse and gamepads. Remembers which keys are down and where sticks are."""

    def __init__(self, players: LocalPlayers | None = None, gamepads: Gamepads | None = None) -> None:
        self.players = players or LocalPlayers()
        self.gamepads = gamepads or Gamepads()
        self._pressed: set[int] = set()
        """The keys that are down: tells a press from the repetition of one."""
        self._held: dict[_Source, tuple[Control, ...]] = {}
        """The controls of each key, button, hat or stick that is down."""
        self._used: int | None = None
        """The device that the first player used last: a gamepad, or the keyboard (None)."""
        self._chose: Device | None = None
        """What was used last where nobody could join, or before anything else: whoever has it is the first player."""
        self._sticks: dict[_Source, int] = {}
        """Where each stick is; one that was never in its centre is missing."""
        self._pads: dict[int, pygame.joystick.JoystickType] = {}
        self._bound: Mapping[KeySet, Mapping[Control, int]] = {}
        self.bind({})

    def bind(self, bound: Mapping[KeySet, Mapping[Control, int]]) -> None:
        """Use these keys instead of the usual ones; a key that was given to something does nothing else."""
        own = {place: (keys, c) for keys, controls in bound.items() for c, place in controls.items()}
        usual = {
            place: (keys, control)
            for keys, places in [*_CONTROL_PLACES.items(), (KeySet.ARROWS, _ARROW_PLACES)]
            for place, control in places.items()
            if control not in bound.get(keys, {})
        }
        fire = {
            place: (keys, Control.FIRE)
            for keys, place in _FIRE_PLACES.items()
            if Control.FIRE not in bound.get(keys, {})
        }
        self._places = usual | fire | own
        self._arrows = {code: c for code, c in _CONTROL_KEYS.items() if c not in bound.get(KeySet.ARROWS, {})}
        """Of keys that the system tells no place of, and of the second Enter."""
        if bound != self._bound:
            self._bound = bound
            self._held.clear()
        if bound != _Bound.keys:
            _Bound.keys = bound
            key_letters.cache_clear()

    @property
    def holds(self) -> tuple[frozenset[Control], ...]:
        """The controls that each player on this machine holds down at this moment."""
        return (self.held, *(self._held_by([own]) for own in self.players.others))

    @property
    def held(self) -> frozenset[Control]:
        """The controls that the first player holds down, on the device that this one used last.

        Of that one alone: else a worn stick that rests off its centre would cancel the keyboard for ever.
        """
        own: list[Device] = [*KeySet] if self._used is None else [self._used]
        return self._held_by([device for device in own if device not in self.players.others])

    def _held_by(self, devices: Sequence[Device]) -> frozenset[Control]:
        held = (controls for source, controls in self._held.items() if source.device in devices)
        return frozenset(control for controls in held for control in controls)

    def translate(
        self,
        event: pygame.event.Event,
        *,
        typing: bool,
        composing: bool = False,
        joining: bool = False,
        capturing: bool = False,
        factors: tuple[float, float] = (1.0, 1.0),
    ) -> Input | None:
        """The input in `event`, or None. `typing`: a text field has the focus, so Space is text.

        `composing`: an input method is at work in that field, so all keys are its own. `joining`: a key of a device
        that no player here has is a `Join`. `capturing`: every key is a `Key`.
        `factors` are canvas pixels per window pixel, across and down.
        """
        if event.type in _CHOOSING and not (joining and self._chose is not None):
            self._chose = _pad(event) if event.type in _OF_GAMEPADS else KeySet.ARROWS
        if event.type in (*_OF_GAMEPADS, pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN):
            used = _pad(event) if event.type in _OF_GAMEPADS else None
            if used not in self.players.others:
                self.players.by_gamepad = used is not None
            self.players.by_touch = self.players.by_touch and event.type == pygame.MOUSEBUTTONDOWN
        if event.type in _PAD_EVENTS:
            self.gamepads.note(event, _pad(event))
        if capturing and event.type == pygame.JOYBUTTONDOWN:
            return PadButton(_pad(event), event.button)
        if capturing and event.type in (pygame.KEYDOWN, pygame.KEYUP):
            self._pressed.discard(_place(event))
            self._release_key(_place(event))
            return Key(_place(event), event.type == pygame.KEYDOWN)
        match event.type:
            case pygame.KEYDOWN:
                return self._key(event, typing=typing, composing=composing, joining=joining and not typing)
            case pygame.KEYUP:
                self._pressed.discard(_place(event))
                self._release_key(_place(event))
            case pygame.TEXTINPUT:
                return Typed(event.text) if typing else None
            case pygame.TEXTEDITING:
                return Composing(event.text) if typing else None
            case pygame.MOUSEMOTION:
                return Pointer(PointerKind.MOVE, _scaled(event.pos, factors), _by_finger(event))
            case pygame.MOUSEBUTTONDOWN if event.button == 1:
                return Pointer(PointerKind.DOWN, _scaled(event.pos, factors), _by_finger(event))
            case pygame.MOUSEBUTTONDOWN if event.button == 3:
                return Secondary()
            case pygame.MOUSEBUTTONUP if event.button == 1:
                self.players.by_touch = _by_finger(event)  # not before: nothing moves under a finger
                return Pointer(PointerKind.UP, _scaled(event.pos, factors), _by_finger(event))
            case pygame.FINGERMOTION if abs(event.dy) > abs(event.dx):
                width, height = pygame.display.get_window_size()
                at = round(event.x * width), round(event.y * height)
                return Wheel(_scaled(at, factors), event.dy * height / _SCROLL)
            case pygame.MOUSEWHEEL if event.precise_y:
                return Wheel(_scaled(pygame.mouse.get_pos(), factors), event.precise_y)
            case pygame.JOYBUTTONDOWN:
                if joining and _pad(event) not in (self._chose, *self.players.others):
                    return Join(_pad(event))
                meant = self.gamepads.action(_pad(event), event.button) or ""
                if control := _CONTROL_BUTTONS.get(meant):
                    self._hold(_Source(_pad(event), "button", event.button), control)
                action = _MENU_BUTTONS.get(meant)
                return Press(action) if action else None
            case pygame.JOYBUTTONUP:
                self._hold(_Source(_pad(event), "button", event.button))
            case pygame.JOYHATMOTION:
                x, y = event.value
                controls = (_CONTROL_DIRECTIONS.get((x, 0)), _CONTROL_DIRECTIONS.get((0, y)))
                self._hold(_Source(_pad(event), "hat", event.hat), *filter(None, controls))
                action = _MENU_DIRECTIONS.get((x, y))
                return Press(action) if action else None
            case pygame.JOYAXISMOTION if event.axis in (0, 1):
                return self._stick(event)
            case pygame.JOYDEVICEADDED:
                with suppress(pygame.error):  # it may be gone already
                    pad = pygame.joystick.Joystick(event.device_index)
                    self._pads[pad.get_instance_id()] = pad
                    self.gamepads.add(pad.get_instance_id(), pad.get_name(), pad.get_guid())
            case pygame.JOYDEVICEREMOVED:
                self._pads.pop(event.instance_id, None)
                self.gamepads.remove(event.instance_id)
                for state in (self._held, self._sticks):
                    for source in [s for s in state if s.device == event.instance_id]:
                        state.pop(source)
            case pygame.WINDOWFOCUSLOST:
                self._pressed.clear()
                self._held.clear()
        return None

    def _key(
        self, event: pygame.event.Event, *, typing: bool, composing: bool, joining: bool
    ) -> Input | None:
        place = _place(event)
        repeated = place in self._pressed
        self._pressed.add(place)
        keys, control = self._control_of(event)
        if control is not None and not typing:
            self._hold(_Source(keys, "key", place), control)
            if joining and not repeated and keys not in (KeySet.ARROWS, *self.players.others):
                return Join(keys)
        if composing:  # Enter, Escape and arrows belong to the input method
            return None
        if event.key == pygame.K_TAB:
            return Press(MenuAction.PREVIOUS if event.mod & pygame.KMOD_SHIFT else MenuAction.NEXT)
        if event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META) and _letter(event) in _EDIT_KEYS:
            edit = _EDIT_KEYS[_letter(event)]
            return Press(edit) if typing or edit is MenuAction.COPY else None
        if typing and event.mod & pygame.KMOD_SHIFT and event.key in _EXTEND_KEYS:
            return Press(_EXTEND_KEYS[event.key])
        if event.key == pygame.K_RETURN and event.mod & pygame.KMOD_ALT:
            return None if repeated else Press(MenuAction.FULLSCREEN)
        action = _MENU_KEYS.get(event.key)
        if action is None or (typing and event.key in (pygame.K_SPACE, pygame.K_t)):
            return None
        enter = event.key in (pygame.K_RETURN, pygame.K_KP_ENTER)
        return None if repeated and action not in _REPEATS else Press(action, enter)

    def _control_of(self, event: pygame.event.Event) -> tuple[KeySet, Control | None]:
        """What a key does in a game, and for whom."""
        found = self._places.get(_place(event))
        if found is not None:
            return found
        return KeySet.ARROWS, self._arrows.get(event.key)

    def _stick(self, event: pygame.event.Event) -> Input | None:
        source = _Source(_pad(event), "stick", event.axis)
        before = now = self._sticks.get(source)
        if abs(event.value) < _STICK_OFF:
            now = 0
        elif abs(event.value) > _STICK_ON and before is not None:
            # SDL tells first where a stick rests, so one that is pushed from its centre is known to have been there.
            now = 1 if event.value > 0 else -1
        if now is None or now == before:
            return None
        self._sticks[source] = now
        direction = (now, 0) if event.axis == 0 else (0, -now)
        control = _CONTROL_DIRECTIONS.get(direction)
        self._hold(source, *([control] if control else []))
        action = _MENU_DIRECTIONS.get(direction)
        return Press(action) if action else None

    def _hold(self, source: _Source, *controls: Control) -> None:
        """Set the controls that `source` holds down."""
        if controls:
            self._held[source] = controls
            if source.device not in self.players.others:
                self._used = _gamepad(source.device)
        else:
            self._held.pop(source, None)

    def _release_key(self, place: int) -> None:
        for keys in KeySet:
            self._hold(_Source(keys, "key", place))


def _gamepad(device: Device) -> int | None:
    """The instance of a gamepad; None for keys."""
    return device if isinstance(device, int) else None


def _place(event: pygame.event.Event) -> int:
    """Where the key is, whatever the layout, which may change while it is down; a key on a screen has no place."""
    if event.scancode:
        return int(event.scancode)
    if event.key & _NO_LETTER:
        return int(event.key & ~_NO_LETTER)
    return next((place for place, code in _CODES.items() if code == event.key), -int(event.key))


def _letter(event: pygame.event.Event) -> int:
    """The Latin letter of a shortcut: by the key's place where the layout has other letters, as a Russian one."""
    other = 0x80 <= event.key <= sys.maxunicode and pygame.KSCAN_A <= event.scancode <= pygame.KSCAN_Z
    return int(pygame.K_a + event.scancode - pygame.KSCAN_A if other else event.key)


def _by_finger(event: pygame.event.Event) -> bool:
    """SDL makes events of a mouse of those of a finger, and says so."""
    return bool(getattr(event, "touch", False))


def _pad(event: pygame.event.Event) -> int:
    return int(getattr(event, "instance_id", 0))


def _scaled(at: tuple[int, int], factors: tuple[float, float]) -> tuple[int, int]:
    return round(at[0] * factors[0]), round(at[1] * factors[1])
