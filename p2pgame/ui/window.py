"""The window itself: opening it, full screen, its canvas, screenshots. Knows no scenes."""

import os
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import pygame
from pygame._sdl2 import video

from p2pgame.ui import assets
from p2pgame.ui.canvas import MIN_SIZE
from p2pgame.ui.theme import THEME

__all__ = ["Window", "WindowOptions"]

_ICON = 64
"""Pixels of the icon's side."""
_PICTURES_MAX = 100
"""Pictures in one second and directory."""
_CANVAS_MAX = 4096
_CENTRED = 0x2FFF0000
"""SDL_WINDOWPOS_CENTERED, to which the number of a display is added."""
"""Pixels of a side of a canvas that is scaled down: a window 1 pixel wide would ask for gigabytes, and pygame writes
beyond the end of its memory where it shrinks a picture by that much."""


class WindowOptions(msgspec.Struct, frozen=True):
    """How the window opens."""

    title: str = "p2pgame"
    size: tuple[int, int] = (1280, 720)
    position: tuple[int, int] | None = None
    """Of the upper left corner on the desktop; None: the system chooses."""
    fps: int = 60


_SHOWN = {
    pygame.WINDOWMINIMIZED: False,
    pygame.WINDOWHIDDEN: False,
    pygame.WINDOWRESTORED: True,
    pygame.WINDOWSHOWN: True,
    pygame.WINDOWEXPOSED: True,
    pygame.WINDOWMAXIMIZED: True,
    pygame.WINDOWFOCUSGAINED: True,
}
"""What is said of the window, and whether it can be seen then."""


class Window:
    """An open window. Below the smallest layout, scenes draw on a larger canvas that is scaled down."""

    def __init__(self, options: WindowOptions) -> None:
        if options.position is not None:
            os.environ["SDL_VIDEO_WINDOW_POS"] = f"{options.position[0]},{options.position[1]}"
        if pygame.display.get_driver() == "x11":
            # Straight to the server by shared memory, rather than through an OpenGL texture: where OpenGL is
            # software, a frame of 1280x720 costs 5 ms through a texture and 0.06 ms like this.
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
        pygame.display.set_icon(_icon(called=False))
        desktop = pygame.display.get_desktop_sizes()[0]
        size = (min(options.size[0], desktop[0]), min(options.size[1], desktop[1]))
        self._surface = pygame.display.set_mode(size, pygame.RESIZABLE)
        os.environ.pop("SDL_VIDEO_WINDOW_POS", None)
        self._title = options.title
        pygame.display.set_caption(options.title)
        self._sdl = _sdl_window()
        """Kept, since pygame keeps a reference to it that it does not count."""
        self._normal = size
        self._full = False
        self._maximised = False
        """It is, or was when it became full screen."""
        self._place: tuple[int, int] | None = None
        """Where it is on the desktop when it is neither; None: nobody has said."""
        self._canvas: pygame.Surface | None = None
        self.shown = True
        """False: minimised, or hidden by the system."""

    def call(self, text: str) -> None:
        """Show `text` in the title, and ask the system to point at the window; empty: no more."""
        pygame.display.set_caption(f"● {text} – {self._title}" if text else self._title)
        pygame.display.set_icon(_icon(called=bool(text)))
        if text and hasattr(self._sdl, "flash"):  # pygame-ce
            with suppress(pygame.error, AttributeError):
                self._sdl.flash(2)  # until it is in front

    @property
    def full(self) -> bool:
        """It is full screen."""
        return self._full

    @property
    def frame(self) -> tuple[int, ...]:
        """Place and size of the window on the desktop, when it is neither maximised nor full screen; empty: unknown."""
        return () if self._place is None else (*self._place, *self._normal)

    @property
    def factors(self) -> tuple[float, float]:
        """Canvas pixels per window pixel, across and down; 1 unless the window is very small."""
        canvas, window = self.size, self._surface.get_size()
        return canvas[0] / max(1, window[0]), canvas[1] / max(1, window[1])

    @property
    def size(self) -> tuple[int, int]:
        """Of the canvas."""
        width, height = self._surface.get_size()
        factor = max(MIN_SIZE[0] / max(1, width), MIN_SIZE[1] / max(1, height))
        if factor <= 1:
            return width, height
        return min(_CANVAS_MAX, round(width * factor)), min(_CANVAS_MAX, round(height * factor))

    def resized(self) -> None:
        """The system gave the window another size."""
        self._surface = pygame.display.get_surface() or self._surface
        if not self._full and not self._maximised:
            self._normal = self._surface.get_size()

    def canvas(self) -> pygame.Surface:
        """What to draw the next frame on."""
        if self.size == self._surface.get_size():
            self._canvas = None
            return self._surface
        if self._canvas is None or self._canvas.get_size() != self.size:
            self._canvas = pygame.Surface(self.size)
        return self._canvas

    def present(self, changed: Sequence[pygame.Rect] | None = None) -> None:
        """Show the frame. `changed`: only there does it differ from the last one."""
        if self._canvas is not None:
            pygame.transform.smoothscale(self._canvas, self._surface.get_size(), self._surface)
        elif changed is not None:
            pygame.display.update(list(changed))
            return
        pygame.display.flip()

    def follow(self, event: pygame.event.Event) -> None:
        """Remember what the system did with the window."""
        self.shown = _SHOWN.get(event.type, self.shown)
        if self._full:
            return
        match event.type:
            case pygame.WINDOWMOVED if not self._maximised:
                self._place = (event.x, event.y)
            case pygame.WINDOWMAXIMIZED:
                self._maximised = True
            case pygame.WINDOWRESTORED:
                self._maximised = False

    def toggle_full_screen(self, display: int = 0) -> None:
        """Full screen at the desktop's resolution, or back to the same place and size, maximised if it was.

        `display`: which one, from 1; 0: where the window is.
        """
        # `pygame.display.set_mode` opens a window of its own choice: somewhere else, and never maximised.
        if not self._full:
            self._normal = self._surface.get_size()
            if 0 < display <= len(pygame.display.get_desktop_sizes()):
                self._sdl.position = (_CENTRED + display - 1, _CENTRED + display - 1)
            self._sdl.set_fullscreen(True)
        else:
            self._sdl.set_windowed()
            if not self._maximised:
                self._sdl.size = self._normal  # some video drivers keep the desktop's
            else:
                if self._place is not None:
                    self._sdl.position = self._place
                self._sdl.maximize()
        self._full = not self._full
        pygame.event.pump()  # the surface gets its new size
        self.resized()

    def screenshot(self, directory: Path) -> Path | None:
        """Save the frame as PNG in `directory`; None where that is not possible."""
        stem = time.strftime("p2pgame-%Y%m%d-%H%M%S")
        for number in range(1, _PICTURES_MAX):
            path = directory / f"{stem}{f'-{number}' if number > 1 else ''}.png"
            try:
                with path.open("xb") as file:
                    pygame.image.save(self._surface, file, path.name)
            except FileExistsError:  # there are two windows, or two presses of the key
                continue
            except (pygame.error, OSError):
                break
            return path
        return None


def _icon(*, called: bool) -> pygame.Surface:
    """The icon of the program; `called`: with a dot, since something waits for the player."""
    icon = assets.picture("icon", _ICON).copy()
    if called:
        at = (_ICON * 3 // 4, _ICON // 4)
        pygame.draw.circle(icon, THEME.background, at, _ICON // 4)
        pygame.draw.circle(icon, THEME.warm, at, _ICON // 5)
    return icon


def _sdl_window() -> video.Window:
    """The window of `pygame.display`, for what only SDL can do with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pygame-ce: use windows of another kind
        return video.Window.from_display_module()
