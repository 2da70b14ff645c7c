"""A person at the app, for tests: presses keys, clicks, types and looks, on a clock that only tests move."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

import pygame
import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.games.gomoku.rules import Move
from p2pgame.games.gomoku.view import Geometry
from p2pgame.storage.settings import Settings
from p2pgame.ui.app import App, WindowOptions
from p2pgame.ui.autoplay import Autoplay
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scene import Scene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.sound import Sounds
from p2pgame.ui.widgets import Button, Widget
from tests.ui.fake_client import FakeClient
from tests.ui.keys import key_event

S = TypeVar("S", bound=Scene)
LEARNED = ("gomoku", "pong", "tron", "add", "hands", "steps", "toy", "round-robin", "secret")
"""Games of which the player has seen how to play them."""


class Inline(Executor):
    """Does each task at once, on the thread that submits it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except P2PGameError as error:
            future.set_exception(error)
        return future


class Desk:
    """An `App` on a dummy display with a `FakeClient`. pygame is initialised by the fixture."""

    def __init__(
        self,
        *,
        first_run: bool = False,
        size: tuple[int, int] = (1000, 700),
        autoplay: Autoplay | None = None,
        client: FakeClient | None = None,
        sounds: Sounds | None = None,
        preferences: Preferences | None = None,
        background: Executor | None = None,
        lively: bool = False,
    ) -> None:
        """`background`: default: does each task at once. `lively`: see `App`."""
        pygame.event.clear()
        self.now = 100.0
        self.client = client or FakeClient()
        self.client.clock = lambda: self.now
        self.app = App(
            self.client,
            first_run=first_run,
            window=WindowOptions(size=size),
            autoplay=autoplay,
            sounds=sounds,
            preferences=preferences or Preferences(Settings(learned=LEARNED)),
            background=background or Inline(),
            clock=lambda: self.now,
            sleep=self._sleep,
            lively=lively,
        )
        self.go()

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def go(self, seconds: float = 0.1) -> None:
        """Let the app run; where it is to wait for long, ten frames a second will do until the last of them."""
        end = self.now + seconds
        slow_until = end - 1.0 if seconds >= 10 else 0.0
        while self.now < end and self.app.exit_code is None:
            if self.now < slow_until:
                self.now += 0.1
            before = self.now
            self.app.step()
            if self.now == before:
                self.now += 0.001

    @property
    def scene(self) -> Scene:
        return self.app.router.top

    @property
    def shows(self) -> str:
        """Class name of the topmost scene."""
        return type(self.scene).__name__

    def top(self, kind: type[S]) -> S:
        """The topmost scene, which must be of `kind`."""
        scene = self.scene
        assert isinstance(scene, kind), f"{self.shows} instead of {kind.__name__}"
        return scene

    @property
    def toast(self) -> str:
        return self.app.toasts.text

    def key(self, *keys: int, mod: int = 0) -> None:
        for key in keys:
            for kind in (pygame.KEYDOWN, pygame.KEYUP):
                pygame.event.post(key_event(kind, key, mod))
            self.go(0.05)

    def down(self, *keys: int) -> None:
        """Press and hold."""
        self._post(pygame.KEYDOWN, keys)

    def up(self, *keys: int) -> None:
        """Let go."""
        self._post(pygame.KEYUP, keys)

    def _post(self, kind: int, keys: tuple[int, ...]) -> None:
        for key in keys:
            pygame.event.post(key_event(kind, key))
        self.go(0.05)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the mouse at `start`, move it to `end` and let go."""
        steps = ((pygame.MOUSEBUTTONDOWN, start), (pygame.MOUSEMOTION, end), (pygame.MOUSEBUTTONUP, end))
        for kind, at in steps:
            fields = {"rel": (0, 0), "buttons": (1, 0, 0)} if kind == pygame.MOUSEMOTION else {"button": 1}
            pygame.event.post(pygame.event.Event(kind, pos=at, **fields))
            self.go(0.05)

    def type(self, text: str) -> None:
        pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=text))
        self.go(0.05)

    def click(self, at: tuple[int, int]) -> None:
        pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(0, 0), buttons=(0, 0, 0)))
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, pos=at, button=1))
        self.go(0.05)

    def hover(self, at: tuple[int, int]) -> None:
        pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(0, 0), buttons=(0, 0, 0)))
        self.go(0.05)

    def button(self, label: str) -> Button:
        found = [w for w in self.scene.form.widgets if isinstance(w, Button) and w.label == label]
        assert found, f"no button {label!r} in {self.shows}"
        return found[0]

    def press(self, label: str) -> None:
        """Click the button `label` with the mouse."""
        self.click(self.button(label).rect.center)

    def tab_to(self, widget: Widget) -> None:
        """Move the focus with the Tab key."""
        for _ in range(20):
            if self.scene.form.focused is widget:
                return
            self.key(pygame.K_TAB)
        raise AssertionError("Tab does not lead there")

    def close_window(self) -> None:
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        self.go(0.05)

    def resize(self, size: tuple[int, int]) -> None:
        pygame.display.set_mode(size, pygame.RESIZABLE)
        pygame.event.post(pygame.event.Event(pygame.WINDOWSIZECHANGED, x=size[0], y=size[1]))
        self.go(0.05)

    def words_of(self, draw: Callable[[pygame.Surface], object]) -> str:
        """All text that `draw` draws on a surface like the window, the lines one after the other."""
        fonts, shown = self.app.canvas.fonts, list[str]()
        render = fonts.render

        def rendered(text: str, *given: Any, **more: Any) -> pygame.Surface:
            shown.append(text)
            return render(text, *given, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fonts, "render", rendered)
            draw(pygame.Surface(pygame.display.get_window_size()))
        return " ".join(shown)

    def point(self, point: int) -> tuple[int, int]:
        """Where a point of the board is in the window."""
        return Geometry(self.top(MatchScene).match_board.board).at(point)

    def picture(self) -> bytes:
        """The pixels of the window."""
        surface = pygame.display.get_surface()
        assert surface is not None
        return pygame.image.tobytes(surface, "RGB")

    # what happens around the person

    def start_match(self, number: int = 1, name: str = "Ben", game: str = "gomoku") -> str:
        """`name` is there, invites and is accepted; returns its peer id."""
        peer = self.client.add_peer(number, name).peer
        self.client.peer_invites(peer, game=game)
        self.go(0.7)
        self.press("Accept")
        self.go()
        assert self.shows == "MatchScene"
        return peer

    def win(self) -> None:
        """Play on until we have five in a row along the first rows."""
        ours, theirs = iter(range(15)), iter(range(210, 225, 2))
        while (match := self.client.match()) is not None and match.outcome is None:
            if match.me in match.to_move:
                self.client.submit(Move(next(ours)))
            else:
                self.client.peer_moves(next(theirs))
            self.go()
        self.go()
