"""One thing that all players have to agree to, a draw or an adjournment: who offers it, and for how long.

    a player: offer --> the others: offer, too, or refuse --> all offer it: the host decides

An offer lapses after some frames. Does not know what follows once all offer it.
"""

from collections.abc import Callable
from typing import NamedTuple

from p2pgame.session import events as e
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD

__all__ = ["ADJOURNMENT", "DRAW", "OfferKind", "Offers"]


class OfferKind(NamedTuple):
    """What is offered: the requests of it, and the events."""

    offer: m.RequestKind
    refuse: m.RequestKind
    offered: Callable[..., e.Event]
    refused: Callable[..., e.Event]


DRAW = OfferKind(m.RequestKind.DRAW, m.RequestKind.REFUSE_DRAW, e.DrawOffered, e.DrawRefused)
ADJOURNMENT = OfferKind(m.RequestKind.ADJOURN, m.RequestKind.REFUSE_ADJOURN, e.AdjournAsked, e.AdjournRefused)


class Offers:
    """Of one kind, in one match."""

    def __init__(self, core: MatchCore, kind: OfferKind, lasts: Callable[[], int]) -> None:
        """`lasts()`: frames until an offer lapses."""
        self._core = core
        self._kind = kind
        self._lasts = lasts
        self._offers: dict[int, int] = {}
        """Players who offer it, to the frame of the offer."""
        self._offered_at: int | None = None
        """The frame of our newest offer. It binds us even if it was refused: one after it may be under way."""
        self._refused: dict[int, int] = {}
        """Players to the frame in which their offer was refused: they ask no more in it."""

    @property
    def standing(self) -> set[int]:
        """Players whose offer has not lapsed."""
        lapsed = self._core.timeline.frame - self._lasts()
        return {player for player, frame in self._offers.items() if frame > lapsed}

    @property
    def offered(self) -> bool:
        """Whether others offer it and wait for our player."""
        standing = self.standing
        seats = set(self._core.seats)
        return bool(standing and seats) and not standing & seats

    @property
    def offering(self) -> bool:
        """Whether our player's offer stands."""
        return self._core.me in self.standing

    @property
    def agreed(self) -> bool:
        """Whether everybody at whom people play offers it."""
        seating, standing = self._core.seating, self.standing
        return bool(standing) and {seating.owners[p] for p in standing}.issuperset(seating.people)

    def possible(self, player: int) -> bool:
        """Whether `player` may offer it now, or agree."""
        refused = self._refused.get(player) == self._core.timeline.frame
        return not refused or bool(self.standing - {player})

    @property
    def until(self) -> int:
        """The frame before which the host may say that we agreed; 0 without an offer of ours."""
        ahead = INPUTS_AHEAD if self._core.engine.window else 0
        return self._offered_at + self._lasts() + ahead if self._offered_at is not None else 0

    def make(self) -> None:
        """Our player offers it, or agrees: on the disk, before anybody hears it."""
        core = self._core
        if not self.possible(core.me):
            return
        frame = self._offers[core.me] = self._offered_at = core.timeline.frame
        core.changed = True
        if core.recorder is not None:
            core.recorder.note(self._kind.offer.value)
        self._say(self._kind.offer, frame)

    def refuse(self) -> None:
        """Our player refuses what others offer."""
        core = self._core
        if core.seats and self.offered:
            self._drop(but=set(core.seats))
            self._say(self._kind.refuse, core.timeline.frame)

    def restore(self, frame: int | None) -> None:
        """Before a restart of our program our player offered it at `frame`."""
        if frame is not None:
            self._offers[self._core.me] = self._offered_at = frame

    def clear(self) -> None:
        """No offer stands or binds any more."""
        self._offers.clear()
        self._offered_at = None

    def receive(self, remote: Remote, message: m.Request) -> None:
        """An offer or a refusal of another member. The host passes it on."""
        core, player, stood = self._core, message.player, self.standing
        if message.what is self._kind.refuse:
            self._drop(but={player})
            if stood & set(core.seats):
                core.emit(self._kind.refused(match=core.match, player=player))
        elif self.possible(player):
            offered = min(message.value, core.timeline.frame)
            self._offers[player] = max(offered, self._offers.get(player, 0))
            if player in self.standing - stood:
                core.emit(self._kind.offered(match=core.match, player=player))
        core.changed = True
        if core.is_host:
            core.broadcast(message, but=remote)

    def resend(self, remote: Remote) -> None:
        """On another session: say again what stands."""
        what, match = self._kind.offer, self._core.match
        for player in sorted(self.standing - set(remote.seats)):
            remote.send(m.Request(match=match, player=player, what=what, value=self._offers[player]))

    def _drop(self, *, but: set[int]) -> None:
        """These players refuse the offers of all others."""
        for player in self._offers.keys() - but:
            self._refused[player] = self._core.timeline.frame
            del self._offers[player]
        self._core.changed = True

    def _say(self, what: m.RequestKind, frame: int) -> None:
        core = self._core
        core.broadcast(m.Request(match=core.match, player=core.me, what=what, value=frame))
