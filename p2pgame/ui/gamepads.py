"""The gamepads that are connected: what they are called, what of them is down, and which button does what.

Knows no scene and no settings file.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import pygame

from p2pgame.i18n.catalogue import gettext

__all__ = ["USUAL_BUTTONS", "Gamepad", "Gamepads", "with_button"]

USUAL_BUTTONS: Final = {"confirm": 0, "back": 1, "chat": 2, "previous": 4, "next": 5}
"""The button of each action, as most pads have them."""


class Gamepad(msgspec.Struct):
    """One that is connected."""

    number: int
    """Of this connection (SDL instance)."""
    name: str
    kind: str
    """The same for all pads of one make (SDL GUID)."""
    down: set[int] = msgspec.field(default_factory=set)
    axes: dict[int, float] = msgspec.field(default_factory=dict)
    hat: tuple[int, int] = (0, 0)


class Gamepads:
    """All of them. `version` is another number whenever something changed."""

    def __init__(self) -> None:
        self.connected: dict[int, Gamepad] = {}
        self.version = 0
        self._bound: Mapping[str, Mapping[str, int]] = {}

    def bind(self, bound: Mapping[str, Mapping[str, int]]) -> None:
        """Use these buttons, by kind of pad."""
        self._bound = bound
        self.version += 1

    def button(self, kind: str, action: str) -> int:
        """Which button does `action` on pads of that kind."""
        return self._bound.get(kind, {}).get(action, USUAL_BUTTONS[action])

    def action(self, number: int, button: int) -> str | None:
        """What `button` of that pad does, if anything."""
        pad = self.connected.get(number)
        kind = pad.kind if pad is not None else ""
        return next((action for action in USUAL_BUTTONS if self.button(kind, action) == button), None)

    def add(self, number: int, name: str, kind: str) -> None:
        self.connected[number] = Gamepad(number, name or gettext("Gamepad"), kind)
        self.version += 1

    def remove(self, number: int) -> None:
        if self.connected.pop(number, None) is not None:
            self.version += 1

    def note(self, event: pygame.event.Event, number: int) -> None:
        """Remember what an event of that pad says."""
        if number not in self.connected:
            self.add(number, "", "")
        pad = self.connected[number]
        match event.type:
            case pygame.JOYBUTTONDOWN:
                pad.down.add(event.button)
            case pygame.JOYBUTTONUP:
                pad.down.discard(event.button)
            case pygame.JOYHATMOTION:
                pad.hat = event.value
            case pygame.JOYAXISMOTION:
                value = round(event.value, 1)  # a worn stick trembles
                if pad.axes.get(event.axis) == value:
                    return
                pad.axes[event.axis] = value
        self.version += 1


def with_button(
    saved: Mapping[str, Mapping[str, int]], kind: str, action: str, button: int
) -> dict[str, dict[str, int]]:
    """`saved` with that button for the action; what had it gets the one that the action had."""
    result = {each: dict(buttons) for each, buttons in saved.items()}
    own = USUAL_BUTTONS | result.get(kind, {})
    for other, number in own.items():
        if number == button:
            own[other] = own[action]
    own[action] = button
    result[kind] = own
    return result
