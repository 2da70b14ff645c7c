"""A match in which a frame passes every 1 / tick_rate seconds: rollback on top of `session.match`.

Each frame one packet goes out with the inputs that the other side does not have yet. Ticks come from
`handle_timeout`, on a schedule without drift; only who is ahead stretches its frames. Knows two players and one
channel; does not know sockets.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import AnyGame, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.netcode.rollback import Rollback
from p2pgame.netcode.timesync import TimeSync
from p2pgame.session import events as e
from p2pgame.session.invite.election import Election
from p2pgame.session.match import Match, Phase
from p2pgame.session.match.channel import Address, Channel
from p2pgame.session.match.delay import InputDelay
from p2pgame.session.match.desync_repair import DesyncFinding
from p2pgame.session.match.network_statistics import NetworkStatistics
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.saved_match import SavedMatch
from p2pgame.session.view import Figures, MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD
from p2pgame.wire.packet import Packet, decode_packet, encode_packet
from p2pgame.wire.sealed import derive_keys

__all__ = ["RealtimeMatch"]

WINDOW = 8
"""Frames that may be predicted."""
_HASH_EVERY = 4
"""A packet in so many carries a state hash."""
_LATE = 0.25
"""Seconds of lateness that are caught up; what is beyond, as after sleep, is not."""
_WAITING_AFTER = 1.0
"""Seconds of standing still until the player is told."""
_IDLE_INTERVAL = 0.25
"""Seconds between packets while the match is paused."""


class RealtimeMatch(Match):
    """As `Match`; also take `datagrams_to_send()`, and give it `receive_datagram`."""

    def __init__(
        self,
        election: Election,
        game: AnyGame,
        config: Any,
        me: str,
        names: tuple[str, ...],
        *,
        salt: bytes,
        address: Address | None,
        frame_limit: int = 0,
        input_delay: int | None = None,
        perf: Callable[[], float] = lambda: 0.0,
        recorder: Recorder | None = None,
        saved: SavedMatch | None = None,
    ) -> None:
        """`salt`: 32 random bytes. `address`: their unicast UDP port. `input_delay`: None: as measured."""
        super().__init__(
            election,
            game,
            config,
            me,
            names,
            frame_limit=frame_limit,
            perf=perf,
            recorder=recorder,
            saved=saved,
        )
        self.local: Any = game.neutral
        """Our input from now on."""
        self.channel: Channel | None = None
        self._salt = salt
        self._address = address
        self._rollback = Rollback(self._timeline, self.me, window=WINDOW)
        self._rollback.stop_at = frame_limit or None
        self._sync = TimeSync()
        self._their_advantage = 0
        self._acked = 0
        """Frames of which the other side has our inputs."""
        self._next_tick = 0.0
        self._statistics = NetworkStatistics()
        self._moved_at = 0.0
        self._heard_at = 0.0
        self._delay = InputDelay(is_host=self.is_host, wanted=input_delay, tick_rate=game.tick_rate)
        self._decoded: dict[bytes, Any] = {}
        self._told_final = False
        self._now = 0.0

    @property
    def _them(self) -> int:
        return 1 - self.me

    # --- as Match

    def begin(self) -> None:
        if self.is_host:
            self._rollback.delay = self._delay.suited(self.rtt, 0.0)
            self._send(
                m.Start(
                    match=self.election.match,
                    hash=self._timeline.hash,
                    salt=self._salt,
                    input_delay=self._rollback.delay,
                )
            )

    def submit(self, move: Any) -> None:
        """Our input from now on; in a match that is ending it means nothing. Raises `IllegalMoveError`."""
        if self.phase is Phase.PLAYING:
            self.game.validate(self._timeline.state, self.me, move)
            self.local = move

    def receive(self, message: m.Message, now: float) -> None:
        self._now = now
        match message:
            case m.StreamPacket(data=data) if self.running and self.channel is not None:
                self.channel.receive_packet(data)
                self._receive_packet(data, now)
                self._settle(now)
            case m.SetDelay(frame=frame, delay=delay) if self.running:
                self._delay.receive(frame, delay, self._rollback.frame)
            case m.StreamPacket() | m.SetDelay() if self.over:
                pass
            case m.Input():
                raise RemoteProtocolError("unexpected_message", "the input of a turn in a real-time match")
            case _:
                super().receive(message, now)

    def receive_datagram(self, data: bytes, source: Address, now: float) -> None:
        """A datagram that may be ours. Raises as `receive` does; what is not genuine is only counted."""
        if self.channel is None or not self.running:
            return
        packet = self.channel.receive_datagram(data, source, now)
        if packet is not None:
            self._receive_packet(packet, now)
            self._settle(now)

    def set_delay(self, frames: int) -> None:
        """A new input delay for both sides, soon, from one frame on."""
        if self.phase is Phase.PLAYING:
            self._tell_delay(self._delay.set(frames, self._rollback.frame))

    def _tell_delay(self, change: tuple[int, int]) -> None:
        self._send(m.SetDelay(match=self.election.match, frame=change[0], delay=change[1]))

    def set_rtt(self, rtt: float | None) -> None:
        super().set_rtt(rtt)
        if self.channel is not None and rtt is not None:
            self.channel.note_session_rtt(rtt)

    def next_deadline(self) -> float | None:
        ending = super().next_deadline()
        if self.running:
            return self._next_tick if ending is None else min(ending, self._next_tick)
        return ending

    def handle_timeout(self, now: float) -> None:
        self._now = now
        super().handle_timeout(now)
        if not self.running or now < self._next_tick:
            return
        if self._pause is not None or self.behind:
            self._idle(now)
            return
        began, advancing = self._perf(), self._timeline.advance_time
        if now - self._next_tick > _LATE:
            self._statistics.late(_LATE)
            self._next_tick = now
        while self.running and now >= self._next_tick:
            self._statistics.late(now - self._next_tick)
            self._tick(now)
            self._next_tick += self._sync.stretch / self.game.tick_rate
        self._settle(now)
        self._statistics.library_time += self._perf() - began - (self._timeline.advance_time - advancing)

    # --- another session

    def move(self, address: Address | None) -> None:
        """The other side's session comes from there now, so its datagrams probably do, too."""
        self._address = address
        if self.channel is not None and address is not None:
            self.channel.address = address

    def heard_lately(self, now: float) -> bool:
        if self.channel is None or self.phase is not Phase.PLAYING:  # an end needs the session
            return False
        both_ways = min(self._heard_at, self.channel.acknowledged_at)
        return now - both_ways < _WAITING_AFTER

    def stand(self, epoch: int) -> m.Resume:
        return msgspec.structs.replace(
            super().stand(epoch), salt=self._salt, input_delay=self._rollback.delay
        )

    def _tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        return ours.fresh or theirs.fresh  # else the packets have all that is missing

    def _is_ours(self, frames: Sequence[tuple[Any, ...]]) -> bool:
        ours = self._rollback.inputs_since(self._timeline.frame)
        return [inputs[self.me] for inputs in frames] == ours[: len(frames)]

    def _play_missed(self, inputs: tuple[Any, ...]) -> None:
        # What is predicted on top is forgotten afterwards: a log comes only if a program was started anew.
        if not self._timeline.extend([inputs]):
            raise IllegalMoveError("the match is over")
        self._confirmed(self._timeline.frame, self._timeline.hash)

    def _go_on(self, now: float) -> None:
        if self._stands is not None and (self._stands[0].fresh or self._stands[1].fresh):
            self._begin_anew(*self._stands, now)
        self._say_where_we_are(now)

    def _say_where_we_are(self, now: float) -> None:
        super()._go_on(now)
        if self._delay.change is not None:
            self._tell_delay(self._delay.change)
        self._sync = TimeSync()
        self._heard_at = self._moved_at = now
        self._next_tick = now

    def _take(self, finding: DesyncFinding) -> None:
        super()._take(finding)
        self._rollback.rebase()
        self._told_final = False

    def _play_on(self, since: int, now: float) -> None:
        del since  # the packets have all inputs
        self._say_where_we_are(now)

    def _begin_anew(self, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """One side's program was started anew: new keys, and what was predicted never was."""
        if theirs.salt is None:
            raise RemoteProtocolError("bad_resume", "going on with a real-time match without a salt")
        self._open_channel(theirs.salt, now, max(ours.epoch, theirs.epoch))
        delay = theirs.input_delay if ours.fresh and (not theirs.fresh or not self.is_host) else None
        self._rollback.restart()
        self._hashes.restart(self._timeline.frame, self._timeline.hash)
        if delay is not None:
            self._rollback.delay = delay
        self._delay.change = None
        self._acked = self._timeline.frame

    def _open_channel(self, their_salt: bytes, now: float, epoch: int = 1) -> None:
        """`epoch`: no two sessions have the same keys, so a new channel may count its datagrams from 1 again."""
        host_salt, guest_salt = (self._salt, their_salt) if self.is_host else (their_salt, self._salt)
        session = self.election.match if epoch == 1 else f"{self.election.match}.{epoch}"
        to_guest, to_host = derive_keys(session, host_salt, guest_salt)
        keys = (to_guest, to_host) if self.is_host else (to_host, to_guest)
        self.channel = Channel(*keys, self._address, now, self.rtt or 0.0)

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        return self.channel.datagrams_to_send() if self.channel is not None else []

    # --- inside

    def _accept_start(self, message: m.Start, now: float, *, answer: bool) -> None:
        if message.salt is None:
            raise RemoteProtocolError("bad_start", "the start of a real-time match without a salt")
        self._open_channel(message.salt, now)
        if not self.is_host:
            self._rollback.delay = message.input_delay
            if answer:
                self._send(m.Start(match=self.election.match, hash=self._timeline.hash, salt=self._salt))
        # Both begin when the guest's answer reaches the host: the guest waits for half the round trip.
        self._next_tick = now + (0.0 if self.is_host else (self.rtt or 0.0) / 2)
        self._moved_at = self._heard_at = now

    @property
    def _input_delay(self) -> int:
        return self._rollback.delay

    def _last_frame(self) -> int:
        return self._rollback.known(self.me)

    def _earliest_end(self) -> int:
        return self._timeline.frame  # the host gave its inputs up to here, and does not take them back

    def _newest_frame(self) -> int:
        return self._rollback.frame + INPUTS_AHEAD

    def _end_at(self, frame: int, outcome: Outcome) -> None:
        self._rollback.stop_at = frame
        self._rollback.forget_after(frame)
        super()._end_at(frame, outcome)
        self._note_confirmed()  # the match may be over by this, and no tick come after it

    def _idle(self, now: float) -> None:
        """While it stands still: a packet now and then, should the other side hear them."""
        self._next_tick = now + _IDLE_INTERVAL
        if self.channel is not None and not self.behind:
            self.channel.send(self._packet(now), now)
            self.channel.packets_to_send()  # there is no session, or nobody hears it

    def _tick(self, now: float) -> None:
        rollback, channel = self._rollback, self.channel
        if channel is None:
            return
        if self.mending:
            self._send_packet(channel, now)
            return
        self._statistics.ticks += 1
        self._change_delay()
        depth = rollback.synchronize()
        rollback.depths[depth] += 1
        if depth:
            self._statistics.rolled_back(depth, now)
        moved = False
        if self._timeline.outcome is None:
            moved = rollback.advance(self.local)
            # Both sides count after their frame, here and in what they tell, or both think to be behind.
            self._sync.sample(self._advantage, self._their_advantage)
        if moved:
            self._moved_at = now
        self._note_confirmed()
        self._send_packet(channel, now)
        if moved or depth or not self._statistics.ticks % 15:
            self._view = None

    def _send_packet(self, channel: Channel, now: float) -> None:
        channel.send(self._packet(now), now)
        for data in channel.packets_to_send():
            self._out.append(m.StreamPacket(match=self.election.match, data=data))

    @property
    def _advantage(self) -> int:
        return self._rollback.frame - self._rollback.known(self._them)

    def _packet(self, now: float) -> bytes:
        rollback, timeline, channel = self._rollback, self._timeline, self.channel
        tell_hash = timeline.frame and not self._statistics.ticks % _HASH_EVERY and not self.mending
        return encode_packet(
            Packet(
                first=self._acked,
                inputs=tuple(encode(move) for move in rollback.inputs_since(self._acked)),
                ack=rollback.known(self._them),
                advantage=self._advantage,
                echo=channel.echo(now) if channel is not None else None,
                hash=(timeline.frame, self._hashes.rolled) if tell_hash else None,
            )
        )

    def _receive_packet(self, data: bytes, now: float) -> None:
        began, advancing = self._perf(), self._timeline.advance_time
        rollback, channel = self._rollback, self.channel
        if channel is None:
            return
        self._heard_at = now
        self._note_rejoined()
        packet = decode_packet(data, rollback.known(self._them), rollback.known(self.me))
        if packet.ack > rollback.known(self.me):
            channel.refuse()
            return
        try:
            rollback.receive(self._them, packet.first, [self._decode(move) for move in packet.inputs])
        except RemoteProtocolError as error:
            if error.code != "wrong_frame":
                raise self._illegal(error) from error
            channel.refuse()
            return
        channel.acknowledge(packet.echo, now)
        self._acked = max(self._acked, packet.ack)
        self._their_advantage = packet.advantage
        told = packet.hash is not None and packet.hash[0] <= self._timeline.frame + INPUTS_AHEAD
        if packet.hash is not None and told and not self.mending:
            with self._noticing():
                self._agree(self._hashes.theirs(*packet.hash, rolled=True))
        if self.phase is Phase.ENDING:
            rollback.synchronize()
            self._note_confirmed()
        self._statistics.library_time += self._perf() - began - (self._timeline.advance_time - advancing)

    def _decode(self, data: bytes) -> Any:
        """An input from the wire; there are few different ones, so each is decoded once."""
        move = self._decoded.get(data)
        if move is None:
            try:
                move = self.game.decode_input(data)
            except msgspec.DecodeError as error:
                raise self._illegal(error) from error
            if len(self._decoded) < 256:
                self._decoded[data] = move
        return move

    def _illegal(self, error: Exception) -> RemoteProtocolError:
        name = self.names[self._them]
        return RemoteProtocolError("illegal_input", f"{name} sent an illegal input: {error}")

    def _note_confirmed(self) -> None:
        confirmed, self._rollback.confirmed_hashes = self._rollback.confirmed_hashes, []
        for frame, value in confirmed:
            self._confirmed(frame, value)
        if self._timeline.outcome is not None and not self._told_final:
            self._told_final = True
            self._tell_hash()

    def _confirmed(self, frame: int, value: bytes) -> None:
        """All inputs of one more frame are known; `value` is the hash of the state after it."""
        timeline = self._timeline
        if self._recorder is not None:
            self._recorder.confirmed(timeline.log[frame - 1], value)
            if frame == timeline.frame:
                self._recorder.look(frame, timeline.state)
        with self._noticing():
            self._agree(self._hashes.ours(frame, value))

    def _change_delay(self) -> None:
        rollback, channel = self._rollback, self.channel
        due = self._delay.due(rollback.frame)
        if due is not None:
            rollback.delay = due
        if channel is not None and self._delay.measurable(rollback.frame):
            frames = self._delay.suited(channel.rtt, channel.jitter)
            if frames != rollback.delay:
                self.set_delay(frames)

    def _make_view(self) -> MatchView:
        rollback = self._rollback
        return msgspec.structs.replace(
            super()._make_view(),
            state=rollback.state,
            frame=rollback.frame,
            tick_rate=self.game.tick_rate,
            previous=rollback.previous,
            at=self._moved_at,
            confirmed=self._timeline.frame,
            waiting=self.phase is Phase.PLAYING and self._now - self._moved_at > _WAITING_AFTER,
            figures=self._figures(),
        )

    def _figures(self) -> Figures | None:
        if self.channel is None:
            return None
        return self._statistics.figures(self.channel, self._rollback, self._sync.lead, self._now)

    def _stats(self) -> e.Stats:
        stats = super()._stats()
        if self.channel is None:
            return stats
        return self._statistics.stats(stats, self.channel, self._rollback)
