"""The settings while the window is open: whoever changes one, all who use it are told, and it is saved.

Knows no scene and no file.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.storage.settings import Settings

__all__ = ["Preferences"]


def _forget(_: Settings) -> None:
    """Save nothing."""


class Preferences:
    """One per window. `now` are the settings in force."""

    def __init__(self, settings: Settings | None = None, save: Callable[[Settings], None] = _forget) -> None:
        """`save` may raise `P2PGameError`."""
        self.now = settings or Settings()
        self.problem: P2PGameError | None = None
        """Why the last change was not saved; it holds all the same."""
        self._save = save
        self._followers: list[Callable[[Settings, Settings], None]] = []

    def follow(self, follower: Callable[[Settings, Settings], None]) -> None:
        """Call `follower` with the settings before and after each change."""
        self._followers.append(follower)

    def change(self, **values: Any) -> bool:
        """Set these fields of `Settings`, and save. True if anything changed."""
        before, self.now = self.now, msgspec.structs.replace(self.now, **values)
        if before == self.now:
            return False
        for follower in self._followers:
            follower(before, self.now)
        self.problem = None
        try:
            self._save(self.now)
        except P2PGameError as error:
            self.problem = error
        return True
