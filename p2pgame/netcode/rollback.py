"""Rollback: play on with predicted inputs, and play again from the first frame whose prediction was wrong.

Above the confirmed `Timeline` stand up to `window` predicted frames. Since states are immutable, saving a frame is
keeping it and rolling back is forgetting the ones after it. N players; only the local one is never predicted.
Vocabulary and scheme: GGPO (Cannon, 2006) and its descendants. Does not know time or the network.
"""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.netcode.timeline import Timeline
from p2pgame.wire.bounds import INPUTS_AHEAD

__all__ = ["Rollback"]


class Rollback:
    """The speculative end of one match, as `me` sees it."""

    def __init__(self, timeline: Timeline, me: int, *, window: int = 8, delay: int = 0) -> None:
        """`window`: frames that may be predicted. `delay`: frames from a local input to the frame it plays in."""
        self.timeline = timeline
        self.me = me
        self.window = window
        self.delay = delay
        self.stop_at: int | None = None
        """No frame passes from this one on, and no input of ours is for one."""
        self.depths: Counter[int] = Counter()
        """Rollback depth (0: none) to the number of frames it happened in."""
        self.stalls = 0
        """Frames that had to wait for the other side."""
        self.confirmed_hashes: list[tuple[int, bytes]] = []
        """``(frame, hash)`` of frames confirmed since this was last emptied."""
        neutral = timeline.game.neutral
        players = timeline.setup.players
        self._queues: list[deque[Any]] = [deque() for _ in range(players)]
        """Known inputs of each player, from the first unconfirmed frame on."""
        self._last = [neutral] * players
        """The newest known input of each player."""
        self._used: deque[tuple[Any, ...]] = deque()
        """Inputs with which each predicted frame was simulated."""
        self._states: deque[Any] = deque()
        """State after each of them."""
        self._before = timeline.state
        """State one frame before the newest confirmed one."""
        self._begins = timeline.frame
        """Inputs are queued from this frame on."""
        self._dirty = False
        self._stalled = False

    # --- what is known

    @property
    def frame(self) -> int:
        """Frames simulated, confirmed and predicted."""
        return self.timeline.frame + len(self._states)

    @property
    def state(self) -> Any:
        """The newest state, predicted or not."""
        return self._states[-1] if self._states else self.timeline.state

    @property
    def previous(self) -> Any:
        """The state one frame before it."""
        if len(self._states) > 1:
            return self._states[-2]
        return self.timeline.state if self._states else self._before

    @property
    def stalled(self) -> bool:
        """True if the newest `advance` had to wait."""
        return self._stalled

    def known(self, player: int) -> int:
        """Number of frames of which the input of `player` is known: its next one is for this frame."""
        return self.timeline.frame + len(self._queues[player])

    def inputs_since(self, frame: int) -> list[Any]:
        """Our inputs from `frame` on, confirmed ones included; at most `INPUTS_AHEAD`."""
        confirmed = self.timeline.frame
        old = [inputs[self.me] for inputs in self.timeline.log[frame : frame + INPUTS_AHEAD]]
        return [*old, *list(self._queues[self.me])[max(0, frame - confirmed) :]][:INPUTS_AHEAD]

    # --- what happens

    def receive(self, player: int, first: int, inputs: Sequence[Any]) -> None:
        """Inputs of a remote player for the frames from `first` on; those known already are passed over.

        Raises `RemoteProtocolError`: ``wrong_frame`` for a gap or the far future, ``illegal_input``.
        """
        known = self.known(player)
        if first > known or first + len(inputs) > self.frame + INPUTS_AHEAD:
            raise RemoteProtocolError("wrong_frame", f"inputs from frame {first}, {known} is next")
        for move in inputs[known - first :]:
            self._check(player, move)
            index = len(self._queues[player])
            self._queues[player].append(move)
            self._last[player] = move
            if index < len(self._used) and self._used[index][player] != move:
                self._dirty = True

    def synchronize(self) -> int:
        """Roll back to the first misprediction and simulate again; confirm what can be. Returns the depth."""
        depth = self._resimulate() if self._dirty else 0
        self._dirty = False
        self._confirm()
        return depth

    def advance(self, move: Any) -> bool:
        """Simulate one more frame; `move` is our newest input. False if it must wait: a stall.

        Call `synchronize` first. A correction that arrives at the threshold is never lost: it was taken there.
        """
        if self.stop_at is not None and self.frame >= self.stop_at:
            return False
        self._stalled = len(self._states) >= self.window
        if self._stalled:
            self.stalls += 1
            return False
        self._add_local(move)
        self._step()
        self._confirm()
        return True

    def forget_after(self, frame: int) -> None:
        """The match ends at `frame`: predicted frames beyond it never were."""
        while self._states and self.frame > frame:
            self._states.pop()
            self._used.pop()

    def rebase(self) -> None:
        """The confirmed frames were played again (`Timeline.rebase`): play the predicted ones again on top of them.

        The hashes of frames that were confirmed before are not told again.
        """
        target = len(self._states)
        self._states.clear()
        self._used.clear()
        self.confirmed_hashes.clear()
        self._before = self._confirmed_before()
        self._dirty = False
        while self.timeline.outcome is None and len(self._states) < target:
            self._step()

    def restart(self) -> None:
        """The players' programs know nothing but the timeline any more: go on from its end, as from the first frame.

        Inputs that were not confirmed are forgotten, ours too, and an input delay begins with neutral ones again.
        """
        for queue in self._queues:
            queue.clear()
        self._last = [self.timeline.game.neutral] * len(self._queues)
        self._begins = self.timeline.frame
        self._states.clear()
        self._used.clear()
        self.confirmed_hashes.clear()
        self._before = self._confirmed_before()
        self._dirty = self._stalled = False

    # --- inside

    def _confirmed_before(self) -> Any:
        before = self.timeline.state_at(self.timeline.frame - 1)
        return self.timeline.state if before is None else before

    def _check(self, player: int, move: Any) -> None:
        try:
            self.timeline.game.validate(self.timeline.state, player, move)
        except IllegalMoveError as error:
            raise RemoteProtocolError("illegal_input", str(error)) from error

    def _add_local(self, move: Any) -> None:
        """Our input plays `delay` frames from now; a longer delay repeats it, a shorter one leaves some out."""
        queue = self._queues[self.me]
        started = self.known(self.me) > self._begins
        end = self.frame + self.delay + 1
        if self.stop_at is not None:
            end = min(end, self.stop_at)
        while self.known(self.me) < end:
            first_frames = not started and self.known(self.me) < self._begins + self.delay
            queue.append(self.timeline.game.neutral if first_frames else move)
        self._last[self.me] = queue[-1] if queue else self._last[self.me]

    def _all_known(self, index: int) -> bool:
        return all(len(queue) > index for queue in self._queues)

    def _inputs(self, index: int) -> tuple[Any, ...]:
        """Known inputs of unconfirmed frame `index`, the missing ones predicted."""
        found = []
        for player, queue in enumerate(self._queues):
            if index < len(queue):
                found.append(queue[index])
            else:
                before = self._used[index - 1][player] if index > len(queue) and index else self._last[player]
                found.append(self.timeline.game.predict(before))
        return tuple(found)

    def _step(self) -> None:
        inputs = self._inputs(len(self._states))
        self._states.append(self.timeline.simulate(self.state, inputs, self.frame + 1))
        self._used.append(inputs)

    def _resimulate(self) -> int:
        """Forget from the first wrong frame on, and simulate again as far as we were."""
        target = len(self._states)
        wrong = next(
            (
                index
                for index, used in enumerate(self._used)
                if any(index < len(q) and q[index] != used[p] for p, q in enumerate(self._queues))
            ),
            target,
        )
        while len(self._states) > wrong:
            self._states.pop()
            self._used.pop()
        while len(self._states) < target:
            self._step()
        return target - wrong

    def _confirm(self) -> None:
        """Move frames whose inputs are all known down into the timeline."""
        timeline = self.timeline
        while self._states and timeline.outcome is None and self._all_known(0):
            inputs = tuple(queue.popleft() for queue in self._queues)
            self._before = timeline.state
            timeline.adopt(inputs, self._states.popleft())
            self._used.popleft()
            self.confirmed_hashes.append((timeline.frame, timeline.hash))
        if timeline.outcome is not None:
            self._states.clear()
            self._used.clear()
