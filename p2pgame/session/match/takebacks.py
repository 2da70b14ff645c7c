"""Takebacks in a match by turns: asked for, allowed or refused by the other players, then played by whoever is to move.

    a player: TAKEBACK --> the others: ALLOW_TAKEBACK or REFUSE_TAKEBACK --> who is to move: a takeback as its input

A request is of one frame: when somebody moves, it is void. Every program takes a takeback of others only where its own
people asked for it or allowed it, and keeps that on its disk. Which moves it is, `netcode.takebacks` says.
"""

from collections.abc import Callable

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.terms import takebacks_of
from p2pgame.netcode.takebacks import StandingMoves
from p2pgame.session import events as e
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m
from p2pgame.wire.messages import RequestKind
from p2pgame.wire.takeback import Takeback, encode_takeback

__all__ = ["Takebacks"]


class Takebacks:
    """Of one match. One request at a time."""

    def __init__(self, core: MatchCore, give: Callable[[int, bytes], None]) -> None:
        """`give(seat, data)` plays an input that is made here."""
        self._core = core
        self._give = give
        self._asked: tuple[int, int] | None = None
        """Frame and player of the newest request."""
        self._allowed: set[str] = set()
        """Peers who allowed it."""
        self._refused: dict[int, int] = {}
        """Player to the frame at which a request of it was refused: it may not be asked again there."""

    @property
    def standing(self) -> int | None:
        """The player whose request waits for an answer."""
        if self._asked is None or self._asked[0] != self._core.timeline.frame:
            return None
        return self._asked[1]

    @property
    def waits_for_us(self) -> bool:
        """Whether somebody else asks our people."""
        player, core = self.standing, self._core
        return (
            player is not None
            and bool(core.seats)
            and player not in core.seats
            and core.peer not in self._allowed
        )

    def possible(self, player: int) -> bool:
        """Whether `player` may ask now."""
        core = self._core
        limit = takebacks_of(core.config)
        if core.game.tick_rate or not limit or core.timeline.outcome is not None or player < 0:
            return False
        moves = StandingMoves(core.timeline.log)
        return (
            self.standing is None
            and self._refused.get(player) != core.timeline.frame
            and moves.used[player] < limit
            and moves.last_of(player) is not None
            and len(core.timeline.asked()) == 1
            and not core.seals.commitments
        )

    # --- our player

    def ask(self) -> None:
        """Our player wants its newest move back. Raises `IllegalMoveError`."""
        core = self._core
        if not self.possible(core.me):
            raise IllegalMoveError("nothing_to_take_back")
        self._note()
        self._ask(core.me)
        self._say(RequestKind.TAKEBACK)
        self._play_if_allowed()

    def answer(self, *, allow: bool) -> None:
        """Our player's answer to what another one asked for; without a request it means nothing."""
        core = self._core
        if not self.waits_for_us:
            return
        if allow:
            self._note()
            self._allowed.add(core.peer)
            self._say(RequestKind.ALLOW_TAKEBACK)
            core.changed = True
            self._play_if_allowed()
        else:
            self._say(RequestKind.REFUSE_TAKEBACK)
            self._refuse()

    # --- messages

    def receive(self, remote: Remote, message: m.Request) -> None:
        """What the people of `remote` ask for or answer. It may be of a frame that has passed: then it is void."""
        core, player = self._core, message.player
        if message.value != core.timeline.frame:
            return
        match message.what:
            case RequestKind.TAKEBACK:
                if not self.possible(player):
                    return
                self._ask(player)
                core.emit(e.TakebackAsked(match=core.match, player=player))
            case RequestKind.ALLOW_TAKEBACK:
                if self.standing is None:
                    return
                self._allowed.add(core.seating.owners[player])
            case _:
                if self.standing is None:
                    return
                self._refuse()
        core.changed = True
        if core.is_host:
            core.broadcast(message, but=remote)
        self._play_if_allowed()

    def resend(self, remote: Remote) -> None:
        """On another session, say again what stands."""
        core, player = self._core, self.standing
        if player is None or remote.peer == core.seating.owners[player]:
            what = RequestKind.ALLOW_TAKEBACK if player is not None and core.peer in self._allowed else None
        else:
            what = RequestKind.TAKEBACK if player in core.seats else None
        if what is not None:
            remote.send(m.Request(match=core.match, player=core.me, what=what, value=core.timeline.frame))

    # --- inside

    def _ask(self, player: int) -> None:
        core = self._core
        self._asked = core.timeline.frame, player
        self._allowed = {core.seating.owners[player]}
        core.changed = True

    def _refuse(self) -> None:
        core = self._core
        if self._asked is not None:
            frame, player = self._asked
            self._refused[player] = frame
            core.takebacks_allowed.discard(frame)
            if player in core.seats:
                core.emit(e.TakebackRefused(match=core.match, player=player))
        self._asked = None
        core.changed = True

    def _note(self) -> None:
        """Our people agree to a takeback in this frame: on the disk, before anybody hears it."""
        core = self._core
        core.takebacks_allowed.add(core.timeline.frame)
        if core.recorder is not None:
            core.recorder.note(RequestKind.TAKEBACK.value)

    def _say(self, what: RequestKind) -> None:
        core = self._core
        core.broadcast(m.Request(match=core.match, player=core.me, what=what, value=core.timeline.frame))

    def _play_if_allowed(self) -> None:
        """All others allow it: if one who moves here is to move, its input is the takeback."""
        core, player = self._core, self.standing
        if player is None or not self._allowed.issuperset(core.seating.people):
            return
        (seat,) = core.timeline.asked()
        frame = StandingMoves(core.timeline.log).last_of(player)
        if seat in core.engine.local and frame is not None:
            self._give(seat, encode_takeback(Takeback(frame, player)))
