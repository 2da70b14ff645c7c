"""One match on an open session, without the session's socket: our inputs and their messages in, messages out.

The life of a match, seen from one side:

    STARTING --start of both--> PLAYING --outcome--> ENDING --last hash agreed--> ENDED

The log decides what happened; the host decides only what the rules do not (who gave up first). A match outlives its
session: `rejoin` goes on with it on another one, from what each side says it has. While the states of both sides
differ it stands still and is mended (`session.match.desync_repair`). Knows two players; does not know who dialled whom.
"""

from typing import Any

import msgspec

from p2pgame.core.errors import DesyncError, IllegalMoveError, RemoteProtocolError
from p2pgame.core.snapshot import encode
from p2pgame.session import events as e
from p2pgame.session.match.base import Phase
from p2pgame.session.match.rejoining import Rejoining
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT

__all__ = ["ALLOWED", "Match"]

_PLAY = frozenset({m.Input, m.StateHash, m.Resign, m.End, m.Log, m.State, m.Differ, m.EndSignature})
_SAID_AGAIN = frozenset({m.Input, m.StateHash, m.Resign, m.End, m.EndSignature})
"""What the other side says again once the states are mended; until then it counts for nothing."""
ALLOWED: dict[Phase, frozenset[type]] = {
    Phase.STARTING: frozenset({m.Start, m.Differ, m.State}),
    Phase.PLAYING: _PLAY,
    Phase.ENDING: _PLAY,
    Phase.ENDED: _PLAY,
}
"""Which messages may come in which phase; what crosses an ending on the wire is no fault of the sender."""


class Match(Rejoining):
    """A turn-based match of two peers. After every call, take `messages_to_send()` and `events()`."""

    def begin(self) -> None:
        """The session stands. The host says its first state; the guest answers."""
        if self.is_host:
            self._send(m.Start(match=self.election.match, hash=self._timeline.hash))

    def submit(self, move: Any) -> None:
        """Our input for the current frame. Raises `IllegalMoveError`; then nothing has changed or been sent."""
        if self.phase is not Phase.PLAYING:
            raise IllegalMoveError("the match is not running")
        if self.mending:
            raise IllegalMoveError("the two games differ, and are being mended")
        if self._pause is not None or self.behind:
            raise IllegalMoveError("the match is paused")
        frame = self._timeline.frame
        self._timeline.offer(self.me, move)
        self._send(m.Input(match=self.election.match, frame=frame, data=encode(move)))
        self._advance()

    def receive(self, message: m.Message, now: float) -> None:
        """A message of this match.

        Raises `RemoteProtocolError` if the other side broke the rules; ``desync`` if the states differ beyond mending.
        """
        if type(message) not in ALLOWED[self.phase]:
            raise RemoteProtocolError(
                "unexpected_message", f"{type(message).__name__} in a match that is {self.phase.value}"
            )
        self._counts["received_packets"] += 1
        self._counts["received_bytes"] += len(m.encode_message(message))
        match message:
            case m.Start():
                self._started(message, now)
            case m.Differ() if not self.over:
                self._receive_differ(message, now)
            case m.State() if self._mender is not None and not self.behind:
                self._mend(self._mender, message, now)
            case _ if self.mending and type(message) in _SAID_AGAIN:
                pass
            case m.Input() if self.phase is Phase.PLAYING:
                self._receive_input(message)
            case m.StateHash(frame=frame, hash=value) if not self.over:
                with self._noticing():
                    rolled = bool(self.game.tick_rate)
                    self._agree(self._hashes.theirs(frame, value, rolled=rolled, late=False))
            case m.Resign() if self.phase is Phase.PLAYING:
                if not self.is_host:
                    raise RemoteProtocolError(
                        "unexpected_message", "only a guest asks the host to end the match"
                    )
                self._decide_resigned(1 - self.me)
            case m.End() if not self.over:
                self._receive_end(message)
            case m.Log() | m.State() if not self.over:
                self._receive_missed(message, now)
            case m.EndSignature() if not self.over:
                self._signed = message
        self._note_rejoined()
        self._settle(now)

    def settle(self, now: float) -> None:
        """Call after `submit` and `resign`: the match may have ended by them."""
        self._settle(now)

    def next_deadline(self) -> float | None:
        if self._catch_up is not None and self.running:
            return self._catch_up.deadline
        if self._mender is not None:
            return None if self._in_doubt else self._mender.deadline
        if not self.running:
            return None
        return None if self._in_doubt else self._deadline

    def handle_timeout(self, now: float) -> None:
        """Give up waiting for the other side's last hash, its answer to our resignation, or its part of a mending."""
        if self._mender is not None:
            if not self._in_doubt and not self.behind and now >= self._mender.deadline:
                self._mended(self._mender.give_up(), now)
        elif self.running and not self._in_doubt and self._deadline is not None and now >= self._deadline:
            outcome = self._timeline.outcome
            if outcome is not None and self._hashes.agreed >= self._timeline.frame:
                self._finish(outcome)  # they agree, and do not sign
            else:
                raise RemoteProtocolError("end_timeout", "the other side did not confirm how the match ended")
        if self._catch_up is not None and now >= self._catch_up.deadline:
            raise RemoteProtocolError("resume_timeout", "the other side did not send what it said it has")

    def _started(self, message: m.Start, now: float, *, answer: bool = True) -> None:
        """Both hold the first state. `answer`: the other side waits for our `Start`, if we are the guest."""
        if message.hash != self._timeline.hash:  # named, and not mended: what else is not the same?
            self._difference = DesyncError(0, self._timeline.hash.hex(), message.hash.hex())
            return
        self._accept_start(message, now, answer=answer)
        self.phase = Phase.PLAYING
        if self._recorder is not None:
            self._recorder.began(message.hash)
        self._view = None
        self._events.append(
            e.MatchStarted(
                match=self.election.match,
                game=self.game.name,
                host=self.election.host,
                players=self.election.players,
                names=self.names,
                me=self.me,
                tick_rate=self.game.tick_rate,
                input_delay=self._input_delay,
            )
        )
        self._hashes.ours(0, message.hash)
        self._agree(self._hashes.theirs(0, message.hash))

    def _accept_start(self, message: m.Start, now: float, *, answer: bool) -> None:
        """The guest answers the host's start."""
        del now
        if answer and not self.is_host:
            self._send(m.Start(match=self.election.match, hash=message.hash))

    def _receive_input(self, message: m.Input) -> None:
        if self._is_known(message):
            return
        if message.frame != self._timeline.frame:
            raise RemoteProtocolError(
                "wrong_frame", f"an input for frame {message.frame}, this is {self._timeline.frame}"
            )
        if self._hashes.agreed < message.frame:
            raise RemoteProtocolError(
                "missing_hash", f"an input for frame {message.frame} before its state hash"
            )
        try:
            move = self.game.decode_input(message.data)
            self._timeline.offer(1 - self.me, move)
        except (IllegalMoveError, msgspec.DecodeError) as error:
            raise RemoteProtocolError(
                "illegal_input", f"{self.names[1 - self.me]} sent an illegal move: {error}"
            ) from error
        self._advance()

    def _is_known(self, message: m.Input) -> bool:
        """True for what the other side says again."""
        timeline, them = self._timeline, 1 - self.me
        newer = message.frame - timeline.frame
        known = (
            timeline.log[message.frame][them] if newer < 0 else timeline.pending(them) if not newer else None
        )
        return known is not None and encode(known) == message.data

    def _advance(self) -> None:
        timeline = self._timeline
        before = timeline.state
        for _ in timeline.advance():
            self._passed(before)
            before = timeline.state

    def _passed(self, before: Any) -> None:
        """A frame passed; `before` is the state that it began with."""
        timeline = self._timeline
        self._view = None
        frame, inputs, value = timeline.frame, timeline.log[-1], timeline.hash
        for player, move in enumerate(inputs):
            if move is not None:
                notation = self.game.describe(before, move)
                self._events.append(
                    e.Move(match=self.election.match, frame=frame, player=player, move=notation)
                )
        if self._recorder is not None:
            self._recorder.confirmed(inputs, value)
            self._recorder.look(frame, timeline.state)
        self._send(m.StateHash(match=self.election.match, frame=frame, hash=value))
        with self._noticing():
            self._agree(self._hashes.ours(frame, value))

    def _settle(self, now: float) -> None:
        """Move on to ENDING and ENDED when it is time, or begin to mend."""
        timeline = self._timeline
        if not (self.over or self.behind or self.mending):
            found = self._difference
            if found is not None:
                hashes = bytes.fromhex(found.ours), bytes.fromhex(found.theirs)
                self._begin_mending((found.frame, *hashes), now)
            elif self._suspicion is not None:
                self._begin_mending(None, now)
        if self.mending:
            return
        if self.phase is Phase.PLAYING and timeline.outcome is not None:
            self.phase = Phase.ENDING
            self._deadline = now + MATCH_TIMEOUT
        elif self._gave_up and self._deadline is None:
            self._deadline = now + MATCH_TIMEOUT
        if self.phase is Phase.ENDING and timeline.outcome is not None:
            self._vouch(timeline.outcome)
            if self._hashes.agreed >= timeline.frame and self._is_vouched:
                self._finish(timeline.outcome)
