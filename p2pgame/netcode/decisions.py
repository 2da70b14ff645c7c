"""The decision log of one match: entries in order, and the hash chain over them.

    chain(0)     = H("decisions", match id)
    chain(n + 1) = H("decision", chain(n), bytes of entry n + 1)

An end by decision must follow from the entries before it (`justified`). Does not know the network or the host.
"""

from collections.abc import Sequence
from itertools import groupby

from p2pgame.core.digest import short_digest
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.terms import ClockTerms
from p2pgame.netcode.clocks import overdrawn
from p2pgame.wire.bounds import EPOCHS_MAX
from p2pgame.wire.decisions import (
    Claimed,
    Decision,
    DecisionBody,
    DrawAgreed,
    Resigned,
    decode_decision,
    encode_decision,
)

__all__ = ["DECISIONS_MAX", "DecisionLog", "justified"]

DECISIONS_MAX = 4096
"""Maximum number of entries of one match."""


def justified(
    outcome: Outcome, players: int, bodies: Sequence[DecisionBody], clock: ClockTerms | None = None
) -> bool:
    """Whether `outcome`, an end by decision, follows from the entries before it. `clock`: of the match.

    Its reason is that of the platform: the host chooses no words that others show and sign.
    """
    if outcome != Outcome.by(outcome.ended_by, outcome.winners):
        return False
    resigned = {what.seat for what in bodies if isinstance(what, Resigned)}
    claimed = {what.seat for what in bodies if isinstance(what, Claimed)}
    others = tuple(player for player in range(players) if player not in resigned)
    match outcome.ended_by:
        case EndedBy.RESIGNED | EndedBy.ABANDONED:
            return bool(resigned) and outcome.winners == others
        case EndedBy.TIME:
            late = overdrawn(clock, players, bodies)
            return bool(late) and outcome.winners == tuple(p for p in range(players) if p not in late)
        case EndedBy.CLAIMED:
            return len(outcome.winners) == 1 and set(outcome.winners) <= claimed
        case EndedBy.DRAW_AGREED:
            return not outcome.winners and any(isinstance(what, DrawAgreed) for what in bodies)
    return False


class DecisionLog:
    """The encoded entries, oldest first."""

    def __init__(self, match: str) -> None:
        self._first = short_digest("decisions", match.encode())
        self._chains: list[bytes] = []
        """After each entry."""
        self.entries: list[bytes] = []
        self.decisions: list[Decision] = []

    @property
    def chain(self) -> bytes:
        """Hash chain after the newest entry."""
        return self._chains[-1] if self._chains else self._first

    @property
    def epoch(self) -> int:
        """Epoch of the newest entry; 1 before the first."""
        return self.decisions[-1].epoch if self.decisions else 1

    @property
    def bodies(self) -> list[DecisionBody]:
        return [decision.what for decision in self.decisions]

    def write(self, frame: int, what: DecisionBody, *, epoch: int = 0) -> bytes:
        """Append our own entry and return its bytes. `epoch`: begin this one; 0: go on with the newest."""
        index = 1 if epoch or not self.decisions else self.decisions[-1].index + 1
        data = encode_decision(Decision(epoch=epoch or self.epoch, index=index, frame=frame, what=what))
        self.append(data)
        return data

    def append(self, data: bytes) -> Decision:
        """Append a received entry. Raises `RemoteProtocolError("bad_decision")` if it is not the next one."""
        decision = decode_decision(data)
        if len(self.entries) >= DECISIONS_MAX:
            raise RemoteProtocolError("bad_decision", reason="too_many")
        newest = self.decisions[-1] if self.decisions else None
        following = (newest.epoch, newest.index + 1) if newest is not None else (1, 1)
        if (decision.epoch, decision.index) != following and (
            decision.index != 1 or decision.epoch <= self.epoch
        ):
            raise RemoteProtocolError("bad_decision", reason="out_of_order")
        begins = decision.index == 1 and newest is not None
        if begins and len({known.epoch for known in self.decisions}) >= EPOCHS_MAX:
            raise RemoteProtocolError("bad_decision", reason="too_many")
        if newest is not None and decision.epoch < newest.epoch:
            raise RemoteProtocolError("bad_decision", reason="old_epoch")
        self._chains.append(short_digest("decision", self.chain, data))
        self.entries.append(data)
        self.decisions.append(decision)
        return decision

    @property
    def epochs(self) -> tuple[tuple[int, int], ...]:
        """The epochs, and how many entries each has."""
        return tuple((epoch, len(list(run))) for epoch, run in groupby(d.epoch for d in self.decisions))

    def common(self, epochs: Sequence[tuple[int, int]]) -> int:
        """How many entries we have in common with a log of these `epochs`: one host wrote those of one epoch."""
        shared = 0
        for (ours, entries), (theirs, others) in zip(self.epochs, epochs, strict=False):
            if ours != theirs:
                break
            shared += min(entries, others)
            if entries != others:
                break
        return shared

    def take_back(self, entries: int) -> None:
        """Forget all but the first `entries`."""
        for kept in (self.entries, self.decisions, self._chains):
            del kept[entries:]

    def contains(self, data: bytes) -> bool:
        """True if the log has this entry already."""
        return data in self.entries
