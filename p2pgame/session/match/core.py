"""What the parts of one match share: the players, the frames, the other members and the outbox.

The parts (`turns` or `ticks`, `decisions`, `ending`, `repair`, `recovery`) own everything else, one concern each.
Does not know how a match begins, ends, is repaired or resumed.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from p2pgame.core.errors import DesyncError
from p2pgame.core.game import AnyGame, Setup
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.netcode.engine import Engine
from p2pgame.netcode.seals import Seals
from p2pgame.netcode.timeline import Timeline
from p2pgame.session import events as e
from p2pgame.session.invite.election import Election
from p2pgame.session.match.channel import Address
from p2pgame.session.match.network_statistics import NetworkStatistics
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m

__all__ = ["MatchCore", "Phase"]


class Phase(Enum):
    """The life of a match; `REPAIRING` and `CATCHING_UP` interrupt `PLAYING` and `ENDING`."""

    STARTING = "starting"
    PLAYING = "playing"
    ENDING = "ending"
    ENDED = "ended"
    REPAIRING = "repairing"
    CATCHING_UP = "catching_up"


class MatchCore:
    """Facts, frames, members and outbox of one match, as one member sees it."""

    def __init__(
        self,
        election: Election,
        game: AnyGame,
        config: Any,
        me: str,
        names: tuple[str, ...],
        *,
        window: int,
        frame_limit: int,
        perf: Callable[[], float],
        recorder: Recorder | None,
    ) -> None:
        """`me`: our peer id. `window`: frames that may be predicted. `perf`: a clock in seconds, for statistics."""
        self.election = election
        self.match = election.match
        """The match id."""
        self.game = game
        self.config = config
        self.names = names
        self.me = election.players.index(me)
        host = election.players.index(election.host)
        self.is_host = self.me == host
        setup = Setup(players=len(election.players), seed=election.seed, config=config)
        self.timeline = Timeline(game, setup, frame_limit, perf)
        self.engine = Engine(self.timeline, (self.me,), window=window)
        self.engine.stop_at = frame_limit or None
        self.remotes: Mapping[int, Remote] = _remotes(self.me, host, names)
        """The other members, by player index."""
        self.linked = tuple(remote for remote in self.remotes.values() if remote.seats)
        """Those that we have a link to. A guest has one, to the host; the host has one to each guest."""
        self.recorder = recorder
        self.log = DecisionLog(election.match)
        self.seals = Seals(election.match)
        """By turns: the sealed inputs of the next frame."""
        self.statistics = NetworkStatistics(perf)
        self.phase = Phase.STARTING
        self.difference: tuple[Remote, DesyncError] | None = None
        """Found, and not acted upon yet."""
        self.repairing = False
        """True while it is found out whose state holds: no hash is compared."""
        self.changed = True
        """True if the view is to be made anew."""
        self.outbox: list[e.Event] = []
        """Events."""
        self.datagrams: list[tuple[bytes, Address]] = []
        """To be sent."""

    @property
    def others(self) -> tuple[int, ...]:
        """All players but us."""
        return tuple(player for player in range(len(self.names)) if player != self.me)

    @property
    def agreed(self) -> int:
        """The newest frame that we and everybody we have a link to are known to have in common."""
        return min([remote.hashes.agreed for remote in self.linked])

    @property
    def agreed_hash(self) -> bytes:
        return min(self.linked, key=lambda remote: remote.hashes.agreed).hashes.agreed_hash

    def late_ms(self) -> tuple[float, ...]:
        """By how much each player's inputs came too late on average; empty by turns. Ours as the others tell."""
        rate, statistics = self.game.tick_rate, self.statistics
        if not rate:
            return ()
        late = [0.0] * len(self.names)
        for remote in self.linked:
            late[self.me] = max(late[self.me], statistics.late_ms(remote.late_there, rate))
            for player in remote.seats:
                late[player] = statistics.late_ms(remote.late, rate)
        return tuple(late)

    # --- the outbox

    def broadcast(self, message: m.Message, *, but: int | None = None) -> None:
        """To every member that we have a link to, except the player `but`."""
        for remote in self.linked:
            if remote.player != but:
                remote.send(message)

    def emit(self, event: e.Event) -> None:
        self.outbox.append(event)

    def take_events(self) -> list[e.Event]:
        out, self.outbox = self.outbox, []
        return out

    # --- confirmed frames

    def confirm(self, frame: int, value: bytes) -> None:
        """Record a frame that `Engine.take_confirmed` gave, and compare its hash with what others told."""
        recorder, timeline = self.recorder, self.timeline
        if recorder is not None:
            recorder.confirmed(timeline.log[frame - 1], value)
            if recorder.snapshot_at <= frame == timeline.frame:
                recorder.take_snapshot(frame, timeline.state)
        self.compare_ours(frame, value)

    def compare_ours(self, frame: int, value: bytes) -> None:
        """`value` is our hash of a confirmed frame."""
        for remote in self.linked:
            try:
                equal = remote.hashes.ours(frame, value)
            except DesyncError as error:
                self.difference = self.difference or (remote, error)
            else:
                if equal:
                    self.agree(equal)

    def tell_hash(self, remote: Remote, *, rolled: bool) -> None:
        """Tell `remote` the hash of our newest confirmed frame."""
        value = remote.hashes.rolled if rolled else self.timeline.hash
        remote.send(m.StateHash(match=self.match, frame=self.timeline.frame, hash=value))

    def compare_theirs(
        self, remote: Remote, frame: int, value: bytes, *, rolled: bool, late: bool = True
    ) -> None:
        """`value` is what `remote` told of a frame. Raises `RemoteProtocolError("too_far_ahead")`."""
        try:
            equal = remote.hashes.theirs(frame, value, rolled=rolled, late=late)
        except DesyncError as error:
            self.difference = self.difference or (remote, error)
        else:
            if equal:
                self.agree(equal)

    def agree(self, equal: list[tuple[int, bytes]]) -> None:
        """These frames were found equal with one member."""
        agreed = self.agreed
        for frame, value in equal:
            if frame <= agreed:
                self.emit(e.Hash(match=self.match, frame=frame, hash=value.hex()))
                self.changed = True


def _remotes(me: int, host: int, names: tuple[str, ...]) -> dict[int, Remote]:
    """Truth is a star: all inputs go through the host."""
    others = tuple(player for player in range(len(names)) if player != me)
    seats = {player: (player,) if me == host else others if player == host else () for player in others}
    return {player: Remote(player, seats[player], names[player]) for player in others}
