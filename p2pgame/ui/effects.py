"""Sparks, flashes and sounds of real-time games: what is seen and heard and is not in the state.

A rollback may show the same event a few frames earlier or later, or for a moment not at all. So an effect has a key,
the event's number within the match rather than its frame: it starts once for a key, runs by the clock of the window
and ends by itself. Knows no game; places are in whatever unit the game's view draws with.
"""

import random
from collections.abc import Hashable, Iterator

import msgspec
import pygame

from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour, mixed

__all__ = ["Effect", "Effects", "Spark", "between", "glow"]

_LIVE = 48
"""Effects that run at one time; the oldest makes room."""
_KNOWN = 256
"""Keys remembered. More than the events within any rollback, so none starts twice."""
_SHADES = 8
"""Steps of brightness that glows are kept in."""
_LIGHT = 48
"""Radius in pixels of the largest light that is drawn ring by ring: what that takes grows with the third power."""


class Spark(msgspec.Struct, frozen=True):
    """One particle: where it flies, as a fraction of the effect's size, and how large it is, 0 to 1."""

    dx: float
    dy: float
    size: float


class Effect(msgspec.Struct):
    """Something that started at an event and runs for `life` seconds."""

    kind: str
    at: tuple[float, float]
    life: float
    player: int
    sparks: tuple[Spark, ...]
    age: float = 0.0

    @property
    def done(self) -> float:
        """How far it is: 0 at its start, 1 at its end."""
        return min(1.0, self.age / self.life)


class Effects:
    """The effects of one view. Bounded in number and in memory."""

    def __init__(self) -> None:
        self._live: dict[Hashable, Effect] = {}
        self._known: dict[Hashable, None] = {}
        self._cues: list[str] = []

    def __iter__(self) -> Iterator[Effect]:
        """Those that run, oldest first."""
        return iter(self._live.values())

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, key: Hashable) -> bool:
        """True if an effect was started, or skipped, for `key`."""
        return key in self._known

    def start(
        self,
        key: Hashable,
        kind: str,
        at: tuple[float, float],
        *,
        life: float = 0.5,
        player: int = 0,
        sparks: int = 0,
        cue: str = "",
    ) -> bool:
        """Start an effect and ask for the sound `cue`, unless that was done for `key` before. True if it starts."""
        if key in self._known:
            return False
        self._known[key] = None
        while len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]
        self._live[key] = Effect(kind, at, life, player, _scattered(repr(key), sparks))
        while len(self._live) > _LIVE:
            del self._live[next(iter(self._live))]
        if cue and cue not in self._cues:
            self._cues.append(cue)
        return True

    def skip(self, key: Hashable) -> None:
        """Never start an effect for `key`: its event was over before this view was made."""
        self._known.setdefault(key)

    def update(self, dt: float) -> None:
        """`dt` seconds passed."""
        for effect in self._live.values():
            effect.age += dt
        self._live = {key: effect for key, effect in self._live.items() if effect.age < effect.life}

    def cues(self) -> tuple[str, ...]:
        """The sounds that started since the last call."""
        cues, self._cues = tuple(self._cues), []
        return cues


def _scattered(seed: str, number: int) -> tuple[Spark, ...]:
    """Particles in all directions, the same ones for one seed."""
    chance = random.Random(seed)
    sparks = []
    for _ in range(number):
        way = pygame.Vector2(0.25 + 0.75 * chance.random(), 0).rotate(360 * chance.random())
        sparks.append(Spark(way.x, way.y, 0.4 + 0.6 * chance.random()))
    return tuple(sparks)


def between(match: MatchView, now: float) -> float:
    """How far `now` is from `match.previous`, 0, to `match.state`, 1. `now` is on the clock of `match.at`."""
    return max(0.0, min(1.0, (now - match.at) * match.tick_rate)) if match.tick_rate else 1.0


def glow(
    surface: pygame.Surface,
    canvas: Canvas,
    at: tuple[float, float],
    radius: float,
    colour: Colour,
    strength: float = 1.0,
) -> None:
    """Add soft light of `colour` around `at`, fading out to `radius` pixels; `strength` is 0 to 1."""
    shade = round(max(0.0, min(1.0, strength)) * _SHADES)
    size = max(2, round(radius / 2) * 2 if radius < 24 else round(radius / 8) * 8)
    if not shade:
        return
    tile = canvas.shapes.once(("glow", size, shade, colour), lambda: _light(size, colour, shade / _SHADES))
    where = (round(at[0]) - size, round(at[1]) - size)
    surface.blit(tile, where, special_flags=pygame.BLEND_RGB_ADD)


def _light(radius: int, colour: Colour, strength: float) -> pygame.Surface:
    """A disc of light on black, to be added to what it falls on. A large one is a small one, enlarged."""
    small = min(radius, _LIGHT)
    tile = pygame.Surface((2 * small, 2 * small))
    tile.fill((0, 0, 0))
    for r in range(small, 0, -1):
        power = strength * (1 - r / small) ** 2
        pygame.draw.circle(tile, mixed((0, 0, 0), colour, power), (small, small), r)
    return tile if small == radius else pygame.transform.smoothscale(tile, (2 * radius, 2 * radius))
