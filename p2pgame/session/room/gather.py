"""Gathering a round: all parties commit, then reveal, through the leader; so nobody chooses host, match id or seed.

    party   COMMITTED --all commitments--> REVEALED --all nonces--> ELECTED
    leader  collects, and passes on what it has from all

A party that gathers the same plan again opens the same nonce, and only to those who committed the same before. So who
breaks a gathering off, because it saw what would come of it, gets the same again; a changed lineup is seen by all.
"""

from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session.election import Election, Standing, commit, elect, verify_commitment
from p2pgame.wire import messages as m
from p2pgame.wire.rooms import NO_LINK, Commitment, Player, parties_of, plan_digest

__all__ = ["Collection", "Party", "Plan", "Stage", "elect_round"]

_SAID_KEPT = 16
_LAG_STEP_MS = 8
"""Round trips within one step of this are equal, then within twice as much, and so on."""


class Plan(msgspec.Struct, frozen=True):
    """What is to be played in a round, equal for all parties."""

    room: str
    digest: bytes
    lineup: tuple[Player, ...]
    parties: tuple[PeerId, ...]

    @classmethod
    def of(cls, state: m.RoomState) -> "Plan":
        """That of a room which is gathering."""
        about = plan_digest(
            state.room, state.round, state.game, state.digest, state.config, state.frames, state.lineup
        )
        return cls(state.room, about, state.lineup, parties_of(state.lineup))


class Stage(Enum):
    COMMITTED = "committed"
    REVEALED = "revealed"
    ELECTED = "elected"


class Party:
    """Our side of a gathering."""

    def __init__(self, me: PeerId, plan: Plan, nonce: bytes) -> None:
        """`nonce`: 32 random bytes."""
        self.plan = plan
        self.stage = Stage.COMMITTED
        self.commitments: tuple[Commitment, ...] = ()
        """Those of all, once known."""
        self.nonces: Mapping[PeerId, bytes] = {}
        self._me = me
        self._nonce = nonce
        self._said: tuple[Commitment, ...] = ()
        """What we said, the newest last: links are measured anew each time."""
        self._promised: tuple[bytes, ...] | None = None
        """The hashes to which we have revealed our nonce."""

    def commit(self, measured: Callable[[bytes, tuple[PeerId, ...]], Commitment]) -> m.RoomCommit:
        """What we say first, and again to a new leader. `measured(commitment, parties)` adds what we know of links."""
        self.stage = Stage.COMMITTED
        hashed = commit(self._me, self.plan.digest, self._nonce)
        ours = measured(hashed, self.plan.parties)
        self._said = (*self._said[1 - _SAID_KEPT :], ours)
        return m.RoomCommit(room=self.plan.room, plan=self.plan.digest, commitments=(ours,))

    def committed(self, commitments: tuple[Commitment, ...]) -> m.RoomReveal:
        """All have committed: reveal. Raises `RemoteProtocolError("bad_reveal")` if our words are not among them.

        Who leads would choose the host by changing what was measured. It raises the same if others committed to
        something else in an earlier gathering of this plan, after which we revealed.
        """
        parties, hashes = self.plan.parties, tuple(one.commitment for one in commitments)
        if len(commitments) != len(parties) or commitments[parties.index(self._me)] not in self._said:
            raise RemoteProtocolError("bad_reveal")
        if any(len(one.round_trips) != len(parties) for one in commitments):
            raise RemoteProtocolError("bad_reveal")
        if self._promised not in (None, hashes):
            raise RemoteProtocolError("bad_reveal")
        self._promised = hashes
        self.commitments = commitments
        self.stage = Stage.REVEALED
        return m.RoomReveal(room=self.plan.room, plan=self.plan.digest, nonces=(self._nonce,))

    def revealed(self, nonces: tuple[bytes, ...]) -> None:
        """All have revealed. Raises `RemoteProtocolError("bad_reveal")`."""
        if self.stage is Stage.COMMITTED:
            raise RemoteProtocolError("bad_reveal")
        self.nonces = _opened(self.plan, self.commitments, nonces)
        self.stage = Stage.ELECTED

    def elect(self, epoch: int) -> Election:
        """Whom the gathering makes host, if those before it in the succession were not reached."""
        return elect_round(self.plan, self.commitments, self.nonces, epoch)


class Collection:
    """What the leader has of the parties. It may be none itself."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.epoch = 1
        self.election: Election | None = None
        self._commitments: dict[PeerId, Commitment] = {}
        self._nonces: dict[PeerId, bytes] = {}

    @property
    def missing(self) -> tuple[PeerId, ...]:
        """Whom we wait for."""
        known = self._nonces if self._all_committed else self._commitments
        return tuple(peer for peer in self.plan.parties if peer not in known)

    def commit(self, peer: PeerId, message: m.RoomCommit) -> m.RoomCommit | None:
        """The commitment of a party. Returns what all parties are told, once all have committed.

        Raises `RemoteProtocolError`.
        """
        if peer not in self.plan.parties or len(message.commitments) != 1:
            raise RemoteProtocolError("not_your_seat")
        (said,) = message.commitments
        if len(said.round_trips) != len(self.plan.parties):
            raise RemoteProtocolError("bad_message")
        if self._all_committed:  # it lost its link, and says it again
            if self._commitments[peer].commitment != said.commitment:
                raise RemoteProtocolError("bad_reveal")
            return None
        self._commitments[peer] = said
        return self._every_commitment if self._all_committed else None

    def reveal(self, peer: PeerId, message: m.RoomReveal) -> m.RoomReveal | None:
        """The nonce of a party. Returns what all parties are told, once all have revealed.

        Raises `RemoteProtocolError`.
        """
        if peer not in self.plan.parties or len(message.nonces) != 1:
            raise RemoteProtocolError("not_your_seat")
        (nonce,) = message.nonces
        if not self._all_committed or not verify_commitment(
            self._commitments[peer].commitment, peer, self.plan.digest, nonce
        ):
            raise RemoteProtocolError("bad_reveal")
        self._nonces[peer] = nonce
        if self.election is not None or len(self._nonces) < len(self.plan.parties):
            return None
        self.election = self.elect(self.epoch)
        return self._every_nonce

    def elect(self, epoch: int) -> Election:
        """Once all nonces are known."""
        commitments = tuple(self._commitments[party] for party in self.plan.parties)
        return elect_round(self.plan, commitments, self._nonces, epoch)

    def pass_over(self) -> bool:
        """The host cannot be reached by all: the next one's turn. False if there is no other."""
        if self.election is None or self.epoch >= len(self.plan.parties):
            return False
        self.epoch += 1
        self.election = self.elect(self.epoch)
        return True

    def told(self) -> tuple[m.Message, ...]:
        """What all parties were told so far, for one who lost its link."""
        if not self._all_committed:
            return ()
        return (
            (self._every_commitment,)
            if self.election is None
            else (self._every_commitment, self._every_nonce)
        )

    @property
    def _all_committed(self) -> bool:
        return len(self._commitments) == len(self.plan.parties)

    @property
    def _every_commitment(self) -> m.RoomCommit:
        every = tuple(self._commitments[party] for party in self.plan.parties)
        return m.RoomCommit(room=self.plan.room, plan=self.plan.digest, commitments=every)

    @property
    def _every_nonce(self) -> m.RoomReveal:
        every = tuple(self._nonces[party] for party in self.plan.parties)
        return m.RoomReveal(room=self.plan.room, plan=self.plan.digest, nonces=every)


def elect_round(
    plan: Plan, commitments: tuple[Commitment, ...], nonces: Mapping[PeerId, bytes], epoch: int
) -> Election:
    """The election of a gathered round: who is linked with all comes first, then wired, near, and chance."""
    parties = plan.parties
    standings = {}
    for place, peer in enumerate(parties):
        ours = commitments[place]
        trips = [
            max(ours.round_trips[other], commitments[other].round_trips[place])  # a link is one on both sides
            for other in range(len(parties))
            if other != place
        ]
        linked = [trip for trip in trips if trip != NO_LINK]
        standings[peer] = Standing(
            unlinked=len(trips) - len(linked),
            unreachable=not ours.reachable,
            not_wired=not ours.wired,
            lag=(max(linked, default=0) // _LAG_STEP_MS).bit_length(),
        )
    seats = tuple(PeerId(player.peer) if player.peer else None for player in plan.lineup)
    return elect(plan.digest, standings, nonces, seats=seats, epoch=epoch)


def _opened(
    plan: Plan, commitments: tuple[Commitment, ...], nonces: tuple[bytes, ...]
) -> Mapping[PeerId, bytes]:
    if len(nonces) != len(plan.parties):
        raise RemoteProtocolError("bad_reveal")
    for peer, said, nonce in zip(plan.parties, commitments, nonces, strict=True):
        if not verify_commitment(said.commitment, peer, plan.digest, nonce):
            raise RemoteProtocolError("bad_reveal")
    return dict(zip(plan.parties, nonces, strict=True))
