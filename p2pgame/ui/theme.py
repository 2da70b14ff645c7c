"""The design tokens: colours, text sizes, spacing and motion, as data. Knows nothing of drawing.

`theme_of` makes the look that the player chose from one table of grounds (dark, light) and one of palettes. What each
colour means, and which pairs of them have to be told apart, is in ``docs/design.md``; `CONTRASTS` is the same list for
the test that measures it. Lengths are units; the canvas multiplies them by the scale of the window.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Literal

import msgspec

__all__ = [
    "CONTRASTS",
    "EDGE",
    "PALETTES",
    "TEXT",
    "THEME",
    "Colour",
    "Mode",
    "Theme",
    "contrast",
    "legible",
    "mixed",
    "theme_of",
]

Colour = tuple[int, int, int]
Mode = Literal["dark", "light"]

TEXT: Final = 4.5
"""Contrast that text needs at least (WCAG 2.2, 1.4.3) ..."""
EDGE: Final = 3.0
"""... and large text, edges of controls and marks that carry a meaning (1.4.11)."""


class Theme(msgspec.Struct, frozen=True):
    """One look. All fields have a default, so a variant names only what differs."""

    mode: Mode = "dark"

    background: Colour = (18, 21, 28)
    panel: Colour = (30, 36, 48)
    raised: Colour = (50, 60, 80)
    hover: Colour = (58, 70, 94)
    line: Colour = (62, 73, 95)
    """Parts two things of one group; carries no meaning."""
    edge: Colour = (134, 146, 170)
    """The outline of everything that can be pressed."""
    text: Colour = (238, 242, 248)
    muted: Colour = (198, 206, 219)
    faint: Colour = (176, 185, 200)
    accent: Colour = (124, 182, 255)
    """What can be done now: the primary action, the selection, whose turn it is."""
    accent_hover: Colour = (156, 202, 255)
    on_accent: Colour = (10, 20, 36)
    warm: Colour = (255, 187, 118)
    """What needs attention."""
    danger: Colour = (84, 58, 40)
    danger_hover: Colour = (100, 68, 46)
    alarm: Colour = (255, 140, 140)
    """An impostor, and nothing else."""
    alarm_panel: Colour = (74, 28, 34)
    alarm_hover: Colour = (88, 33, 40)
    focus: Colour = (255, 255, 255)
    focus_gap: Colour = (8, 10, 14)
    """Between the focus ring and what it surrounds, so that it is seen on every colour."""
    shadow: Colour = (8, 10, 13)
    gold: Colour = (255, 214, 90)
    """Victory, and nothing else."""

    board: Colour = (11, 14, 20)
    """The ground of courts and floors, dark in every theme: light glows on it."""
    chalk: Colour = (110, 120, 138)
    """Lines on it."""
    ball: Colour = (244, 247, 252)
    players: tuple[Colour, ...] = (
        (76, 150, 255), (255, 160, 60), (30, 205, 165), (240, 120, 200),
        (245, 228, 90), (165, 140, 255), (255, 105, 80), (220, 228, 238),
    )  # fmt: skip
    """The colour of each player on `board`; on panels it is `inks`. The shapes are in `p2pgame.ui.marks`."""

    worn_over: "Theme | None" = None
    """The look that `seated` was asked of."""
    shapes: tuple[int, ...] = tuple(range(8))
    """The shape of each player, an index into `p2pgame.ui.marks.SHAPES`."""

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
    line_width: int = 1

    fast: float = 0.12
    """Seconds of a hover or a press ..."""
    slow: float = 0.18
    """... and of a scene, a dialog or a toast that comes. Both ease out; with "reduce motion" nothing moves."""

    dim: int = 170
    """Opacity, 0-255, of the shade between a dialog and the scene under it."""

    @property
    def inks(self) -> tuple[Colour, ...]:
        """The colour of each player for text and marks on `background`, `panel` and `raised`."""
        return _inks(self)

    def ink(self, player: int) -> Colour:
        """Of a player, whatever its number."""
        return self.inks[player % len(self.inks)]

    def shape(self, player: int) -> int:
        """The shape of that player."""
        return self.shapes[player % len(self.shapes)]

    def seated(self, colours: Sequence[int], shapes: Sequence[int]) -> "Theme":
        """This look, with these colours and shapes for the players 0, 1 and so on; the others get what is left."""
        return msgspec.structs.replace(
            self,
            worn_over=self,
            players=tuple(self.players[index] for index in _filled(colours, len(self.players))),
            shapes=tuple(_filled(shapes, len(self.shapes))),
        )

    @property
    def base(self) -> "Theme":
        """This look before players had colours of their own."""
        return self.worn_over or self

    def tint(self, player: int) -> Colour:
        """Of a player on `board`."""
        return self.players[player % len(self.players)]


THEME = Theme()

_LIGHT: Final = Theme(
    mode="light",
    background=(232, 236, 243),
    panel=(250, 251, 253),
    raised=(225, 231, 241),
    hover=(212, 221, 235),
    line=(201, 209, 222),
    edge=(108, 119, 140),
    text=(18, 24, 34),
    muted=(52, 62, 80),
    faint=(70, 80, 99),
    accent=(16, 80, 176),
    accent_hover=(10, 62, 142),
    on_accent=(255, 255, 255),
    warm=(132, 66, 0),
    danger=(250, 226, 206),
    danger_hover=(245, 215, 190),
    alarm=(164, 16, 28),
    alarm_panel=(253, 224, 224),
    alarm_hover=(250, 211, 211),
    focus=(10, 12, 18),
    focus_gap=(255, 255, 255),
    shadow=(120, 130, 150),
    gold=(122, 84, 0),
)

PALETTES: Final[Mapping[str, tuple[Colour, ...]]] = {
    "default": THEME.players,
    "red-green": (
    (58, 146, 255), (255, 176, 32), (240, 240, 250), (150, 96, 0),
        (160, 220, 255), (255, 236, 120), (104, 104, 240), (150, 150, 158),
    ),
    "blue-yellow": (
    (255, 84, 84), (40, 210, 210), (244, 240, 240), (24, 138, 140),
        (170, 240, 236), (255, 170, 180), (180, 70, 100), (150, 148, 148),
    ),
    "lightness": (
    (159, 159, 159), (249, 249, 249), (203, 203, 203), (117, 117, 117),
        (226, 226, 226), (181, 181, 181), (138, 138, 138), (97, 97, 97),
    ),
}  # fmt: skip
"""Colours of players for those who do not see red and green apart, blue and yellow apart, or no colours."""

CONTRASTS: Final[tuple[tuple[str, tuple[str, ...], float], ...]] = (
    ("text", ("background", "panel", "raised", "hover", "alarm_panel", "alarm_hover", "danger"), TEXT),
    ("muted", ("background", "panel", "raised", "hover"), TEXT),
    ("faint", ("background", "panel", "raised", "hover"), TEXT),
    ("accent", ("background", "panel", "raised", "hover"), TEXT),
    ("warm", ("background", "panel", "raised", "danger", "danger_hover", "hover"), TEXT),
    ("gold", ("background", "panel", "raised"), TEXT),
    ("alarm", ("background", "panel", "alarm_panel", "alarm_hover"), TEXT),
    ("on_accent", ("accent", "accent_hover"), TEXT),
    ("edge", ("background", "panel"), EDGE),
    ("focus", ("focus_gap",), TEXT),
    ("chalk", ("board",), EDGE),
    ("ball", ("board",), TEXT),
)
"""Foreground, its grounds, and how far apart they are at least."""


def theme_of(mode: str, palette: str = "default") -> Theme:
    """The look with these names; what nobody knows is dark and the default."""
    ground = _LIGHT if mode == "light" else THEME
    return msgspec.structs.replace(ground, players=PALETTES.get(palette, THEME.players))


def _filled(first: Sequence[int], count: int) -> list[int]:
    """All indices below `count`, `first` ones first."""
    return [*first, *(index for index in range(count) if index not in first)]


def contrast(a: Colour, b: Colour) -> float:
    """How far apart two colours are for the eye, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@cache
def _luminance(colour: Colour) -> float:
    parts = [c / 255 for c in colour]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(a: Colour, b: Colour, part: float) -> Colour:
    """The colour that has `part` of `b`, 0 to 1, the rest of `a`."""
    red, green, blue = (round(x + (y - x) * part) for x, y in zip(a, b, strict=True))
    return red, green, blue


@cache
def legible(colour: Colour, grounds: tuple[Colour, ...], towards: Colour, least: float = TEXT) -> Colour:
    """`colour`, mixed with as much of `towards` as makes it legible on all `grounds`."""
    for step in range(33):
        shade = mixed(colour, towards, step / 32)
        if all(contrast(shade, ground) >= least for ground in grounds):
            return shade
    return towards


@cache
def _inks(theme: Theme) -> tuple[Colour, ...]:
    grounds = (theme.background, theme.panel, theme.raised)
    return tuple(legible(colour, grounds, theme.text) for colour in theme.players)
