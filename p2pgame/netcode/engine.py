"""When frames pass: with all inputs known, or up to `window` frames ahead of them with predicted ones.

Above the confirmed `Timeline` stand up to `window` predicted frames. When a prediction was wrong, all frames from
that one on are simulated again. Since states are immutable, saving a frame is keeping it, and rolling back is
forgetting the ones after it. Lockstep is a window of 0: a frame passes when the input of everybody whom the game asks
(`Game.to_move`) is known. N players, of whom one or several are local and never predicted.
Vocabulary and scheme: GGPO (Cannon, 2006) and its descendants. Does not know time or the network.
"""

from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import Game, Outcome
from p2pgame.netcode.timeline import Timeline
from p2pgame.wire.bounds import INPUTS_AHEAD
from p2pgame.wire.runs import FrameInputs

__all__ = ["Engine"]


class Engine:
    """The speculative end of one match, as the member with the seats `local` sees it."""

    def __init__(self, timeline: Timeline, local: Sequence[int], *, window: int = 8, delay: int = 0) -> None:
        """`window`: frames that may be predicted. `delay`: frames from a local input to the frame it plays in."""
        self.timeline = timeline
        self.local = tuple(local)
        self.window = window
        self.delay = delay
        self.stop_at: int | None = None
        """No frame passes from this one on, and no input of ours is for one."""
        self.depths: Counter[int] = Counter()
        """Rollback depth (0: none) to the number of frames it happened in."""
        self.stalls = 0
        """Frames that had to wait for another player."""
        self._confirmed: list[tuple[int, bytes]] = []
        players = timeline.setup.players
        self._neutral = timeline.codec.encode(timeline.game.neutral)
        self._all_play = getattr(timeline.game.to_move, "__func__", None) is Game.to_move
        """The game asks everybody in every frame."""
        self._queues: list[deque[bytes]] = [deque() for _ in range(players)]
        """Known inputs of each player, from the first unconfirmed frame on."""
        self._last = [self._neutral] * players
        """The newest known input of each player."""
        self._used: deque[FrameInputs] = deque()
        """Inputs with which each predicted frame was simulated."""
        self._states: deque[Any] = deque()
        """State after each of them."""
        self._before = timeline.state
        """State one frame before the newest confirmed one."""
        self._begins = timeline.frame
        """Inputs are queued from this frame on."""
        self._dirty = False
        self._tenure: dict[int, tuple[int, int | None]] = {}
        """Local seats that change hands: the first frame whose input is made here, and that from which on none is."""

    # --- who plays here

    def play(self, seats: Sequence[int]) -> None:
        """The inputs of these seats are made here; of one that is given away (`give`), until it is."""
        gone = [s for s, (_, until) in self._tenure.items() if s not in seats and until is None]
        for seat in gone:
            del self._tenure[seat]
        self.local = tuple(sorted({*seats, *self._tenure}))

    def take(self, player: int, first: int | None = None) -> None:
        """The inputs of `player` are made here from the frame `first` on; None: from the first unknown one.

        Then what was predicted of it is what it did, so nothing that was seen is taken back.
        """
        if first is not None:
            self._tenure[player] = (first, None)
            return
        self._tenure.pop(player, None)
        queue = self._queues[player]
        for index in range(len(queue), len(self._used)):
            self._add(player, self._used[index][player] or self._neutral)

    def give(self, player: int, until: int) -> None:
        """The inputs of `player` for `until` and later frames are made elsewhere."""
        self._tenure[player] = (0, until)

    def settle(self, player: int) -> None:
        """The seat has changed hands: its first new input is known."""
        self._tenure.pop(player, None)

    # --- what is known

    @property
    def frame(self) -> int:
        """Frames simulated, confirmed and predicted."""
        return len(self.timeline.log) + len(self._states)

    @property
    def stuck(self) -> bool:
        """As many frames are predicted as may be: none passes without an input of somebody else."""
        return len(self._states) >= max(1, self.window) and not self._all_known()

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
    def to_move(self) -> tuple[int, ...]:
        """Players whose input the next frame to be confirmed still needs; empty when the match is over."""
        return tuple(player for player in self.timeline.asked() if not self._queues[player])

    def known(self, player: int) -> int:
        """Number of frames of which the input of `player` is known: its next one is for this frame."""
        return len(self.timeline.log) + len(self._queues[player])

    def known_of_all(self, players: Sequence[int]) -> int:
        """The same of all `players`; 0 if there are none."""
        queues = self._queues
        if len(players) == 1:
            return len(self.timeline.log) + len(queues[players[0]])
        return len(self.timeline.log) + min([len(queues[player]) for player in players]) if players else 0

    def lead(self, players: Sequence[int]) -> int:
        """Frames by which we are ahead of the inputs that are known of all `players`."""
        queues = self._queues
        if len(players) == 1:
            return len(self._states) - len(queues[players[0]])
        return len(self._states) - min([len(queues[player]) for player in players])

    def waiting(self, player: int) -> bytes | None:
        """The input of `player` for the next frame to be confirmed, if it is known."""
        queue = self._queues[player]
        return queue[0] if queue else None

    def inputs_since(self, player: int, frame: int) -> tuple[bytes, ...]:
        """Inputs of `player` from `frame` on, confirmed ones included; at most `INPUTS_AHEAD`."""
        confirmed = len(self.timeline.log)
        queue = self._queues[player]
        if frame >= confirmed:
            return tuple(queue)[frame - confirmed : frame - confirmed + INPUTS_AHEAD]
        old = [inputs[player] or self._neutral for inputs in self.timeline.log[frame : frame + INPUTS_AHEAD]]
        return (*old, *queue)[:INPUTS_AHEAD]

    def take_confirmed(self) -> list[tuple[int, bytes]]:
        """``(frame, hash)`` of the frames confirmed since the last call."""
        confirmed = self._confirmed
        if confirmed:
            self._confirmed = []
        return confirmed

    # --- by turns: an input is for the next frame

    def offer(self, player: int, data: bytes) -> None:
        """Take the input of `player` for the next frame. Raises `IllegalMoveError`; then nothing has changed."""
        if self.timeline.outcome is not None:
            raise IllegalMoveError("match_over")
        if player not in self.to_move:
            raise IllegalMoveError("not_your_turn")
        self.timeline.check(player, data)
        self._add(player, data)

    def run(self) -> None:
        """Let every frame pass of which all inputs are known."""
        while self.timeline.outcome is None and any(self._queues) and not self.to_move:
            self._step()
            self._confirm()

    # --- by the clock: an input is for a frame some way ahead

    def receive(self, player: int, first: int, inputs: Sequence[bytes]) -> None:
        """Inputs of a remote player for the frames from `first` on; those known already are passed over.

        Raises `RemoteProtocolError`: ``wrong_frame`` for a gap or the far future, ``illegal_input``.
        """
        queue, used, last = self._queues[player], self._used, self._last
        confirmed = len(self.timeline.log)
        known = confirmed + len(queue)
        if player in self._tenure:
            ours, until = self._tenure[player]
            if until is None:
                inputs = inputs[: max(0, ours - first)]
            elif known < until:
                return
        if first > known or first + len(inputs) > confirmed + len(used) + INPUTS_AHEAD:
            raise RemoteProtocolError("wrong_frame", first=first, next=known)
        for data in inputs[known - first :]:
            if data != last[player]:  # the newest was checked, and form is all that counts
                try:
                    self.timeline.check(player, data)
                except IllegalMoveError as error:
                    raise RemoteProtocolError("illegal_input", player=player, reason=error.code) from error
                last[player] = data
            index = len(queue)
            queue.append(data)
            if index < len(used) and used[index][player] != data:
                self._dirty = True

    def correct(self) -> int:
        """Roll back to the first misprediction and simulate again. Returns the depth, 0 if nothing was wrong."""
        depth = self._resimulate() if self._dirty else 0
        self._dirty = False
        return depth

    def synchronize(self) -> int:
        """As `correct`, and confirm what can be."""
        depth = self.correct() if self._dirty else 0
        self._confirm()
        return depth

    def advance(self, moves: Sequence[bytes]) -> bool:
        """Simulate one more frame; `moves`: the newest input of each local seat. False if it must wait: a stall.

        Call `synchronize` first. A correction that arrives at the threshold is never lost: it was taken there.
        """
        ahead = len(self._states)
        if self.stop_at is not None and len(self.timeline.log) + ahead >= self.stop_at:
            return False
        if self._tenure:  # a seat that has just come to us may be what everybody waits for
            self._play_tenures(moves)
        if ahead >= max(1, self.window):
            self.stalls += 1
            return False
        for player, data in zip(self.local, moves, strict=True):
            self._add_local(player, data)
        if ahead >= self.window and not self._all_known():
            self.stalls += 1
            return False
        self._step()
        self._confirm()
        return True

    # --- what changes more than the newest frame

    def replay(self, inputs: FrameInputs) -> bool:
        """Play the next frame with these inputs of all players, confirmed elsewhere. False if the match is over.

        Raises `IllegalMoveError`. What was predicted is void; by the clock, inputs known beyond the frame stay known.
        """
        for queue in self._queues:
            if self.window and queue:
                queue.popleft()
            else:
                queue.clear()
        self._states.clear()
        self._used.clear()
        if not self.timeline.extend([inputs]):
            return False
        self._before = self._confirmed_before()
        self._confirmed.append((self.timeline.frame, self.timeline.hash))
        return True

    def end_at(self, frame: int, outcome: Outcome) -> None:
        """The match ends at `frame` by decision: later frames never were."""
        self.stop_at = frame
        while self._states and self.frame > frame:
            self._states.pop()
            self._used.pop()
        if not self.window or frame < len(self.timeline.log):
            for queue in self._queues:
                queue.clear()
        self.timeline.end_at(frame, outcome)

    def rebase(self, frame: int, state: Any) -> None:
        """The state after `frame` frames is this one (`Timeline.rebase`): play everything after it again.

        The hashes of frames that were confirmed before are not told again. Inputs that wait for those of others go
        on waiting if they are still allowed.
        """
        target = len(self._states)
        self.timeline.rebase(frame, state)
        self._states.clear()
        self._used.clear()
        self._confirmed.clear()
        self._before = self._confirmed_before()
        self._dirty = False
        if not self.window:
            self._offer_again()
        while self.timeline.outcome is None and len(self._states) < target:
            self._step()

    def forget_after(self, player: int, frame: int) -> None:
        """The inputs of `player` for `frame` and later frames are not known: it gives them again."""
        queue = self._queues[player]
        while self.known(player) > max(frame, len(self.timeline.log)):
            queue.pop()
        self._last[player] = queue[-1] if queue else self._last[player]

    def restart(self) -> None:
        """Our program was started anew and knows no more than the timeline: go on from its end.

        Inputs that were not confirmed are forgotten, ours too, and an input delay begins with neutral ones again.
        """
        for queue in self._queues:
            queue.clear()
        self._tenure.clear()
        self._last = [self._neutral] * len(self._queues)
        self._begins = self.timeline.frame
        self._states.clear()
        self._used.clear()
        self._confirmed.clear()
        self._before = self._confirmed_before()
        self._dirty = False

    # --- inside

    def _offer_again(self) -> None:
        waiting = [queue[0] if queue else None for queue in self._queues]
        for queue in self._queues:
            queue.clear()
        for player, data in enumerate(waiting):
            if data is not None:
                with suppress(IllegalMoveError):
                    self.offer(player, data)

    def _confirmed_before(self) -> Any:
        before = self.timeline.state_at(self.timeline.frame - 1)
        return self.timeline.state if before is None else before

    def _add(self, player: int, data: bytes) -> None:
        self._queues[player].append(data)
        self._last[player] = data

    def _add_local(self, player: int, data: bytes) -> None:
        """Our input plays `delay` frames from now; a longer delay repeats it, a shorter one leaves some out."""
        queue, confirmed = self._queues[player], len(self.timeline.log)
        known = confirmed + len(queue)
        started = known > self._begins
        end = confirmed + len(self._states) + self.delay + 1
        if self._tenure and player in self._tenure:
            self._add_in_tenure(player, data, end)
            return
        if self.stop_at is not None:
            end = min(end, self.stop_at)
        while known < end:
            first_frames = not started and known < self._begins + self.delay
            queue.append(self._neutral if first_frames else data)
            known += 1
        if queue:
            self._last[player] = queue[-1]

    def _play_tenures(self, moves: Sequence[bytes]) -> None:
        """Inputs of seats that change hands, for the frames that are simulated already."""
        for player, data in zip(self.local, moves, strict=True):
            if player in self._tenure:
                self._add_in_tenure(player, data, self.frame + self.delay)

    def _add_in_tenure(self, player: int, data: bytes, end: int) -> None:
        """As `_add_local`, within the frames that are ours; some may be simulated already."""
        (first, until), queue, used = self._tenure[player], self._queues[player], self._used
        known = self.known(player)
        for _ in range(known, min(end, until or end, self.stop_at or end) if known >= first else known):
            if len(queue) < len(used) and used[len(queue)][player] != data:
                self._dirty = True
            self._add(player, data)

    def _all_known(self) -> bool:
        return all(self._queues[player] for player in self.timeline.asked())

    def _inputs(self, index: int) -> FrameInputs:
        """Known inputs of unconfirmed frame `index`, the missing ones predicted; None for who is not asked."""
        asked = None if self._all_play else self.timeline.game.to_move(self.state)
        found: list[bytes | None] = []
        for player, queue in enumerate(self._queues):
            if asked is not None and player not in asked:
                found.append(None)
            elif index < len(queue):
                found.append(queue[index])
            else:
                before = self._used[index - 1][player] if index > len(queue) and index else None
                found.append(self.timeline.codec.predict(before or self._last[player]))
        return tuple(found)

    def _step(self) -> None:
        states, timeline = self._states, self.timeline
        inputs = self._inputs(len(states))
        state = states[-1] if states else timeline.state
        states.append(timeline.simulate(state, inputs, len(timeline.log) + len(states) + 1))
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
        while self._states and timeline.outcome is None:
            inputs = self._used[0]
            for queue, data in zip(self._queues, inputs, strict=True):
                if data is not None and not queue:
                    return
            for player, queue in enumerate(self._queues):
                if inputs[player] is not None:
                    queue.popleft()
            self._before = timeline.state
            value = timeline.adopt(inputs, self._states.popleft())
            self._used.popleft()
            self._confirmed.append((len(timeline.log), value))
        if timeline.outcome is not None:
            self._states.clear()
            self._used.clear()
