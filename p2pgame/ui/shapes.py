"""Smooth shapes: drawn large once, scaled down, cached. Knows sizes in pixels and colours, no theme and no layout."""

from collections.abc import Callable, Hashable

import pygame

from p2pgame.ui.theme import Colour

__all__ = ["Shapes"]

_OVER = 4
"""Supersampling: pixels drawn for each pixel shown, in each direction."""
_CACHED = 500
_LARGE, _ROUND = 400, 48
"""Pixels from which on the middle of a shadow is left out, and those at each edge that round corners may take."""

_Key = tuple[Hashable, ...]


class Shapes:
    """Anti-aliased discs, rings, rounded rectangles, stones and soft shadows."""

    def __init__(self) -> None:
        self._cache: dict[_Key, pygame.Surface] = {}

    def disc(self, surface: pygame.Surface, centre: tuple[int, int], radius: int, colour: Colour) -> None:
        """A filled circle."""
        tile = self._round(max(1, radius), 0, colour)
        surface.blit(tile, (centre[0] - radius, centre[1] - radius))

    def ring(
        self, surface: pygame.Surface, centre: tuple[int, int], radius: int, colour: Colour, width: int
    ) -> None:
        """A circle's outline, `width` inwards from `radius`."""
        tile = self._round(max(1, radius), width, colour)
        surface.blit(tile, (centre[0] - radius, centre[1] - radius))

    def box(
        self, surface: pygame.Surface, rect: pygame.Rect, colour: Colour, radius: int, width: int = 0
    ) -> None:
        """A rectangle with round corners: filled, or with `width` an outline inside `rect`."""
        r = max(0, min(radius, rect.width // 2, rect.height // 2))
        if r < 2:
            pygame.draw.rect(surface, colour, rect, width)
            return
        tile = self._round(r, width, colour)
        x, y, right, bottom = rect.left, rect.top, rect.right - r, rect.bottom - r
        surface.blit(tile, (x, y), (0, 0, r, r))
        surface.blit(tile, (right, y), (r, 0, r, r))
        surface.blit(tile, (x, bottom), (0, r, r, r))
        surface.blit(tile, (right, bottom), (r, r, r, r))
        if not width:
            surface.fill(colour, (x + r, y, rect.width - 2 * r, rect.height))
            surface.fill(colour, (x, y + r, r, rect.height - 2 * r))
            surface.fill(colour, (right, y + r, r, rect.height - 2 * r))
            return
        surface.fill(colour, (x + r, y, rect.width - 2 * r, width))
        surface.fill(colour, (x + r, rect.bottom - width, rect.width - 2 * r, width))
        surface.fill(colour, (x, y + r, width, rect.height - 2 * r))
        surface.fill(colour, (rect.right - width, y + r, width, rect.height - 2 * r))

    def shadow(self, surface: pygame.Surface, rect: pygame.Rect, spread: int, strength: int = 90) -> None:
        """A soft shadow around and slightly under `rect`; draw it before the thing that casts it."""
        spread = max(2, spread)
        size = (rect.width + 2 * spread, rect.height + 2 * spread)
        key = ("shadow", size, spread, strength)
        tile = self._cache.get(key)
        if tile is None:
            w, h = max(4, size[0] // 2), max(4, size[1] // 2)
            small = pygame.Surface((w, h), pygame.SRCALPHA)
            levels = max(2, spread // 2)
            for i in range(1, levels + 1):
                alpha = round(strength * (i / levels) ** 2)
                inner = (i, i, max(1, w - 2 * i), max(1, h - 2 * i))
                pygame.draw.rect(small, (0, 0, 0, alpha), inner, border_radius=max(2, levels + 3 - i))
            tile = self._keep(key, pygame.transform.smoothscale(small, size))
        left, top = rect.x - spread, rect.y - spread + spread // 3
        hidden = rect.inflate(-2 * (spread + _ROUND), -2 * (spread + _ROUND)).move(-left, -top)
        if min(rect.size) < _LARGE or min(hidden.size) < 1:
            surface.blit(tile, (left, top))
            return
        width, height = (
            size  # of something large, only what can be seen: it costs as much as the thing itself
        )
        for part in (
            (0, 0, width, hidden.top),
            (0, hidden.bottom, width, height - hidden.bottom),
            (0, hidden.top, hidden.left, hidden.height),
            (hidden.right, hidden.top, width - hidden.right, hidden.height),
        ):
            surface.blit(tile, (left + part[0], top + part[1]), part)

    def stone(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, colour: Colour) -> None:
        """A shaded round stone with its shadow, lit from the upper left."""
        diameter = max(4, diameter)
        key = ("stone", diameter, colour)
        tile = self.once(key, lambda: _stone(diameter, colour))
        surface.blit(tile, tile.get_rect(center=centre))

    def line(
        self,
        surface: pygame.Surface,
        start: tuple[int, int],
        end: tuple[int, int],
        colour: Colour,
        width: int,
    ) -> None:
        """A straight line of `width` with smooth edges, in any direction."""
        if start[0] == end[0] or start[1] == end[1]:
            half = width // 2
            rect = pygame.Rect(min(start[0], end[0]) - half, min(start[1], end[1]) - half, width, width)
            rect.width += abs(start[0] - end[0])
            rect.height += abs(start[1] - end[1])
            surface.fill(colour, rect)
            return
        along = pygame.Vector2(end) - pygame.Vector2(start)
        side = along.rotate(90).normalize() * (width / 2)
        corners = [pygame.Vector2(start) + side, pygame.Vector2(end) + side]
        corners += [pygame.Vector2(end) - side, pygame.Vector2(start) - side]
        pygame.draw.polygon(surface, colour, corners)
        pygame.draw.aalines(surface, colour, True, corners)

    def _round(self, radius: int, width: int, colour: Colour) -> pygame.Surface:
        key = ("round", radius, width, colour)
        tile = self._cache.get(key)
        if tile is not None:
            return tile
        big = radius * _OVER
        canvas = pygame.Surface((2 * big, 2 * big), pygame.SRCALPHA)
        canvas.fill((*colour, 0))
        pygame.draw.circle(canvas, (*colour, 255), (big, big), big)
        if 0 < width < radius:
            pygame.draw.circle(canvas, (*colour, 0), (big, big), big - width * _OVER)
        return self._keep(key, pygame.transform.smoothscale(canvas, (2 * radius, 2 * radius)))

    def once(self, key: _Key, make: Callable[[], pygame.Surface]) -> pygame.Surface:
        """The picture that `make` drew for `key`, cached, for pictures that are too expensive to draw every frame."""
        tile = self._cache.get(key)
        return self._keep(key, make()) if tile is None else tile

    def clear(self) -> None:
        """Forget all pictures, as when the theme changed."""
        self._cache.clear()

    def _keep(self, key: _Key, surface: pygame.Surface) -> pygame.Surface:
        if len(self._cache) >= _CACHED:
            self._cache.clear()
        self._cache[key] = surface
        return surface


def _stone(diameter: int, colour: Colour) -> pygame.Surface:
    """The picture of a stone: a shadow, a body darkening to the rim, a highlight."""
    side = round(diameter * 1.3) // 2 * 2
    big = side * _OVER
    middle = big // 2
    radius = diameter * _OVER // 2
    canvas = pygame.Surface((big, big), pygame.SRCALPHA)
    canvas.fill((0, 0, 0, 0))
    for i in range(8):
        grow = round(radius * (1.12 - i * 0.02))
        pygame.draw.circle(
            canvas, (20, 12, 4, 12 + 11 * i), (middle + radius // 14, middle + radius // 9), grow
        )
    light = sum(colour) > 380
    rim = tuple(max(0, c - (52 if light else 22)) for c in colour)
    glow = tuple(min(255, c + (18 if light else 62)) for c in colour)
    steps = 48
    for i in range(steps):
        t = i / (steps - 1)
        ease = t * t * (3 - 2 * t)
        shade = tuple(round(a + (b - a) * ease) for a, b in zip(rim, glow, strict=True))
        r = round(radius * (1 - 0.94 * t))
        shift = round(radius * 0.36 * t)
        pygame.draw.circle(canvas, (*shade, 255), (middle - shift, middle - shift), r)
    return pygame.transform.smoothscale(canvas, (side, side))
