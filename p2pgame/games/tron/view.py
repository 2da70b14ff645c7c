"""Draws Tron: neon trails on a dark floor, the cycles, the countdown, and the sparks of a crash.

Knows the rules and no network. A cycle is drawn on its way into the cell that it has entered. The cycles of those who
play here have a ring.
"""

import math
import time
from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.game import AnyGame
from p2pgame.games.tron.arena import Arena, Floor
from p2pgame.games.tron.art import DELTAS, FLOOR, NAMES, Look, head, looks_of
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
from p2pgame.ui.effects import Effect, Effects, between, glow
from p2pgame.ui.inputs import Control, Input, Pointer, PointerKind
from p2pgame.ui.theme import THEME, Colour, Theme, mixed

__all__ = ["View"]

_ = texts_of(__package__)

_BEAT = 30
"""Frames of each number of the countdown."""
_RECENT = 30
"""Age in frames from which a crash starts no effect any more."""
_SHAKE = 0.3
"""Seconds for which the floor shakes after a crash."""
_LEGIBLE = 11
"""Pixels of text below which nobody reads it."""
_TURNS = {Control.UP: UP, Control.RIGHT: RIGHT, Control.DOWN: DOWN, Control.LEFT: LEFT}


class View(view.View):
    """Keys: the four directions. The one pressed last counts, also when it is let go before the next cell."""

    aspect = WIDTH / HEIGHT
    covers = True
    controls = (Control.UP, Control.DOWN, Control.LEFT, Control.RIGHT)
    hint = (
        "Arrow keys (or {up}, {left}, {down}, {right}), or a press where you want to go, turn your cycle. "
        "Do not touch a trail; be the last one left."
    )

    def __init__(
        self, game: AnyGame, me: int, names: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(game, me, names)
        self.effects = Effects()
        self._clock = clock
        self._arena = Arena()
        self._theme: Theme = THEME
        self._teams: tuple[int, ...] = ()
        self._looks = looks_of(len(self.names), ())
        self._pressed = False
        """The pointer is down."""
        self._keys: dict[int, _Keys] = {}
        """Of each player here."""

    def handle(self, event: Input, match: MatchView, rect: pygame.Rect) -> int | None:
        """Nothing: `hold` gives all inputs. A press turns the cycle to where it is, and so does a drag."""
        if isinstance(event, Pointer) and match.seats and match.me == match.seats[0]:
            if event.kind is not PointerKind.MOVE:
                self._pressed = event.kind is PointerKind.DOWN
            if self._pressed:
                self._keys.setdefault(match.me, _Keys()).point(self._way_to(event.at, match, rect))
        return None

    def _way_to(self, at: tuple[int, int], match: MatchView, rect: pygame.Rect) -> int:
        """The turn that leads from our cycle towards a pixel: never back, and along the longer way first."""
        floor = Floor(rect.copy())
        rider: Rider = match.state.riders[match.me]
        x, y = floor.at(rider.cell % WIDTH, rider.cell // WIDTH)
        dx, dy = at[0] - x, at[1] - y
        across, down = (RIGHT if dx > 0 else LEFT), (DOWN if dy > 0 else UP)
        first, second = (across, down) if abs(dx) >= abs(dy) else (down, across)
        forth, back = DELTAS[rider.heading], DELTAS[first]
        return second if (forth[0] + back[0], forth[1] + back[1]) == (0, 0) else first

    def hold(self, held: frozenset[Control], match: MatchView) -> int:
        keys = self._keys.setdefault(match.me, _Keys())
        down = [turn for control, turn in _TURNS.items() if control in held]
        return keys.wanted(down, riding=match.state.phase == RIDING)

    def update(self, dt: float, match: MatchView) -> bool:
        self.effects.update(dt)
        state: State = match.state
        self._teams = state.teams
        self._looks = looks_of(len(state.riders), state.teams, self._theme)
        over = match.outcome is not None
        for player, rider in enumerate(state.riders):
            key = ("crash", state.round, player)
            if rider.out and state.frame - rider.out > _RECENT:
                self.effects.skip(key)
            elif rider.out and (rider.out <= match.confirmed or over):
                at = _place(state, rider, 1.0)
                pan = round(1.6 * at[0] / WIDTH - 0.8, 2)
                self.effects.start(key, "crash", at, life=0.8, player=player, sparks=22, cue=f"crash@{pan}")
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
        looks = self._wear(canvas.theme)
        floor = Floor(rect.copy())
        if canvas.shakes and (shift := self._shake(floor)) != (0, 0):
            surface.fill(FLOOR, floor.rect)
            floor.rect.move_ip(shift)
        out = tuple(_is_out(match, player) for player in range(len(state.riders)))
        names = [_("you") if (player,) == match.seats else name for player, name in enumerate(match.names)]
        clip = surface.get_clip()
        surface.set_clip(rect.clip(clip))
        surface.blit(self._arena.paint(floor.rect.size, state, out, canvas), floor.rect)
        surface.set_clip(floor.rect.clip(rect).clip(clip))
        for player, rider in enumerate(state.riders):
            if not out[player]:
                _draw_newest(surface, floor, state, rider, looks[player], part)
        for player, is_out in enumerate(out):
            ours = player in match.seats and len(out) > 2
            _draw_head(surface, floor, state, player, looks[player], part, canvas, out=is_out, ours=ours)
        for effect in self.effects:
            if effect.kind == "crash" and not canvas.still:
                _draw_crash(surface, floor, effect, looks[effect.player], canvas)
        if state.phase == COUNTDOWN and match.outcome is None:
            _draw_countdown(surface, floor, state, part, canvas)
            for player in match.seats:
                _draw_you(surface, floor, state, player, looks[player], names[player], part, canvas)
        elif state.phase == AFTER:
            _draw_winner(surface, floor, self._winner(match, looks), canvas)
        surface.set_clip(clip)

    def _shake(self, floor: Floor) -> tuple[int, int]:
        """By how many pixels the floor is out of its place, just after a crash."""
        fresh = [1 - e.age / _SHAKE for e in self.effects if e.kind == "crash" and e.age < _SHAKE]
        if not fresh:
            return 0, 0
        power = max(fresh) ** 2 * floor.px(0.5)
        turn = (1 - max(fresh)) * 40
        return round(power * math.sin(turn)), round(power * math.cos(1.3 * turn))

    def _wear(self, theme: Theme) -> tuple[Look, ...]:
        """The looks in the colours and shapes that the players have now."""
        if theme != self._theme:
            self._theme = theme
            self._looks = looks_of(len(self._looks), self._teams, theme)
        return self._looks

    def side(self, player: int) -> str:
        look = self._looks[player]
        return _(NAMES[look.colour if self._teams else look.shape])

    def wears(self, player: int) -> int:
        return self._looks[player].colour

    def draw_side(self, surface: pygame.Surface, rect: pygame.Rect, player: int, canvas: Canvas) -> None:
        canvas.shapes.box(surface, rect, FLOOR, max(3, rect.width // 6))
        size = rect.width * 5 // 8
        tile = head(self._wear(canvas.theme)[player], RIGHT, size, False, canvas)
        surface.blit(tile, tile.get_rect(center=rect.center))

    def standing(self, match: MatchView, player: int) -> view.Standing:
        state: State = match.state
        return view.Standing(state.riders[player].points, state.needed, _is_out(match, player))

    def status(self, match: MatchView) -> str:
        state: State = match.state
        return _("Round {round} · {needed} wins the match", round=state.round, needed=state.needed)

    def _winner(self, match: MatchView, looks: Sequence[Look]) -> tuple[str, Colour | None]:
        """Who won the round, and in which colour."""
        state: State = match.state
        left = [player for player, rider in enumerate(state.riders) if not rider.out]
        if not left:
            return _("Nobody wins the round"), None
        side = state.sides[left[0]]
        name = self.side(left[0]) if state.teams else match.names[left[0]]
        words = _("{name} wins the round", name=name)
        if match.seats and all(state.sides[player] == side for player in match.seats):
            words = _("Your team wins the round") if state.teams else _("You win the round")
        return words, looks[left[0]].ink


def _is_out(match: MatchView, player: int) -> bool:
    """Whether the player has crashed for certain."""
    out: int = match.state.riders[player].out
    return out > 0 and (out <= match.confirmed or match.outcome is not None)


class _Keys:
    """The keys of one player here: the one pressed last counts, also when it is let go before the next cell."""

    def __init__(self) -> None:
        self._down: list[int] = []
        """Directions that are down, newest last."""
        self._wanted = NONE

    def point(self, turn: int) -> None:
        """A pointer wants this turn."""
        self._wanted = turn

    def wanted(self, down: Sequence[int], *, riding: bool) -> int:
        """Where the player wants to go while the directions `down` are held down."""
        fresh = [turn for turn in down if turn not in self._down]
        self._down = [turn for turn in self._down if turn in down] + fresh
        if self._down:
            self._wanted = self._down[-1]
        elif not riding:  # a new round starts without a turn
            self._wanted = NONE
        return self._wanted


def _draw_countdown(surface: pygame.Surface, floor: Floor, state: State, part: float, canvas: Canvas) -> None:
    """3, 2, 1, each growing faint."""
    left = state.clock - part
    number, fresh = int(left // _BEAT) + 1, left % _BEAT / _BEAT
    ink = mixed(mixed(FLOOR, THEME.text, 0.25), THEME.text, round(fresh * 8) / 8)
    middle = floor.rect.center
    shown = canvas.text(
        surface, str(number), middle, floor.px(7) / canvas.scale, ink, anchor="center", bold=True
    )
    if state.round == 1:
        size, ink = floor.px(2.4) / canvas.scale, THEME.muted
        canvas.text(surface, _("Ready?"), shown.midtop, size, ink, anchor="midbottom", bold=True)


def _draw_you(
    surface: pygame.Surface,
    floor: Floor,
    state: State,
    player: int,
    look: Look,
    name: str,
    part: float,
    canvas: Canvas,
) -> None:
    """A ring around the cycle of somebody who plays here, and the name beside it, before a round."""
    fresh = (state.clock - part) % _BEAT / _BEAT
    cell = state.riders[player].cell
    at = floor.at(cell % WIDTH, cell // WIDTH)
    canvas.shapes.ring(surface, at, floor.px(1.4 + 1.6 * fresh), look.ink, floor.px(0.18))
    px = max(floor.px(1.3), _LEGIBLE)
    away = floor.px(3.2) + px * 3 // 5
    label = (at[0], at[1] - away if at[1] - away - px > floor.rect.top else at[1] + away)
    room = floor.rect.width // 4
    shown = canvas.fonts.fit(name, canvas.px(px / canvas.scale), room, bold=True)
    half = canvas.fonts.width(shown, canvas.px(px / canvas.scale), bold=True) // 2 + 2
    middle = min(max(label[0], floor.rect.left + half), floor.rect.right - half)
    canvas.text(surface, shown, (middle, label[1]), px / canvas.scale, THEME.text, anchor="center", bold=True)


def _draw_winner(
    surface: pygame.Surface, floor: Floor, winner: tuple[str, Colour | None], canvas: Canvas
) -> None:
    words, ink = winner
    size, room = floor.px(2.2) / canvas.scale, floor.rect.width * 3 // 4
    line = canvas.fonts.fit(words, canvas.px(size), room, bold=True)
    plate = pygame.Rect(0, 0, canvas.fonts.width(line, canvas.px(size), bold=True) + floor.px(3), floor.px(4))
    plate.center = (floor.rect.centerx, floor.rect.top + floor.px(6))
    canvas.shapes.box(surface, plate, THEME.panel, floor.px(0.8))
    canvas.text(surface, line, plate.center, size, ink or THEME.muted, anchor="center", bold=True)


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
    return state.grid[rider.cell] <= 4 * len(NAMES)


def _draw_newest(
    surface: pygame.Surface, floor: Floor, state: State, rider: Rider, look: Look, part: float
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
    surface.fill(look.ink, bar.inflate(thick, thick))


def _draw_head(
    surface: pygame.Surface,
    floor: Floor,
    state: State,
    player: int,
    look: Look,
    part: float,
    canvas: Canvas,
    *,
    out: bool,
    ours: bool,
) -> None:
    rider = state.riders[player]
    at = floor.at(*_place(state, rider, _progress(state, part)))
    if not out:
        glow(surface, canvas, at, floor.cell * 2.4, look.ink, 0.55)
    tile = head(look, rider.heading, floor.px(1.8), out, canvas)
    surface.blit(tile, tile.get_rect(center=at))
    if ours and not out:
        canvas.shapes.ring(surface, at, floor.px(1.5), THEME.text, max(1, floor.px(0.2)))


def _draw_crash(surface: pygame.Surface, floor: Floor, effect: Effect, look: Look, canvas: Canvas) -> None:
    colour = look.ink
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
