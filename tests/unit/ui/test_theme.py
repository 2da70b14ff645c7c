"""The tokens: what has to be told apart can be, in each theme, palette and kind of colour vision."""

import itertools

import pytest

from p2pgame.ui.marks import SHAPES
from p2pgame.ui.theme import CONTRASTS, EDGE, PALETTES, TEXT, Colour, contrast, legible, mixed, theme_of

_MODES = ("dark", "light")
_LOOKS = [(mode, palette) for mode in _MODES for palette in PALETTES]
_VISION = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
    "achromatopsia": ((0.2126, 0.7152, 0.0722),) * 3,
}  # fmt: skip
"""How linear colours are seen (Machado, Oliveira and Fernandes, 2009, severity 1; grey: luminance)."""


def _seen(colour: Colour, vision: str) -> tuple[float, float, float]:
    """As CIELAB."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    rows = _VISION[vision]
    r, g, b = (min(1.0, max(0.0, sum(k * c for k, c in zip(row, linear, strict=True)))) for row in rows)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _apart(colours: tuple[Colour, ...], vision: str) -> float:
    """The smallest distance (CIE76) of two of them."""
    seen = [_seen(colour, vision) for colour in colours]
    pairs = itertools.combinations(seen, 2)
    return min(sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 for a, b in pairs)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((255, 255, 255), (118, 118, 118)) == pytest.approx(4.54, abs=0.01)
    assert contrast((10, 20, 30), (10, 20, 30)) == 1.0


@pytest.mark.parametrize(("mode", "palette"), _LOOKS)
def test_every_pair_of_tokens_has_its_contrast(mode: str, palette: str) -> None:
    theme = theme_of(mode, palette)
    low = [
        (ink, ground, round(contrast(getattr(theme, ink), getattr(theme, ground)), 2))
        for ink, grounds, least in CONTRASTS
        for ground in grounds
        if contrast(getattr(theme, ink), getattr(theme, ground)) < least
    ]
    assert low == []


@pytest.mark.parametrize(("mode", "palette"), _LOOKS)
def test_players_are_seen_on_boards_and_their_names_can_be_read_on_panels(mode: str, palette: str) -> None:
    theme = theme_of(mode, palette)
    assert all(contrast(colour, theme.board) >= EDGE for colour in theme.players)
    for ink in theme.inks:
        assert all(contrast(ink, g) >= TEXT for g in (theme.background, theme.panel, theme.raised))


def test_each_player_has_a_colour_and_a_shape() -> None:
    for palette in PALETTES:
        players = theme_of("dark", palette).players
        assert len(set(players)) == len(players) == len(SHAPES) == 8


@pytest.mark.parametrize(
    ("palette", "visions", "four", "eight"),
    [
        ("default", ("normal",), 50, 20),
        ("red-green", ("deuteranopia", "protanopia"), 35, 10),
        ("blue-yellow", ("tritanopia",), 25, 15),
        ("lightness", ("normal", "achromatopsia", "deuteranopia", "protanopia", "tritanopia"), 15, 5),
    ],
)
def test_a_palette_is_told_apart_by_those_it_is_for(
    palette: str, visions: tuple[str, ...], four: float, eight: float
) -> None:
    players = theme_of("dark", palette).players
    for vision in visions:
        assert _apart(players[:4], vision) >= four, vision
        assert _apart(players, vision) >= eight, vision


def test_a_name_that_nobody_knows_is_the_default() -> None:
    assert theme_of("sepia", "plaid") == theme_of("dark", "default")


def test_a_colour_is_changed_as_little_as_makes_it_legible() -> None:
    assert legible((255, 255, 255), ((0, 0, 0),), (128, 128, 128)) == (255, 255, 255)
    dark = legible((255, 255, 0), ((255, 255, 255),), (0, 0, 0))
    assert contrast(dark, (255, 255, 255)) >= TEXT
    assert dark != (0, 0, 0)


def test_mixed_colours() -> None:
    assert mixed((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
