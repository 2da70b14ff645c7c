"""Draws Pong: a dark court, the paddles, a glowing ball with a short trail, the score, sparks where it hits.

Knows the rules and no network. Between two states it interpolates. The trail is computed from the flight of the ball,
so a rollback bends it and never breaks it. Where two are on a side, the paddles of those who play here have an arrow.
"""

import time
from collections.abc import Callable, Sequence

import pygame

from p2pgame.core import Setup
from p2pgame.core.game import AnyGame
from p2pgame.games.pong.rules import (
    FACE,
    GAME,
    HALF_PADDLE,
    HEIGHT,
    OPENING,
    PADDLE_GAIN,
    PAUSE,
    RADIUS,
    UNIT,
    WIDTH,
    Config,
    CourtEvent,
    Paddle,
    State,
)
from p2pgame.i18n.catalogue import texts_of
from p2pgame.session.view import MatchView
from p2pgame.ui import view
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.effects import Effect, Effects, between, glow
from p2pgame.ui.inputs import Control, Input, Pointer
from p2pgame.ui.theme import THEME, Colour, mixed

__all__ = ["View"]

_ = texts_of(__package__)

_COURT: Colour = THEME.board
_CHALK: Colour = THEME.chalk
_FAINT: Colour = THEME.chalk
_BALL: Colour = THEME.ball
_NAME: Colour = mixed(THEME.ball, THEME.board, 0.35)
_PADDLE = 5
"""Width of a paddle, in field pixels."""
_TRAIL = 14
"""Length of the trail, in frames of flight."""
_REACH = {"paddle": 26, "wall": 16, "score": 80}
"""How far sparks fly, in field pixels."""
_LEGIBLE = 11
"""Pixels of text below which nobody reads it."""
_BEAT = OPENING // 3
"""Frames of each number before the first serve."""
_RECENT = 30
"""Age in frames from which an event starts no effect any more."""


class Court:
    """Maps places of the rules to pixels of a rectangle."""

    def __init__(self, rect: pygame.Rect) -> None:
        self.rect = rect
        self.scale = rect.width / WIDTH

    def at(self, x: float, y: float) -> tuple[int, int]:
        """A place in pixels."""
        return round(self.rect.left + x * self.scale), round(self.rect.top + y * self.scale)

    def px(self, field_pixels: float) -> int:
        """A length in pixels, at least 1."""
        return max(1, round(field_pixels * UNIT * self.scale))


class View(view.View):
    """Keys: up and down while they are held. A pointer or finger: the paddle follows it, until a key is pressed."""

    aspect = WIDTH / HEIGHT
    covers = True
    controls = (Control.UP, Control.DOWN)
    hint = (
        "Hold Up or Down (or {up}, {down}) to move your paddle, or point where it is to go. "
        "A moving paddle sends the ball off at an angle."
    )

    def __init__(
        self, game: AnyGame, me: int, names: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(game, me, names)
        self.effects = Effects()
        self._clock = clock
        self._target: int | None = None
        """Where the pointer wants the first paddle here; None: keys move it."""
        self._paddles = GAME.initial(Setup(max(2, len(self.names)), 0, Config())).paddles
        """Who is where; how they move does not matter."""

    def handle(self, event: Input, match: MatchView, rect: pygame.Rect) -> int | None:
        """Nothing: `hold` gives all inputs. A pointer says where the paddle is to go."""
        if isinstance(event, Pointer) and match.seats and match.me == match.seats[0]:
            self._target = round((event.at[1] - rect.top) * HEIGHT / max(1, rect.height))
        return None

    def hold(self, held: frozenset[Control], match: MatchView) -> int:
        push = (Control.DOWN in held) - (Control.UP in held)
        first = bool(match.seats) and match.me == match.seats[0]
        if push and first:
            self._target = None
        if push or self._target is None or not first:
            return push
        return _towards(match.state.paddles[match.me], self._target)

    def update(self, dt: float, match: MatchView) -> bool:
        self.effects.update(dt)
        state: State = match.state
        self._paddles = state.paddles
        if not any(state.score) and match.outcome is None:
            beat = -(-state.pause // _BEAT)
            if beat:
                self.effects.start(("beat", beat), "beat", (0, 0), life=0.2, cue="beat")
            elif ("beat", 1) in self.effects:
                self.effects.start(("beat", 0), "beat", (0, 0), life=0.2, cue="go")
        for event in state.events:
            key = (event.number, event.kind)
            if state.frame - event.frame > _RECENT:
                self.effects.skip(key)
            elif event.kind != "score" or event.frame <= match.confirmed or match.outcome is not None:
                self._start(key, event)
        return match.outcome is None or len(self.effects) > 0

    def _start(self, key: tuple[int, str], event: CourtEvent) -> None:
        side = 1 if event.x > WIDTH // 2 else 0
        at = (event.x, event.y)
        pan = round(1.6 * event.x / WIDTH - 0.8, 2)
        match event.kind:
            case "paddle":
                self.effects.start(key, "paddle", at, life=0.35, player=side, sparks=9, cue=f"paddle@{pan}")
            case "wall":
                self.effects.start(key, "wall", at, life=0.3, sparks=5, cue=f"wall@{pan}")
            case "score":
                self.effects.start(key, "score", at, life=0.9, player=1 - side, sparks=26, cue=f"score@{pan}")

    def cues(self) -> tuple[str, ...]:
        return self.effects.cues()

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, match: MatchView, canvas: Canvas) -> None:
        state: State = match.state
        before: State = match.previous or state
        part = between(match, self._clock())
        court = Court(rect)
        clip = surface.get_clip()
        surface.set_clip(rect.clip(clip))
        surface.blit(_court(court, canvas), rect)
        for side in (0, 1):
            self._draw_score(surface, court, match, side, canvas)
        for effect in self.effects:
            if effect.kind == "score":
                _draw_flash(surface, court, effect, canvas)
        for side in {paddle.side for paddle in state.paddles if not _alone(paddle)}:
            _draw_border(surface, court, side)
        marked = match.seats if len(state.paddles) > 2 else ()
        for player, (old, new) in enumerate(zip(before.paddles, state.paddles, strict=True)):
            y = old.y + (new.y - old.y) * part
            self._draw_paddle(surface, court, new, y, canvas)
            if player in marked:
                _draw_mark(surface, court, new, y)
        if not state.over:
            _draw_ball(surface, court, before, state, part, canvas, frozen=match.outcome is not None)
        for effect in self.effects if not canvas.still else ():
            if effect.kind in _REACH:
                _draw_sparks(surface, court, effect, canvas)
        surface.set_clip(clip)

    def side(self, player: int) -> str:
        paddle = self._paddles[player]
        if _alone(paddle):
            return _("Right") if paddle.side else _("Left")
        if paddle.top == 0:
            return _("Top right") if paddle.side else _("Top left")
        return _("Bottom right") if paddle.side else _("Bottom left")

    def wears(self, player: int) -> int:
        return self._paddles[player].side

    def draw_side(self, surface: pygame.Surface, rect: pygame.Rect, player: int, canvas: Canvas) -> None:
        paddle = self._paddles[player]
        canvas.shapes.box(surface, rect, _COURT, max(3, rect.width // 6))
        bar = pygame.Rect(0, 0, max(3, rect.width // 8), rect.height * (5 if _alone(paddle) else 3) // 9)
        middle = rect.top + rect.height * (paddle.top + paddle.bottom) // (2 * HEIGHT)
        bar.center = (rect.left + rect.width * (1 + 2 * paddle.side) // 4, middle)
        bar.clamp_ip(rect.inflate(-rect.width // 6, -rect.height // 6))
        canvas.shapes.box(surface, bar, _colour(paddle.side, canvas), bar.width // 2)
        ball = (rect.left + rect.width * (3 - 2 * paddle.side) // 5 + paddle.side, rect.centery)
        canvas.shapes.disc(surface, ball, max(2, rect.width // 12), _BALL)

    def status(self, match: MatchView) -> str:
        state: State = match.state
        if state.rally > 1:
            return _("First to {points} · rally {rally}", points=state.points, rally=state.rally)
        return _("First to {points}", points=state.points)

    def _draw_score(
        self, surface: pygame.Surface, court: Court, match: MatchView, side: int, canvas: Canvas
    ) -> None:
        """The points of a side, and below them who plays there, from the top."""
        state: State = match.state
        fresh = max((1 - e.done for e in self.effects if e.kind == "score" and e.player == side), default=0)
        ink = mixed(_FAINT, _colour(side, canvas), fresh)
        at = court.at(WIDTH * (3 + 2 * side) // 8, 10 * UNIT)
        pop = 0.0 if canvas.still else 0.5 * fresh**2
        size = court.px(30 * (1 + pop)) / canvas.scale
        below = canvas.text(surface, str(state.score[side]), at, size, ink, anchor="midtop", bold=True).bottom
        px = max(court.px(8), _LEGIBLE)
        for player, paddle in enumerate(state.paddles):
            if paddle.side == side:
                ours = player in match.seats
                name = _("you") if (player,) == match.seats else match.names[player]
                tint = _BALL if ours and len(state.paddles) > 2 else _NAME
                spot = (at[0], below + court.px(2))
                below = canvas.text(
                    surface, name, spot, px / canvas.scale, tint, anchor="midtop", width=court.px(70)
                ).bottom

    def _draw_paddle(
        self, surface: pygame.Surface, court: Court, paddle: Paddle, y: float, canvas: Canvas
    ) -> None:
        colour, side = _colour(paddle.side, canvas), paddle.side
        hit = max(
            (
                1 - e.done
                for e in self.effects
                if e.kind == "paddle" and e.player == side and paddle.top <= e.at[1] <= paddle.bottom
            ),
            default=0,
        )
        face = FACE if side == 0 else WIDTH - FACE
        left, top = court.at(face - (_PADDLE * UNIT if side == 0 else 0), y - HALF_PADDLE)
        bar = pygame.Rect(left, top, court.px(_PADDLE), court.px(2 * HALF_PADDLE / UNIT))
        for dy in (-HALF_PADDLE * 2 // 3, 0, HALF_PADDLE * 2 // 3):
            at = (bar.centerx, court.at(0, y + dy)[1])
            glow(surface, canvas, at, court.px(18), colour, 0.2 + 0.3 * hit)
        canvas.shapes.box(surface, bar, mixed(colour, _BALL, round(hit * 4) / 4), bar.width // 2)


def _towards(paddle: Paddle, target: int) -> int:
    """The push that brings the paddle to `target` and has it stand there: it needs some way to stop."""
    target = max(paddle.top + HALF_PADDLE, min(paddle.bottom - HALF_PADDLE, target))
    stop = paddle.y + paddle.speed * abs(paddle.speed) // (2 * PADDLE_GAIN)
    if abs(target - stop) <= PADDLE_GAIN:
        return 0
    return 1 if target > stop else -1


def _alone(paddle: Paddle) -> bool:
    """Whether the paddle has its side for itself."""
    return paddle.bottom - paddle.top == HEIGHT


def _draw_border(surface: pygame.Surface, court: Court, side: int) -> None:
    """A short line where the halves of two partners meet."""
    left, top = court.at((WIDTH - FACE) * side, HEIGHT // 2)
    width = court.px(1)
    surface.fill(_CHALK, (left, top - width // 2, court.px(FACE / UNIT), width))


def _draw_mark(surface: pygame.Surface, court: Court, paddle: Paddle, y: float) -> None:
    """An arrow behind the paddle of somebody who plays here."""
    way = -1 if paddle.side else 1
    tip = (FACE - (_PADDLE + 2) * UNIT) if paddle.side == 0 else WIDTH - FACE + (_PADDLE + 2) * UNIT
    base, half = tip - way * 6 * UNIT, 4 * UNIT
    corners = [court.at(tip, y), court.at(base, y - half), court.at(base, y + half)]
    pygame.draw.polygon(surface, _BALL, corners)


def _colour(side: int, canvas: Canvas) -> Colour:
    return canvas.theme.tint(side)


def _court(court: Court, canvas: Canvas) -> pygame.Surface:
    """The empty court; a picture that is made once for each size."""
    size = court.rect.size

    def make() -> pygame.Surface:
        picture = pygame.Surface(size)
        picture.fill(_COURT)
        plain = Court(picture.get_rect())
        canvas.shapes.box(picture, plain.rect, _COURT, plain.px(4))
        canvas.shapes.box(picture, plain.rect, _CHALK, plain.px(4), plain.px(1))
        dash, width = plain.px(5), plain.px(1.5)
        for i in range(15):
            middle = plain.at(WIDTH / 2, (i + 0.5) * HEIGHT / 15)
            bar = pygame.Rect(0, 0, width, dash)
            bar.center = middle
            canvas.shapes.box(picture, bar, _CHALK, width // 2)
        return picture

    return canvas.shapes.once(("pong court", size), make)


def _draw_ball(
    surface: pygame.Surface,
    court: Court,
    before: State,
    state: State,
    part: float,
    canvas: Canvas,
    *,
    frozen: bool,
) -> None:
    """`frozen`: the match is over, and this is its last picture."""
    if before.serve != state.serve:
        before = state
    x = before.ball.x + (state.ball.x - before.ball.x) * part
    y = before.ball.y + (state.ball.y - before.ball.y) * part
    radius = court.px(RADIUS / UNIT)
    if state.pause and not frozen:
        _draw_serve(surface, court, state, part, canvas)
    else:
        _draw_trail(surface, court, state, (x, y), canvas)
    at = court.at(x, y)
    heat = (state.speed - 2 * UNIT) / (4 * UNIT)
    glow(surface, canvas, at, radius * 5, mixed((120, 160, 220), canvas.theme.ball, round(heat * 4) / 4), 0.6)
    canvas.shapes.disc(surface, at, radius, _BALL)


def _draw_trail(
    surface: pygame.Surface, court: Court, state: State, place: tuple[float, float], canvas: Canvas
) -> None:
    """Draw where the ball was in the last frames: back along its path, over the walls, up to the last paddle."""
    ball = state.ball
    first = WIDTH / 2 if not state.rally else FACE + RADIUS if ball.dx > 0 else WIDTH - FACE - RADIUS
    behind = abs(place[0] - first) / max(1, abs(ball.dx))
    if (place[0] - first) * ball.dx <= 0:
        return
    for step in range(min(_TRAIL * 2, int(behind * 2)), 0, -1):
        x = place[0] - ball.dx * step / 2
        y = place[1] - ball.dy * step / 2
        y = 2 * RADIUS - y if y < RADIUS else 2 * (HEIGHT - RADIUS) - y if y > HEIGHT - RADIUS else y
        left = 1 - step / (2 * _TRAIL + 1)
        size = max(1, round(court.px(RADIUS / UNIT) * (0.35 + 0.6 * left)))
        canvas.shapes.disc(
            surface, court.at(x, y), size, mixed(_COURT, (126, 164, 220), round(left * 10) / 16)
        )


def _draw_serve(surface: pygame.Surface, court: Court, state: State, part: float, canvas: Canvas) -> None:
    """A ring that closes around the ball, and dots to where it will go; before the first serve 3, 2, 1 above it."""
    if not any(state.score):
        number, ink = -(-state.pause // _BEAT), mixed(_FAINT, _BALL, state.pause % _BEAT / _BEAT)
        above = court.at(WIDTH / 2, HEIGHT / 4)
        size = court.px(36) / canvas.scale
        canvas.text(surface, str(number), above, size, ink, anchor="center", bold=True)
        below = court.at(WIDTH / 2, HEIGHT * 3 / 4)
        canvas.text(surface, _("Ready?"), below, size / 3, _NAME, anchor="center", bold=True)
    left = max(0.0, min(1.0, (state.pause + 1 - part) / PAUSE))
    at = court.at(state.ball.x, state.ball.y)
    canvas.shapes.ring(surface, at, court.px(4 + 14 * left), _FAINT, court.px(0.8))
    way = pygame.Vector2(state.ball.dx, state.ball.dy).normalize()
    for i in range(3):
        reach = (9 + 5 * i) * UNIT
        dot = court.at(state.ball.x + way.x * reach, state.ball.y + way.y * reach)
        canvas.shapes.disc(surface, dot, court.px(1.1), mixed(_NAME, _COURT, i / 4))


def _draw_flash(surface: pygame.Surface, court: Court, effect: Effect, canvas: Canvas) -> None:
    """Light at the edge over which the ball went."""
    glow(
        surface,
        canvas,
        court.at(*effect.at),
        court.px(70),
        _colour(effect.player, canvas),
        0.7 * (1 - effect.done),
    )


def _draw_sparks(surface: pygame.Surface, court: Court, effect: Effect, canvas: Canvas) -> None:
    reach = _REACH[effect.kind] * UNIT
    colour = _BALL if effect.kind == "wall" else _colour(effect.player, canvas)
    flown = 1 - (1 - effect.done) ** 2
    for spark in effect.sparks:
        at = court.at(effect.at[0] + spark.dx * reach * flown, effect.at[1] + spark.dy * reach * flown)
        shade = round((1 - effect.done) * 6) / 6
        size = max(1, round(court.px(1.6) * spark.size))
        canvas.shapes.disc(surface, at, size, mixed(_COURT, colour, shade))
