"""Plays a recorded match: gives the state and inputs of any frame.

Used by the viewer and to resume an interrupted match. Does not verify the file (`replay.verify` does): a forged file
gives wrong states, and data that the game cannot decode is a `ReplayError`.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from p2pgame.core.game import AnyGame, Outcome
from p2pgame.core.snapshot import state_hash
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.reader import Replay
from p2pgame.replay.rules import Rules

__all__ = ["Playback"]

_SPACING: Final = 60
"""Initial number of frames between two cached states."""
_KEPT_MAX: Final = 512
"""Maximum number of cached states. Beyond it every other one is dropped and the spacing doubles."""


class Playback:
    """A replay and its game. A frame's number says how many were played before: 0 is the beginning.

    A seek plays from the nearest earlier state that is known, one of the file or one that was seen before, of which
    there is one every 60 frames (in matches of more than 30,000 frames every 120, and so on). A step forward is one
    `advance`. All methods raise `ReplayError` for what the game does not understand, and `ValueError` for a frame
    that is not from 0 to `frames`.
    """

    def __init__(self, replay: Replay, game: AnyGame) -> None:
        """Raises `ReplayError` if the match is not one of this game."""
        self.replay = replay
        self.game = game
        self.rules = Rules(game, replay.header)
        self._in_file = sorted({*replay.snapshots, *replay.repaired})
        self._spacing = _SPACING
        first = self._recorded(0) if 0 in replay.repaired else self.rules.initial()
        self._kept: dict[int, Any] = {0: first}
        self._recent = deque([(0, first)], maxlen=2)
        """The two newest states, for fast access to a frame and the previous one."""
        self._origins = self._find_origins()

    @property
    def config(self) -> Any:
        return self.rules.setup.config

    @property
    def frames(self) -> int:
        """Frames played."""
        return self.replay.frames

    def inputs(self, frame: int) -> tuple[Any, ...]:
        """The inputs given after `frame` frames, by player; None for a player not to move. ``frame < frames``."""
        self._check(frame, self.frames - 1)
        return self.rules.inputs(frame, self.replay.inputs[frame])

    def check_inputs(self) -> None:
        """Decode the inputs of all frames. Equal ones in a row are decoded once."""
        before = None
        for frame, raw in enumerate(self.replay.inputs):
            if raw is not before:
                self.rules.inputs(frame, raw)
                before = raw

    def state(self, frame: int) -> Any:
        """The state after `frame` frames."""
        return next(self.states(frame))[1]

    def previous(self, frame: int) -> Any:
        """The state one frame before, for interpolation; at frame 0 the state of frame 0."""
        return self.state(max(0, frame - 1))

    def states(self, first: int = 0) -> Iterator[tuple[int, Any]]:
        """``(frame, state)`` from frame `first` to the last one."""
        self._check(first, self.frames)
        if self._origins:
            for frame in range(first, self.frames + 1):
                yield frame, self._after_takebacks(frame)
            return
        frame, state = self._base(first)
        self._keep(frame, state)
        while frame < first:
            frame, state = self._step(frame, state)
        yield frame, state
        while frame < self.frames:
            frame, state = self._step(frame, state)
            yield frame, state

    def chain(self) -> bytes:
        """The hash chain after the last frame: from the file, else by playing the match."""
        if self.replay.chain is not None:
            return self.replay.chain
        chain = first_link(state_hash(self.state(0)))
        for frame, state in self.states():
            if frame in self.replay.repaired:
                chain = self.replay.repaired[frame].chain
            elif frame:
                chain = link(chain, self.replay.inputs[frame - 1], state_hash(state))
        return chain

    def to_move(self, frame: int) -> tuple[int, ...]:
        """The players to move after `frame` frames; empty once the match is over."""
        return () if self.outcome(frame) is not None else self.rules.to_move(frame, self.state(frame))

    def outcome(self, frame: int) -> Outcome | None:
        """The outcome after `frame` frames: by the rules, the frame limit, or the recorded end."""
        by_rules, end = self.rules.outcome(frame, self.state(frame)), self.replay.end
        return end.outcome if by_rules is None and end is not None and frame == end.frame else by_rules

    # --- inside

    def _check(self, frame: int, last: int) -> None:
        if not 0 <= frame <= last:
            raise ValueError(f"frame {frame} is not one from 0 to {last}")

    def _find_origins(self) -> list[int]:
        """For each frame the one that led to the same state first; empty if no move was taken back."""
        takebacks = {
            at: found for at, raw in enumerate(self.replay.inputs, 1) if (found := self.rules.takeback(raw))
        }
        origins = list(range(self.frames + 1)) if takebacks else []
        for at, takeback in takebacks.items():
            if takeback.frame >= at:
                raise ReplayError("input_illegal", frame=at - 1, player=takeback.player, reason="takeback")
            if at not in self.replay.repaired:
                origins[at] = origins[takeback.frame]
        return origins

    def _after_takebacks(self, frame: int) -> Any:
        """The state after `frame` frames, by the moves that stand there."""
        at, following = self._origins[frame], []
        while (state := self._known(at)) is None:
            following.append(at)
            at = self._origins[at - 1]
        for at in reversed(following):
            state = self.rules.advance(at - 1, state, self.inputs(at - 1))
            self._keep(at, state)
        return state

    def _known(self, frame: int) -> Any:
        """A state that needs no playing; None if there is none of that frame."""
        if frame in self.replay.repaired or frame in self.replay.snapshots:
            return self._recorded(frame)
        recent = next((state for at, state in self._recent if at == frame), None)
        return self._kept.get(frame) if recent is None else recent

    def _base(self, frame: int) -> tuple[int, Any]:
        """The nearest known state not after `frame`."""
        at, state = max(
            ((at, state) for at, state in (*self._kept.items(), *self._recent) if at <= frame),
            key=lambda known: known[0],
        )
        index = bisect_right(self._in_file, frame) - 1
        if index >= 0 and self._in_file[index] > at:
            at = self._in_file[index]
            state = self._recorded(at)
        return at, state

    def _step(self, frame: int, state: Any) -> tuple[int, Any]:
        if frame + 1 in self.replay.repaired:
            state = self._recorded(frame + 1)
        else:
            state = self.rules.advance(frame, state, self.inputs(frame))
        self._keep(frame + 1, state)
        return frame + 1, state

    def _recorded(self, frame: int) -> Any:
        """The state of `frame` as the file has it."""
        repaired = self.replay.repaired.get(frame)
        return self.rules.state(frame, self.replay.snapshots[frame] if repaired is None else repaired.state)

    def _keep(self, frame: int, state: Any) -> None:
        if all(at != frame for at, _ in self._recent):
            self._recent.append((frame, state))
        if frame % self._spacing == 0:
            self._kept[frame] = state
            if len(self._kept) > _KEPT_MAX:
                self._spacing *= 2
                self._kept = {at: kept for at, kept in self._kept.items() if at % self._spacing == 0}
