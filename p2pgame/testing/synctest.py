"""The sync test: every frame is rolled back and played again, and must come out the same, byte by byte.

After each frame the state `distance` frames ago is taken from its *bytes*, and the frames since are computed again
from inputs that went through their bytes too. What a game hides outside its encoded state (a counter in the game
object, the clock, `random`) differs the second time. Does not find what is the same all through one process, such as
the order of a set of strings: for that compare `SyncReport.hashes` between processes, as ``p2pgame check`` does.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from p2pgame.core.diff import first_difference
from p2pgame.core.errors import IllegalMoveError, Param
from p2pgame.core.game import AnyGame, Setup, next_state
from p2pgame.core.snapshot import decode, encode, state_hash
from p2pgame.testing.errors import NotDeterministicError
from p2pgame.testing.inputs import InputSource, RandomInputs

__all__ = ["SyncReport", "SyncTest"]


@dataclass
class SyncReport:
    """What a sync test played."""

    frames: int = 0
    matches: int = 0
    hashes: list[str] = field(default_factory=list)
    """The state hash after each frame, hex; comparable between machines."""


@dataclass(frozen=True)
class _Saved:
    """A frame as a rollback would find it, and the inputs that led away from it."""

    state: Any
    snapshot: bytes
    inputs: tuple[bytes | None, ...] = ()


class SyncTest:
    """``SyncTest(game).run()``; raises `NotDeterministicError` with the frame and the first field that differs."""

    def __init__(
        self,
        game: AnyGame,
        distance: int = 7,
        config: Any = None,
        players: int | None = None,
        seed: int = 0,
        teams: tuple[int, ...] = (),
    ) -> None:
        """`distance`: frames rolled back, at least 1. Without `config` and `players`: the game's defaults."""
        if distance < 1:
            raise ValueError("a rollback goes back one frame at least")
        self._game = game
        self._distance = distance
        self._config = game.config_type() if config is None else config
        self._players = game.min_players if players is None else players
        self._seed = seed
        self._teams = teams

    def run(
        self, inputs: InputSource | Sequence[Sequence[Any]] | None = None, frames: int = 600
    ) -> SyncReport:
        """Play `frames` frames; a match that ends is followed by another, with the next seed.

        `inputs`: a source such as `random_inputs` (the default, from our seed), or a log with the inputs of each
        frame, after which the test ends.
        """
        if inputs is None:
            source: InputSource = RandomInputs(self._game, self._seed)
        elif callable(inputs):
            source = inputs
        else:
            frames, log = min(frames, len(inputs)), iter(inputs)

            def source(state: Any, players: int) -> tuple[Any, ...]:
                del state, players
                return tuple(next(log))

        report = SyncReport()
        while report.frames < frames and self._match(source, frames, report):
            report.matches += 1
        return report

    def _match(self, source: InputSource, frames: int, report: SyncReport) -> bool:
        """One match, at most up to `frames` in all; False if not even a frame passed."""
        game = self._game
        setup = Setup(self._players, self._seed + report.matches, self._config, self._teams)
        state = game.initial(setup)
        self._same(0, state, game.initial(setup), "initial_differs")
        saved: deque[_Saved] = deque([self._save(0, state)], maxlen=self._distance + 1)
        frame = 0
        while report.frames < frames and not self._over(frame, saved[-1]):
            state = self._frame(frame, saved, source(state, setup.players))
            frame += 1
            report.frames += 1
            report.hashes.append(state_hash(state).hex())
        return frame > 0

    def _over(self, frame: int, now: _Saved) -> bool:
        ended = self._game.outcome(now.state)
        self._unchanged(frame, now, "outcome")
        if self._game.outcome(now.state) != ended:
            raise NotDeterministicError("outcome_differs", frame)
        return ended is not None

    def _frame(self, frame: int, saved: deque[_Saved], inputs: tuple[Any, ...]) -> Any:
        """Pass one frame, then roll back and pass the last ones again."""
        now = saved.pop()
        for player, move in enumerate(inputs):
            if move is not None:
                with suppress(IllegalMoveError) if self._game.tick_rate else nullcontext():
                    self._game.validate(now.state, player, move)
                self._unchanged(frame, now, "validate")
        kept = tuple(None if move is None else encode(move) for move in inputs)
        state = next_state(self._game, now.state, inputs)
        self._unchanged(frame, now, "advance")
        if kept != tuple(None if move is None else encode(move) for move in inputs):
            raise NotDeterministicError("inputs_changed", frame)
        saved.append(_Saved(now.state, now.snapshot, kept))
        saved.append(self._save(frame + 1, state))
        self._roll_back(frame + 1, saved)
        return state

    def _roll_back(self, frame: int, saved: Sequence[_Saved]) -> None:
        start = frame - len(saved) + 1
        state = self._decoded(start, saved[0].snapshot)
        for offset in range(len(saved) - 1):
            before, after = saved[offset], saved[offset + 1]
            inputs = tuple(None if move is None else self._game.decode_input(move) for move in before.inputs)
            state = next_state(self._game, state, inputs)
            if encode(state) != after.snapshot:
                played = start + offset + 1
                self._same(
                    played, self._decoded(played, after.snapshot), state, "replayed_differs", start=start
                )

    def _save(self, frame: int, state: Any) -> _Saved:
        try:
            snapshot = encode(state)
        except TypeError as error:
            raise NotDeterministicError("state_not_encoded", frame, reason=str(error)) from error
        self._same(frame, state, self._decoded(frame, snapshot), "state_not_same")
        return _Saved(state, snapshot)

    def _decoded(self, frame: int, snapshot: bytes) -> Any:
        try:
            return decode(snapshot, self._game.state_type)
        except msgspec.DecodeError as error:
            raise NotDeterministicError("state_not_of_type", frame, reason=str(error)) from error

    def _unchanged(self, frame: int, saved: _Saved, method: str) -> None:
        if encode(saved.state) != saved.snapshot:
            before = self._decoded(frame, saved.snapshot)
            self._same(frame, before, saved.state, "state_changed", method=method)

    def _same(self, frame: int, a: Any, b: Any, code: str, **params: Param) -> None:
        if encode(a) != encode(b):
            raise NotDeterministicError(code, frame, first_difference(a, b), **params)
