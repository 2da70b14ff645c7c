"""Inputs of a real-time match: a frame passes every 1 / tick_rate seconds, and with each a packet goes to each member.

A packet has all inputs that the member does not have yet. Ticks come from `handle_timeout`, on a schedule without
drift; only who is ahead stretches its frames. The host passes the inputs of each guest on to the others. Does not know
sockets, nor how a match ends.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

import msgspec

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.netcode.timesync import PhaseLock, TimeSync
from p2pgame.session.match.catchup import missing_frames
from p2pgame.session.match.channel import Address, Channel
from p2pgame.session.match.core import MatchCore, Phase
from p2pgame.session.match.delay import InputDelay
from p2pgame.session.match.exchange import Pace
from p2pgame.session.match.remote import Remote
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD
from p2pgame.wire.packet import BLOCKS_MAX, Block, Packet, decode_packet, encode_block, encode_packet
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.sealed import derive_keys

__all__ = ["Ticks"]

_HASH_EVERY = 4
"""A packet in so many carries a state hash."""
_NEAR = 2
"""Frames that a datagram of the host takes to a guest at most which may begin with the first of them."""
_LATE = 0.25
"""Seconds of lateness that are caught up; what is beyond, as after sleep, is not."""
_HALT = 1.0
"""Seconds without a frame from which on those who go on need to find back into the game first. After a shorter halt
hands and eyes are still where they were, and a countdown would be the longer interruption."""
_BEGINS = 500
"""Milliseconds left from which on a packet begins a countdown: one with less may be a late one of the last."""
_STALLED_AFTER = 1.0
"""Seconds of standing still until the player is told."""
_STANDING_AFTER = 0.25
"""Seconds between two frames from which on they count as lack of progress."""
_IDLE_INTERVAL = 0.25
"""Seconds between packets while the match is paused."""
_WAITS_MAX = 5
"""A guest that made all others wait more often than that ..."""
_WAITS_SPAN = 60.0
"""... in so many seconds is too slow."""
_SETTLES = 1.5
"""Seconds of play in which that does not count: windows open, pictures and sounds are loaded, clocks are set."""
_SEATING_FRAMES = 8
"""Frames from a decision to the first input of who takes over a seat, beyond the round trip."""
_HURRY_FRAMES = 3
"""More frames a tick for who watches and is behind ..."""
_HURRY_WHEN_BEHIND = 2
"""... by more frames than that."""
_HELD = 0.002
"""Seconds for which the host should hold a packet until its tick, beside the jitter: what is late waits a frame."""
_UNSTEADY = 0.25
"""Frames of jitter from which on a packet comes too early or too late whatever the guest does."""
_MEASURED_AFTER = 60
"""Ticks after which the delay is set from measurements ..."""
_MEASURED_EVERY = 30
"""... and between two looks at them from then on."""
_VIEW_EVERY = 15
"""Ticks after which the figures are shown anew, even if nothing moves."""


class Ticks:
    """An `Exchange`."""

    rolled = True

    def __init__(
        self,
        core: MatchCore,
        delay: InputDelay,
        salt: bytes,
        secret: bytes,
        countdown: int = 0,
    ) -> None:
        """`salt`: 32 random bytes. `secret`: random bytes that nobody is told.

        `countdown`: milliseconds that our player wants to be counted down before frames go on.
        """
        game = core.game
        self.moved_at = 0.0
        self.goes_on_at = 0.0
        self.offer_frames = 10 * game.tick_rate
        self._core = core
        self._delay = delay
        self._salt = salt
        self._secret = secret
        self._countdown = countdown
        self._passed_at = 0.0
        """Time of the newest frame, whatever happened since."""
        self._neutral = core.timeline.codec.encode(game.neutral)
        self._local: dict[int, bytes] = {}
        """The input of each seat of ours from now on."""
        self._in_pair = len(core.names) == 2
        """A match of two seats: packets need not say whose inputs they have."""
        self._next_tick = 0.0
        self._corrected = 0
        """Frames that were played again since the last tick."""
        self._begins_with_host = False
        """We wait for the first packet of the host."""
        self._blocks: dict[int, list[bytes]] = {}
        """Frame to the inputs of each seat from there on, encoded: most guests lack the same of this tick."""
        self._phase = PhaseLock()
        self._told_final = False
        self._waited_for: tuple[Remote, ...] = ()
        """Those who make all others wait now."""

    # --- the beginning

    def start(self, value: bytes) -> m.Start:
        return m.Start(match=self._core.match, hash=value, salt=self._salt)

    def accept_start(self, remote: Remote, message: m.Start, now: float) -> None:
        if message.salt is None:
            raise RemoteProtocolError("bad_start", reason="no_salt")
        self._open_channel(remote, message.salt, now, 1)
        self._suit_delay()
        self._wish(remote)

    def play(self, now: float) -> None:
        """All begin when the guests' answers reach the host: a guest waits for half the round trip.

        Where the host may wait for another guest, one that is near begins with the first packet of the host.
        """
        core = self._core
        way = 0.0 if core.is_host else (_worst_rtt(core.linked) or 0.0) / 2
        self._begins_with_host = not core.is_host and not self._in_pair and way <= _NEAR / core.game.tick_rate
        self._next_tick = now + way
        self._passed_at = now
        self._heard_now(now)

    # --- inputs

    def submit(self, seat: int, move: Any, status: StatusCode) -> None:
        """The input of that seat from now on; before and after play it means nothing."""
        core = self._core
        if core.phase is not Phase.PLAYING:
            return
        data = core.timeline.codec.encode(move)
        core.timeline.check(seat, data)
        self._local[seat] = data

    def give(self, seat: int, data: bytes) -> None:
        raise IllegalMoveError("not_by_turns")

    def set_delay(self, frames: int) -> None:
        self._delay.choose(frames)
        self._core.engine.delay = frames
        self._core.changed = True

    def receive_input(self, remote: Remote, message: m.Input, now: float) -> None:
        raise RemoteProtocolError("unexpected_message", message="input", scope="match", phase="ticks")

    def receive_sealed(self, remote: Remote, message: m.Sealed, now: float) -> None:
        raise RemoteProtocolError("unexpected_message", message="sealed", scope="match", phase="ticks")

    def receive_packet(self, remote: Remote, data: bytes, now: float) -> None:
        if remote.channel is not None:
            remote.channel.receive_packet(data)
            self._receive(remote, remote.channel, data, now)

    def receive_countdown(self, remote: Remote, message: m.Countdown, now: float) -> None:
        if self._core.is_host:  # else it is from before a change of host
            remote.countdown = message.milliseconds

    def receive_datagrams(self, batch: Sequence[tuple[bytes, Address, float]]) -> bool:
        linked, genuine = self._core.linked, False
        for data, source, arrived in batch:
            for remote in linked if len(linked) == 1 else _senders(linked, source):
                channel = remote.channel
                packet = channel.receive_datagram(data, source, arrived) if channel is not None else None
                if packet is not None and channel is not None:
                    genuine = True
                    try:
                        self._receive(remote, channel, packet, arrived)
                    except RemoteProtocolError as error:
                        raise error.by(remote.member) from error
                    break
        return genuine

    def settle(self) -> None:
        core = self._core
        if core.phase is Phase.ENDING:
            core.engine.synchronize()
        for frame, value in core.engine.take_confirmed():
            core.confirm(frame, value)
        if core.timeline.outcome is not None and not self._told_final:
            self._told_final = True
            for remote in core.linked:
                core.tell_hash(remote, rolled=True)

    def play_bots(self, status: StatusCode) -> None:
        pass  # at each tick

    # --- time

    def next_deadline(self) -> float | None:
        return self._next_tick

    def handle_timeout(self, now: float, pace: Pace) -> None:
        if now < self._next_tick:
            if pace is Pace.RUN and not self._corrected:
                self._correct(now)
            self.settle()
            return
        core, statistics = self._core, self._core.statistics
        began, advancing = statistics.perf(), core.timeline.advance_time
        if self._begins_with_host and pace is Pace.RUN and not core.is_host:
            pace = Pace.IDLE
        halts = now < self.goes_on_at or now - self._passed_at >= _HALT  # asked in every frame
        if halts and pace is Pace.RUN and self._counts_down(now):
            pace = Pace.HOLD
        if pace in (Pace.IDLE, Pace.SILENT):
            self._next_tick = now + _IDLE_INTERVAL
            self.settle()
            if pace is Pace.IDLE:
                self._send_packets(now, tells_hash=False)
        else:
            self._catch_up(now, pace)
        statistics.library_time += statistics.perf() - began - (core.timeline.advance_time - advancing)

    def heard_lately(self, now: float) -> bool:
        if self._core.phase is not Phase.PLAYING:  # an end needs the session
            return False
        for remote in self._core.linked:
            channel = remote.channel
            if channel is None or now - min(remote.heard_at, channel.acknowledged_at) >= _STALLED_AFTER:
                return False
        return True

    def standing_since(self, now: float) -> float | None:
        stands = self._core.phase is Phase.PLAYING and now - self.moved_at > _STANDING_AFTER
        return self.moved_at if stands else None

    def stalled(self, now: float) -> bool:
        since = max(self.moved_at, self.goes_on_at)
        return self._core.phase is Phase.PLAYING and now - since > _STALLED_AFTER

    # --- the end

    def end_frame(self) -> int:
        core = self._core
        return core.engine.known(core.me)

    def end_range(self) -> tuple[int, int]:
        """The host gave its inputs up to the confirmed frames, and does not take them back."""
        return self._core.timeline.frame, self._core.engine.frame + INPUTS_AHEAD

    # --- who plays

    def slow(self, remote: Remote, now: float) -> bool:
        waits = remote.waits
        while waits and now - waits[0] > _WAITS_SPAN:
            waits.popleft()
        return len(waits) > _WAITS_MAX

    def waits_for(self, remote: Remote) -> bool:
        return remote in self._waited_for

    def drop_frame(self, seat: int) -> int:
        return self._core.engine.known(seat)

    def dropped_at(self, seat: int, frame: int) -> None:
        if self._core.is_host:
            self._core.engine.take(seat)

    def seating_frame(self, remote: Remote) -> int:
        """Its first input must be here in time: the way there and back, and a little more."""
        engine, rtt = self._core.engine, remote.rtt or 0.0
        return engine.frame + engine.delay + ceil(rtt * self._core.game.tick_rate) + _SEATING_FRAMES

    def seated(self, seat: int, peer: str, frame: int) -> None:
        if peer == self._core.peer:
            self._core.engine.take(seat, frame)
            for remote in self._core.linked:
                remote.acked = max(remote.acked, frame)
        elif self._core.is_host:
            self._core.engine.give(seat, frame)

    # --- interruptions

    def resume(self, ours: m.Resume, remote: Remote) -> m.Resume:
        theirs: tuple[bytes, ...] = ()
        if self._in_pair and remote.seats:
            theirs = self._core.engine.inputs_since(remote.seats[0], ours.frame)
        return msgspec.structs.replace(ours, salt=self._salt, inputs=theirs)

    def tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        return ours.fresh or theirs.fresh  # else the packets have all that is missing

    def admit(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        if theirs.salt is None:
            raise RemoteProtocolError("bad_resume", reason="no_salt")
        self._open_channel(remote, theirs.salt, now, max(ours.session, theirs.session))
        remote.acked = ours.frame if self._core.is_host else 0
        remote.sync = TimeSync()
        remote.heard_at = now
        if not self._core.is_host:
            self._suit_delay()
            self._next_tick = now
            self._wish(remote)

    def carry_on(self, now: float) -> None:
        self._told_final = False
        self._next_tick = self.moved_at = now

    def made_by_us(self, frames: Sequence[FrameInputs]) -> bool:
        core = self._core
        for seat in core.seats:
            ours = core.engine.inputs_since(seat, core.timeline.frame)
            if tuple(inputs[seat] for inputs in frames) != ours[: len(frames)]:
                return False
        return True

    def replay(self, inputs: FrameInputs) -> None:
        # What is predicted on top is forgotten afterwards: a log comes only if a program was started anew.
        if not self._core.engine.replay(inputs):
            raise IllegalMoveError("match_over")
        for frame, value in self._core.engine.take_confirmed():
            self._core.confirm(frame, value)  # nothing is told before the hashes are begun anew

    def reconnected(self, remote: Remote, now: float) -> None:
        if remote.resume is not None and remote.resume[1].cut is not None:
            remote.hashes.restart(self._core.timeline.frame, self._core.timeline.hash)
        elif remote.resume is not None and remote.lost_memory:
            self._restart(remote, *remote.resume, now)
        self._core.tell_hash(remote, rolled=True)
        self._wish(remote)
        for other in self._core.linked:
            other.sync = TimeSync()
        self._heard_now(now)
        self._next_tick = now

    def rebased(self) -> None:
        self._told_final = False

    def say_since(self, remote: Remote, frame: int) -> None:
        pass  # the packets have all inputs

    def tell_rest(self, remote: Remote) -> None:
        for message in missing_frames(self._core.match, self._core.timeline, remote.hashes.agreed):
            remote.send(message)

    def moved(self, remote: Remote, address: Address | None) -> None:
        remote.address = address
        if remote.channel is not None and address is not None:
            remote.channel.address = address

    def set_rtt(self, remote: Remote, rtt: float) -> None:
        if remote.channel is not None:
            remote.channel.note_session_rtt(rtt)

    # --- inside

    def _wish(self, remote: Remote) -> None:
        """For a guest: tell the host what our player wants to be counted down."""
        if self._countdown and not self._core.is_host:
            remote.send(m.Countdown(match=self._core.match, milliseconds=self._countdown))

    def _counts_down(self, now: float) -> bool:
        """Whether frames wait for the end of a countdown. The host begins one when they could go on after a halt.

        It is the host's to say, so that all count the same: it alone sees when the last who was missing is back.
        """
        core = self._core
        if core.timeline.end_decided:
            return False
        if now < self.goes_on_at:
            return True
        halted = now - max(self._passed_at, self.goes_on_at) >= _HALT
        if not halted or not core.is_host or core.phase is not Phase.PLAYING or core.engine.stuck:
            return False
        wanted = max([self._countdown, *[remote.countdown for remote in core.linked]])
        if not wanted or core.timeline.outcome is not None:
            return False
        self.goes_on_at = now + wanted / 1000
        self._waited_for = ()
        core.changed = True
        return True

    def _wait_for_host(self, wait: int, rtt: float, now: float) -> None:
        """The host says in each packet for how long it waits; the one that was fastest on its way is nearest."""
        until = now + wait / 1000 - rtt / 2
        if now < self.goes_on_at:
            self.goes_on_at = min(self.goes_on_at, until)
        elif wait >= _BEGINS:
            self.goes_on_at = until
            self._core.changed = True

    def _catch_up(self, now: float, pace: Pace) -> None:
        """All ticks that are due."""
        core, statistics = self._core, self._core.statistics
        if now - self._next_tick > _LATE:
            statistics.lateness[round(_LATE * 10_000)] += 1
            self._next_tick = now
        while now >= self._next_tick:
            statistics.lateness[round((now - self._next_tick) * 10_000)] += 1
            if pace is Pace.RUN:
                self._tick(now)
            else:
                self.settle()
                self._send_packets(now, tells_hash=False)
            stretch = 1.0
            for remote in core.linked:
                stretch = max(stretch, remote.sync.stretch)
            if not core.is_host:
                stretch *= self._phase.stretch
            self._next_tick += stretch / core.game.tick_rate

    def _correct(self, now: float) -> None:
        """Show what others did once it is known, and not only with our next frame: that may be nearly a frame later.

        Once between two ticks, since it costs as much as the frames that are played again. Confirms nothing.
        """
        core = self._core
        self._corrected = core.engine.correct()
        if self._corrected:
            core.statistics.rolled_back(self._corrected, now)
            core.changed = True

    def _heard_now(self, now: float) -> None:
        self.moved_at = now
        for remote in self._core.linked:
            remote.heard_at = now

    def _restart(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """One side's program was started anew: new keys, and its inputs go on after those that the other side has."""
        core = self._core
        if theirs.salt is None:
            raise RemoteProtocolError("bad_resume", reason="no_salt")
        self._open_channel(remote, theirs.salt, now, max(ours.session, theirs.session))
        frame = core.timeline.frame
        if ours.fresh:
            core.engine.restart()
            if self._in_pair:
                core.engine.receive(core.me, frame, theirs.inputs[max(0, frame - theirs.frame) :])
            self._suit_delay()
        else:  # nothing that we saw or said is taken back; what we did not tell the other side counts as not seen
            for seat in remote.paced:
                core.engine.forget_after(seat, ours.frame + len(ours.inputs))
        for other in core.linked:
            other.hashes.restart(frame, core.timeline.hash)
            other.acked = frame

    def _open_channel(self, remote: Remote, salt: bytes, now: float, session: int) -> None:
        """No two sessions have the same keys, so a new channel may count its datagrams from 1 again."""
        core = self._core
        host_salt, guest_salt = (self._salt, salt) if core.is_host else (salt, self._salt)
        guest = remote.peer if core.is_host else core.peer
        to_guest, to_host = derive_keys(core.match, session, guest, host_salt, guest_salt)
        keys = (to_guest, to_host) if core.is_host else (to_host, to_guest)
        remote.channel = Channel(*keys, remote.address, now, remote.rtt or 0.0, self._secret)

    def _tick(self, now: float) -> None:
        core, engine, statistics = self._core, self._core.engine, self._core.statistics
        statistics.ticks += 1
        if statistics.ticks >= _MEASURED_AFTER and not statistics.ticks % _MEASURED_EVERY:
            self._measure_delay()
        depth = engine.synchronize()
        if depth:
            statistics.rolled_back(depth, now)
        engine.depths[max(depth, self._corrected)] += 1
        self._corrected = 0
        moved = False
        if core.timeline.outcome is None:
            if core.handovers:
                core.settle_handovers()
            given = self._local.get
            moved = engine.advance(
                [
                    given(seat, self._neutral) if seat in core.seats else self._input_of_bot(seat)
                    for seat in engine.local
                ]
            )
            # All sides count after their frame, here and in what they tell, or all think to be behind.
            for remote in core.linked:
                if not remote.paced:
                    continue
                ours, theirs = engine.lead(remote.paced), remote.advantage
                remote.sync.sample(ours, theirs)
                if ours > 0:
                    remote.late += ours
                if theirs > 0:
                    remote.late_there += theirs
        if moved:
            self._waited_for = ()
            self.moved_at = self._passed_at = now
        elif core.is_host and core.timeline.outcome is None:
            self._note_waits(now)
        if not engine.local:
            self._hurry()
        self.settle()
        self._send_packets(now, tells_hash=not statistics.ticks % _HASH_EVERY)
        if moved or depth or not statistics.ticks % _VIEW_EVERY:
            core.changed = True

    def _hurry(self) -> None:
        """For who only watches: see the frames faster than they were played, until the newest are near."""
        engine, seats = self._core.engine, range(len(self._core.names))
        for _ in range(_HURRY_FRAMES):
            if engine.known_of_all(seats) <= engine.frame + _HURRY_WHEN_BEHIND:
                break
            engine.synchronize()
            engine.advance(())

    def _note_waits(self, now: float) -> None:
        """All wait for those whose inputs for the next frame are missing: each such time counts once.

        It counts against nobody if that is most of several: then the line or the machine of the host is the cause. Nor
        in the first seconds.
        """
        engine, frame = self._core.engine, self._core.timeline.frame
        settled = frame >= _SETTLES * self._core.game.tick_rate
        guests = [remote for remote in self._core.linked if remote.counts]
        late = tuple([remote for remote in guests if engine.known_of_all(remote.seats) <= frame])
        if settled and (len(late) == 1 or 2 * len(late) <= len(guests)):
            for remote in late:
                if remote not in self._waited_for:
                    remote.waits.append(now)
        self._waited_for = late

    def _input_of_bot(self, seat: int) -> bytes:
        core = self._core
        return core.bots.choose(seat, core.engine.state) or self._neutral

    def _send_packets(self, now: float, *, tells_hash: bool) -> None:
        core = self._core
        self._blocks.clear()
        for remote in core.linked:
            channel = remote.channel
            if channel is not None:
                channel.send(self._packet(remote, channel, now, tells_hash=tells_hash), now)
                if channel.datagrams:
                    core.datagrams += channel.datagrams
                    channel.datagrams.clear()
                if channel.packets:
                    for data in channel.packets_to_send():
                        remote.send(m.StreamPacket(match=core.match, data=data))

    def _packet(self, remote: Remote, channel: Channel, now: float, *, tells_hash: bool) -> bytes:
        core, engine, first = self._core, self._core.engine, remote.acked
        frame = core.timeline.frame
        in_one = len(remote.told) == 1 and (self._in_pair or not core.is_host)
        packet = Packet(
            first=first,
            inputs=engine.inputs_since(remote.told[0], first) if in_one else (),
            ack=engine.known_of_all(remote.seats),
            advantage=engine.lead(remote.paced) if remote.paced else 0,
            wait=round((self.goes_on_at - now) * 1000) if core.is_host and self.goes_on_at > now else None,
            echo=channel.echo(now),
            hash=(frame, remote.hashes.rolled) if tells_hash and frame else None,
        )
        return encode_packet(packet, None if in_one else self._blocks_for(remote))

    def _blocks_for(self, remote: Remote) -> list[bytes]:
        """What `remote` lacks, encoded: in every packet as much as there is room for."""
        engine, first = self._core.engine, remote.acked
        known = self._blocks.get(first)
        if known is None:
            seats = range(len(self._core.names))
            known = [encode_block(Block(seat, first, engine.inputs_since(seat, first))) for seat in seats]
            self._blocks[first] = known
        if sum(map(len, known)) <= BLOCKS_MAX:
            return [known[seat] for seat in remote.told]
        cut, room = [], BLOCKS_MAX
        for seat in remote.told:
            cut.append(encode_block(Block(seat, first, engine.inputs_since(seat, first)), room))
            room -= len(cut[-1])
        return cut

    def _receive(self, remote: Remote, channel: Channel, data: bytes, now: float) -> None:
        core, engine = self._core, self._core.engine
        began, advancing = core.statistics.perf(), core.timeline.advance_time
        remote.heard_at = now
        if self._begins_with_host:
            self._begins_with_host, self._next_tick = False, now
        frame, seats = core.timeline.frame, remote.seats
        theirs = engine.known_of_all(seats) if seats else frame
        packet = decode_packet(data, theirs, frame if remote.acked_of else 0)
        blocks = packet.blocks
        if (
            packet.ack > frame  # up to there, all gave their inputs
            and packet.ack > engine.known_of_all(remote.acked_of)
            and packet.ack > core.handed_until  # until then they are inputs of the host itself
        ):
            channel.refuse()
            return
        try:
            if blocks is None:
                if len(seats) != 1:
                    raise RemoteProtocolError("wrong_frame")
                engine.receive(seats[0], packet.first, packet.inputs)
            else:
                for block in blocks:
                    if block.player in seats:
                        engine.receive(block.player, block.first, block.inputs)
                    elif block.player not in core.seats or core.is_host:  # ours: a bot had it until lately
                        raise RemoteProtocolError("wrong_frame")
        except RemoteProtocolError as error:
            if error.code != "wrong_frame":
                raise RemoteProtocolError(
                    error.code, name=remote.name, reason=str(error.params.get("reason", ""))
                ) from error
            channel.refuse()
            return
        if packet.wait is not None and not core.is_host:
            self._wait_for_host(packet.wait, channel.shortest_rtt, now)
        held = channel.acknowledge(packet.echo, now)
        if held is not None and not core.is_host:
            self._keep_phase(held, channel.jitter)
        if packet.ack > remote.acked:
            remote.acked = packet.ack
        remote.advantage = packet.advantage
        told = packet.hash
        if told is not None and told[0] <= core.timeline.frame + INPUTS_AHEAD and not core.repairing:
            core.compare_theirs(remote, *told, rolled=True)
        core.statistics.library_time += (
            core.statistics.perf() - began - (core.timeline.advance_time - advancing)
        )

    def _keep_phase(self, held: float, jitter: float) -> None:
        """The host held a packet of ours so many seconds until its tick."""
        rate = self._core.game.tick_rate
        if jitter * rate > _UNSTEADY:
            self._phase.release()
        else:
            self._phase.sample(held * rate, (_HELD + jitter) * rate)

    def _measure_delay(self) -> None:
        """Keep the delay that suits what the channels have measured."""
        core = self._core
        channels = [remote.channel for remote in core.linked if remote.channel is not None]
        core.engine.delay = self._delay.measured(
            max((channel.rtt for channel in channels), default=0.0),
            max((channel.jitter for channel in channels), default=0.0),
            is_host=core.is_host,
            in_pair=self._in_pair,
        )

    def _suit_delay(self) -> None:
        """Begin with the delay that suits the session."""
        self._core.engine.delay = self._suited(_worst_rtt(self._core.linked), 0.0)

    def _suited(self, rtt: float | None, jitter: float) -> int:
        return self._delay.suited(rtt, jitter, is_host=self._core.is_host, in_pair=self._in_pair)


def _worst_rtt(remotes: Sequence[Remote]) -> float | None:
    return max((remote.rtt for remote in remotes if remote.rtt is not None), default=None)


def _senders(remotes: tuple[Remote, ...], source: Address) -> tuple[Remote, ...]:
    """Whose address it is comes first; a member may have moved, so the others follow."""
    for number, remote in enumerate(remotes):
        if remote.channel is not None and remote.channel.address == source:
            return (remote, *remotes[:number], *remotes[number + 1 :])
    return remotes
