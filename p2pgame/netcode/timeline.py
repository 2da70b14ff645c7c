"""The confirmed truth of one match: the log of inputs and the state that follows from it.

The log holds the inputs as the bytes that travelled. `netcode.engine` decides when a frame passes; prediction builds
on top of this and never changes it. The newest states are kept, so that it can be found out where another peer's
timeline differs, and repaired. Does not know where inputs come from, nor when.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import AnyGame, EndedBy, Outcome, Setup, next_state
from p2pgame.core.snapshot import state_hash
from p2pgame.core.terms import takebacks_of
from p2pgame.netcode.inputs import InputCodec
from p2pgame.netcode.takebacks import TAKEBACK_REACH, StandingMoves
from p2pgame.wire.bounds import DESYNC_HASHES
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.takeback import decode_takeback, is_takeback, takeback_in

__all__ = ["Timeline"]


class Timeline:
    """States of confirmed frames. `frame` counts the frames passed; `state` is the state after them."""

    def __init__(
        self,
        game: AnyGame,
        setup: Setup[Any],
        frame_limit: int = 0,
        perf: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`frame_limit`: the match ends after so many frames; 0: no limit. `perf`: seconds, for statistics."""
        self.game = game
        self.setup = setup
        self.outcome: Outcome | None = None
        """How the match ended: by the rules, by the frame limit, or by decision (`end_at`)."""
        self.codec = InputCodec(game)
        self.log: list[FrameInputs] = []
        self.advance_time = 0.0
        """Seconds spent in the game's `advance`."""
        self.tamper: Callable[[int, Any], Any] | None = None
        """For tests: makes another state of the one that a frame leads to, whenever that frame is played."""
        self._recent: deque[Any] = deque(maxlen=DESYNC_HASHES)
        """The newest states, the one after all frames last ..."""
        self._hashes: deque[bytes] = deque(maxlen=DESYNC_HASHES)
        """... and their hashes. A state that cannot be hashed never gets here."""
        self.limit = frame_limit
        """The match ends after so many frames; 0: no limit."""
        self._decided: tuple[int, Outcome] | None = None
        self._perf = perf
        self._begin_with(game.initial(setup))

    @property
    def frame(self) -> int:
        return len(self.log)

    @property
    def state(self) -> Any:
        """After the newest confirmed frame."""
        return self._recent[-1]

    @property
    def end_decided(self) -> bool:
        """Somebody decided at which frame the match ends, which may be still to come."""
        return self._decided is not None

    @property
    def hash(self) -> bytes:
        """Of the newest state."""
        return self._hashes[-1]

    @property
    def oldest(self) -> int:
        """The first frame of which `state_at` and `hash_at` know."""
        return self.frame + 1 - len(self._recent)

    def state_at(self, frame: int) -> Any | None:
        """The state after `frame` frames, if it is one of the newest DESYNC_HASHES."""
        return self._recent[frame - self.oldest] if self.oldest <= frame <= self.frame else None

    def newest(self, count: int) -> tuple[Any, ...]:
        """At most so many of the newest states, oldest first."""
        return tuple(islice(self._recent, max(0, len(self._recent) - count), None))

    def hash_at(self, frame: int) -> bytes | None:
        """Of `state_at`."""
        return self._hashes[frame - self.oldest] if self.oldest <= frame <= self.frame else None

    def asked(self) -> tuple[int, ...]:
        """Players whose input the next frame has; nobody when the match is over."""
        if self.outcome is not None:
            return ()
        asked = self.game.to_move(self.state)
        return tuple(range(self.setup.players)) if asked is None else asked

    @property
    def sealed(self) -> tuple[int, ...]:
        """Players who move at once in the next frame of a match by turns, so that their inputs are sealed."""
        asked = () if self.game.tick_rate else self.asked()
        return asked if len(asked) > 1 else ()

    def check(self, player: int, data: bytes) -> None:
        """Raise `IllegalMoveError` if `player` may not give this input: by turns for the next frame, else ever."""
        if not self.game.tick_rate and is_takeback(data):
            limit = takebacks_of(self.setup.config)
            StandingMoves(self.log).check(decode_takeback(data), self.asked(), limit)
            return
        move = self.codec.decode(data)
        if not self.game.tick_rate:  # in real time each peer gets here in another state
            self.game.validate(self.state, player, move)

    def simulate(self, state: Any, inputs: FrameInputs, frame: int | None = None) -> Any:
        """The state after `state`, and after `frame` frames; None: it is the next one to be confirmed.

        Changes nothing here but the statistics.
        """
        after = self.reproduce(state, inputs)
        if self.tamper is not None:
            after = self.tamper(self.frame + 1 if frame is None else frame, after)
        return after

    def reproduce(self, state: Any, inputs: FrameInputs) -> Any:
        """As `simulate`, by the rules alone. A takeback of a match by turns goes back in the frames of this log."""
        if not self.game.tick_rate and (takeback := takeback_in(inputs)) is not None:
            before = self.state_at(takeback.frame)
            return self.replayed(takeback.frame) if before is None else before
        began = self._perf()
        after = next_state(self.game, state, self.codec.values(inputs))
        self.advance_time += self._perf() - began
        return after

    def replayed(self, frame: int) -> Any:
        """The state after `frame` frames by the rules alone, from the first frame on."""
        *_, state = self.replay(frame)
        return state

    def replay(self, frame: int) -> Iterator[Any]:
        """The states after 0, 1, 2 ... `frame` frames by the rules alone, one after the other."""
        recent = deque([self.game.initial(self.setup)], maxlen=TAKEBACK_REACH + 1)
        yield recent[-1]
        for number, inputs in enumerate(self.log[:frame]):
            takeback = None if self.game.tick_rate else takeback_in(inputs)
            if takeback is None:
                recent.append(self.reproduce(recent[-1], inputs))
            else:
                recent.append(recent[takeback.frame - number - 1])
            yield recent[-1]

    def adopt(self, inputs: FrameInputs, state: Any) -> bytes:
        """One more frame passed with `inputs`, all confirmed; `state` is what `simulate` made of them.

        Returns its hash. Raises what `state_hash` does for a state that no rules should make; then nothing has changed.
        """
        value = state_hash(state)
        self._recent.append(state)
        self._hashes.append(value)
        self.log.append(inputs)
        self._conclude()
        return value

    def extend(self, frames: Sequence[FrameInputs]) -> int:
        """Play the next frames with these inputs of all players, confirmed elsewhere, until the match is over.

        Returns how many passed. Raises `IllegalMoveError` at the first that the rules do not allow; those before
        it have passed.
        """
        for number, inputs in enumerate(frames):
            if self.outcome is not None:
                return number
            self._check(inputs)
            self.adopt(inputs, self.simulate(self.state, inputs))
        return len(frames)

    # --- what changes more than the end

    def restore(self, log: Sequence[FrameInputs], state: Any) -> None:
        """Begin at the end of `log`, with the state that followed from it; nothing is simulated."""
        self.log = list(log)
        self._begin_with(state)

    def rebase(self, frame: int, state: Any) -> None:
        """The state after `frame` frames is this one: the confirmed frames after it are played again.

        `frame` is at most the number of frames passed. If the rules end the match before the last of them, or do not
        allow the inputs of one any more, the log ends there.
        """
        again = self._forget_after(frame)
        if self._recent:
            self._recent.pop()
            self._hashes.pop()
        self._keep(state)
        self._conclude()
        for inputs in again:
            if self.outcome is not None:
                break
            try:
                self._check(inputs)
            except IllegalMoveError:
                return
            self.adopt(inputs, self.reproduce(self.state, inputs))

    def end_at(self, frame: int, outcome: Outcome) -> None:
        """End the match at `frame` by decision; later frames never were, and none beyond it will be."""
        self._decided = (frame, outcome)
        self._forget_after(frame)
        if not self._recent:
            self._keep(self.replayed(frame))
        self._conclude()

    def cut(self, frame: int) -> None:
        """The frames after `frame` never were: the match went on otherwise elsewhere."""
        self._forget_after(frame)
        if not self._recent:
            self._keep(self.replayed(frame))
        self._conclude()

    # --- inside

    def _begin_with(self, state: Any) -> None:
        self._recent.clear()
        self._hashes.clear()
        self._keep(state)
        self._conclude()

    def _forget_after(self, frame: int) -> list[FrameInputs]:
        """Returns the inputs of the frames that are gone. No state is left if that after `frame` was not kept."""
        gone = self.log[frame:]
        for _ in range(min(len(gone), len(self._recent))):
            self._recent.pop()
            self._hashes.pop()
        del self.log[frame:]
        return gone

    def _keep(self, state: Any) -> None:
        value = state_hash(state)
        self._recent.append(state)
        self._hashes.append(value)

    def _check(self, inputs: FrameInputs) -> None:
        asked = self.asked()
        if len(inputs) != self.setup.players:
            raise IllegalMoveError("wrong_number_of_inputs", inputs=len(inputs))
        for player, data in enumerate(inputs):
            if (data is not None) != (player in asked):
                raise IllegalMoveError("missing_input" if data is None else "not_your_turn")
            if data is not None:
                self.check(player, data)

    def _conclude(self) -> None:
        # The decision comes last: who did not hear of it yet may already know how else the frame ended the match.
        outcome, frame = self.game.outcome(self._recent[-1]), len(self.log)
        if outcome is None and 0 < self.limit <= frame:
            outcome = Outcome.by(EndedBy.FRAME_LIMIT)
        if outcome is None and self._decided is not None and frame >= self._decided[0]:
            outcome = self._decided[1]
        self.outcome = outcome
