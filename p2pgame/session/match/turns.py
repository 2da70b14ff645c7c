"""Input exchange of a turn-based match: each input is sent once, and the hash of every frame.

Does not know sessions or the end of a match.
"""

from collections.abc import Sequence
from typing import Any

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.session import events as e
from p2pgame.session.match.channel import Address
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.exchange import Pace
from p2pgame.session.match.remote import Remote
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.runs import FrameInputs

__all__ = ["Turns"]


class Turns:
    """Implements `Exchange` for turn-based games."""

    rolled = False
    offer_frames = 2
    moved_at = 0.0

    def __init__(self, core: MatchCore) -> None:
        self._core = core

    # --- start

    def start(self, value: bytes) -> m.Start:
        return m.Start(match=self._core.match, hash=value)

    def accept_start(self, remote: Remote, message: m.Start, now: float) -> None:
        pass

    def play(self, now: float) -> None:
        pass

    # --- inputs

    def submit(self, move: Any, status: StatusCode) -> None:
        core = self._core
        if not status.accepts_moves:
            raise IllegalMoveError("not_running", status=status.value)
        frame, data = core.timeline.frame, core.timeline.codec.encode(move)
        core.engine.offer(core.me, data)
        core.broadcast(m.Input(match=core.match, player=core.me, frame=frame, data=data))
        self.settle()

    def set_delay(self, frames: int) -> None:
        pass

    def receive_input(self, remote: Remote, message: m.Input, now: float) -> None:
        core, player = self._core, message.player
        if player not in remote.seats:
            raise RemoteProtocolError("wrong_player", player=player)
        if self._is_known(message):
            return
        if message.frame != core.timeline.frame:
            raise RemoteProtocolError("wrong_frame", first=message.frame, next=core.timeline.frame)
        if remote.hashes.agreed < message.frame:
            raise RemoteProtocolError("missing_hash", frame=message.frame)
        try:
            core.engine.offer(player, message.data)
        except IllegalMoveError as error:
            raise RemoteProtocolError("illegal_input", name=core.names[player], reason=error.code) from error
        if core.is_host:
            core.broadcast(message, but=remote.player)
        self.settle()

    def receive_packet(self, remote: Remote, data: bytes, now: float) -> None:
        raise RemoteProtocolError("unexpected_message", message="packet", scope="match", phase="turns")

    def receive_datagrams(self, batch: Sequence[tuple[bytes, Address, float]]) -> bool:
        return False

    def settle(self) -> None:
        """Advance every frame that can advance, and send its hash."""
        core = self._core
        core.engine.run()
        for frame, value in core.engine.take_confirmed():
            core.changed = True
            self._tell_moves(frame)
            core.confirm(frame, value)
            core.broadcast(m.StateHash(match=core.match, frame=frame, hash=value))

    # --- time

    def next_deadline(self) -> float | None:
        return None

    def handle_timeout(self, now: float, pace: Pace) -> None:
        self.settle()

    def heard_lately(self, now: float) -> bool:
        return False

    def standing_since(self, now: float) -> float | None:
        return None  # a player may think

    def stalled(self, now: float) -> bool:
        return False

    # --- the end

    def end_frame(self) -> int:
        return self._core.timeline.frame

    def end_range(self) -> tuple[int, int]:
        return self._core.agreed, self._core.timeline.frame

    # --- interruptions

    def resume(self, ours: m.Resume, remote: Remote) -> m.Resume:
        return ours

    def tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        return True

    def made_by_us(self, frames: Sequence[FrameInputs]) -> bool:
        """Only the first frame can have an input of ours: the one that waited for other inputs."""
        core = self._core
        waiting = core.engine.waiting(core.me)
        return all(
            inputs[core.me] in (None, waiting if number == 0 else None)
            for number, inputs in enumerate(frames)
        )

    def replay(self, inputs: FrameInputs) -> None:
        if not self._core.engine.replay(inputs):
            raise IllegalMoveError("match_over")
        self.settle()

    def reconnected(self, remote: Remote, now: float) -> None:
        core = self._core
        core.tell_hash(remote, rolled=False)
        for player in range(len(core.names)):
            data = core.engine.waiting(player)
            if data is not None and player not in (remote.player, *remote.seats):
                message = m.Input(match=core.match, player=player, frame=core.timeline.frame, data=data)
                remote.send(message)

    def rebased(self) -> None:
        pass

    def say_since(self, remote: Remote, frame: int) -> None:
        core, timeline = self._core, self._core.timeline
        for at in range(frame, timeline.frame):
            for player, data in enumerate(timeline.log[at]):
                if data is not None and player not in (remote.player, *remote.seats):
                    remote.send(m.StateHash(match=core.match, frame=at, hash=timeline.hash_at(at) or b""))
                    remote.send(m.Input(match=core.match, player=player, frame=at, data=data))

    def moved(self, remote: Remote, address: Address | None) -> None:
        pass

    def set_rtt(self, remote: Remote, rtt: float) -> None:
        self._core.changed = True

    # --- inside

    def _tell_moves(self, frame: int) -> None:
        core, timeline = self._core, self._core.timeline
        before = timeline.state_at(frame - 1)
        for player, data in enumerate(timeline.log[frame - 1]):
            if data is not None and before is not None:
                notation = core.game.describe(before, timeline.codec.decode(data))
                core.emit(e.Move(match=core.match, frame=frame, player=player, move=notation))

    def _is_known(self, message: m.Input) -> bool:
        """True for a repeated input."""
        core, player = self._core, message.player
        newer = message.frame - core.timeline.frame
        if newer < 0:
            return core.timeline.log[message.frame][player] == message.data
        return not newer and core.engine.waiting(player) == message.data
