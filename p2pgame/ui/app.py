"""The app: one window, one loop. Inputs and network events go to the scenes, then what changed is drawn.

Nothing is drawn while nothing changes, and nothing twice: each state of a real-time match is drawn when it comes, in
step with its ticks. The loop wakes at once for the network, and looks after `_NAP` for the devices. (SDL's own wait for
these wakes every millisecond, which costs twice as much processor time.)
"""

import gc
import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path

import msgspec
import pygame
import pygame.freetype

from p2pgame.core.errors import P2PGameError
from p2pgame.i18n.catalogue import follow_language, generation, gettext, own_name, set_language
from p2pgame.session import commands
from p2pgame.session.events import Event
from p2pgame.session.view import MatchView
from p2pgame.storage.settings import Settings
from p2pgame.ui.autoplay import Autoplay
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.background import worker
from p2pgame.ui.bindings import bindings_of
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.client import Client
from p2pgame.ui.clipboard import copy
from p2pgame.ui.fade import Fade
from p2pgame.ui.frame_clock import FrameClock
from p2pgame.ui.inputs import (
    Devices,
    Input,
    MenuAction,
    Pointer,
    PointerKind,
    Press,
    forget_layout,
    waiting_events,
)
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.router import Router
from p2pgame.ui.scene import Context, Scene
from p2pgame.ui.scenes.notices import NoticesScene
from p2pgame.ui.scenes.viewer import FileLoader
from p2pgame.ui.sound import TRACKS, Sounds
from p2pgame.ui.theme import theme_of
from p2pgame.ui.toast import Toasts
from p2pgame.ui.widgets import Widget
from p2pgame.ui.window import Window, WindowOptions

__all__ = ["App", "Autoplay", "Hooks", "WindowOptions", "run"]

_NAP = 0.004
"""Seconds between two looks at the devices ..."""
_NAP_LIVE = 0.0015
"""... in a real-time match ..."""
_NAP_CALM, _CALM = 0.015, 1.0
"""... and once no device did anything for so many seconds: less than a frame, so that the first press is not late."""
_TURN_CALM = 0.125
"""Longest time between two turns then, if no match is on: that of a living picture."""
_HIDDEN = 0.25
"""Seconds between two turns, and two looks at the devices, while nobody sees the window."""
_SOONEST = 0.3
"""The part of a frame's time that passes at least between two pictures."""
_TURN = 0.05
"""Longest time in seconds between two turns of the loop when nothing comes; countdowns step at this rate."""
_LONGEST_STEP = 0.25
"""A frame that took longer, as after the computer slept, counts as this many seconds."""


class Hooks(msgspec.Struct, frozen=True):
    """What scenes may ask of the program around the window (`Context`)."""

    export: Callable[[], Path]
    advise: Callable[[], Sequence[tuple[str, str]]]
    resolves: Callable[[str], bool]


def run(
    client: Client,
    *,
    first_run: bool = False,
    window: WindowOptions | None = None,
    autoplay: Autoplay | None = None,
    screenshots: Path | None = None,
    impairment: tuple[int, int, int] = (0, 0, 0),
    sounds: Sounds | None = None,
    preferences: Preferences | None = None,
    hooks: Hooks | None = None,
    also: Callable[[Event], None] = lambda _: None,
    file: Path | None = None,
) -> int:
    """Open the window and stay until it is closed; returns the exit code. Does not close `client`.

    Call `ui.display.available()` first. `file` is shown at once. `also` gets every event, too. `screenshots` is where
    F12 saves; default: the working directory. `impairment` is what the network simulator is set to: latency and jitter
    in milliseconds, loss in percent. `sounds` is started and stopped here. `hooks`: see `Context`. Raises
    KeyboardInterrupt like any blocking call, and `P2PGameError` if the display is lost, with the window closed.
    """
    os.environ.setdefault("SDL_IME_SHOW_UI", "1")
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
    sounds = sounds or Sounds()
    pygame.display.init()
    pygame.freetype.init()
    with suppress(pygame.error):  # a computer whose gamepads cannot be read has a keyboard
        pygame.joystick.init()
    background = worker()
    try:
        app = App(
            client,
            first_run=first_run,
            window=window,
            autoplay=autoplay,
            screenshots=screenshots,
            sounds=sounds,
            background=background,
            preferences=preferences,
            also=also,
        )
        app.context.impairment = impairment
        if hooks is not None:
            app.context.export, app.context.advise = hooks.export, hooks.advise
            app.context.resolves = hooks.resolves
        if file is not None:
            app.open(file)
        app.step()
        sounds.start()
        gc.freeze()  # what is there by now stays: no search for cycles in the middle of a match looks at it again
        while (code := app.exit_code) is None:
            app.step()
        return code
    finally:
        if autoplay is not None:
            autoplay.close()
        sounds.stop()
        pygame.quit()
        background.shutdown(wait=True, cancel_futures=True)


class App:
    """The state of the loop. `step` is one turn of it; pygame must be initialised."""

    def __init__(
        self,
        client: Client,
        *,
        first_run: bool = False,
        window: WindowOptions | None = None,
        autoplay: Autoplay | None = None,
        screenshots: Path | None = None,
        sounds: Sounds | None = None,
        background: Executor | None = None,
        preferences: Preferences | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        also: Callable[[Event], None] = lambda _: None,
        lively: bool = True,
    ) -> None:
        """`lively`: what moves for its looks alone may move: one scene becomes the next, cards play."""
        options = window or WindowOptions()
        follow_language()
        self.client = client
        self.window = Window(options)
        self.toasts = Toasts()
        self.canvas = Canvas(sounds=sounds)
        self._keep_readable()
        self._language = generation()
        self._looks: tuple[Avatar, ...] = ()
        """Of the players that are shown."""
        self.context = Context(
            client,
            self.canvas,
            self.toasts.say,
            self.toasts.clear,
            clock=clock,
            background=background or worker(),
            preferences=preferences or Preferences(),
            lively=lively,
        )
        self.preferences = self.context.preferences
        self.context.lessons = autoplay is None
        self.context.open_notices = self._open_notices
        self._wear()
        self.router = Router(self.context, first_run=first_run)
        self._files = FileLoader(self.context)
        self.exit_code: int | None = None
        self._devices = Devices(self.context.players, self.context.gamepads)
        self._autoplay = autoplay
        self._also = also
        self._screenshots = screenshots
        self._clock = clock
        self._sleep = sleep or client.wait
        self._now = clock()
        self._pace = FrameClock(options.fps, self._now)
        self._fade = Fade()

        self._drawn: Sequence[Scene] = ()
        """The scenes of the last picture."""
        self._shade: pygame.Surface | None = None
        self._match: MatchView | None = None
        self._dirty = True
        self._field: Widget | None = None
        """The text field that the keyboard types into."""
        pygame.key.stop_text_input()
        self._close_pressed = False
        """The close button of the window, which a `pygame.QUIT` follows."""
        pygame.key.set_repeat(350, 45)
        self._front = True
        """The window is in front."""
        self._touched = clock()
        """When a device did something."""
        self._called = ""
        """What the title says that waits for the player."""
        self._bound: tuple[object, object, str] | None = None
        """The settings and the game that the keys are bound for."""
        self.preferences.follow(self._changed)
        self._apply(Settings(), self.preferences.now)

    @property
    def frames(self) -> int:
        """Frames drawn so far."""
        return self._pace.frames

    def step(self) -> None:
        """Wait for something to do, at most `_TURN`; do it; draw if anything changed."""
        inputs, events = self._wait()
        for input_event in inputs:
            with self.router.games():
                self._handle(input_event)
        now = self._clock()
        dt, self._now = min(now - self._now, _LONGEST_STEP), now
        for event in events:
            with self.router.games():
                self.router.receive(event)
            self._also(event)
            if self._autoplay is not None:
                self._autoplay.notice(self.client, event, now)
        with self.router.games():
            if self._autoplay is not None:
                self._autoplay.step(self.client, now)
            if (viewer := self._files.poll()) is not None and self.client.match() is None:
                self.router.push(viewer)
            self.router.update(dt)
            self.router.hold(self._devices.holds)
        self._dirty = self.toasts.update(dt) or self._dirty
        self._dirty = self._fade.update(dt) or self._dirty
        self._follow_language()
        self._follow_looks()
        self._follow_focus()
        self._bind()
        self._call()
        self._score()
        if now >= self._due():
            with self.router.games():
                self._draw(now)
        self._pace.count(now)
        self.context.fps = self._pace.rate
        self.exit_code = self._ending()
        if self.exit_code is not None and self.window.frame:
            self.preferences.change(window=self.window.frame)

    def _wear(self) -> None:
        """Look and sound as the settings say."""
        now, canvas = self.preferences.now, self.canvas
        theme, shown = theme_of(now.theme, now.palette), self._looks
        if shown:  # in the other palettes the first colours are the ones that are told apart, so nobody chooses there
            chosen = now.palette == "default"
            colours = [look.colour for look in shown] if chosen else range(len(shown))
            theme = theme.seated(colours, [look.shape for look in shown])
        canvas.wear(theme)
        canvas.zoom, canvas.still = now.scale / 100, now.still
        canvas.shakes = now.shake and not now.still
        canvas.sounds.set(on=now.sound, volume=now.sound_volume, music=now.music_volume)

    def _follow_looks(self) -> None:
        """Let the players of the match or room that is on have their colours and shapes."""
        looks = next((scene.looks for scene in reversed(self.router.stack) if scene.looks), ())
        if looks != self._looks:
            self._looks = looks
            self._wear()
            self._dirty = True

    def _changed(self, before: Settings, now: Settings) -> None:
        """A setting was changed: everything is placed and drawn anew."""
        self._wear()
        self._shade = None
        for scene in self.router.stack:
            scene.size, scene.dirty = (0, 0), True
        self._dirty = True
        self._apply(before, now)

    def _apply(self, before: Settings, now: Settings) -> None:
        """Do what follows of the settings that differ."""
        if before.language != now.language and self._bound is not None:
            set_language(now.language)
        if now.full_screen and self.window.full and now.display != before.display:
            self.window.toggle_full_screen()
        if now.full_screen != self.window.full:
            self.window.toggle_full_screen(now.display)
        privacy = commands.SetPrivacy(invite=now.may_invite, watch=now.may_watch, chat=now.may_chat)
        if privacy != commands.SetPrivacy(
            invite=before.may_invite, watch=before.may_watch, chat=before.may_chat
        ):
            self.client.send(privacy)
        if before.avatar != now.avatar:
            self.client.send(commands.SetAvatar(now.avatar if now.avatar >= 0 else None))
        if before.input_delay != now.input_delay and now.input_delay >= 0 and self.client.match() is not None:
            self.client.send(commands.SetInputDelay(now.input_delay))

    def _call(self) -> None:
        """Say in the title, and by a sound, what waits for the player while the window is not in front."""
        text = "" if self._front else self.router.waiting_for_us()
        if text != self._called:
            if text and not self._called:
                self.canvas.sounds.play("turn")
            self._called = text
            self.window.call(text)

    def _score(self) -> None:
        """Let the music be that of the game that is on; by turns it is quiet, unless the player wants it otherwise."""
        now = self.preferences.now
        match = self.client.match()
        game = self.router.top.game
        if not game:
            self.canvas.sounds.score("lobby")
        elif now.music_by_turns or self._runs_by_clock(game) or (match is not None and match.tick_rate):
            self.canvas.sounds.score(game if game in TRACKS else "lobby")
        else:
            self.canvas.sounds.score("")

    def _runs_by_clock(self, game: str) -> bool:
        plugin = self.client.registry.get(game)
        return plugin is not None and plugin.game.tick_rate > 0

    def _bind(self) -> None:
        """Give the keys to the players as the settings say for the game that is on."""
        wanted = (self.preferences.now.keys, self.preferences.now.gamepads, self.router.top.game)
        if wanted != self._bound:
            self._bound = wanted
            self._devices.bind(bindings_of(wanted[0], wanted[2]))
            self.context.gamepads.bind(wanted[1])

    def _wait(self) -> tuple[list[pygame.event.Event], Sequence[Event]]:
        """What came from the devices and from the network; returns without either when a frame is due."""
        hidden, calm = not self.window.shown, self._clock() - self._touched >= _CALM
        resting = calm and self.client.match() is None and not self.router.top.game
        turn = _HIDDEN if hidden else _TURN_CALM if resting else _TURN
        until = min(self._clock() + turn, self._due())
        while True:
            inputs, events, match = waiting_events(), self.client.drain(), self.client.match()
            left = until - self._clock()
            if inputs:
                self._touched = self._clock()
            if inputs or events or match is not self._match or left <= 0:
                self._match = match
                return inputs, events
            live = match is not None and match.tick_rate
            nap = _HIDDEN if hidden else _NAP_LIVE if live else _NAP_CALM if calm else _NAP
            self._sleep(min(nap, left))

    def _handle(self, event: pygame.event.Event) -> None:
        self.window.follow(event)
        match event.type:
            case pygame.WINDOWCLOSE:
                self._close_pressed = True
            case pygame.QUIT:
                if not self._close_pressed and pygame.display.get_driver() == "wayland":
                    raise P2PGameError("display_lost")  # the compositor is gone, and no dialog would be seen
                self._close_pressed = False
                if self.router.close():
                    self.router.exit_code = 0
            case pygame.DROPFILE:
                self.open(Path(event.file))
            case pygame.WINDOWSIZECHANGED | pygame.VIDEORESIZE:
                self.window.resized()
                self._fade.stop()
                self._dirty = True
            case pygame.WINDOWFOCUSGAINED:
                self._front = True
                self.context.chat.look(away=False)
            case pygame.WINDOWFOCUSLOST:
                self._front = False
                self.context.chat.look(away=True)
                self._type_into(None)
                self._input(event)
            case pygame.KEYMAPCHANGED:
                forget_layout()
                self._dirty = True
            case pygame.WINDOWEXPOSED | pygame.WINDOWRESTORED | pygame.WINDOWSHOWN:
                self._dirty = True
            case _:
                self._input(event)

    def open(self, path: Path) -> None:
        """Show a file: a recorded match, or one that another program wrote."""
        if self.client.match() is not None:
            self.toasts.say(gettext("A file can be opened when no match is on"))
        else:
            self._files.start(path)

    def _input(self, event: pygame.event.Event) -> None:
        field, held = self.router.top.form.field, self._devices.holds
        value = self._devices.translate(
            event,
            typing=field is not None,
            composing=field is not None and bool(field.composing),
            joining=self.router.top.joinable,
            capturing=self.router.top.capturing,
            factors=self.window.factors,
        )
        if self._devices.holds != held:  # immediately: a tap may be shorter than a frame
            self.router.hold(self._devices.holds)
        if value is None:
            return
        if value == Press(MenuAction.FULLSCREEN):
            self.context.change(full_screen=not self.window.full)
            self._dirty = True
        elif value == Press(MenuAction.SOUND):
            self.context.toggle_sound()
            self._dirty = True
        elif self._asks_for_notices(value) and not isinstance(self.router.top, NoticesScene):
            self._open_notices()
        elif value == Press(MenuAction.SCREENSHOT):
            path = self.window.screenshot(self._screenshots or Path())
            self.toasts.say(
                gettext("Saved {file}", file=path.name)
                if path
                else gettext("The screenshot could not be saved")
            )
        elif value == Press(MenuAction.COPY) and field is None:
            text = self.router.top.copied
            copy(text)
            if text:
                self.toasts.say(gettext("Position copied as text"))
        else:
            self._place()
            self.router.handle(value)

    def _open_notices(self) -> None:
        self.router.push(NoticesScene(self.context, tuple(self.toasts.log)))

    def _asks_for_notices(self, value: Input) -> bool:
        """The key for the log of notices, or a press on one."""
        if isinstance(value, Pointer) and value.kind is PointerKind.DOWN:
            return self.toasts.rect.collidepoint(value.at)
        return value == Press(MenuAction.NOTICES)

    def _keep_readable(self) -> None:
        """English instead of a language that would be all boxes; the lobby says what to install."""
        if not self.canvas.fonts.can_draw(own_name()):
            set_language("en")

    def _follow_language(self) -> None:
        """Lay everything out again once another language is in use: words have other lengths there."""
        if self._language != generation():
            self._keep_readable()
            self._language = generation()
            for scene in self.router.stack:
                scene.size, scene.dirty = (0, 0), True
            self._dirty = True

    def _follow_focus(self) -> None:
        """Text input, and with it the keyboard of a touch screen or an input method, only in text fields."""
        field = self.router.top.form.field
        self._type_into(field)
        if field is not None:
            pygame.key.set_text_input_rect(field.rect)

    def _type_into(self, field: Widget | None) -> None:
        """Let the input method work in `field`; what it did elsewhere, as under a new dialog, ends as it stands."""
        if field is self._field:
            return
        if self._field is not None:
            self._field.finish()
            self._dirty = True
            pygame.key.stop_text_input()  # the input method forgets it, too
        if field is not None:
            pygame.key.start_text_input()
        self._field = field

    def _wants_frame(self) -> bool:
        scenes = self.router.visible()
        moves = self._dirty or self.router.changed or self._fade.running
        return moves or any(s.dirty or s.animating for s in scenes)

    def _due(self) -> float:
        """When the next picture is to be drawn; never, if nothing changed, or nobody would see it."""
        if not self.window.shown:
            return math.inf
        if any(scene.fresh for scene in self.router.visible()):
            return min(self._pace.due, self._pace.after(_SOONEST))
        return self._pace.due if self._wants_frame() else math.inf

    def _place(self) -> None:
        """Lay out the visible scenes for the current size, where that is not done yet."""
        size = self.window.size
        if self.canvas.fingers != self.context.players.by_touch:
            self.canvas.fingers = self.context.players.by_touch
            for scene in self.router.stack:
                scene.size, scene.dirty = (0, 0), True
        self.canvas.rescale(size)
        for scene in self.router.visible():
            scene.place(size)

    def _draw(self, now: float) -> None:
        canvas = self.window.canvas()
        self._place()
        scenes = self.router.visible()
        self._begin_fade(canvas, scenes)
        changed: Sequence[pygame.Rect] | None = None
        if not (self._dirty or self.router.changed or self.toasts.text or len(scenes) > 1 or scenes[0].dirty):
            changed = scenes[0].draw_live(canvas)
        if changed is None:
            self._draw_all(canvas, scenes)
            self._fade.draw(canvas)
        self.window.present(changed)
        self._dirty = self.router.changed = False
        self._pace.drawn(now, in_step=any(scene.in_step for scene in scenes))

    def _begin_fade(self, canvas: pygame.Surface, scenes: Sequence[Scene]) -> None:
        """If these are other scenes than those of the last picture, let that one become the next."""
        before, self._drawn = self._drawn, scenes
        if not before or before == scenes or not self.context.lively or self.canvas.still:
            return
        theme = self.canvas.theme
        self._fade.begin(canvas, theme.fast if before[0] is scenes[0] else theme.slow)

    def _draw_all(self, canvas: pygame.Surface, scenes: Sequence[Scene]) -> None:
        for scene in scenes:
            if scene.overlay and scene.dims and scene is scenes[-1]:
                self._dim(canvas)
            scene.draw(canvas)
            scene.dirty = False
        self.toasts.draw(canvas, self.canvas, scenes[-1].notice_corner())

    def _dim(self, canvas: pygame.Surface) -> None:
        if self._shade is None or self._shade.get_size() != canvas.get_size():
            self._shade = pygame.Surface(canvas.get_size())
            self._shade.fill(self.canvas.theme.background)
            self._shade.set_alpha(self.canvas.theme.dim)
        canvas.blit(self._shade, (0, 0))

    def _ending(self) -> int | None:
        if self.router.exit_code is not None:
            return self.router.exit_code
        return self._autoplay.exit_code if self._autoplay is not None else None
