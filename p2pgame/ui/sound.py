"""Short sounds, and whether they are on. Every failure of the sound device means silence, never an error."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

import pygame

from p2pgame.ui import assets

__all__ = ["NAMES", "Sounds"]

NAMES = (
    "click", "stone", "invite", "win", "lose",
    "paddle", "wall", "score", "beat", "go", "crash",
)  # fmt: skip


def _forget(_: bool) -> None:
    """Save nothing."""


class Sounds:
    """Plays the package's sounds by name. Silent until `start`, while switched off and after any failure."""

    def __init__(self, *, on: bool = True, save: Callable[[bool], None] = _forget) -> None:
        """`save` stores whether sounds are on, for the next start of the program."""
        self.on = on
        self._save = save
        self._sounds: dict[str, pygame.mixer.Sound] = {}

    def start(self) -> None:
        """Open the sound device, if there is one, and load the sounds."""
        try:
            with _quiet_stderr():
                pygame.mixer.init(frequency=44100, size=-16, channels=1, buffer=512)
            for name in NAMES:
                if (path := assets.sound_path(name)).is_file():
                    self._sounds[name] = pygame.mixer.Sound(path)
        except (pygame.error, OSError, NotImplementedError, AttributeError):
            self._sounds.clear()

    def play(self, name: str) -> None:
        """Play the sound `name` once; silence if it is unknown or sounds are off."""
        if self.on and (sound := self._sounds.get(name)) is not None:
            sound.play()

    def toggle(self) -> None:
        """Switch sounds on or off and save the choice. Raises `P2PGameError` if saving fails; the switch holds."""
        self.on = not self.on
        if not self.on:
            for sound in self._sounds.values():
                sound.stop()
        self._save(self.on)

    def stop(self) -> None:
        """Close the sound device."""
        self._sounds.clear()
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
