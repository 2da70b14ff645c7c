"""Short sounds and quiet music, how loud they are and from where. Every failure of the sound device means silence."""

import contextlib
import os
import sys
from collections.abc import Iterator

import pygame

from p2pgame.ui import assets

__all__ = ["NAMES", "TRACKS", "Sounds"]

NAMES = (
    "click", "stone", "invite", "win", "lose", "draw", "capture",
    "paddle", "wall", "score", "beat", "go", "crash", "tick", "join", "leave", "turn", "chat",
)  # fmt: skip
TRACKS = ("lobby", "gomoku", "pong", "tron")
"""Music, by the game that it is for."""
_FADE = 600
"""Milliseconds in which one piece of music ends before the next."""


class Sounds:
    """Plays the package's sounds by name. Silent until `start`, while muted and after any failure."""

    def __init__(self, *, on: bool = True, volume: int = 100, music: int = 0) -> None:
        self.on = on
        self._volume = volume / 100
        self._music = music / 100
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        self._open = False
        self._track = ""
        """The music that is wanted."""
        self._plays = ""

    def start(self) -> None:
        """Open the sound device, if there is one, and load the sounds."""
        try:
            with _quiet_stderr():
                pygame.mixer.init(frequency=44100, size=-16, channels=2, buffer=512)
            self._open = True
            for name in NAMES:
                if (path := assets.sound_path(name)).is_file():
                    self._sounds[name] = pygame.mixer.Sound(path)
        except (pygame.error, OSError, NotImplementedError, AttributeError):
            self._sounds.clear()
        self._follow()

    def play(self, name: str, pan: float = 0.0) -> None:
        """Play the sound `name` once, from `pan`: -1 is left, 1 right. Silence if it is unknown or muted."""
        if not self.on or not self._volume or (sound := self._sounds.get(name)) is None:
            return
        if (
            pygame.mixer.get_init() is None
        ):  # closed by somebody else: pygame would play from memory that is gone
            self._sounds.clear()
            return
        with contextlib.suppress(pygame.error):
            channel = sound.play()
            if channel is not None:  # None: as many sounds play already as are mixed at one time
                channel.set_volume(*self.loudness(pan))

    def loudness(self, pan: float) -> tuple[float, float]:
        """Of a sound from `pan`, at the left and at the right; 1 is as it was recorded."""
        pan = max(-1.0, min(1.0, pan))
        return self._volume * min(1.0, 1 - pan), self._volume * min(1.0, 1 + pan)

    @property
    def playing(self) -> str:
        """The music that plays; empty: none."""
        return self._plays

    def set(self, *, on: bool, volume: int, music: int) -> None:
        """How loud, in percent; not `on`: mute all."""
        self.on, self._volume, self._music = on, volume / 100, music / 100
        if not on:
            self._silence()
        self._follow()

    def _silence(self) -> None:
        if self._open and pygame.mixer.get_init() is not None:
            pygame.mixer.stop()

    def score(self, track: str) -> None:
        """Loop this music, one of `TRACKS`; empty: none."""
        if track != self._track:
            self._track = track
            self._follow()

    def _follow(self) -> None:
        """Let the music be what is wanted, and as loud."""
        if not self._open or pygame.mixer.get_init() is None:
            return
        wanted = self._track if self.on and self._music else ""
        with contextlib.suppress(pygame.error, OSError, NotImplementedError, AttributeError):
            if wanted != self._plays:
                self._plays = wanted
                if wanted and (path := assets.music_path(wanted)).is_file():
                    pygame.mixer.music.load(path)
                    pygame.mixer.music.play(-1, fade_ms=_FADE)
                else:
                    pygame.mixer.music.fadeout(_FADE)
            pygame.mixer.music.set_volume(self._music)

    def stop(self) -> None:
        """Close the sound device."""
        self._sounds.clear()
        self._open, self._plays = False, ""
        with contextlib.suppress(pygame.error, NotImplementedError, AttributeError):
            pygame.mixer.quit()


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep what native sound libraries write about missing devices off the player's terminal."""
    try:
        sys.stderr.flush()
        saved, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except (OSError, AttributeError, ValueError):
        yield
        return
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
