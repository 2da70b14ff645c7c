"""Adds up the time for which something lasts, over all its interruptions. Does not know a clock."""

from math import inf

__all__ = ["Stopwatch"]


class Stopwatch:
    """Runs or stands, as the newest `update` says. All times in seconds."""

    def __init__(self, seconds: float = 0.0, *, longest: float = inf) -> None:
        """`seconds`: to begin with. `longest`: at most so much is counted between two updates: our own program may
        have been stopped for the rest."""
        self.seconds = seconds
        """Up to the newest update."""
        self.running = False
        self._longest = longest
        self._at: float | None = None
        """Time of the newest update; None while it stands."""

    def update(self, now: float, since: float | None) -> None:
        """`since`: when what is measured began; None: it does not last."""
        if self._at is not None:
            self.seconds += min(now - self._at, self._longest)
        elif since is not None:
            self.seconds += now - since
        self._at = None if since is None else now
        self.running = since is not None

    def reaches(self, seconds: float) -> float | None:
        """When it will have counted that many, if it goes on; None while it stands."""
        return None if self._at is None else self._at + seconds - self.seconds
