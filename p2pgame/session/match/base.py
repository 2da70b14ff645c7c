"""What every part of a match stands on: who plays what, the confirmed frames, what is to be said, and how it looks.

Knows two players; does not know how a match begins, ends, is mended or goes on elsewhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

from p2pgame.core.errors import DesyncError
from p2pgame.core.game import AnyGame, Outcome, Setup
from p2pgame.netcode.hashes import HashLedger
from p2pgame.netcode.timeline import Timeline
from p2pgame.replay.records import Record
from p2pgame.session import events as e
from p2pgame.session.invite.election import Election
from p2pgame.session.match.catchup import CatchUp
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.saved_match import SavedMatch
from p2pgame.session.view import MatchView, Pause
from p2pgame.wire import messages as m

__all__ = ["Base", "Phase"]


class Phase(Enum):
    STARTING = "starting"
    PLAYING = "playing"
    ENDING = "ending"
    ENDED = "ended"


class Base(ABC):
    """Facts, state and outbox of one match."""

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
        recorder: Recorder | None = None,
        saved: SavedMatch | None = None,
    ) -> None:
        """`me`: our peer id. `perf`: a clock in seconds, for statistics only.

        `recorder`: takes the match down and signs its end; None: neither. `saved`: go on with this match.
        """
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
        self._counts = {"sent_packets": 0, "sent_bytes": 0, "received_packets": 0, "received_bytes": 0}
        self._view: MatchView | None = None
        self._recorder = recorder
        self._pause: Pause | None = None
        self._standstill: Pause | None = None
        """While the states are being mended."""
        self._in_doubt = False
        """True while the session may be gone."""
        self._difference: DesyncError | None = None
        """Found, and not yet acted upon."""
        self._catch_up: CatchUp | None = None
        self.fresh = saved is not None
        """True for a match that was read from its file, until both sides go on with it."""
        if saved is not None:
            self._restore(saved)

    def records(self) -> tuple[Record, ...]:
        """What is to be written to the match's file."""
        return self._recorder.records() if self._recorder is not None else ()

    def tamper(self, change: Callable[[int, Any], Any]) -> None:
        """For tests: `change` makes another state of the one that a frame leads to (`Timeline.tamper`)."""
        self._timeline.tamper = change

    @property
    def frame(self) -> int:
        """Frames confirmed."""
        return self._timeline.frame

    @property
    def outcome(self) -> Outcome | None:
        """How it ends, as far as that is known here."""
        return self._timeline.outcome

    @property
    def behind(self) -> bool:
        """True while what the other side has more is on its way."""
        return self._catch_up is not None

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
            pause=None if self.over else self._pause or self._standstill,
        )

    @property
    def pause(self) -> Pause | None:
        """Why the match stands still, if it does."""
        return self._pause

    def set_pause(self, pause: Pause | None) -> None:
        """The match stands still, or goes on: for the view and the file. While it stands, nobody moves."""
        if pause != self._pause:
            if self._recorder is not None and self.running:
                self._recorder.note(f"paused: {pause.reason}" if pause is not None else "resumed")
            self._pause = pause
            self._view = None

    def heard_lately(self, now: float) -> bool:
        """True if the match goes on even without its session."""
        del now
        return False

    def set_rtt(self, rtt: float | None) -> None:
        """Tell the match the round trip of its session, in seconds."""
        if rtt != self.rtt:
            self.rtt = rtt
            self._view = None

    def messages_to_send(self) -> list[m.Message]:
        out, self._out = self._out, []
        return out

    def events(self) -> list[e.Event]:
        out, self._events = self._events, []
        return out

    @property
    def _input_delay(self) -> int:
        return 0

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Around whatever compares hashes: the first difference is acted upon when all else is done (`_settle`)."""
        try:
            yield
        except DesyncError as error:
            self._difference = self._difference or error

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

    def _tell(self, messages: Sequence[m.Message]) -> None:
        for message in messages:
            self._send(message)

    def _send(self, message: m.Message) -> None:
        self._counts["sent_packets"] += 1
        self._counts["sent_bytes"] += len(m.encode_message(message))
        self._out.append(message)

    # --- what the parts above say

    @abstractmethod
    def _restore(self, saved: SavedMatch) -> None:
        """Stand where the file of the match ends."""

    @abstractmethod
    def _settle(self, now: float) -> None:
        """Move on to the next phase when it is time, or begin to mend."""

    @abstractmethod
    def _go_on(self, now: float) -> None:
        """Both have the same frames, or soon will: say again what the other side may not have heard."""

    @abstractmethod
    def _started(self, message: m.Start, now: float, *, answer: bool = True) -> None:
        """Both hold the first state. `answer`: the other side waits for our `Start`, if we are the guest."""

    @abstractmethod
    def _passed(self, before: Any) -> None:
        """A frame passed; `before` is the state that it began with."""
