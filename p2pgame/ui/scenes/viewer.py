"""A recorded match, shown by the view of its game: play, pause, step, jump, scrub, at several speeds.

A record of another program has comments, and where it has variations, one chooses between them.

Knows a `Player` and draws it; `ReplayLoader` makes one from a file. Sounds and sparks are those of a live
match at normal speed; a jump is quiet.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pygame

from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import EndedBy
from p2pgame.core.guard import GameError
from p2pgame.core.records import FILE_MAX as RECORD_MAX
from p2pgame.core.records import Record
from p2pgame.core.registry import Plugin, Registry
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.errors import sentence as error_sentence
from p2pgame.replay.codec import FILE_MAX as REPLAY_MAX
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.session.view import CLOSING, MatchView
from p2pgame.storage.files import system_reason
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.background import Future, taken
from p2pgame.ui.iconbutton import IconButton
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press
from p2pgame.ui.people import nicknames
from p2pgame.ui.player import JUMP, SPEEDS, Player
from p2pgame.ui.scene import Context, Pop, Scene, Transition
from p2pgame.ui.scenes.dialogs import game_line
from p2pgame.ui.scenes.finale import SWEEP, Banner, slowed
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.scenes.move_list import draw_moves
from p2pgame.ui.scenes.viewer_analysis import ViewerAnalysis
from p2pgame.ui.scrub import Mark, Scrub, draw_mark
from p2pgame.ui.sentences import (
    clock_time,
    date,
    end_text,
    error_text,
    length,
    listed,
    plugin_title,
    sentence,
    winners_text,
)
from p2pgame.ui.variations import Variations
from p2pgame.ui.view import View, load_view
from p2pgame.ui.widgets import Button, Choice, Form, Widget

__all__ = ["FileLoader", "ReplayLoader", "Viewer", "open_record"]

_STRIP = 100
"""Units below the board for the bar and the buttons."""
_SETTLE = 1.2
"""Seconds for which the board goes on moving after playback stopped."""
_LOUD = 2.0
"""The highest speed with sounds."""


class Viewer(Scene):
    """Plays a recorded match, from the moment it opens."""

    def __init__(
        self,
        context: Context,
        player: Player,
        view: View,
        fresh: Callable[[], View],
        variations: Variations | None = None,
        *,
        turned: bool = False,
    ) -> None:
        """`fresh` makes another view of the same match, for a jump. `variations`: of a record of another program.

        `turned`: it begins at rest, and goes where the match turned.
        """
        super().__init__(context)
        self.player = player
        self.variations = variations
        self.variation = Choice(gettext("Variation"), [""], self._vary)
        """Where the last move has alternatives: which one it is."""
        self.match_board = MatchBoard(self.canvas, view, player.match)
        header = player.playback.replay.header
        bots = header.bots
        sits = ["" if seat in bots else peer for seat, peer in enumerate(header.players)]
        self.match_board.looks = context.avatars(sits)
        self._fresh = fresh
        self._marks = _marks(player.playback.replay)
        self._seen = player.jumps
        self._rest = _SETTLE
        """Seconds for which the board may still move."""
        self._celebrates = False
        """The banner moves."""
        self._wanted: int | None = None
        """Where the bar was dragged to; the player seeks once a frame."""
        self._status = ""
        self._standings: tuple[object, ...] = ()
        self.banner = Banner(self.canvas)
        labels = _labels(moves=not player.playback.game.tick_rate)
        self.scrub = Scrub(player.frames, self._marks, self._want, self._key)
        self.play = IconButton("pause", gettext("Play or pause"), self._toggle, "primary")
        self._transport = [
            IconButton("jump back", labels.jump_back, lambda: self._go(-player.jump)),
            IconButton("back", labels.back, lambda: self._step(-1)),
            self.play,
            IconButton("forward", labels.forward, lambda: self._step(1)),
            IconButton("jump forward", labels.jump_forward, lambda: self._go(player.jump)),
        ]
        speeds = [f"×{speed:g}".replace("0.5", "½") for speed in SPEEDS]
        self.speed = Choice(gettext("Speed"), speeds, self._set_speed, SPEEDS.index(player.speed))
        self.back = Button(gettext("Back"), self._back)
        plugin = self.client.registry.get(player.match.game)
        self.analysis: ViewerAnalysis | None = None
        if plugin is not None and plugin.has_analysis:
            self.analysis = ViewerAnalysis(
                context, plugin, self.match_board, self._rest_at, self._place_again, turned=turned
            )
        self.form = Form(self._widgets(), self.scrub)
        self._hint = labels.hint
        if turned:
            self._want(player.frames)
        else:
            self._toggle()

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        self.scrub.curve = u(self.analysis.curve) if self.analysis is not None else 0
        high = u(_STRIP) + self.scrub.curve
        self.match_board.layout((size[0], size[1] - high))
        pad = u(20)
        self._strip = pygame.Rect(0, size[1] - high, size[0], high)
        top = self._strip.top - u(4)
        self._time_width = u(150)
        width, height = size[0] - 2 * pad - u(16) - self._time_width, u(30) + self.scrub.curve
        self.scrub.rect = pygame.Rect(pad + u(8), top, width, height)
        y, x = self.scrub.rect.bottom + u(8), pad
        for button in self._transport:
            width = u(64) if button is self.play else u(48)
            button.rect = pygame.Rect(x, y, width, u(46))
            x += width + u(6)
        self.back.rect = pygame.Rect(size[0] - pad - u(100), y, u(100), u(46))
        room = self.back.rect.left - x - u(20)
        self.speed.rect = pygame.Rect(0, y, min(u(300), room), u(46))
        self.speed.rect.centerx = (x + self.back.rect.left) // 2 - u(3)
        if self.analysis is not None:
            self.analysis.layout()
        area = self.match_board.controls
        self.variation.rect = pygame.Rect(area.left, area.top + u(24), min(area.width, u(300)), u(40))
        self.variation.fit(self.canvas)

    @property
    def looks(self) -> tuple[Avatar, ...]:
        return self.match_board.looks

    @property
    def copied(self) -> str:
        return self.match_board.text

    def _widgets(self) -> list[Widget]:
        vary = [self.variation] if len(self.variation.options) > 1 else []
        analysis = self.analysis.widgets if self.analysis is not None else []
        return [self.scrub, *self._transport, self.speed, *vary, *analysis, self.back]

    def _place_again(self) -> None:
        self.scrub.marks = (*self._marks, *(self.analysis.marks if self.analysis is not None else ()))
        self.form.replace(self._widgets())
        self.size, self.dirty = (0, 0), True

    def _rest_at(self, frame: int) -> None:
        """Pause, and show that frame."""
        self.player.playing = False
        self._want(frame)

    def _vary(self, index: int) -> None:
        """Show another variation of the move that is shown."""
        variations, frame = self.variations, self.player.frame
        if variations is None:
            return

        def turn() -> None:
            player = variations.take(frame, index)
            player.seek(frame)
            player.jumps = self.player.jumps + 1
            player.speed = self.player.speed
            self.player, self.scrub.most = player, player.frames

        self._try(turn)

    def _offer_variations(self) -> None:
        """Make the choice that fits to the move that is shown."""
        variations, frame = self.variations, self.player.frame
        count = 0 if variations is None else len(variations.siblings(frame))
        if count != len(self.variation.options) or count < 2:
            labels = [str(number) for number in range(1, count + 1)] or [""]
            rect = self.variation.rect
            self.variation = Choice(self.variation.label, labels, self._vary)
            self.variation.rect = rect
            self.variation.fit(self.canvas)
            self.form.replace(self._widgets())
        if variations is not None and count > 1:
            self.variation.index = variations.index(frame)
            self.dirty = True

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            (gettext("Enter"), gettext("play or pause")),
            ("← →", gettext("a step back or forward")),
            ("↑ ↓", gettext("a jump forward or back")),
            (gettext("Home, End"), gettext("to the beginning or the end")),
        ]

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._back()
            return
        super().handle(event)
        if isinstance(event, Pointer) and event.kind is PointerKind.DOWN:
            self.form.give(self.scrub)  # the mouse does not take the keys away

    def _key(self, action: MenuAction) -> bool:
        """Keys while the bar has the focus."""
        steps = {MenuAction.LEFT: -1, MenuAction.RIGHT: 1}
        jumps = {MenuAction.UP: self.player.jump, MenuAction.DOWN: -self.player.jump}
        if action is MenuAction.CONFIRM:
            self._toggle()
        elif action in steps:
            self._step(steps[action])
        elif action in jumps:
            self._go(jumps[action])
        elif action in (MenuAction.HOME, MenuAction.END):
            self._want(0 if action is MenuAction.HOME else self.player.frames)
        else:
            return False
        return True

    def _toggle(self) -> None:
        self._try(self.player.toggle)

    def _step(self, by: int) -> None:
        self._try(lambda: self.player.step(by))

    def _go(self, by: int) -> None:
        self._want((self.player.frame if self._wanted is None else self._wanted) + by)

    def _want(self, frame: int) -> None:
        self._wanted, self.dirty = frame, True

    def _set_speed(self, index: int) -> None:
        self.player.speed = SPEEDS[index]

    def _back(self) -> None:
        if self.analysis is not None:
            self.analysis.close()
        self.next = Pop()

    def _try(self, act: Callable[[], object]) -> None:
        """Do it. If the file is invalid, nothing changes and a notice says so."""
        try:
            act()
        except P2PGameError as error:
            self.player.playing = False
            self.context.toast(error_text(error))
        self._follow()

    def update(self, dt: float) -> Transition | None:
        if dt > 0 and not self.covered and self.analysis is not None and self.analysis.update(self.player):
            self.scrub.marks, self.dirty = (*self._marks, *self.analysis.marks), True
            self.scrub.shares, self.scrub.order = self.analysis.chances, self.analysis.order
        if dt > 0 and self._wanted is not None:
            to, self._wanted = self._wanted, None
            self._try(lambda: self.player.seek(to))
        if dt > 0 and self.player.playing and not self.scrub.armed and not self.covered:
            self._try(lambda: self.player.update(dt * self._pace))
            if self.player.at_end:
                self._tell_end()
        self._rest -= dt
        self._celebrates = dt > 0 and self.banner.update(dt)
        if dt > 0:
            self.match_board.update(dt, quiet=not self.player.playing or self.player.speed > _LOUD)
        return super().update(dt)

    @property
    def _pace(self) -> float:
        """The last moment of a match that was played to its end is slow, at the speed of the match."""
        player, end = self.player, self.player.playback.replay.end
        by_rules = end is not None and end.outcome.ended_by is EndedBy.RULES
        if not by_rules or self.canvas.still or player.speed != 1.0 or not player.playback.game.tick_rate:
            return 1.0
        return slowed(player.left, CLOSING)

    def _tell_end(self) -> None:
        """Playback came to the end: who won is told as it was then."""
        replay = self.player.playback.replay
        if replay.end is not None and self.variations is None:
            plugin = self.client.registry.get(self.match_board.match.game)
            words = result_of(self.match_board.match, replay, plugin.package if plugin else "")
            delay = 0.0 if self.canvas.still else SWEEP
            winners = replay.end.outcome.winners
            worn = self.match_board.wears(winners[0]) if winners else 0
            self.banner.start(words, winners, worn, delay=delay)

    def _follow(self) -> None:
        """Show the current frame on the board."""
        player, before = self.player, self.match_board.match
        self._rest = _SETTLE
        if player.jumps != self._seen:
            self._seen = player.jumps
            self.banner.clear()
            self._renew()
        elif player.frame == before.frame + 1 and not player.rate > 1 and player.speed <= _LOUD:
            self.canvas.sounds.play("stone")
        self.match_board.match = player.match
        self.scrub.value = player.frame
        self._offer_variations()
        self.play.icon = "pause" if player.playing else "play"
        status, standings = self.match_board.status, self.match_board.standings
        if standings != self._standings:
            self._standings, self.dirty = standings, True
        if status != self._status or not player.match.tick_rate or not player.playing:
            self._status, self.dirty = status, True

    def _renew(self) -> None:
        """After a jump: make a new view, so that no animation or sound of the skipped frames starts."""
        board = self.match_board
        board.view, board.match = board.attempt(self._fresh, board.view), self.player.match
        board.update(0.0, quiet=True)
        board.update(60.0, quiet=True)

    @property
    def animating(self) -> bool:
        return self.player.playing or self._rest > 0 or self._celebrates

    def draw(self, surface: pygame.Surface) -> None:
        surface.fill(self.canvas.theme.background)
        self.match_board.draw(surface)
        self.banner.draw(surface, self.match_board.board)
        self._draw_panel(surface)
        self._draw_strip(surface)

    def draw_live(self, surface: pygame.Surface) -> Sequence[pygame.Rect] | None:
        if not self.match_board.match.tick_rate:
            return None
        self.match_board.draw_board(surface)
        self.banner.draw(surface, self.match_board.board)
        surface.fill(self.canvas.theme.background, self._strip)
        self._draw_strip(surface)
        return [self.match_board.board, self._strip]

    def _draw_strip(self, surface: pygame.Surface) -> None:
        canvas, bar = self.canvas, self.scrub.rect
        at = (self._strip.right - canvas.u(20), bar.bottom - canvas.u(15))
        canvas.text(surface, self._time(), at, "body", anchor="midright", width=self._time_width)
        self.form.draw(surface, canvas)

    def _time(self) -> str:
        player = self.player
        if not self.match_board.match.tick_rate:
            return gettext("Move {n} of {total}", n=player.frame, total=player.frames)
        return f"{clock_time(player.frame / player.rate)} / {clock_time(player.frames / player.rate)}"

    def _draw_panel(self, surface: pygame.Surface) -> None:
        if self.analysis is not None:
            self.analysis.draw_line(surface)
            self.analysis.draw(surface)
        canvas, u, theme, area = self.canvas, self.canvas.u, self.canvas.theme, self.match_board.captions
        if self.variations is not None:
            self._draw_record(surface, self.variations, area.copy())
            return
        match, replay = self.match_board.match, self.player.playback.replay
        plugin = self.client.registry.get(match.game)
        result = result_of(match, replay, plugin.package if plugin else "")
        y = canvas.paragraph(surface, result, area, "heading", bold=True) + u(6)
        lines = [
            game_line(self.client.registry, match.game, match.config),
            listed(date(replay.header.started), length(self.player.frames, match.tick_rate)),
            self._status,
        ]
        if match.tick_rate and not self.player.playing:
            lines.append(gettext("Frame {n}", n=self.player.frame))
        for line in lines:
            if line and y + canvas.line_height("small") <= area.bottom:
                canvas.text(surface, line, (area.left, y), "small", theme.muted, width=area.width)
                y += canvas.line_height("small") + u(4)
        for kind in ("paused", "differed"):
            number = sum(mark[1] == kind for mark in self._marks)
            if number and y + canvas.line_height("small") <= area.bottom:
                middle = y + canvas.line_height("small") // 2
                draw_mark(surface, canvas, kind, (area.left + u(6), middle))
                at = (area.left + u(18), y)
                canvas.text(
                    surface, _mark_title(kind, number), at, "small", theme.muted, width=area.width - u(18)
                )
                y += canvas.line_height("small") + u(4)
        if replay.damage is not None and y + canvas.line_height("small") <= area.bottom:
            rect = pygame.Rect(area.left, y, area.width, area.bottom - y)
            reason = error_sentence(replay.damage.code, replay.damage.params)
            text = gettext("The file is damaged: {reason}", reason=reason)
            y = canvas.paragraph(surface, text, rect, "small", theme.warm) + u(4)
        hovered = next((b for b in self._transport if b.hover), None)
        hint = hovered.label if hovered is not None else self._hint
        height = canvas.paragraph_height(hint, area.width, "small")
        if area.bottom - height >= y:
            rect = pygame.Rect(area.left, area.bottom - height, area.width, height)
            canvas.paragraph(surface, hint, rect, "small", theme.faint)
        else:
            height = 0
        if not match.tick_rate:
            y += u(6)
            room = area.bottom - height - u(10) - y
            draw_moves(surface, canvas, pygame.Rect(area.left, y, area.width, room), self.match_board.moves)

    def _draw_record(self, surface: pygame.Surface, variations: Variations, area: pygame.Rect) -> None:
        """The panel of a record of another program: the variation, the comment, and what was left out."""
        canvas, u, theme, frame = self.canvas, self.canvas.u, self.canvas.theme, self.player.frame
        match, record = self.match_board.match, variations.record
        if len(self.variation.options) > 1:
            canvas.text(surface, self.variation.label, area.topleft, "small", theme.faint, width=area.width)
            _lower(area, u(72))
        ways = variations.branches(frame)
        lines = [
            game_line(self.client.registry, match.game, match.config),
            listed(record.date, record.result),
            self._status,
            ngettext("{n} way goes on", "{n} ways go on", ways) if ways > 1 else "",
        ]
        for line in filter(None, lines):
            if area.height >= canvas.line_height("small"):
                canvas.text(surface, line, area.topleft, "small", theme.muted, width=area.width)
                _lower(area, canvas.line_height("small") + u(4))
        for text, ink in (
            *((one, theme.text) for one in variations.comment(frame).split("\n")[:30]),
            *(
                (sentence(error_text(error)), theme.warm)
                for error in record.problems
                if frame in (0, self.player.frames)
            ),
        ):
            if text and area.height >= canvas.line_height("small"):
                _lower(area, canvas.paragraph(surface, text, area, "small", ink) + u(4) - area.top)
        _lower(area, u(6))
        draw_moves(surface, canvas, area, self.match_board.moves)


def _lower(area: pygame.Rect, by: int) -> None:
    """Take so many pixels off the top."""
    area.top, area.height = area.top + by, max(0, area.height - by)


class _Labels(NamedTuple):
    jump_back: str
    back: str
    forward: str
    jump_forward: str
    hint: str


def _labels(*, moves: bool) -> _Labels:
    """The labels of the buttons, for a game whose frames are moves and for a real-time game."""
    if moves:
        return _Labels(
            gettext("{n} moves back", n=JUMP),
            gettext("One move back"),
            gettext("One move forward"),
            gettext("{n} moves forward", n=JUMP),
            gettext(
                "Space: play or pause · ← →: one move · ↓ ↑: {n} moves · Home, End · Tab: buttons", n=JUMP
            ),
        )
    return _Labels(
        gettext("{n} seconds back", n=JUMP),
        gettext("One frame back"),
        gettext("One frame forward"),
        gettext("{n} seconds forward", n=JUMP),
        gettext(
            "Space: play or pause · ← →: one frame · ↓ ↑: {n} seconds · Home, End · Tab: buttons", n=JUMP
        ),
    )


def _mark_title(kind: str, number: int) -> str:
    """How often the match was paused, or the games differed."""
    if kind == "paused":
        return ngettext("paused", "paused {n} times", number)
    return ngettext("the two games differed", "the two games differed {n} times", number)


def result_of(match: MatchView, replay: Replay, package: str = "") -> str:
    """Who won the recorded match, and why. `package`: of its game."""
    outcome = replay.end.outcome if replay.end is not None else None
    if outcome is None:
        return gettext("Not finished")
    why = end_text(outcome.reason, package)
    if not outcome.winners:
        return sentence(why) if outcome.reason else gettext("No result")
    names = [match.names[w] for w in outcome.winners if w < len(match.names)]
    won = gettext("You won") if outcome.winners == (match.me,) or not names else winners_text(names)
    return gettext("{who_won}: {reason}", who_won=won, reason=why)


def _marks(replay: Replay) -> list[Mark]:
    """The pauses and desyncs, in the order of the match. The recorder of each side notes a desync where it found it."""
    kinds = {"connection": "paused", "closed": "paused", "restarted": "paused", "desync": "differed"}
    return [(note.frame, kinds[note.what]) for note in replay.notes if note.what in kinds]


class FileLoader:
    """Opens a file in the background: a match of ours, or a record of another program that a game here can read."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loading: Future[Replay | tuple[Record, Plugin]] | None = None

    def start(self, path: Path) -> None:
        """Read `path`, unless a file is being read already."""
        if self._loading is None:
            registry = self._context.client.registry
            self._loading = self._context.background.submit(_read_file, path, registry)

    def poll(self) -> Viewer | None:
        """The viewer, once the file is read; None before that, and, with a notice, if it cannot be shown."""
        loaded = taken(self._loading)
        if loaded is None:
            return None
        self._loading = None
        try:
            found = loaded.result()
            return (
                _open(self._context, found)
                if isinstance(found, Replay)
                else open_record(self._context, *found)
            )
        except GameError:
            raise
        except P2PGameError as error:
            self._context.toast(error_text(error))
            return None


def _read_file(path: Path, registry: Registry) -> Replay | tuple[Record, Plugin]:
    """Raises `P2PGameError`."""
    form = path.suffix.removeprefix(".").lower()
    plugin = next((p for p in registry if form and p.has_records and form in p.records().reads), None)
    most = REPLAY_MAX + 1 if plugin is None else RECORD_MAX
    try:
        if path.is_fifo():  # where nobody writes, a window that is closed would wait for ever
            raise ReplayError("not_a_replay")
        with path.open("rb") as file:
            data = file.read(most)
    except OSError as error:
        raise ReplayError("unreadable", reason=system_reason(error)) from None
    return read(data) if plugin is None else (plugin.records().read(data, form), plugin)


def open_record(context: Context, record: Record, plugin: Plugin, *, turned: bool = False) -> Viewer:
    """Shows `record`; `turned`: see `Viewer`. Raises `P2PGameError`."""
    variations = Variations(record, plugin, context.clock)
    player = variations.player()
    header = player.playback.replay.header

    def fresh() -> View:
        return load_view(plugin, header.me, header.names)

    return Viewer(context, player, fresh(), fresh, variations, turned=turned)


class ReplayLoader:
    """Loads the recording of a match in the background, for a scene that shows its viewer then."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loading: Future[Replay] | None = None
        self._turned = False

    def start(self, match: str, *, turned: bool = False) -> None:
        """Load the recording of `match`, unless one is being loaded already. `turned`: see `Viewer`."""
        if self._loading is None:
            self._turned = turned
            client = self._context.client
            self._loading = self._context.background.submit(client.replay, match)

    def poll(self) -> Viewer | None:
        """The viewer, once the recording is there; None before that, and, with a notice, if it cannot be shown."""
        loaded = taken(self._loading)
        if loaded is None:
            return None
        self._loading = None
        try:
            return _open(self._context, loaded.result(), turned=self._turned)
        except GameError:
            raise
        except P2PGameError as error:
            self._context.toast(error_text(error))
            return None


def _open(context: Context, replay: Replay, *, turned: bool = False) -> Viewer:
    """Raises `P2PGameError` in one line, and `GameError`."""
    header = replay.header
    plugin: Plugin | None = context.client.registry.get(header.game)
    if plugin is None:
        raise P2PGameError(gettext("{game} is not installed here", game=header.game))
    if plugin.digest != header.digest:
        raise P2PGameError(
            gettext(
                "this match was played by other rules of {game} than are installed here",
                game=plugin_title(plugin),
            )
        )
    ours = nicknames(context.client)
    names = [ours.get(peer, name) for peer, name in zip(header.players, header.names, strict=True)]
    player = Player(Playback(replay, plugin.game), names, context.clock)

    def fresh() -> View:
        return load_view(plugin, header.me, names)

    return Viewer(context, player, fresh(), fresh, turned=turned)
