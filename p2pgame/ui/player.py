"""Plays a recorded match: which frame is shown now, and the `MatchView` of it that a game's view can draw.

Knows no scene, no file and no device. Time comes in as `update`; a real-time match stands between two frames, as a
live one does, and a turn-based one makes a move a second.
"""

from collections.abc import Callable, Sequence
from math import ceil

from p2pgame.replay.playback import Playback
from p2pgame.session.view import MatchView

__all__ = ["JUMP", "SPEEDS", "Player"]

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)
JUMP = 10
"""Seconds, or moves, of a jump."""


class Player:
    """Starts at frame 0 and paused. Every method raises `P2PGameError` for an invalid file and leaves the position
    as it was.
    """

    def __init__(self, playback: Playback, names: Sequence[str], clock: Callable[[], float]) -> None:
        """`names`: of the players, as they shall be shown. `clock`: that of `MatchView.at`."""
        self.playback = playback
        self.rate = playback.game.tick_rate or 1
        """Frames a second."""
        self.speed = 1.0
        self.playing = False
        self.jumps = 0
        """Number of seeks and steps."""
        self._clock = clock
        self._names = tuple(names)
        self._position = 0.0
        """In frames; fractions are interpolated."""
        self.match = self._look(0, 1.0)

    @property
    def frames(self) -> int:
        return self.playback.frames

    @property
    def frame(self) -> int:
        """The frame that is shown."""
        return self.match.frame

    @property
    def left(self) -> float:
        """Frames to the end."""
        return self.frames - self._position

    @property
    def jump(self) -> int:
        """Frames of a jump."""
        return JUMP * self.rate

    @property
    def at_end(self) -> bool:
        return self._position >= self.frames

    def toggle(self) -> None:
        """Play or pause; at the end, play from the beginning."""
        if not self.playing and self.at_end:
            self.seek(0)
        self.playing = not self.playing and self.frames > 0
        if not self.playing:
            self._show(ceil(self._position))

    def seek(self, frame: int) -> None:
        """Go to `frame`, or the nearest there is."""
        frame = max(0, min(self.frames, frame))
        if frame != self.frame:
            self._show(frame)
            self.jumps += 1

    def step(self, by: int) -> None:
        """Pause, and go so many frames forward or back. One forward is playing on."""
        self.playing = False
        to = self.frame + by
        if by == 1 and to <= self.frames:
            self._show(to)
        else:
            self.seek(to)

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True if `match` is another one."""
        if not self.playing:
            return False
        position = min(float(self.frames), self._position + dt * self.speed * self.rate)
        try:
            self._show(position)
        finally:
            if position >= self.frames or self._position != position:
                self.playing = False
        return True

    def _show(self, position: float) -> None:
        frame = ceil(position)
        self.match = self._look(frame, position - frame + 1)
        self._position = position

    def _look(self, frame: int, part: float) -> MatchView:
        """The match at `frame`, `part` of the way there from the frame before."""
        playback, header = self.playback, self.playback.replay.header
        state = playback.state(frame)
        rate = playback.game.tick_rate
        return MatchView(
            match=header.match,
            game=header.game,
            host=header.host,
            players=header.players,
            names=self._names,
            me=header.me,
            seats=(header.me,) if header.me >= 0 else (),
            config=playback.config,
            state=state,
            frame=frame,
            to_move=playback.to_move(frame),
            outcome=playback.outcome(frame),
            rtt_ms=None,
            hash="",
            tick_rate=rate,
            previous=playback.previous(frame) if rate else None,
            at=self._clock() - (part / rate if rate else 0.0),
            confirmed=frame,
        )
