"""Draws Tron: neon trails on a dark floor, the cycles, the countdown, the rounds won, and the sparks of a crash.

Knows the rules and no network. A cycle is drawn on its way into the cell that it has entered.
"""

import time
from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.game import AnyGame
from p2pgame.games.tron.arena import Arena, Floor
from p2pgame.games.tron.art import COLOURS, DELTAS, FLOOR, NAMES, head_picture
from p2pgame.games.tron.rules import (
    AFTER,
    COUNTDOWN,
    DOWN,
    HEIGHT,
    LEFT,
    NONE,
    RIDING,
    RIGHT,
    STEP,
    UP,
    WIDTH,
    Rider,
    State,
)
from p2pgame.i18n.catalogue import texts_of
from p2pgame.session.view import MatchView
from p2pgame.ui import view
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.effects import Effect, Effects, between, glow, mixed
from p2pgame.ui.inputs import Control, Input

__all__ = ["View"]

_ = texts_of(__package__)

_BANNER = 3
"""Height of the strip with the rounds won, in cells."""
_BEAT = 30
"""Frames of each number of the countdown."""
_RECENT = 30
"""Age in frames from which a crash starts no effect any more."""
_TURNS = {Control.UP: UP, Control.RIGHT: RIGHT, Control.DOWN: DOWN, Control.LEFT: LEFT}
_PIPS = 9
"""Rounds shown; a state that the rules did not produce may have more."""


class View(view.View):
    """Keys: the four directions. The one pressed last counts, also when it is let go before the next cell."""

    aspect = WIDTH / (HEIGHT + _BANNER)
    hint = "Arrow keys (or {up}, {left}, {down}, {right}) turn your cycle. Do not touch a trail; be the last one left."

    def __init__(
        self, game: AnyGame, me: int, names: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(game, me, names)
        self.effects = Effects()
        self._clock = clock
        self._arena = Arena()
        self._held: list[int] = []
        """Directions that are down, newest last."""
        self._wanted = NONE

    def handle(self, event: Input, match: MatchView, rect: pygame.Rect) -> int | None:
        """Nothing: `hold` gives all inputs."""
        del event, match, rect
        return None

    def hold(self, held: frozenset[Control], match: MatchView) -> int:
        down = [turn for control, turn in _TURNS.items() if control in held]
        fresh = [turn for turn in down if turn not in self._held]
        self._held = [turn for turn in self._held if turn in down] + fresh
        if self._held:
            self._wanted = self._held[-1]
        elif match.state.phase != RIDING:  # a new round starts without a turn
            self._wanted = NONE
        return self._wanted

    def update(self, dt: float, match: MatchView) -> bool:
        self.effects.update(dt)
        state: State = match.state
        over = match.outcome is not None
        for player, rider in enumerate(state.riders):
            key = ("crash", state.round, player)
            if rider.out and state.frame - rider.out > _RECENT:
                self.effects.skip(key)
            elif rider.out and (rider.out <= match.confirmed or over):
                at = _place(state, rider, 1.0)
                self.effects.start(key, "crash", at, life=0.8, player=player, sparks=22, cue="crash")
        if state.phase == COUNTDOWN:
            beat = ("beat", state.round, (state.clock - 1) // _BEAT)
            self.effects.start(beat, "beat", (0, 0), life=0.2, cue="beat")
        elif state.phase == RIDING and ("beat", state.round, 0) in self.effects:
            self.effects.start(("go", state.round), "beat", (0, 0), life=0.2, cue="go")
        return match.outcome is None or len(self.effects) > 0

    def cues(self) -> tuple[str, ...]:
        return self.effects.cues()

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, match: MatchView, canvas: Canvas) -> None:
        state: State = match.state
        part = between(match, self._clock())
        banner = pygame.Rect(rect.left, rect.top, rect.width, rect.width * _BANNER // WIDTH)
        floor = Floor(pygame.Rect(rect.left, banner.bottom, rect.width, rect.bottom - banner.bottom))
        over = match.outcome is not None
        out = tuple(r.out > 0 and (r.out <= match.confirmed or over) for r in state.riders)
        clip = surface.get_clip()
        surface.set_clip(rect.clip(clip))
        surface.fill(canvas.theme.background, banner)
        self._draw_banner(surface, banner, state, canvas)
        surface.blit(self._arena.paint(floor.rect.size, state, out, canvas), floor.rect)
        surface.set_clip(floor.rect.clip(clip))
        for player, rider in enumerate(state.riders):
            if not out[player]:
                _draw_newest(surface, floor, state, rider, player, part)
        for player, is_out in enumerate(out):
            _draw_head(surface, floor, state, player, part, canvas, out=is_out)
        for effect in self.effects:
            if effect.kind == "crash":
                _draw_crash(surface, floor, effect, canvas)
        if state.phase == COUNTDOWN:
            self._draw_countdown(surface, floor, state, part, canvas)
        elif state.phase == AFTER:
            self._draw_winner(surface, floor, state, canvas)
        surface.set_clip(clip)

    def side(self, player: int) -> str:
        return _(NAMES[player])

    def draw_side(self, surface: pygame.Surface, rect: pygame.Rect, player: int, canvas: Canvas) -> None:
        canvas.shapes.box(surface, rect, FLOOR, max(3, rect.width // 6))
        size = rect.width * 5 // 8
        tile = _head(player, RIGHT, size, False, canvas)
        surface.blit(tile, tile.get_rect(center=rect.center))

    def status(self, match: MatchView) -> str:
        state: State = match.state
        return _("Round {round} · {needed} wins the match", round=state.round, needed=state.needed)

    def _draw_banner(self, surface: pygame.Surface, rect: pygame.Rect, state: State, canvas: Canvas) -> None:
        """For each player the shape of the cycle, the name where there is room, and the rounds won."""
        count = len(state.riders)
        width = rect.width // count
        size = max(8, rect.height * 11 // 20)
        pip = max(2, rect.height // 9)
        for player, rider in enumerate(state.riders):
            left = rect.left + player * width
            if player == self.me:
                plate = pygame.Rect(left, rect.top + pip, width - pip, rect.height - 2 * pip)
                canvas.shapes.box(surface, plate, canvas.theme.raised, pip)
            left += pip * 2
            tile = _head(player, RIGHT, size, False, canvas)
            surface.blit(tile, tile.get_rect(midleft=(left, rect.centery)))
            x = left + size + pip * 2
            needed = min(state.needed, _PIPS)
            room = width - size - pip * (8 + 3 * needed)
            if room > pip * 10:
                name = _("you") if player == self.me else self.names[player]
                ink = canvas.theme.text if player == self.me else canvas.theme.muted
                px = rect.height * 0.4 / canvas.scale
                x = canvas.text(surface, name, (x, rect.centery), px, ink, anchor="midleft", width=room).right
                x += pip * 2
            for i in range(needed):
                at = (x + pip + i * 3 * pip, rect.centery)
                if i < rider.points:
                    canvas.shapes.disc(surface, at, pip, COLOURS[player])
                else:
                    canvas.shapes.ring(surface, at, pip, canvas.theme.faint, max(1, pip // 3))

    def _draw_countdown(
        self, surface: pygame.Surface, floor: Floor, state: State, part: float, canvas: Canvas
    ) -> None:
        """3, 2, 1, each growing faint, and a ring around our own cycle."""
        left = state.clock - part
        number, fresh = int(left // _BEAT) + 1, left % _BEAT / _BEAT
        mine = state.riders[self.me]
        at = floor.at(mine.cell % WIDTH, mine.cell // WIDTH)
        canvas.shapes.ring(surface, at, floor.px(1.4 + 1.6 * fresh), COLOURS[self.me], floor.px(0.18))
        above = mine.cell // WIDTH > 3
        label = (at[0], at[1] - floor.px(3.4) if above else at[1] + floor.px(3.4))
        canvas.text(
            surface,
            _("you"),
            label,
            floor.px(1.3) / canvas.scale,
            canvas.theme.text,
            anchor="center",
            bold=True,
        )
        ink = mixed(mixed(FLOOR, canvas.theme.text, 0.25), canvas.theme.text, round(fresh * 8) / 8)
        middle = floor.rect.center
        canvas.text(surface, str(number), middle, floor.px(7) / canvas.scale, ink, anchor="center", bold=True)

    def _draw_winner(self, surface: pygame.Surface, floor: Floor, state: State, canvas: Canvas) -> None:
        """Who won the round."""
        left = [player for player, rider in enumerate(state.riders) if not rider.out]
        words, ink = _("Nobody wins the round"), canvas.theme.muted
        if left:
            ink = COLOURS[left[0]]
            words = _("You win the round")
            if left[0] != self.me:
                words = _("{name} wins the round", name=self.names[left[0]])
        size, room = floor.px(2.2) / canvas.scale, floor.rect.width * 3 // 4
        line = canvas.fonts.fit(words, canvas.px(size), room, bold=True)
        plate = pygame.Rect(
            0, 0, canvas.fonts.width(line, canvas.px(size), bold=True) + floor.px(3), floor.px(4)
        )
        plate.center = (floor.rect.centerx, floor.rect.top + floor.px(6))
        canvas.shapes.box(surface, plate, canvas.theme.panel, floor.px(0.8))
        canvas.text(surface, line, plate.center, size, ink, anchor="center", bold=True)


def _progress(state: State, part: float) -> float:
    """How far the cycles are on their way into their cells, 0 to 1."""
    if state.phase == RIDING:
        return min(1.0, (STEP - state.clock + part) / STEP)
    return 1.0


def _place(state: State, rider: Rider, progress: float) -> tuple[float, float]:
    """Column and row of a cycle; one that crashed stands at the edge of what it hit."""
    x, y = rider.cell % WIDTH, rider.cell // WIDTH
    dx, dy = DELTAS[rider.heading]
    if rider.out:
        return x + 0.4 * dx, y + 0.4 * dy
    back = 1 - progress if _came(state, rider) else 0.0
    return x - dx * back, y - dy * back


def _came(state: State, rider: Rider) -> bool:
    """Whether the cycle has left the place where it started."""
    return state.grid[rider.cell] <= 4 * len(COLOURS)


def _draw_newest(
    surface: pygame.Surface, floor: Floor, state: State, rider: Rider, player: int, part: float
) -> None:
    """Draw the piece of trail behind a moving cycle."""
    dx, dy = DELTAS[rider.heading]
    x, y = rider.cell % WIDTH, rider.cell // WIDTH
    if not _came(state, rider):
        return
    start, end = floor.at(x - dx, y - dy), floor.at(*_place(state, rider, _progress(state, part)))
    thick = floor.thick
    bar = pygame.Rect(
        min(start[0], end[0]), min(start[1], end[1]), abs(end[0] - start[0]), abs(end[1] - start[1])
    )
    surface.fill(COLOURS[player], bar.inflate(thick, thick))


def _draw_head(
    surface: pygame.Surface,
    floor: Floor,
    state: State,
    player: int,
    part: float,
    canvas: Canvas,
    *,
    out: bool,
) -> None:
    rider = state.riders[player]
    at = floor.at(*_place(state, rider, _progress(state, part)))
    if not out:
        glow(surface, canvas, at, floor.cell * 2.4, COLOURS[player], 0.55)
    tile = _head(player, rider.heading, floor.px(1.8), out, canvas)
    surface.blit(tile, tile.get_rect(center=at))


def _head(player: int, heading: int, size: int, out: bool, canvas: Canvas) -> pygame.Surface:
    key = ("tron head", player, heading, size, out)
    return canvas.shapes.once(key, lambda: head_picture(player, heading, size, out=out))


def _draw_crash(surface: pygame.Surface, floor: Floor, effect: Effect, canvas: Canvas) -> None:
    colour = COLOURS[effect.player]
    left = 1 - effect.done
    flown = 1 - left**3
    at = floor.at(*effect.at)
    glow(surface, canvas, at, floor.cell * 7, colour, 0.9 * left)
    if effect.done < 0.5:
        canvas.shapes.ring(
            surface, at, floor.px(0.8 + 6 * effect.done), mixed(FLOOR, colour, round(left * 8) / 8), 2
        )
    for spark in effect.sparks:
        spot = floor.at(effect.at[0] + spark.dx * 5 * flown, effect.at[1] + spark.dy * 5 * flown)
        ink = mixed(FLOOR, mixed(colour, (255, 255, 255), 0.3), round(left * 6) / 6)
        canvas.shapes.disc(surface, spot, max(1, round(floor.cell * 0.28 * spark.size)), ink)
