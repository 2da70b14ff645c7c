"""How the app looks, as data: colours, text sizes, spacing. Knows nothing of drawing.

Blue and orange carry the meanings that red and green often do, and never without a shape or a word beside them.
Red means one thing only: an impostor.
Lengths are units; the canvas multiplies them by the scale of the window.
"""

from dataclasses import dataclass

__all__ = ["THEME", "Colour", "Theme"]

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """One look. All fields have a default, so a variant names only what differs."""

    background: Colour = (19, 22, 28)
    panel: Colour = (28, 32, 40)
    raised: Colour = (40, 46, 57)
    hover: Colour = (50, 58, 71)
    line: Colour = (56, 63, 76)
    text: Colour = (233, 237, 243)
    muted: Colour = (161, 170, 184)
    faint: Colour = (112, 121, 136)
    accent: Colour = (92, 160, 255)
    accent_hover: Colour = (122, 180, 255)
    on_accent: Colour = (10, 20, 36)
    warm: Colour = (255, 173, 92)
    danger: Colour = (84, 58, 40)
    danger_hover: Colour = (108, 74, 50)
    alarm: Colour = (255, 116, 116)
    alarm_panel: Colour = (74, 28, 34)
    alarm_hover: Colour = (98, 36, 44)
    focus: Colour = (150, 200, 255)
    shadow: Colour = (8, 10, 13)

    wood: Colour = (203, 167, 116)
    wood_dark: Colour = (187, 150, 100)
    wood_line: Colour = (96, 72, 42)
    stone_dark: Colour = (38, 41, 48)
    stone_light: Colour = (240, 240, 236)

    title: int = 32
    heading: int = 22
    body: int = 17
    small: int = 14

    gap: int = 12
    pad: int = 20
    radius: int = 10
    button: int = 44

    dim: int = 170
    """Opacity, 0-255, of the shade between a dialog and the scene under it."""


THEME = Theme()
