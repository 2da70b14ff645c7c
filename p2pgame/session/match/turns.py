"""Input exchange of a turn-based match: each input is sent once, and the hash of every frame.

Where several players move in one frame, their inputs are sealed (`netcode.seals`): all commit before anybody opens. The
host passes commitments and openings of guests on, and has committed itself before it sees an opening. Does not know
sessions or the end of a match.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.netcode.seals import Seals
from p2pgame.session import events as e
from p2pgame.session.match.channel import Address
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.exchange import Pace
from p2pgame.session.match.remote import Remote
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.commitment import SALT_SIZE, commitment, is_sealed, seal
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.takeback import decode_takeback, takeback_in

__all__ = ["Turns"]

_CHANGES_MAX = 8
"""Commitments that replace others in one frame: each is recorded."""
_ASK_AGAIN = 0.05
"""Seconds until a bot that thinks is asked again."""


class Turns:
    """Implements `Exchange` for turn-based games."""

    rolled = False
    offer_frames = 2
    moved_at = 0.0
    goes_on_at = 0.0

    def __init__(self, core: MatchCore, token_bytes: Callable[[int], bytes]) -> None:
        """`token_bytes(size)`: random bytes, for salts."""
        self._core = core
        self._token_bytes = token_bytes
        self._now = 0.0
        """The time of the last deadline."""

    # --- start

    def start(self, value: bytes) -> m.Start:
        return m.Start(match=self._core.match, hash=value)

    def accept_start(self, remote: Remote, message: m.Start, now: float) -> None:
        pass

    def play(self, now: float) -> None:
        pass

    # --- inputs

    def submit(self, seat: int, move: Any, status: StatusCode) -> None:
        if not status.accepts_moves:
            raise IllegalMoveError("not_running", status=status.value)
        self.give(seat, self._core.timeline.codec.encode(move))

    def give(self, seat: int, data: bytes) -> None:
        core = self._core
        frame = core.timeline.frame
        if core.timeline.sealed:
            self._seal(seat, data)
        else:
            core.engine.offer(seat, data)
            core.broadcast(m.Input(match=core.match, player=seat, frame=frame, data=data))
        self.settle()

    def set_delay(self, frames: int) -> None:
        pass

    def receive_sealed(self, remote: Remote, message: m.Sealed, now: float) -> None:
        core, player = self._core, message.player
        self._check_turn(remote, message)
        if message.frame < core.timeline.frame:  # said again; the frame has its opening
            opening = core.timeline.log[message.frame][player] or b""
            if message.commitment != commitment(core.match, message.frame, player, opening):
                raise RemoteProtocolError("wrong_frame", first=message.frame, next=core.timeline.frame)
            return
        seals = self._seals()
        known = seals.commitments.get(player)
        if message.commitment == known:
            return
        # Until all have committed nothing is known, so a program that lost its salt with its disk may commit again.
        if player not in seals.asked or seals.complete or seals.changes >= _CHANGES_MAX:
            raise RemoteProtocolError("bad_seal", name=core.names[player])
        seals.changes += known is not None
        seals.commitments[player] = message.commitment
        core.changed = True
        if core.recorder is not None:
            core.recorder.sealed(message.frame, player, message.commitment)
        if core.is_host:
            core.broadcast(message, but=remote)
        self._open_if_complete()

    def receive_input(self, remote: Remote, message: m.Input, now: float) -> None:
        core, player = self._core, message.player
        if player in remote.seats and self._is_known(message):
            return
        self._check_turn(remote, message)
        if message.frame < core.timeline.frame:
            raise RemoteProtocolError("wrong_frame", first=message.frame, next=core.timeline.frame)
        seals = self._seals()
        if seals.asked:
            self._check_opening(message)
        try:
            self._check_consent(message.frame, message.data)
            if seals.asked:
                core.timeline.check(player, message.data)
                seals.openings[player] = message.data
            elif is_sealed(message.data):
                raise IllegalMoveError("malformed_input")
            else:
                core.engine.offer(player, message.data)
        except IllegalMoveError as error:
            raise RemoteProtocolError("illegal_input", name=core.names[player], reason=error.code) from error
        if core.is_host:
            core.broadcast(message, but=remote)
        self.settle()

    def receive_packet(self, remote: Remote, data: bytes, now: float) -> None:
        raise RemoteProtocolError("unexpected_message", message="packet", scope="match", phase="turns")

    def receive_countdown(self, remote: Remote, message: m.Countdown, now: float) -> None:
        raise RemoteProtocolError("unexpected_message", message="countdown", scope="match", phase="turns")

    def receive_datagrams(self, batch: Sequence[tuple[bytes, Address, float]]) -> bool:
        return False

    def settle(self) -> None:
        """Advance every frame that can advance, and send its hash."""
        core, seals = self._core, self._seals()
        if seals.opened and core.timeline.outcome is None:
            for player in seals.asked:
                core.engine.offer(player, seals.openings[player])
        core.engine.run()
        for frame, value in core.engine.take_confirmed():
            core.changed = True
            self._tell_moves(frame)
            core.confirm(frame, value)
            core.broadcast(m.StateHash(match=core.match, frame=frame, hash=value))

    def play_bots(self, status: StatusCode) -> None:
        core = self._core
        while status.accepts_moves and core.timeline.outcome is None:
            frame, asked = core.timeline.frame, core.engine.to_move
            for seat in core.engine.local:
                if seat in asked and seat not in core.seats and seat not in core.seals.commitments:
                    data = core.bots.thought(seat, core.timeline.state)
                    if data is not None:
                        self.give(seat, data)
            if core.timeline.frame == frame:
                return

    # --- time

    def next_deadline(self) -> float | None:
        return self._now + _ASK_AGAIN if self._core.bots.thinking else None

    def handle_timeout(self, now: float, pace: Pace) -> None:
        self._now = now  # `Match` asks the bots again after this
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

    # --- who plays

    def slow(self, remote: Remote, now: float) -> bool:
        return False

    def waits_for(self, remote: Remote) -> bool:
        return False  # a player may think

    def drop_frame(self, seat: int) -> int:
        return self._core.timeline.frame

    def dropped_at(self, seat: int, frame: int) -> None:
        """Nobody can open what it has committed to."""
        seals = self._core.seals
        if seals.frame == frame:
            seals.withdraw(seat)

    def seating_frame(self, remote: Remote) -> int:
        return self._core.timeline.frame

    def seated(self, seat: int, peer: str, frame: int) -> None:
        pass

    # --- interruptions

    def resume(self, ours: m.Resume, remote: Remote) -> m.Resume:
        return ours

    def tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        return True

    def admit(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        pass

    def carry_on(self, now: float) -> None:
        pass

    def made_by_us(self, frames: Sequence[FrameInputs]) -> bool:
        """Only the first frame can have an input of ours: the one that waited for other inputs."""
        openings, next_frame = self._seals().openings, self._core.timeline.frame
        if not all(
            self._consents(frame)
            for frame, inputs in enumerate(frames, next_frame)
            if takeback_in(inputs) is not None
        ):
            return False
        return all(
            inputs[seat] in (None, openings.get(seat) if number == 0 else None)
            for number, inputs in enumerate(frames)
            for seat in self._core.seats
        )

    def replay(self, inputs: FrameInputs) -> None:
        seals = self._seals()
        for player, data in enumerate(inputs):
            if player in seals.commitments and (data is None or not seals.fits(player, data)):
                raise RemoteProtocolError("bad_opening", name=self._core.names[player])
            if data is not None and is_sealed(data) != (player in seals.asked):
                raise IllegalMoveError("malformed_input")
        if not self._core.engine.replay(inputs):
            raise IllegalMoveError("match_over")
        self.settle()

    def reconnected(self, remote: Remote, now: float) -> None:
        core = self._core
        core.tell_hash(remote, rolled=False)
        seals = self._seals()
        opened = seals.openings if seals.complete else {}
        self._say(remote, seals.frame, seals.commitments, opened)

    def rebased(self) -> None:
        seals, timeline = self._core.seals, self._core.timeline
        if not seals.commitments:
            seals.begin(timeline.frame, timeline.sealed)
            return
        try:
            if (seals.frame, seals.asked) != (timeline.frame, timeline.sealed):
                raise IllegalMoveError("not_your_turn")
            for player, data in seals.openings.items():
                timeline.check(player, data)
        except IllegalMoveError as error:
            # It was sealed in a state that never was, and nobody may seal another one now.
            raise RemoteProtocolError("desync", frame=timeline.frame) from error

    def say_since(self, remote: Remote, frame: int) -> None:
        core, timeline = self._core, self._core.timeline
        for at in range(frame, timeline.frame):
            given = {player: data for player, data in enumerate(timeline.log[at]) if data is not None}
            made = {p: commitment(core.match, at, p, data) for p, data in given.items() if is_sealed(data)}
            remote.send(m.StateHash(match=core.match, frame=at, hash=timeline.hash_at(at) or b""))
            self._say(remote, at, made, given)

    def tell_rest(self, remote: Remote) -> None:
        pass  # inputs travel on the session

    def moved(self, remote: Remote, address: Address | None) -> None:
        pass

    def set_rtt(self, remote: Remote, rtt: float) -> None:
        self._core.changed = True

    # --- inside

    def _tell_moves(self, frame: int) -> None:
        core, timeline = self._core, self._core.timeline
        before = timeline.state_at(frame - 1)
        takeback = takeback_in(timeline.log[frame - 1])
        if takeback is not None:
            core.emit(e.TakenBack(match=core.match, frame=frame, player=takeback.player, to=takeback.frame))
            return
        for player, data in enumerate(timeline.log[frame - 1]):
            if data is not None and before is not None:
                notation = core.game.describe(before, timeline.codec.decode(data))
                core.emit(e.Move(match=core.match, frame=frame, player=player, move=notation))

    def _is_known(self, message: m.Input) -> bool:
        """True for a repeated input."""
        core, player = self._core, message.player
        if message.frame < core.timeline.frame:
            return core.timeline.log[message.frame][player] == message.data
        return message.frame == core.timeline.frame and self._seals().openings.get(player) == message.data

    def _check_turn(self, remote: Remote, message: m.Input | m.Sealed) -> None:
        """Raise `RemoteProtocolError` if it is not for this player to say something of this frame."""
        frame = self._core.timeline.frame
        if message.player not in remote.seats:
            raise RemoteProtocolError("wrong_player", player=message.player)
        if message.frame > frame:
            raise RemoteProtocolError("wrong_frame", first=message.frame, next=frame)
        if message.frame == frame and remote.hashes.agreed < frame:
            raise RemoteProtocolError("missing_hash", frame=frame)

    def _consents(self, frame: int) -> bool:
        """Whether our people agreed to a takeback in that frame."""
        core = self._core
        return not core.seats or frame in core.takebacks_allowed

    def _check_consent(self, frame: int, data: bytes) -> None:
        """Raise `IllegalMoveError` for a takeback that our people did not agree to."""
        if decode_takeback(data) is not None and not self._consents(frame):
            raise IllegalMoveError("takeback_not_allowed")

    # --- sealed inputs

    def _seals(self) -> Seals:
        """Those of the next frame."""
        seals, timeline = self._core.seals, self._core.timeline
        if seals.frame != timeline.frame:
            seals.begin(timeline.frame, timeline.sealed)
        return seals

    def _seal(self, seat: int, data: bytes) -> None:
        """Commit to an input of ours. It is recorded with its salt first. Raises `IllegalMoveError`."""
        core, seals = self._core, self._seals()
        if seat not in seals.asked or seat in seals.commitments:
            raise IllegalMoveError("not_your_turn")
        opening = seal(self._token_bytes(SALT_SIZE), data)
        core.timeline.check(seat, opening)
        made = seals.commit(seat, opening)
        core.changed = True
        if core.recorder is not None:
            core.recorder.sealed(seals.frame, seat, made, opening)
        core.broadcast(m.Sealed(match=core.match, player=seat, frame=seals.frame, commitment=made))
        self._open_if_complete()

    def _open_if_complete(self) -> None:
        """The last commitment came: open ours."""
        core, seals = self._core, self._core.seals
        for seat in core.engine.local if seals.complete else ():
            opening = seals.openings.get(seat)
            if opening is not None:
                core.broadcast(m.Input(match=core.match, player=seat, frame=seals.frame, data=opening))

    def _check_opening(self, message: m.Input) -> None:
        """Raise `RemoteProtocolError` unless it is time to open, and this is what was committed to."""
        core, seals, player = self._core, self._core.seals, message.player
        if not seals.complete or player not in seals.asked:
            raise RemoteProtocolError("missing_seal", name=core.names[player])
        if not seals.fits(player, message.data):
            if core.recorder is not None:
                core.recorder.sealed(seals.frame, player, seals.commitments[player], message.data)
            raise RemoteProtocolError("bad_opening", name=core.names[player])

    def _say(self, remote: Remote, frame: int, made: Mapping[int, bytes], given: Mapping[int, bytes]) -> None:
        """Say commitments, then inputs, except those that `remote` told us."""
        match, known = self._core.match, remote.seats
        for player, value in sorted(made.items()):
            if player not in known:
                remote.send(m.Sealed(match=match, player=player, frame=frame, commitment=value))
        for player, data in sorted(given.items()):
            if player not in known:
                remote.send(m.Input(match=match, player=player, frame=frame, data=data))
