"""One match on an open session, without the session's socket: our inputs and their messages in, messages out.

The life of a match, seen from one side:

    STARTING --start of both--> PLAYING --outcome--> ENDING --last hash agreed--> ENDED

The log decides what happened; the host decides only what the rules do not (who gave up first). Knows two players;
does not know who dialled whom.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

import msgspec

from p2pgame.core.errors import DesyncError, IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import AnyGame, Outcome, Setup
from p2pgame.core.snapshot import encode
from p2pgame.netcode.hashes import HashLedger
from p2pgame.netcode.timeline import Timeline
from p2pgame.session import events as e
from p2pgame.session.election import Election
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT

__all__ = ["Match", "Phase"]


class Phase(Enum):
    STARTING = "starting"
    PLAYING = "playing"
    ENDING = "ending"
    ENDED = "ended"


ALLOWED: dict[Phase, frozenset[type]] = {
    Phase.STARTING: frozenset({m.Start}),
    Phase.PLAYING: frozenset({m.Input, m.StateHash, m.Resign, m.End}),
    Phase.ENDING: frozenset({m.Input, m.StateHash, m.Resign, m.End}),
    Phase.ENDED: frozenset({m.Input, m.StateHash, m.Resign, m.End}),
}
"""Which messages may come in which phase; what crosses an ending on the wire is no fault of the sender."""


class Match:
    """A turn-based match of two peers. After every call, take `messages_to_send()` and `events()`."""

    def __init__(
        self,
        election: Election,
        game: AnyGame,
        config: Any,
        me: str,
        names: tuple[str, ...],
        *,
        frame_limit: int = 0,
        perf: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`me`: our peer id. `perf`: a clock in seconds, for statistics only."""
        self.election = election
        self.game = game
        self.config = config
        self.names = names
        self.me = election.players.index(me)
        self.is_host = election.host == me
        self.phase = Phase.STARTING
        self.rtt: float | None = None
        self._perf = perf
        setup = Setup(players=len(election.players), seed=election.seed, config=config)
        self._timeline = Timeline(game, setup, frame_limit, perf)
        self._hashes = HashLedger()
        self._out: list[m.Message] = []
        self._events: list[e.Event] = []
        self._deadline: float | None = None
        self._gave_up = False
        self._decided = False
        self._counts = {"sent_packets": 0, "sent_bytes": 0, "received_packets": 0, "received_bytes": 0}
        self._view: MatchView | None = None

    @property
    def over(self) -> bool:
        return self.phase is Phase.ENDED

    @property
    def running(self) -> bool:
        return self.phase in (Phase.PLAYING, Phase.ENDING)

    def view(self) -> MatchView:
        """The match now; the same object until something changes."""
        if self._view is None:
            self._view = self._make_view()
        return self._view

    def _make_view(self) -> MatchView:
        timeline = self._timeline
        return MatchView(
            match=self.election.match,
            game=self.game.name,
            host=self.election.host,
            players=self.election.players,
            names=self.names,
            me=self.me,
            config=self.config,
            state=timeline.state,
            frame=timeline.frame,
            to_move=timeline.to_move,
            outcome=timeline.outcome if self.over else None,
            rtt_ms=None if self.rtt is None else self.rtt * 1000,
            hash=self._hashes.agreed_hash.hex(),
        )

    def set_rtt(self, rtt: float | None) -> None:
        """Tell the match the round trip of its session, in seconds."""
        if rtt != self.rtt:
            self.rtt = rtt
            self._view = None

    def begin(self) -> None:
        """The session stands. The host says its first state; the guest answers."""
        if self.is_host:
            self._send(m.Start(match=self.election.match, hash=self._timeline.hash))

    def submit(self, move: Any) -> None:
        """Our input for the current frame. Raises `IllegalMoveError`; then nothing has changed or been sent."""
        if self.phase is not Phase.PLAYING:
            raise IllegalMoveError("the match is not running")
        frame = self._timeline.frame
        self._timeline.offer(self.me, move)
        self._send(m.Input(match=self.election.match, frame=frame, data=encode(move)))
        self._advance()

    def resign(self) -> None:
        """Give up. The host ends the match at once, the guest asks it to."""
        if self.phase is Phase.PLAYING:
            if self.is_host:
                self._decide_resigned(self.me)
            elif not self._gave_up:
                self._gave_up = True
                self._send(m.Resign(match=self.election.match))

    def receive(self, message: m.Message, now: float) -> None:
        """A message of this match. Raises `RemoteProtocolError` if the other side broke the rules, `DesyncError`."""
        if type(message) not in ALLOWED[self.phase]:
            raise RemoteProtocolError(
                "unexpected_message", f"{type(message).__name__} in a match that is {self.phase.value}"
            )
        self._counts["received_packets"] += 1
        self._counts["received_bytes"] += len(m.encode_message(message))
        match message:
            case m.Start():
                self._started(message, now)
            case m.Input() if self.phase is Phase.PLAYING:
                self._receive_input(message)
            case m.StateHash(frame=frame, hash=value) if not self.over:
                self._agree(self._hashes.theirs(frame, value))
            case m.Resign() if self.phase is Phase.PLAYING:
                if not self.is_host:
                    raise RemoteProtocolError(
                        "unexpected_message", "only a guest asks the host to end the match"
                    )
                self._decide_resigned(1 - self.me)
            case m.End() if not self.over:
                self._receive_end(message)
        self._settle(now)

    def abort(self, reason: str) -> None:
        """End here and now without agreement: the link is lost, or the other side broke the rules."""
        if not self.over:
            started = self.phase is not Phase.STARTING
            outcome = self._timeline.outcome or Outcome(winners=(), reason=reason)
            self._timeline.outcome = outcome
            self.phase = Phase.ENDED
            self._view = None
            if started:
                self._emit_ended(outcome)

    def settle(self, now: float) -> None:
        """Call after `submit` and `resign`: the match may have ended by them."""
        self._settle(now)

    def next_deadline(self) -> float | None:
        return self._deadline if self.running else None

    def handle_timeout(self, now: float) -> None:
        """Give up waiting for the other side's last hash, or its answer to our resignation."""
        if self.running and self._deadline is not None and now >= self._deadline:
            raise RemoteProtocolError("end_timeout", "the other side did not confirm how the match ended")

    def messages_to_send(self) -> list[m.Message]:
        out, self._out = self._out, []
        return out

    def events(self) -> list[e.Event]:
        out, self._events = self._events, []
        return out

    # --- inside

    def _started(self, message: m.Start, now: float) -> None:
        if message.hash != self._timeline.hash:
            raise DesyncError(0, self._timeline.hash.hex(), message.hash.hex())
        self._accept_start(message, now)
        self.phase = Phase.PLAYING
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

    def _accept_start(self, message: m.Start, now: float) -> None:
        """The guest answers the host's start."""
        del now
        if not self.is_host:
            self._send(m.Start(match=self.election.match, hash=message.hash))

    @property
    def _input_delay(self) -> int:
        return 0

    def _receive_input(self, message: m.Input) -> None:
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

    def _advance(self) -> None:
        timeline = self._timeline
        before = timeline.state
        for frame in timeline.advance():
            self._view = None
            for player, move in enumerate(timeline.log[-1]):
                if move is not None:
                    notation = self.game.describe(before, move)
                    self._events.append(
                        e.Move(match=self.election.match, frame=frame, player=player, move=notation)
                    )
            value = timeline.hash
            self._send(m.StateHash(match=self.election.match, frame=frame, hash=value))
            self._agree(self._hashes.ours(frame, value))
            before = timeline.state

    def _decide_resigned(self, player: int) -> None:
        """Host only: `player` gave up. The first decision stands."""
        if self._decided:
            return
        self._decided = True
        frame, outcome = self._last_frame(), _resigned(player)
        self._end_at(frame, outcome)
        self._send(m.End(match=self.election.match, frame=frame, outcome=outcome))

    def _last_frame(self) -> int:
        """The first frame at which the host can end the match: the other side cannot have gone past it."""
        return self._timeline.frame

    def _end_at(self, frame: int, outcome: Outcome) -> None:
        self._timeline.end_at(frame, outcome)
        self._hashes.forget_after(frame)
        self._view = None

    def _receive_end(self, message: m.End) -> None:
        if self.is_host:
            raise RemoteProtocolError("unexpected_message", "only the host ends a match")
        if not self._earliest_end() <= message.frame <= self._newest_frame():
            raise RemoteProtocolError(
                "wrong_frame",
                f"the end at frame {message.frame}, not from {self._earliest_end()} to {self._newest_frame()}",
            )
        losers = (self.me, 1 - self.me) if self._gave_up else (1 - self.me,)
        if message.outcome not in [_resigned(player) for player in losers]:
            raise RemoteProtocolError("bad_end", "the host decided what is not its to decide")
        self._end_at(message.frame, message.outcome)

    def _earliest_end(self) -> int:
        """The first frame at which the host may end the match."""
        return self._hashes.agreed

    def _newest_frame(self) -> int:
        """The last frame at which the host may end the match."""
        return self._timeline.frame

    def _settle(self, now: float) -> None:
        """Move on to ENDING and ENDED when it is time."""
        timeline = self._timeline
        if self.phase is Phase.PLAYING and timeline.outcome is not None:
            self.phase = Phase.ENDING
            self._deadline = now + MATCH_TIMEOUT
        elif self._gave_up and self._deadline is None:
            self._deadline = now + MATCH_TIMEOUT
        if (
            self.phase is Phase.ENDING
            and self._hashes.agreed >= timeline.frame
            and timeline.outcome is not None
        ):
            self.phase = Phase.ENDED
            self._view = None
            self._emit_ended(timeline.outcome)

    def _agree(self, equal: list[tuple[int, bytes]]) -> None:
        for frame, value in equal:
            self._events.append(e.Hash(match=self.election.match, frame=frame, hash=value.hex()))
            self._view = None

    def _emit_ended(self, outcome: Outcome) -> None:
        self._events.append(
            e.MatchEnded(
                match=self.election.match,
                outcome=outcome,
                frames=self._timeline.frame,
                hash=self._hashes.agreed_hash.hex(),
                stats=self._stats(),
            )
        )

    def _stats(self) -> e.Stats:
        frames = max(1, self._timeline.frame)
        return e.Stats(
            rtt_ms=round((self.rtt or 0.0) * 1000, 3),
            advance_ms_per_frame=round(self._timeline.advance_time * 1000 / frames, 4),
            **self._counts,
        )

    def _send(self, message: m.Message) -> None:
        self._counts["sent_packets"] += 1
        self._counts["sent_bytes"] += len(m.encode_message(message))
        self._out.append(message)


def _resigned(player: int) -> Outcome:
    return Outcome(winners=(1 - player,), reason="resigned")
